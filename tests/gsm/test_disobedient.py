"""A modem that answers, but refuses everything: the ladder is climbed, and a call that it cannot take is told once."""

from __future__ import annotations

import pytest

from gateways.line import IncomingCall, LineReady, LineRecovery
from tests.gsm.modems import NUMBER, Make, ends, is_a, make_fixture

__all__ = ["make_fixture"]


@pytest.mark.parametrize("chatty", [False, True])
def test_it_is_found_by_its_polls(make: Make, chatty: bool) -> None:
    far, bench = make()
    bench.wait(is_a(LineReady))
    healthy = dict(far.script)
    far.script.clear()
    far.default = "^RSSI: 18\r\n\r\nERROR" if chatty else "ERROR"
    bench.wait(is_a(LineRecovery), timeout=10)
    mark = len(bench.events)
    far.script.update(healthy)
    far.default = "OK"
    bench.wait(is_a(LineReady), timeout=10, since=mark)


def test_a_call_that_it_does_not_take_is_told_once(make: Make) -> None:
    far, bench = make()
    bench.wait_state("idle")
    far.script.clear()
    far.default = "ERROR"
    far.say(f'RING\r\n\r\n+CLIP: "{NUMBER}",129')
    bench.wait(is_a(IncomingCall))
    bench.do(lambda modem: modem.answer())
    bench.wait(lambda event: isinstance(event, LineRecovery) and event.rung == "reopen")
    far.say(f'RING\r\n\r\n+CLIP: "{NUMBER}",129')
    bench.wait(lambda event: isinstance(event, LineRecovery) and event.rung == "out-of-service", timeout=10)
    assert sum(isinstance(event, IncomingCall) for event in bench.events) == 1
    assert ends(bench) == [(41, "line")]


def test_one_refusal_is_no_reason_for_a_reset(make: Make) -> None:
    far, bench = make({"ATA": "ERROR"})
    bench.wait_state("idle")
    far.say(f'RING\r\n\r\n+CLIP: "{NUMBER}",129')
    bench.wait(is_a(IncomingCall))
    mark = len(bench.events)
    bench.do(lambda modem: modem.answer())
    bench.wait_state("idle", since=mark)
    assert not any(isinstance(event, LineRecovery) for event in bench.events)
