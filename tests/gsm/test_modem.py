"""A modem over real ptys, answering by script: its calls."""

from __future__ import annotations

import pytest

from gateways.gsm.at import Command
from gateways.line import (
    Alerting,
    Answered,
    AudioFlow,
    DialRefused,
    Ended,
    IncomingCall,
    LineReady,
    LineRecovery,
)
from tests.gsm.conftest import until
from tests.gsm.modems import NUMBER, Make, after, ends, in_call, is_a, make_fixture

__all__ = ["make_fixture"]


def test_incoming_call_ends_once(make: Make) -> None:
    far, bench = in_call(make)
    assert far.heard.index("AT+QPCMV=1,0") < far.heard.index("ATA")
    far.script["AT+CLCC"] = "OK"
    mark = len(bench.events)
    far.say(f"^DSCI: 1,1,6,0,{NUMBER},129,0\r\n\r\nNO CARRIER\r\n\r\n" + '+QIND: "ccinfo",1,1,-1,0,0,"",128')
    bench.wait_state("idle", since=mark)
    assert ends(bench) == [(16, "far")]
    assert far.heard.count("AT+QPCMV=0") == 2, "one at bring-up, one after the call"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("NO CARRIER", (16, "far")), ("ERROR", (41, "line")), ("+CME ERROR: 3", (41, "line"))],
)
def test_the_modem_cannot_answer(make: Make, answer: str, expected: tuple[int, str]) -> None:
    far, bench = make({"ATA": answer})
    bench.wait_state("idle")
    far.say("RING")
    far.say(f'+CLIP: "{NUMBER}",129')
    bench.wait(is_a(IncomingCall))
    mark = len(bench.events)
    bench.do(lambda modem: modem.answer())
    bench.wait_state("idle", since=mark)
    assert ends(bench) == [expected]


def test_outgoing_call_hung_up_by_us(make: Make) -> None:
    far, bench = make()
    number = "+819012345678"
    far.script[f"ATD{number};"] = lambda _: after(
        0.03, far, f"^DSCI: 1,0,2,0,{number},145", f"^DSCI: 1,0,7,0,{number},145", f"^DSCI: 1,0,3,0,{number},145"
    )
    far.script["AT+CLCC"] = lambda _: "OK" if "AT+CHUP" in far.heard else f'+CLCC: 1,0,0,0,0,"{number}",145\r\n\r\nOK'
    bench.wait_state("idle")
    far.heard.clear()
    bench.do(lambda modem: modem.dial(number))
    bench.wait(is_a(Alerting))
    assert bench.wait(is_a(Answered)) == Answered("gsm-1", "reported")
    bench.do(lambda modem: modem.send_dtmf("5"))
    assert until(lambda: 'AT+VTS="5"' in far.heard), "a hang-up drops digits that are not sent yet"
    mark = len(bench.events)
    bench.do(lambda modem: modem.hang_up())
    bench.wait_state("idle", since=mark)
    assert ends(bench) == [(16, "near")]
    wanted = ["AT+QPCMV=1,0", f"ATD{number};", 'AT+VTS="5"', "AT+CHUP"]
    assert [command for command in far.heard if command in wanted] == wanted


@pytest.mark.parametrize(
    ("answer", "ceer", "cause"),
    [
        ("BUSY", None, 17),
        ("NO ANSWER", None, 19),
        ("NO CARRIER", "Unassigned/unallocated number", 1),
        ("NO CARRIER", "User busy", 17),
        ("NO CARRIER", "what is this", 31),
        ("+CME ERROR: 30", "No service available", 38),
    ],
)
def test_outgoing_call_fails(make: Make, answer: str, ceer: str | None, cause: int) -> None:
    _, bench = make({"ATD110;": answer, "AT+CEER": f"+CEER: {ceer}\r\n\r\nOK"})
    bench.wait_state("idle")
    bench.do(lambda modem: modem.dial("110"))
    bench.wait(is_a(Ended))
    assert ends(bench) == [(cause, "far")]


def test_dialling_ends_by_urc_and_the_reason_is_asked_once(make: Make) -> None:
    far, bench = make({"AT+CEER": "+CEER: Call rejected\r\n\r\nOK"})
    far.script["ATD110;"] = lambda _: after(0.02, far, "^DSCI: 1,0,6,0,110,129\r\n\r\nNO CARRIER")
    bench.wait_state("idle")
    bench.do(lambda modem: modem.dial("110"))
    mark = len(bench.events)
    bench.wait_state("idle", since=mark)
    assert ends(bench) == [(21, "far")]
    assert far.heard.count("AT+CEER") == 1


def test_no_audio_no_call(make: Make) -> None:
    far, bench = make({"AT+QPCMV=1,0": "ERROR"})
    bench.wait_state("idle")
    bench.do(lambda modem: modem.dial("110"))
    bench.wait(is_a(Ended))
    assert ends(bench) == [(41, "line")]
    assert "ATD110;" not in far.heard


def test_dial_is_refused_when_it_cannot_be(make: Make) -> None:
    far, bench = in_call(make)
    bench.do(lambda modem: modem.dial("110"))
    assert bench.wait(is_a(DialRefused)) == DialRefused("gsm-1", 34, "the line is active")
    assert "ATD110;" not in far.heard


@pytest.mark.parametrize("number", ["AT+CFUN=0", "110;+CFUN=0", ""])
def test_dial_takes_numbers_only(make: Make, number: str) -> None:
    _, bench = make()
    bench.wait_state("idle")
    bench.do(lambda modem: modem.dial(number))
    event = bench.wait(is_a(DialRefused))
    assert isinstance(event, DialRefused)
    assert event.cause == 28


def test_hang_up_goes_down_the_ladder(make: Make) -> None:
    far, bench = in_call(make)
    far.script |= {"AT+QHUP=17": "ERROR", "AT+CHUP": "+CME ERROR: 4"}
    far.script["AT+CLCC"] = lambda _: "OK" if "ATH" in far.heard else f'+CLCC: 1,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    far.heard.clear()
    bench.do(lambda modem: modem.hang_up(17))
    bench.wait(is_a(Ended))
    assert ends(bench) == [(17, "near")]
    assert [command for command in far.heard if "HUP" in command or command == "ATH"] == [
        "AT+QHUP=17",
        "AT+CHUP",
        "ATH",
    ]


def test_a_call_that_cannot_be_hung_up_puts_the_line_out_of_service(make: Make) -> None:
    far, bench = in_call(make)
    far.script |= {"AT+CHUP": "ERROR", "ATH": "ERROR"}
    bench.do(lambda modem: modem.hang_up())
    event = bench.wait_state("fault")
    assert "does not hang up" in str(getattr(event, "reason", ""))
    assert ends(bench) == [(27, "line")]


def test_the_call_goes_unseen_and_clcc_finds_out(make: Make) -> None:
    far, bench = in_call(make)
    far.script["AT+CLCC"] = "OK"
    bench.wait(is_a(Ended))
    assert ends(bench) == [(31, "far")]


def test_a_stray_call_after_the_end_is_hung_up(make: Make) -> None:
    far, bench = in_call(make)
    far.script["AT+CLCC"] = lambda _: "OK" if "ATH" in far.heard else f'+CLCC: 1,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    mark = len(bench.events)
    far.say("NO CARRIER")
    bench.wait_state("idle", since=mark)
    assert "ATH" in far.heard
    assert len(ends(bench)) == 1


def test_audio_pauses(make: Make) -> None:
    far, bench = in_call(make)
    far.say("+QPCMV: 0,0")
    bench.wait(lambda event: event == AudioFlow("gsm-1", False))
    far.say("+QPCMV: 1,0")
    bench.wait(lambda event: event == AudioFlow("gsm-1", True))


def test_echo_and_noise_all_along(make: Make) -> None:
    far, bench = make()
    replies = dict(far.script)

    def noisy(command: str) -> str:
        reply = replies.get(command, "OK")
        far.say(b"\r\n^RSSI: 18\r\n\xff\xfe\r\n")
        return f"{command}\r\r\n{reply}\r\n\r\n+QIND: SMS DONE"

    far.script, far.default = {}, noisy
    bench.do(lambda modem: modem.reset())
    mark = len(bench.events)
    bench.wait(is_a(LineReady), since=mark)


def test_a_stray_call_that_stays_is_the_ladder_s_matter(make: Make) -> None:
    far, bench = in_call(make)
    far.script["AT+CLCC"] = f'+CLCC: 1,1,0,0,0,"{NUMBER}",129\r\n\r\nOK'
    far.say("NO CARRIER")
    bench.wait(is_a(Ended))
    far.heard.clear()
    event = bench.wait(is_a(LineRecovery))
    assert "does not hang up" in str(getattr(event, "reason", ""))
    assert far.heard.count("ATH") <= 6


def test_a_modem_lost_while_it_is_asked_for_a_cause(make: Make) -> None:
    far, bench = make({"ATD110;": "NO CARRIER", "AT+CEER": None})
    bench.wait_state("idle")
    bench.do(lambda modem: modem.dial("110"))
    assert until(lambda: "AT+CEER" in far.heard)
    far.unplug()
    bench.wait_state("absent")
    far.script["AT+CEER"] = "+CEER: User busy\r\n\r\nOK"
    mark = len(bench.events)
    far.plug_in()
    bench.wait_state("idle", since=mark)
    bench.do(lambda modem: modem.dial("110"))
    bench.wait(is_a(Ended), since=mark)
    assert ends(bench) == [(27, "line"), (17, "far")]


def test_a_restart_that_takes_its_time(make: Make) -> None:
    """Nobody may dial meanwhile, and the loop sleeps."""
    _, bench = make({"AT+CFUN=1,1": None})
    bench.wait(is_a(LineReady))
    bench.do(lambda modem: modem.restart_when_idle("it is time"))
    bench.wait(is_a(LineRecovery))
    turns: list[float] = []
    turn = bench.loop.turn

    def counted(longest: float = 1.0) -> None:
        turns.append(longest)
        turn(longest)

    bench.loop.turn = counted  # type: ignore[method-assign]
    bench.do(lambda modem: modem.dial("110"))
    assert bench.wait(is_a(DialRefused)) == DialRefused("gsm-1", 34, "the line is booting")
    assert not until(lambda: len(turns) > 50, 0.7)


def test_a_caller_goes_before_a_call_that_still_waits_to_be_dialled(make: Make) -> None:
    """The modem is busy with a message, say, so that ATD waits; it rings meanwhile."""
    far, bench = make({"AT+SLOW": None})
    bench.wait_state("idle")
    bench.do(lambda modem: modem.command(Command("AT+SLOW", timeout=1.0), lambda _: None))
    mark = len(bench.events)
    bench.do(lambda modem: modem.dial("110"))
    far.say("RING")
    bench.wait_state("cooling-down", since=mark)
    assert ends(bench) == [(44, "line")]
    bench.wait_state("idle", since=mark)
    far.say("RING")
    bench.wait(is_a(IncomingCall), since=mark)
    assert "ATD110;" not in far.heard


def test_a_ring_leaves_a_call_alone_that_was_dialled(make: Make) -> None:
    far, bench = make()
    bench.wait_state("idle")
    far.script["AT+CLCC"] = '+CLCC: 1,0,2,0,0,"110",129\r\n\r\nOK'
    bench.do(lambda modem: modem.dial("110"))
    assert until(lambda: "ATD110;" in far.heard)
    far.say("RING")
    far.say("^DSCI: 1,0,7,0,110,129,0")
    bench.wait(is_a(Alerting))
    assert ends(bench) == []
