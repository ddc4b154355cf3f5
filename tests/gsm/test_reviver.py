"""What is done to a modem that fails, rung by rung, over real ptys; its USB port is imitated."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateways.gsm import modem as modem_module
from gateways.gsm import reviver
from gateways.gsm.device import LineSpec
from gateways.line import AudioFlow, Ended, LineReady, LineRecovery, LineStateChanged
from gateways.loop import HardwareLoop
from tests.gsm.conftest import until
from tests.gsm.modems import NUMBER, Make, in_call, is_a, make_fixture
from tests.gsm.scripted import FAST, Bench

__all__ = ["make_fixture"]
PATH = "9-9.9"
REFUSES = {"AT+CLIP=1": "+CME ERROR: 4"}
RESTART = "AT+CFUN=1,1"
LATER = replace(FAST, pace=replace(FAST.pace, first_rest=60.0))


class UsbPort:
    """The place that the modem is plugged into: resets take a moment, and may fail."""

    def __init__(self, error: str | None = None, *, switched: bool = True) -> None:
        self.loop: HardwareLoop
        self.done: list[str] = []
        self._error = error
        self._switched = switched

    def can_cycle(self, usb_path: str) -> bool:
        return self._switched

    def reauthorise(self, usb_path: str, then: Callable[[str | None], None]) -> None:
        self._do(f"reauthorise {usb_path}", then)

    def cycle(self, usb_path: str, then: Callable[[str | None], None]) -> None:
        self._do(f"cycle {usb_path}", then)

    def _do(self, what: str, then: Callable[[str | None], None]) -> None:
        self.done.append(what)
        threading.Timer(0.05, lambda: self.loop.call(lambda: then(self._error))).start()


@pytest.fixture(autouse=True)
def _boots_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviver, "BOOTS_AFTER", 0.1)


def rungs(bench: Bench) -> list[str]:
    return [str(event.rung) for event in bench.events if isinstance(event, LineRecovery)]


def states(bench: Bench) -> list[str]:
    return [event.state for event in bench.events if isinstance(event, LineStateChanged)]


@pytest.mark.parametrize(
    ("port", "expected", "resets"),
    [
        (None, "ping reopen reopen restart restart out-of-service", []),
        (
            UsbPort(),
            "ping reopen reopen restart restart reauthorise port-power out-of-service",
            [f"reauthorise {PATH}", f"cycle {PATH}"],
        ),
        (
            UsbPort(switched=False),
            "ping reopen reopen restart restart reauthorise out-of-service",
            [f"reauthorise {PATH}"],
        ),
        (
            UsbPort("the hub says no"),
            "ping reopen reopen restart restart reauthorise port-power out-of-service",
            [f"reauthorise {PATH}", f"cycle {PATH}"],
        ),
    ],
    ids=["no USB", "hub with switches", "hub without switches", "resets fail"],
)
def test_all_rungs_in_turn(make: Make, port: UsbPort | None, expected: str, resets: list[str]) -> None:
    far, bench = make(REFUSES, timings=LATER, power=port, usb_path=PATH)
    if port is not None:
        port.loop = bench.loop
    event = bench.wait(lambda e: isinstance(e, LineRecovery) and e.rung == "out-of-service", timeout=20)
    bench.wait_state("fault", since=bench.events.index(event))
    assert rungs(bench) == expected.split()
    assert [event.count for event in bench.events if isinstance(event, LineRecovery)] == [
        *range(1, len(rungs(bench)) + 1)
    ]
    assert far.heard.count(RESTART) == 2
    assert (port.done if port else []) == resets
    assert isinstance(event, LineRecovery)
    assert "AT+CLIP=1 (callers' numbers would not be shown)" in event.reason
    far.script.pop("AT+CLIP=1")
    bench.do(lambda modem: modem.reset())
    bench.wait(is_a(LineReady), timeout=3.0)


def test_a_reset_by_command_begins_at_the_foot(make: Make) -> None:
    _, bench = make(REFUSES, timings=LATER)
    bench.wait(lambda e: isinstance(e, LineRecovery) and e.rung == "out-of-service", timeout=10)
    mark = len(rungs(bench))
    bench.do(lambda modem: modem.reset())
    assert until(lambda: len(rungs(bench)) >= mark + 4)
    assert rungs(bench)[mark : mark + 4] == ["ping", "reopen", "reopen", "restart"]


@pytest.mark.parametrize("answers", [True, False])
def test_a_modem_that_goes_away_to_restart_serves_again(make: Make, answers: bool) -> None:
    far, bench = make(REFUSES)

    def go_and_come() -> None:
        far.unplug()
        far.plug_in()

    def restart(_command: str) -> None:
        far.script.pop("AT+CLIP=1", None)
        if answers:
            far.say("OK")
        threading.Thread(target=go_and_come).start()

    far.script[RESTART] = restart
    bench.wait(is_a(LineReady), timeout=10)
    polls = far.heard.count("AT+CSQ")
    assert until(lambda: far.heard.count("AT+CSQ") >= polls + 2), "it is looked after again"


def test_audio_that_only_a_restart_mends_waits_for_the_end_of_the_call(make: Make) -> None:
    far, bench = make(family="simcom")
    bench.wait_state("idle")
    far.say("RING")
    far.say(f'+CLIP: "{NUMBER}",129,,,,0')
    bench.wait_state("incoming")
    row = f'+CLCC: 1,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    far.script["AT+CLCC"] = lambda _: "OK" if "AT+CHUP" in far.heard else row
    bench.do(lambda modem: modem.answer())
    bench.wait_state("active")
    bench.do(lambda modem: modem.mend_audio())
    assert not until(lambda: "AT+CRESET" in far.heard, 0.5)
    mark = len(bench.events)
    bench.do(lambda modem: modem.hang_up())
    recovery = bench.wait(is_a(LineRecovery), since=mark)
    reason = "the modem takes no audio any more; only a restart mends it"
    assert recovery == LineRecovery("gsm-1", "restart", reason, 1)
    bench.wait(is_a(LineReady), since=mark)
    assert far.heard.count("AT+CRESET") == 1


def test_audio_that_can_be_mended_needs_no_restart(make: Make) -> None:
    far, bench = in_call(make)
    far.heard.clear()
    bench.do(lambda modem: modem.mend_audio())
    wanted = ["AT+QPCMV=0", "AT+QPCMV=1,0"]
    assert until(lambda: [command for command in far.heard if "QPCMV" in command] == wanted)
    far.say("+QPCMV: 1,0")
    bench.wait(is_a(AudioFlow))
    assert rungs(bench) == []
    assert not any(isinstance(event, Ended) for event in bench.events)


@pytest.mark.parametrize("taken", [False, True])
def test_a_modem_that_crashed_off_the_bus_gets_its_power_cycled(
    make: Make, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """But not when another device is plugged in there now."""
    monkeypatch.setattr(modem_module, "is_plugged", lambda _path: taken)
    port = UsbPort()
    pace = replace(FAST.pace, vanished_power=0.3)
    far, bench = make(timings=replace(FAST, pace=pace), power=port, usb_path=PATH)
    port.loop = bench.loop
    bench.wait(is_a(LineReady))
    far.unplug()
    assert until(lambda: bool(port.done), 1.0) is not taken
    mark = len(bench.events)
    far.plug_in()
    bench.wait(is_a(LineReady), since=mark)
    assert port.done == ([] if taken else [f"cycle {PATH}"])
    assert "fault" not in states(bench)


def test_a_modem_that_discovery_places_and_takes_away(make: Make) -> None:
    far, bench = make(at_port="", pcm_port=None)
    assert getattr(bench.wait_state("absent"), "reason", None) == "its modem is not found yet"
    place = LineSpec("gsm-1", None, "quectel", str(far.at_path), str(far.pcm_path))
    bench.do(lambda modem: modem.move(place))
    bench.wait_state("idle")
    mark = len(bench.events)
    bench.do(lambda modem: modem.move(None, "no modem at USB 1-1: plug it in there"))
    gone = bench.wait_state("absent", since=mark)
    assert getattr(gone, "reason", None) == "no modem at USB 1-1: plug it in there"
    bench.do(lambda modem: modem.move(place))
    bench.wait_state("idle", since=mark)


def test_coming_back_from_a_reset_does_not_begin_the_ladder_anew(make: Make) -> None:
    far, bench = make(REFUSES, at_port="", pcm_port=None, timings=LATER)
    place = LineSpec("gsm-1", None, "quectel", str(far.at_path), str(far.pcm_path))
    bench.do(lambda modem: modem.move(place))
    for restarts in (1, 2):
        assert until(lambda restarts=restarts: far.heard.count(RESTART) == restarts)  # type: ignore[misc]
        bench.do(lambda modem: modem.move(None, "not there"))
        bench.do(lambda modem: modem.move(place))
    bench.wait(lambda e: isinstance(e, LineRecovery) and e.rung == "out-of-service", timeout=10)
    assert rungs(bench) == ["ping", "reopen", "reopen", "restart", "restart", "out-of-service"]


def test_a_port_that_is_in_use_is_waited_for_and_not_reset(make: Make) -> None:
    port = UsbPort()
    _, bench = make(power=port, usb_path=PATH, pcm_port="/dev/null")
    port.loop = bench.loop
    event = bench.wait_state("fault")
    assert "/dev/null is not a tty" in str(getattr(event, "reason", ""))
    assert until(lambda: rungs(bench) == ["out-of-service"] * 3)
    assert port.done == []
