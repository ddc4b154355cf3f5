"""A modem over real ptys, answering by script: bring-up, bad modems and recovery."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateways.gsm.pins import PinBook
from gateways.line import (
    Ended,
    IncomingCall,
    LineIdentity,
    LineInfo,
    LineLost,
    LineReady,
    LineRecovery,
    LineStateChanged,
)
from tests.gsm.modems import NUMBER, Make, ends, in_call, is_a, make_fixture
from tests.gsm.scripted import HEALTHY, Bench, ScriptedModem

__all__ = ["make_fixture"]


def test_bring_up(make: Make) -> None:
    far, bench = make()
    bench.wait(is_a(LineReady))
    bench.wait(lambda event: event == LineInfo("gsm-1", "TESTNET", -71))
    states = [event.state for event in bench.events if isinstance(event, LineStateChanged)]
    assert states == ["booting", "idle"]
    assert far.heard[:3] == ["", "AT", "ATE0"], "an ESC first, which ends a prompt that the modem may be in"
    assert {"AT+CLIP=1", "AT+CRC=1", "AT+CVHU=0", "AT+CCWA=0,0,1", "AT^DSCI=1", "AT+CREG=2"} <= set(far.heard)


@pytest.mark.parametrize(
    ("answer", "state", "hint"),
    [
        ("+CME ERROR: 10", "sim-missing", "insert"),
        ("+CME ERROR: SIM not inserted", "sim-missing", "insert"),
        ("+CPIN: SIM PIN\r\n\r\nOK", "sim-pin", "switch the PIN off"),
        ("+CPIN: SIM PUK\r\n\r\nOK", "sim-puk", "PUK"),
        ("ERROR", "sim-missing", "insert"),
    ],
)
def test_sim_trouble_and_its_end(make: Make, answer: str, state: str, hint: str) -> None:
    far, bench = make({"AT+CPIN?": answer})
    assert hint in str(getattr(bench.wait_state(state), "reason", ""))
    assert not any(command.startswith("AT+CPIN=") for command in far.heard), "a PIN is never tried"
    far.script["AT+CPIN?"] = HEALTHY["AT+CPIN?"]
    bench.wait_state("idle")


def test_sim_taken_out_and_put_back(make: Make) -> None:
    far, bench = make()
    bench.wait_state("idle")
    far.script["AT+CPIN?"] = "+CME ERROR: 10"
    far.say("+QSIMSTAT: 1,0")
    bench.wait_state("sim-missing")
    far.script["AT+CPIN?"] = HEALTHY["AT+CPIN?"]
    mark = len(bench.events)
    bench.wait_state("idle", since=mark)


@pytest.mark.parametrize(
    ("stat", "state", "hint"), [(0, "searching", "antenna"), (3, "denied", "operator"), (6, "denied", "no voice")]
)
def test_network_trouble_and_its_end(make: Make, stat: int, state: str, hint: str) -> None:
    far, bench = make({"AT+CREG?": f"+CREG: 2,{stat}\r\n\r\nOK", "AT+CEREG?": "+CEREG: 2,0\r\n\r\nOK"})
    assert hint in str(getattr(bench.wait_state(state), "reason", ""))
    far.say('+CREG: 5,"1A2B","01C3D4E5",7')
    bench.wait_state("idle")


def test_boot_chatter_then_service(make: Make) -> None:
    far, bench = make({"AT": None})
    bench.wait_state("booting")
    far.say(b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+QUSIM: 1\r\n\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n")
    far.script["AT"] = "OK"
    bench.wait_state("idle")


def test_a_call_of_an_earlier_run_is_hung_up_before_the_line_is_idle(make: Make) -> None:
    row = f'+CLCC: 1,0,1,1,0,"",128\r\n+CLCC: 2,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    replies = iter([row, row, "OK", "OK"])
    far, bench = make({"AT+CLCC": lambda _: next(replies)})
    bench.wait_state("idle")
    assert far.heard.index("AT+CHUP") < far.heard.index("AT+CREG?")
    assert far.heard.count("AT+CLCC") == 3


def test_a_caller_who_rings_while_we_start_is_not_hung_up(make: Make) -> None:
    far, bench = make({"AT+CLCC": f'+CLCC: 1,1,4,0,0,"{NUMBER}",129\r\n\r\nOK'})
    bench.wait_state("idle")
    far.say("+CRING: VOICE")
    assert bench.wait(is_a(IncomingCall)) == IncomingCall("gsm-1", NUMBER)
    assert "AT+CHUP" not in far.heard


def test_a_network_found_during_a_call_brings_the_line_into_service(make: Make) -> None:
    none = {"AT+CREG?": "+CREG: 2,0\r\n\r\nOK", "AT+CEREG?": "+CEREG: 2,0\r\n\r\nOK"}
    far, bench = make(none)
    bench.wait_state("searching")
    far.say(f'RING\r\n\r\n+CLIP: "{NUMBER}",129,,,,0')
    bench.wait(is_a(IncomingCall))
    far.script |= {name: HEALTHY[name] for name in none}
    far.say('+CREG: 1,"1A2B","01C3D4E5",7')
    assert not any(isinstance(event, LineReady) for event in bench.events)
    far.say("NO CARRIER")
    bench.wait(is_a(LineReady))


# Whose modem it is


def test_the_line_s_own_modem_serves(make: Make) -> None:
    _, bench = make(imei="867698041234567")
    bench.wait_state("idle")


def test_another_modem_in_the_line_s_place_gets_no_pin_and_no_reset(make: Make, tmp_path: Path) -> None:
    far, bench = make(
        {"AT+CPIN?": "+CPIN: SIM PIN\r\n\r\nOK"},
        imei="490154203237518",
        pin="1234",
        pins=PinBook(tmp_path / "pins.json"),
    )
    reason = str(getattr(bench.wait_state("fault"), "reason", ""))
    assert reason.startswith("the modem here has IMEI 867698041234567, not 490154203237518: plug the right one in")
    recovery = bench.wait(is_a(LineRecovery))
    assert getattr(recovery, "rung", None) == "out-of-service"
    assert LineIdentity("gsm-1", "867698041234567") in bench.events
    assert not any(command.startswith(("AT+CPIN", "AT+CFUN")) for command in far.heard)


def test_a_modem_that_tells_no_imei_is_taken_as_it_is(make: Make) -> None:
    _, bench = make({"AT+CGSN": "ERROR"}, imei="490154203237518")
    bench.wait_state("idle")


# Bad modems


def test_a_modem_that_answers_error(make: Make) -> None:
    far, bench = make({"AT": "ERROR"})
    event = bench.wait_state("fault")
    assert "answers ERROR to AT" in str(getattr(event, "reason", ""))
    far.script["AT"] = "OK"
    bench.wait_state("idle")


def test_a_modem_that_refuses_what_the_driver_rests_on(make: Make) -> None:
    far, bench = make({"AT+CLIP=1": "+CME ERROR: 4"})
    event = bench.wait_state("fault")
    assert "AT+CLIP=1 (callers' numbers would not be shown)" in str(getattr(event, "reason", ""))
    far.script["AT+CLIP=1"] = "OK"
    bench.wait_state("idle")


def test_a_modem_that_sends_garbage(make: Make) -> None:
    far, bench = make({"AT": "\xff\x00garbage" * 3})
    event = bench.wait_state("fault")
    assert "bytes that are no answer to AT" in str(getattr(event, "reason", ""))
    far.script["AT"] = "OK"
    bench.wait_state("idle")


def test_a_modem_that_says_nothing(make: Make) -> None:
    far, bench = make({}, default=None)
    far.script = {}
    event = bench.wait_state("fault")
    assert "does not answer AT" in str(getattr(event, "reason", ""))
    far.script, far.default = dict(HEALTHY), "OK"
    bench.wait_state("idle")


def test_optional_settings_may_be_refused(make: Make) -> None:
    _, bench = make({"AT^DSCI=1": "ERROR", 'AT+QINDCFG="ccinfo",1,0': "COMMAND NOT SUPPORT", "AT+CCWA=0,0,1": "ERROR"})
    bench.wait_state("idle")


def test_no_device_then_one(tmp_path: Path) -> None:
    far = ScriptedModem(tmp_path)
    far.unplug()
    bench = Bench(far)
    try:
        event = bench.wait_state("absent")
        assert f"{far.at_path} is not there: plug the modem in" in str(getattr(event, "reason", ""))
        far.plug_in()
        bench.wait_state("idle")
    finally:
        bench.close()
        far.close()


def test_unplugged_in_a_call_and_back(make: Make) -> None:
    far, bench = in_call(make)
    began = time.monotonic()
    far.unplug()
    bench.wait(is_a(LineLost))
    assert time.monotonic() - began < 1.0
    assert ends(bench) == [(27, "line")]
    kinds = [type(event) for event in bench.events if isinstance(event, Ended | LineLost)]
    assert kinds == [Ended, LineLost]
    bench.wait_state("absent")
    mark = len(bench.events)
    far.plug_in()
    far.script["AT+CLCC"] = "OK"
    bench.wait(is_a(LineReady), since=mark)


def test_a_modem_that_goes_deaf_in_a_call(make: Make) -> None:
    far, bench = in_call(make)
    far.script, far.default = {}, None
    bench.wait(is_a(Ended), timeout=15)
    assert ends(bench) == [(27, "line")]
    mark = len(bench.events)
    bench.wait_state("fault", timeout=10, since=mark)
    far.script, far.default = dict(HEALTHY), "OK"
    bench.wait(is_a(LineReady), since=mark)


def test_a_modem_that_restarts_by_itself_in_a_call(make: Make) -> None:
    far, bench = in_call(make)
    far.script["AT+CLCC"] = "OK"
    mark = len(bench.events)
    far.say("RDY")
    bench.wait(is_a(LineReady), since=mark)
    assert ends(bench) == [(27, "line")]


def test_reset_by_command(make: Make) -> None:
    far, bench = in_call(make)
    far.script["AT+CLCC"] = "OK"
    mark = len(bench.events)
    bench.do(lambda modem: modem.reset())
    bench.wait(is_a(LineReady), since=mark)
    assert ends(bench) == [(27, "line")]
