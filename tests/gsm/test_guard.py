"""A line kept within its SIM's policy: a scripted modem, a real policy on a real store."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from appliance.store import Store, open_store
from appliance.store.sim_models import Carrier, SimSms, SimUse
from appliance.store.sim_models import SimPolicy as PolicyRow
from gateways.gsm.at import Command, Finished, Priority
from gateways.gsm.device import LineSpec
from gateways.gsm.guard import Guard
from gateways.gsm.modem import Modem
from gateways.gsm.pins import PinBook
from gateways.gsm.policy.config import Config
from gateways.gsm.policy.limits import Policy
from gateways.gsm.policy.service import SimPolicy, SimView
from gateways.gsm.recovery import Timings
from gateways.gsm.reviver import Power
from gateways.line import (
    Alerting,
    Answered,
    CallWarning,
    DialRefused,
    Ended,
    IncomingCall,
    LineReady,
    LineStateChanged,
)
from tests.gsm.conftest import until
from tests.gsm.modems import NUMBER, is_a
from tests.gsm.scripted import HEALTHY, Bench, Reply, ScriptedModem

CALLED = "+819012345678"
PART = Command("AT+CMGS=2", (b"+CMGS:",), timeout=0.3, priority=Priority.MESSAGE, payload=b"0011")


class GuardBench(Bench):
    """The guard over the modem of a ``Bench``."""

    def __init__(self, far: ScriptedModem, store: Store, spool: Path) -> None:
        self.store = store
        self.policy = SimPolicy(store, spool, ZoneInfo("Asia/Tokyo"), "JP")
        self.policy.start(datetime.now(UTC))
        super().__init__(far)

    def make(self, spec: LineSpec, timings: Timings, pins: PinBook | None, power: Power | None) -> Modem:
        self.guard = Guard(self.policy, self.tell)
        self.guard.modem = Modem(spec, self.loop, self.guard.heard, timings, pins, power)
        self.loop.add(self.guard)
        return self.guard.modem

    def view(self) -> SimView | None:
        views: list[SimView | None] = []
        self.do(lambda _: views.append(self.policy.view("gsm-1", datetime.now(UTC))))
        return views[0]

    def dial(self, number: str = CALLED) -> None:
        """Dial, up to where the far telephone rings."""
        self.far.script[f"ATD{number};"] = "OK"
        self.far.script["AT+CLCC"] = lambda _: (
            "OK" if "AT+CHUP" in self.far.heard else f'+CLCC: 1,0,3,0,0,"{number}",145\r\n\r\nOK'
        )
        self.do(lambda _: self.guard.dial(number))
        self.far.say(f"^DSCI: 1,0,7,0,{number},145")
        self.wait(is_a(Alerting))

    def answered(self, number: str = CALLED) -> None:
        self.far.say(f"^DSCI: 1,0,3,0,{number},145")
        self.wait(is_a(Answered))

    def parts(self) -> int:
        """How many parts count as sent."""
        assert self.policy.flush()
        with self.store.session() as session:
            return session.scalar(select(func.sum(SimSms.parts))) or 0


Make = Callable[..., GuardBench]


@pytest.fixture(name="make")
def make_fixture(tmp_path: Path, sqlite_template: Path) -> Iterator[Make]:
    """Makes a bench; its limits are those of the SIM's carrier."""
    shutil.copy(sqlite_template, tmp_path / "callfloor.db")
    store = open_store(f"sqlite:///{tmp_path / 'callfloor.db'}")
    made: list[GuardBench] = []

    def make(script: dict[str, Reply] | None = None, **limits: int) -> GuardBench:
        with store.session() as session:
            session.add(Carrier(name="net", imsi_prefixes=["44010"]))
            session.add(PolicyRow(subject="carrier:net", **limits))
        made.append(GuardBench(ScriptedModem(tmp_path, HEALTHY | (script or {})), store, tmp_path / "spool.jsonl"))
        made[-1].wait(is_a(LineReady))
        return made[-1]

    yield make
    for bench in made:
        bench.close()
        bench.far.close()
        bench.policy.stop()
    store.close()


def test_a_refused_call_is_told_with_its_rule_and_never_dialled(make: Make) -> None:
    bench = make(day_minutes=0)
    bench.do(lambda _: bench.guard.dial(CALLED))
    refused = bench.wait(is_a(DialRefused))
    assert isinstance(refused, DialRefused)
    assert refused.cause == 34
    assert refused.text.startswith("day_minutes: all 0 minutes of today are used")
    assert not any(command.startswith("ATD") for command in bench.far.heard)
    view = bench.view()
    assert view is not None
    assert view.blocked == refused.text


def test_emergency_calls_go_out_whatever_the_policy_says(make: Make) -> None:
    bench = make(day_minutes=0)
    bench.dial("110")
    assert not any(isinstance(event, DialRefused) for event in bench.events)


def test_the_longest_call_is_warned_of_and_then_ended(make: Make) -> None:
    bench = make(longest_call=2, warn_before=1)
    bench.dial()
    bench.answered()
    bench.wait(is_a(CallWarning), timeout=1.6)
    assert not any(isinstance(event, Ended) for event in bench.events)
    assert bench.wait(is_a(Ended), timeout=2.0) == Ended("gsm-1", 16, "near")
    assert sum(isinstance(event, CallWarning) for event in bench.events) == 1
    assert bench.policy.flush()
    with bench.store.session() as session:
        [row] = session.scalars(select(SimUse))
        assert (row.number, row.direction, row.outcome, row.cause) == (CALLED, "outbound", "good", 16)
        assert 1.5 < row.seconds < 3.0


def test_a_call_that_ends_before_its_limit_is_not_ended_again(make: Make) -> None:
    bench = make(longest_call=1, warn_before=None)
    bench.dial()
    bench.answered()
    mark = len(bench.events)
    bench.do(lambda _: bench.guard.hang_up())
    bench.wait_state("idle", since=mark)
    assert bench.guard.deadline() is None
    assert not until(lambda: bench.far.heard.count("AT+CHUP") > 1, 1.2)


def test_a_call_that_is_answered_when_nothing_is_left_is_hung_up_at_once(make: Make) -> None:
    bench = make()
    bench.dial()
    used_up = Config({"44010": "net"}, {"carrier:net": Policy(day_minutes=0)})
    bench.do(lambda _: bench.policy.configure(used_up, datetime.now(UTC)))
    bench.answered()
    assert bench.wait(is_a(Ended), timeout=1.0) == Ended("gsm-1", 16, "near")
    assert not any(isinstance(event, CallWarning) for event in bench.events)


def test_incoming_calls_are_noted_and_not_limited(make: Make) -> None:
    bench = make(longest_call=1)
    bench.far.say("+CRING: VOICE")
    bench.far.say(f'+CLIP: "{NUMBER}",129,,,,0')
    bench.wait(is_a(IncomingCall))
    bench.do(lambda _: bench.guard.answer())
    bench.wait(is_a(Answered))
    assert bench.guard.deadline() is None
    bench.do(lambda _: bench.guard.hang_up())
    bench.wait(is_a(Ended))
    assert bench.policy.flush()
    with bench.store.session() as session:
        [row] = session.scalars(select(SimUse))
        assert (row.number, row.direction, row.billed_seconds) == (NUMBER, "inbound", 0)


@pytest.mark.parametrize(
    ("prompt", "text", "final", "counted"),
    [
        ("> ", "+CMGS: 7\r\n\r\nOK", "OK", 1),
        ("> ", None, "TIMEOUT", 1),
        ("> ", "+CMS ERROR: 38", "CMS", 0),
        ("+CMS ERROR: 302", None, "CMS", 0),
        (None, None, "TIMEOUT", 0),
    ],
)
def test_a_part_counts_unless_it_certainly_did_not_go_out(
    make: Make, prompt: Reply, text: Reply, final: str, counted: int
) -> None:
    bench = make({PART.text: prompt, "text": text})
    ended: list[Finished] = []
    bench.do(lambda _: bench.guard.send(PART, ended.append))
    assert until(lambda: bool(ended))
    assert ended[0].final.kind == final
    assert bench.parts() == counted


@pytest.mark.parametrize("how", ["unplugged", "restarted"])
def test_a_part_that_the_modem_took_with_it_counts_once(make: Make, how: str) -> None:
    bench = make({PART.text: "> ", "text": None})
    mark = len(bench.events)
    bench.do(lambda _: bench.guard.send(PART))
    assert until(lambda: "text" in bench.far.heard)
    if how == "unplugged":
        bench.far.unplug()
        bench.wait_state("absent", since=mark)
    else:
        bench.far.say("RDY")
        bench.wait(is_a(LineReady), since=mark)
    assert bench.parts() == 1


def test_a_line_whose_message_takes_long_lets_another_line_dial(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.gsm.guard.PART_USUAL", 0.2)
    bench = make({PART.text: "> ", "text": None})
    bench.do(lambda _: bench.guard.send(replace(PART, timeout=5.0)))
    assert until(lambda: "text" in bench.far.heard)
    time.sleep(0.3)
    bench.do(lambda _: bench.guard.dial(CALLED))
    refused = bench.wait(is_a(DialRefused))
    assert isinstance(refused, DialRefused)
    assert (refused.cause, "takes long over a message" in refused.text) == (34, True)
    assert f"ATD{CALLED};" not in bench.far.heard


def test_other_commands_do_not_count(make: Make) -> None:
    bench = make(sms_per_hour=1)
    ended: list[Finished] = []
    bench.do(lambda _: bench.guard.send(Command("AT+CSQ", (b"+CSQ:",)), ended.append))
    assert until(lambda: bool(ended))
    assert bench.guard.message_refusal(CALLED) is None


def test_the_rules_for_messages_are_asked_by_the_line(make: Make) -> None:
    bench = make({PART.text: "> "}, sms_per_hour=1)
    ended: list[Finished] = []
    bench.do(lambda _: bench.guard.send(PART, ended.append))
    assert until(lambda: bool(ended))
    assert str(bench.guard.message_refusal(CALLED)).startswith("sms_per_hour: all 1 message parts of this hour")


def test_the_sim_is_known_while_it_is_in_the_line(make: Make) -> None:
    bench = make()
    view = bench.view()
    assert view is not None
    assert view.carrier == "net"
    mark = len(bench.events)
    bench.far.script["AT+CPIN?"] = "+CME ERROR: 10"
    bench.far.say("+QSIMSTAT: 1,0")
    bench.wait_state("sim-missing", since=mark)
    assert bench.view() is None
    bench.do(lambda _: bench.guard.dial(CALLED))
    refused = bench.wait(is_a(DialRefused))
    assert "sim_unknown" in str(refused)
    bench.far.script |= {"AT+CPIN?": HEALTHY["AT+CPIN?"], "AT+QCCID": "+QCCID: 8981200012345678902\r\n\r\nOK"}
    bench.wait_state("idle", since=mark)
    again = bench.view()
    assert again is not None
    assert again.iccid != view.iccid
    bench.far.unplug()
    bench.wait_state("absent", since=mark)
    assert bench.view() is None
    assert [event.state for event in bench.events if isinstance(event, LineStateChanged)][-1] == "absent"


def test_a_lock_is_lifted_through_the_line(make: Make) -> None:
    bench = make({"AT+CEER": "+CEER: No service available\r\n\r\nOK", f"ATD{CALLED};": "NO CARRIER"}, failed_stop=1)
    bench.do(lambda _: bench.guard.dial(CALLED))
    bench.wait(is_a(Ended))
    view = bench.view()
    assert view is not None
    assert str(view.blocked).startswith("failed_stop: the SIM is locked until somebody unlocks it")
    lifted: list[bool] = []
    bench.do(lambda _: lifted.append(bench.guard.unlock()))
    view = bench.view()
    assert view is not None
    assert (lifted, view.blocked) == ([True], None)
