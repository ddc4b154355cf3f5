"""When and how often the audio commands of each family go out, and what becomes of a call whose audio fails."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gateways.gsm.at import Command, Final, FinalKind, Finished
from gateways.gsm.audiosetup import AudioSetup, Moment
from gateways.gsm.dialects import dialect
from gateways.line import Answered, AudioStarted, Ended, IncomingCall
from tests.gsm.conftest import until
from tests.gsm.modems import NUMBER, Make, ends, is_a, make_fixture

__all__ = ["make_fixture"]
MOMENTS: tuple[Moment, ...] = ("before", "dialled", "active")


class Call:
    """A call's audio, whose far modem answers when the test says so."""

    def __init__(self, family: str, *, card: bool = False) -> None:
        self.time = 100.0
        self.sent: list[str] = []
        self.started = 0
        self.failed: list[str] = []
        self._waiting: list[tuple[Command, Callable[[Finished], None] | None]] = []
        self.audio = AudioSetup(dialect(family), card, self, self._start, self.failed.append)

    def _start(self) -> None:
        self.started += 1

    def now(self) -> float:
        return self.time

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        self.sent.append(command.text)
        self._waiting.append((command, then))

    def answer(self, kind: FinalKind = "OK") -> None:
        """Have the modem answer all that it was asked."""
        waiting, self._waiting = self._waiting, []
        for command, then in waiting:
            if then is not None:
                then(Finished(command, Final(kind)))

    def wait(self) -> None:
        """Let time pass until the next try."""
        assert self.audio.retry_at is not None
        self.audio.tick(math.nextafter(self.audio.retry_at, 0.0))
        self.time = self.audio.retry_at
        self.audio.tick(self.time)


@pytest.mark.parametrize(
    ("family", "card", "moment", "on", "off"),
    [
        ("quectel", False, "before", ["AT+QPCMV=1,0"], ["AT+QPCMV=0"]),
        ("quectel", True, "before", ["AT+QPCMV=1,2"], ["AT+QPCMV=0"]),
        ("huawei", False, "dialled", ["AT^DDSETEX=2"], []),
        ("huawei", True, "before", [], []),
        ("simcom", False, "active", ["AT+CPCMREG=1"], ["AT+CPCMREG=0"]),
        ("simcom", True, "before", [], []),
        ("simcom2g", True, "before", [], []),
        ("generic", True, "before", [], []),
        ("ublox", True, "before", [], []),
        ("zte", True, "before", [], []),
    ],
)
def test_each_family_has_its_moment(family: str, card: bool, moment: Moment, on: list[str], off: list[str]) -> None:
    call = Call(family, card=card)
    for now in MOMENTS:
        assert call.sent == ([] if MOMENTS.index(now) <= MOMENTS.index(moment) else on)
        call.audio.at(now)
        call.answer()
    assert (call.sent, call.started, call.failed) == (on, 1, [])
    call.audio.stop()
    assert call.sent == on + off


def test_a_modem_that_needs_several_tries_gets_them() -> None:
    call = Call("simcom")
    call.audio.at("active")
    for _ in range(5):
        call.answer("ERROR")
        call.wait()
    assert (call.time, call.started, call.failed) == (102.5, 0, [])
    call.answer()
    assert (call.sent, call.started, call.audio.retry_at) == (["AT+CPCMREG=1"] * 6, 1, None)


@pytest.mark.parametrize(("family", "moment", "tries"), [("simcom", "active", 6), ("quectel", "before", 1)])
@pytest.mark.parametrize("kind", ["ERROR", "TIMEOUT", "CME"])
def test_when_the_tries_are_used_up_it_fails_once(family: str, moment: Moment, tries: int, kind: FinalKind) -> None:
    call = Call(family)
    call.audio.at(moment)
    for left in range(tries - 1, -1, -1):
        call.answer(kind)
        if left:
            call.wait()
    assert call.failed == [f"the modem answers {kind} to {call.sent[0]}: no audio"]
    assert (len(call.sent), call.started, call.audio.retry_at) == (tries, 0, None)


@pytest.mark.parametrize(
    ("family", "card", "commands"),
    [
        ("quectel", False, ["AT+QPCMV=0", "AT+QPCMV=1,0"]),
        ("quectel", True, ["AT+QPCMV=1,2"]),
        ("huawei", False, ["AT^DDSETEX=2"]),
        ("simcom", False, []),
        ("simcom2g", True, []),
    ],
)
def test_a_dead_uplink_is_mended_as_the_family_can(family: str, card: bool, commands: list[str]) -> None:
    call = Call(family, card=card)
    assert call.audio.mend() is bool(commands)
    assert call.sent == [], "before the call has audio there is none to mend"
    for moment in MOMENTS:
        call.audio.at(moment)
        call.answer()
    call.sent.clear()
    assert call.audio.mend() is bool(commands)
    call.answer()
    assert call.sent == commands
    assert call.started == (2 if commands else 1)


def test_an_answer_to_an_earlier_call_means_nothing() -> None:
    call = Call("simcom")
    call.audio.at("active")
    call.audio.stop()
    call.answer("ERROR")
    assert (call.audio.retry_at, call.failed) == (None, [])
    call.audio.at("active")
    call.audio.forget()
    call.answer()
    assert call.started == 0
    call.audio.at("active")
    call.answer("DROPPED")
    assert (call.started, call.failed) == (0, [])


def test_a_call_on_a_simcom_waits_for_its_audio(make: Make) -> None:
    tries: list[str] = []

    def register(command: str) -> str:
        tries.append(command)
        return "OK" if len(tries) == 3 else "ERROR"

    far, bench = make({"AT+CPCMREG=1": register}, family="simcom")
    bench.wait_state("idle")
    far.say("RING")
    far.say(f'+CLIP: "{NUMBER}",129,,,,0')
    bench.wait(is_a(IncomingCall))
    far.script["AT+CLCC"] = f'+CLCC: 1,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    bench.do(lambda modem: modem.answer())
    bench.wait(is_a(Answered))
    bench.wait(is_a(AudioStarted))
    assert len(tries) == 3
    assert ends(bench) == []


def test_a_call_without_audio_ends(make: Make) -> None:
    far, bench = make({"AT+CPCMREG=1": "ERROR"}, family="simcom")
    bench.wait_state("idle")
    row = f'+CLCC: 1,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    far.script["AT+CLCC"] = lambda _: "OK" if "AT+CHUP" in far.heard else row
    far.say("RING")
    bench.wait(is_a(IncomingCall))
    bench.do(lambda modem: modem.answer())
    ended = bench.wait(is_a(Ended))
    assert ended == Ended("gsm-1", 41, "line", "the modem answers ERROR to AT+CPCMREG=1: no audio")
    assert far.heard.count("AT+CPCMREG=1") == 6
    assert until(lambda: "AT+CHUP" in far.heard)
    assert sum(isinstance(event, AudioStarted) for event in bench.events) == 0
