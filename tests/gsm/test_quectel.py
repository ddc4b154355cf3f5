"""The Quectel dialect, line by line; examples as in the EC2x AT commands manual and TS 27.007."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.at import Command, Final, Finished, Priority
from gateways.gsm.dialects import (
    AudioReady,
    CallerId,
    CallInfo,
    CallResult,
    Chatter,
    Dialect,
    Identity,
    NeutralEvent,
    Operator,
    Registration,
    Restarted,
    Ring,
    Signal,
    Sim,
    Tone,
    dialect,
    quectel,
)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("RING", Ring()),
        ("+CRING: VOICE", Ring()),
        ("+CRING: REL ASYNC", Chatter()),
        ('+CLIP: "+819012345678",145,,,,0', CallerId("+819012345678")),
        ('+CLIP: "819012345678",145,"",0,"",0', CallerId("+819012345678")),
        ('+CLIP: "09012345678",129,,,"Taro, Y.",0', CallerId("09012345678")),
        ('+CLIP: "09012345678",161', CallerId("09012345678")),
        ('+CLIP: "",128,,,,1', CallerId(None, withheld=True)),
        ('+CLIP: "",128,,,,2', CallerId(None, withheld=True)),
        ('+CLIP: "",128', CallerId(None)),
        ("^DSCI: 1,1,4,0,13022100000,129,0", CallInfo(1, False, "incoming", "13022100000")),
        ("^DSCI: 1,0,2,0,10086,129,0", CallInfo(1, True, "dialing", "10086")),
        ("^DSCI: 1,0,7,0,10086,129", CallInfo(1, True, "alerting", "10086")),
        ('^DSCI: 1,0,3,0,"10086",129,0', CallInfo(1, True, "active", "10086")),
        ("^DSCI: 1,0,6,0,10086,129,0", CallInfo(1, True, "ended", "10086")),
        ("^DSCI: 2,1,4,1,,128,0", CallInfo(2, False, "incoming", None, voice=False)),
        ('+QIND: "ccinfo",2,0,3,0,0,"0801111",129', CallInfo(2, True, "alerting", "0801111")),
        ('+QIND: "ccinfo",2,1,-1,0,0,"819012345678",145,"Ann"', CallInfo(2, False, "ended", "+819012345678")),
        ('+QIND: "csq",23,99', Signal(-67)),
        ('+QIND: "csq",99,99', Signal(None)),
        ("+QIND: SMS DONE", Chatter()),
        ("+QIND: PB DONE", Chatter()),
        ('+QIND: "act","LTE"', Chatter()),
        ('+CLCC: 2,1,4,0,0,"02154450290",129', CallInfo(2, False, "incoming", "02154450290")),
        ('+CLCC: 1,0,0,1,0,"",128', CallInfo(1, True, "active", None, voice=False)),
        ("+CLCC: 1,0,3,0,0", CallInfo(1, True, "alerting", None)),
        ("+CREG: 1", Registration("cs", 1)),
        ("+CREG: 2,5", Registration("cs", 5)),
        ('+CREG: 2,1,"1A2B","01C3D4E5",7', Registration("cs", 1)),
        ('+CREG: 3,"1A2B","01C3D4E5",7', Registration("cs", 3)),
        ('+CEREG: 0,"FFFE","0FFFFFFF",7', Registration("eps", 0)),
        ("+CSQ: 0,99", Signal(-113)),
        ("+CSQ: 31,99", Signal(-51)),
        ("+CSQ: 99,99", Signal(None)),
        ('+COPS: 0,0,"TEST NET",7', Operator("TEST NET")),
        ("+COPS: 0", Operator(None)),
        ("+CPIN: READY", Sim("READY")),
        ("+CPIN: SIM PIN", Sim("PIN")),
        ("+CPIN: SIM PUK", Sim("PUK")),
        ("+CPIN: NOT READY", Sim("MISSING")),
        ("+CPIN: NOT INSERTED", Sim("MISSING")),
        ("+QSIMSTAT: 1,0", Sim("MISSING")),
        ("+QSIMSTAT: 1,1", Chatter()),
        ("+QCCID: 8981100000000000001F", Identity("iccid", "8981100000000000001")),
        ("+QPCMV: 0,0", AudioReady(False)),
        ("+QPCMV: 1,0", AudioReady(True)),
        ("+QTONEDET: 56", Tone("8")),
        ("RDY", Restarted()),
        ("APP RDY", Chatter()),
        ("NO CARRIER", CallResult(None, "NO CARRIER")),
        ("BUSY", CallResult(17, "BUSY")),
        ("NO ANSWER", CallResult(19, "NO ANSWER")),
        ("+CLCC: 1,0,9,0,0", None),
        ("+CLCC: x", None),
        ("^DSCI: 1", None),
        ("+CREG: ", None),
        ("+NEW: 1", None),
        ("\x00\x01", None),
    ],
)
def test_lines(line: str, event: NeutralEvent | None) -> None:
    assert quectel.parse(line.encode()) == event


@given(st.binary(max_size=80), st.sampled_from([b"", b"+CLIP: ", b"^DSCI: ", b"+CLCC: ", b"+QIND: ", b"+CREG: "]))
def test_parse_never_raises(data: bytes, start: bytes) -> None:
    quectel.parse(start + data)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("+CEER: User busy", 17),
        ("+CEER: Normal call clearing", 16),
        ("+CEER: User alerting, no answer", 19),
        ("+CEER: Unassigned/unallocated number", 1),
        ('+CEER: "Call rejected"', 21),
        ("+CEER: 5,36", 36),
        ("+CEER: 17", 17),
        ("+CEER: 0,-1", None),
        ("+CEER: something new", None),
        ("+CEER: 0,200", None),
    ],
)
def test_causes(text: str, cause: int | None) -> None:
    assert quectel.cause_of((text.encode(),)) == cause


@pytest.mark.parametrize(
    ("final", "state"),
    [
        (Final("CME", 10), "MISSING"),
        (Final("CME", 14), "BUSY"),
        (Final("CME", 12), "PUK"),
        (Final("CME", None, "+CME ERROR: SIM not inserted"), "MISSING"),
        (Final("CME", None, "+CME ERROR: SIM busy"), "BUSY"),
        (Final("CME", 100), None),
        (Final("ERROR"), None),
    ],
)
def test_sim_errors(final: Final, state: str | None) -> None:
    assert quectel.sim_error(Finished(quectel.sim(), final)) == state


def test_commands() -> None:
    assert quectel.dial("+819012345678").text == "ATD+819012345678;"
    assert quectel.dtmf("12#").text == 'AT+VTS="12#"'
    assert [command.text for command in quectel.hang_up(17)] == ["AT+QHUP=17", "AT+CHUP", "ATH"]
    assert [command.text for command in quectel.hang_up(16)] == ["AT+CHUP", "ATH"]
    assert [command.text for command in quectel.hang_up(41)] == ["AT+CHUP", "ATH"], "AT+QHUP has no cause 41"
    assert {command.priority for command in quectel.hang_up(17)} == {Priority.HANG_UP}


@pytest.mark.parametrize("number", ["", "110;", "AT", "1 2", "１１０", "1\r2", "0" * 50, "P1"])
def test_no_command_is_smuggled_in_a_number(number: str) -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        quectel.dial(number)


@pytest.mark.parametrize("digits", ["", 'E"', "1\r", "1" * 32])
def test_no_command_is_smuggled_in_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="not DTMF"):
        quectel.dtmf(digits)


def test_families() -> None:
    family: Dialect = dialect("quectel")
    assert isinstance(family.calls(), Command)
    with pytest.raises(ValueError, match="known: quectel"):
        dialect("toaster")
