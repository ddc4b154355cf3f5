"""A network that sends garbage: nothing breaks, nothing grows, and calls go on. libpri is C, so this matters."""

from __future__ import annotations

import gc
import logging

import pytest

from gateways.line import Answered, IncomingCall
from gateways.pstn.config.spec import Switch
from tests.pstn.pririg import TOKYO, rig
from tests.pstn.q931fuzz import Fuzz
from tests.pstn.test_span_load import resident

MESSAGES = 1500


@pytest.mark.parametrize("switch", ["euroisdn", "ni2", "dms100", "4ess", "qsig"])
def test_random_messages(switch: Switch, caplog: pytest.LogCaptureFixture) -> None:
    with rig(switch, overlap=switch == "euroisdn") as made:
        made.up()
        fuzz = Fuzz(7)
        sizes = []
        for number in range(MESSAGES):
            made.far.send_octets(fuzz.message())
            if number % 20 == 0:
                made.turn(0.02)
                for line in made.span.lines.values():
                    if line.state in ("incoming", "active") and number % 60 == 0:
                        line.answer()
                        line.hang_up(16)
            if number in (MESSAGES // 2, MESSAGES - 1):
                gc.collect()
                sizes.append(resident())
        made.turn(0.5)
        faults = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert faults == []
        assert made.pri.calls <= len(made.span.lines) + 8
        assert sizes[1] - sizes[0] < 2 << 20


def test_random_frames(caplog: pytest.LogCaptureFixture) -> None:
    with rig() as made:
        made.up()
        fuzz = Fuzz(11)
        for number in range(1500):
            made.far.send_frame(fuzz.frame())
            if number % 25 == 0:
                made.turn(0.02)
        made.turn(1.0)
        assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_calls_go_on_after_garbage() -> None:
    with rig() as made:
        made.up()
        fuzz = Fuzz(3)
        for _ in range(400):
            made.far.send_octets(fuzz.message())
        made.turn(1.0)
        for line in made.span.lines.values():
            line.hang_up()
        made.until(lambda: made.line(20).state == "idle", 60)
        made.exchange.subscriber(TOKYO)
        made.line(20).dial(TOKYO)
        made.until(lambda: made.of(Answered, "e1-1.20"), 10)
        made.line(20).hang_up()
        made.until(lambda: made.line(20).state == "idle", 60)
        made.events.clear()
        made.until(lambda: 20 not in made.far.busy_channels())
        made.exchange.call(to="0398765432", channel=20)
        assert made.wait(IncomingCall).called == "0398765432"


@pytest.mark.parametrize("kind", ["NOTIFY", "HOLD", "RETRIEVE", "INFORMATION", "FACILITY", "CONNECT", "STATUS ENQUIRY"])
def test_a_message_of_an_unknown_call_is_answered_with_cause_81(kind: str) -> None:
    """Q.931 §5.8.3.2: RELEASE or RELEASE COMPLETE, invalid call reference value."""
    kinds = {"NOTIFY": 0x6E, "HOLD": 0x24, "RETRIEVE": 0x31, "INFORMATION": 0x7B, "FACILITY": 0x62, "CONNECT": 0x07}
    with rig() as made:
        made.up()
        reference = b"\x12\x34"
        made.far.send_octets(b"\x08\x02" + reference + bytes((kinds.get(kind, 0x75),)))

        def answers() -> list[tuple[str, int | None]]:
            return [(seen.message.kind, seen.message.cause) for seen in made.far.record.messages if seen.way == "in"]

        made.until(answers)
        assert answers() == [("RELEASE COMPLETE", 81)]
        assert made.pri.calls == 0
