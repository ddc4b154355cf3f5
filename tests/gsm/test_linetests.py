"""A technician's calls on a real gateway and bank: the trial call, and the audio self-test."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.bus import Reply
from gateways import linetests
from gateways.gsm.simulator.programme import Piece
from gateways.gsm.simulator.subscriber import SubscriberCall
from gateways.line import Ended
from gateways.linetests import LineTests
from tests.gsm.conftest import Floor, until

CALLER = "+819012345678"
LINE = "+818000000001"
Post = Callable[[str, Callable[[], None]], None]


class Answer:
    """The reply to one command, as it would go to the bus."""

    def __init__(self, command: str) -> None:
        self._told = threading.Event()
        self._said: dict[str, Any] = {}
        self.reply = Reply(command, self._take)

    def _take(self, body: bytes) -> None:
        self._said = json.loads(body)
        self._told.set()

    def wait(self, timeout: float = 5.0) -> dict[str, Any]:
        assert self._told.wait(timeout), "no answer"
        return self._said

    def result(self, timeout: float = 5.0) -> dict[str, Any]:
        said = self.wait(timeout)
        assert said["ok"], said
        return dict(said["result"])

    def refusal(self, timeout: float = 5.0) -> tuple[str, str]:
        said = self.wait(timeout)
        assert not said["ok"], said
        return said["error"]["id"], said["error"]["message"]


def line_tests(floor: Floor, post: Post | None = None) -> LineTests:
    gateway = floor.gateway
    return LineTests(gateway._agent, gateway._trunk, post or gateway._post, gateway._bank.guards)


def dial(floor: Floor, number: str, line: str = "gsm-1") -> Answer:
    answer = Answer("line.dial")
    line_tests(floor).dial(line, number, answer.reply)
    return answer


def loopback(floor: Floor, to: str | None = None) -> Answer:
    answer = Answer("line.loopback")
    line_tests(floor).loopback("gsm-1", to, answer.reply)
    return answer


def serves_again(floor: Floor, mark: int, line: str = "gsm-1") -> None:
    """The line takes a call of the core."""
    floor.wait_state(line, "idle", since=mark)
    number = f"+8190111100{line[-1]}"
    floor.bank.subscriber(number).behaves("rings")
    since = len(floor.core.events)
    floor.dial(number, line)
    floor.core.wait_state("EARLY", since=since)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_trial_call_is_the_technician_s_alone(floor: Floor) -> None:
    assert dial(floor, CALLER).result() == {"line": "gsm-1", "number": CALLER, "state": "dialling"}
    call = floor.bank.subscriber(CALLER).wait_call(5)
    assert call.wait_answered(5)
    floor.dial("+819011110000")
    floor.core.wait(lambda event: event.get("status") == 503)
    assert not any(event["event"] == "invite" for event in floor.core.events)
    mark = len(floor.told)
    call.hang_up()
    serves_again(floor, mark)


def test_a_trial_call_that_nobody_ends_is_ended(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linetests, "TRIAL_SECONDS", 1.0)
    dial(floor, CALLER).result()
    assert floor.bank.subscriber(CALLER).wait_call(5).wait_ended(5)


def test_the_end_of_a_trial_s_time_ends_no_later_call(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linetests, "TRIAL_SECONDS", 4.0)
    began = time.monotonic()
    dial(floor, CALLER).result()
    trial = floor.bank.subscriber(CALLER).wait_call(5)
    assert trial.wait_answered(5)
    mark = len(floor.told)
    trial.hang_up()
    floor.wait_state("gsm-1", "idle", since=mark)
    floor.dial(CALLER)
    call = floor.bank.subscriber(CALLER).wait_call(5)
    assert time.monotonic() < began + 4.0
    assert not call.wait_ended(began + 4.5 - time.monotonic())


@pytest.mark.parametrize("number", ["abc", "110;+CFUN=0", ""])
def test_what_is_no_number_is_not_dialled(floor: Floor, number: str) -> None:
    kind, _ = dial(floor, number).refusal()
    assert kind == "not-dialled"
    mark = len(floor.told)
    floor.dial(CALLER)
    floor.wait_state("gsm-1", "dialling", since=mark)


def test_a_line_in_use_is_left_alone(floor: Floor) -> None:
    floor.dial(CALLER)
    floor.wait_state("gsm-1", "dialling")
    assert dial(floor, CALLER).refusal() == ("busy", "gsm-1 is not idle")
    assert loopback(floor).refusal() == ("busy", "gsm-1 is not idle")


@pytest.mark.parametrize("what", ["dial", "loopback"])
def test_a_caller_who_comes_first_is_put_through(floor: Floor, what: str) -> None:
    held: list[Callable[[], None]] = []
    answer = Answer(what)
    tests = line_tests(floor, lambda _line, job: held.append(job))
    if what == "dial":
        tests.dial("gsm-1", CALLER, answer.reply)
    else:
        tests.loopback("gsm-1", CALLER, answer.reply)
    assert until(lambda: len(held) == 1)
    call = floor.bank.subscriber(CALLER).dial(LINE)
    invite = floor.core.wait_invite()
    assert answer.refusal()[1] == "a call came in meanwhile: try again"
    for job in held:
        floor.gateway._loop.call(job)
    floor.core.do(op="answer", call=invite["call"], status=200)
    assert call.wait_answered(5)
    assert not call.wait_ended(0.5)


def test_the_sound_of_one_line_is_measured_on_another(floor: Floor) -> None:
    before = descriptors()
    mark = len(floor.told)
    result = loopback(floor).result(30)
    assert list(result) == ["gsm-1 to gsm-2", "gsm-2 to gsm-1"]
    for way in result.values():
        assert (way["sent"], way["heard"]) == (5, 5)
        assert way["level_db"] == pytest.approx(0.0, abs=1.0)
        assert 0 < way["delay_ms"] < 400
    for line in ("gsm-1", "gsm-2"):
        floor.wait_state(line, "idle", since=mark)
    assert until(lambda: descriptors() <= before), "no descriptor of the audio is left open"
    for line in ("gsm-1", "gsm-2"):
        serves_again(floor, mark, line)
    assert not any(event["event"] == "invite" for event in floor.core.events)


def echoes(call: SubscriberCall) -> None:
    """Have a subscriber say what it hears, 6 dB softer."""

    def back(at_ns: int, frame: bytes) -> None:
        softer = b"".join(
            (int.from_bytes(frame[n : n + 2], "little", signed=True) // 2).to_bytes(2, "little", signed=True)
            for n in range(0, len(frame), 2)
        )
        call._add(Piece(iter([softer])))

    call.note_heard = back  # type: ignore[method-assign]


def test_an_echo_service_gives_the_round_trip(floor: Floor) -> None:
    service = floor.bank.subscriber(CALLER).behaves("answers", after=0.1)
    service.on_call = echoes
    result = loopback(floor, CALLER).result(30)
    assert list(result) == ["round trip"]
    assert result["round trip"]["heard"] == 5
    assert result["round trip"]["level_db"] == pytest.approx(-6.0, abs=1.0)
    assert service.wait_call(1).wait_ended(5)


def test_nobody_answers(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linetests, "ANSWERED_WITHIN", 1.0)
    floor.bank.subscriber(CALLER).behaves("rings")
    mark = len(floor.told)
    assert loopback(floor, CALLER).refusal() == ("loopback-failed", "the call was not answered in time")
    serves_again(floor, mark)


def test_the_far_end_is_busy(floor: Floor) -> None:
    floor.bank.subscriber(CALLER).behaves("busy")
    kind, text = loopback(floor, CALLER).refusal()
    assert (kind, text) == ("loopback-failed", "the call on gsm-1 ended, cause 17")


def test_there_is_no_second_line(floor: Floor) -> None:
    floor.bank.fault("gsm-2", "vanish")
    floor.wait_state("gsm-2", "absent")
    kind, text = loopback(floor).refusal()
    assert kind == "no-second-line"
    assert "--to" in text


def test_a_customer_who_calls_the_second_line_is_put_through(floor: Floor) -> None:
    held: list[Callable[[], None]] = []
    answer = Answer("line.loopback")
    line_tests(floor, lambda _line, job: held.append(job)).loopback("gsm-1", None, answer.reply)
    assert until(lambda: len(held) == 1)
    call = floor.bank.subscriber(CALLER).dial("+818000000002")
    invite = floor.core.wait_invite()
    assert answer.refusal()[1] == "a call came in meanwhile: try again"
    floor.core.do(op="answer", call=invite["call"], status=200)
    assert call.wait_answered(5)
    assert not call.wait_ended(0.5)


def test_a_trial_that_never_began_gives_the_line_back(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linetests, "TRIAL_SECONDS", 0.3)
    held: list[Callable[[], None]] = []
    answer = Answer("line.dial")

    def post(_line: str, job: Callable[[], None]) -> None:
        if held:
            job()
        held.append(job)  # the first, which is to dial, gets lost

    line_tests(floor, post).dial("gsm-1", CALLER, answer.reply)
    assert answer.refusal() == ("not-dialled", "the line did not dial: see the gateway's log")
    mark = len(floor.told)
    floor.dial(CALLER)
    floor.wait_state("gsm-1", "dialling", since=mark)


def test_a_modem_that_is_lost_in_the_measuring(floor: Floor) -> None:
    answer = loopback(floor)
    floor.wait_state("gsm-2", "active", timeout=10)
    time.sleep(0.5)
    floor.bank.fault("gsm-2", "vanish")
    kind, text = answer.refusal(10)
    assert kind == "loopback-failed"
    assert "ended, cause 27" in text
    assert until(lambda: not any(thread.name == "loopback-test" for thread in threading.enumerate()), 1), "it stops"
    floor.wait(lambda event: isinstance(event, Ended) and event.line == "gsm-1")
