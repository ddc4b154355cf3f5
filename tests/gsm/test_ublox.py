"""The u-blox dialect; lines as in the u-blox AT commands manual and in logs of SARA, LARA and LISA modems."""

from __future__ import annotations

import pytest

from gateways.gsm.dialects import (
    CallerId,
    CallInfo,
    CallResult,
    Chatter,
    Identity,
    NeutralEvent,
    Operator,
    Ready,
    Registration,
    Ring,
    Signal,
    Sim,
    SmsStored,
    Tone,
    ublox,
)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("+UCALLSTAT: 1,2", CallInfo(1, True, "dialing")),
        ("+UCALLSTAT: 1,3", CallInfo(1, True, "alerting")),
        ("+UCALLSTAT: 1,7", CallInfo(1, None, "active")),
        ("+UCALLSTAT: 1,0", CallInfo(1, None, "active")),
        ("+UCALLSTAT: 1,1", CallInfo(1, None, "held")),
        ("+UCALLSTAT: 1,4", CallInfo(1, False, "incoming")),
        ("+UCALLSTAT:2,5", CallInfo(2, False, "waiting")),
        ("+UCALLSTAT: 1,6", CallInfo(1, None, "ended")),
        ("+UCALLSTAT: 1,6,1", CallInfo(1, None, "ended")),
        ("+UCALLSTAT: 1, 6", CallInfo(1, None, "ended")),
        ("+UCALLSTAT: 1", Chatter()),
        ("+UCALLSTAT: 1,", None),
        ("+UCALLSTAT: 1,8", None),
        ("RING", Ring()),
        ("+CRING: VOICE", Ring()),
        ('+CLIP: "+393475234652",145,"",,"Ann",0', CallerId("+393475234652")),
        ('+CLIP: "393475234652",145', CallerId("+393475234652")),
        ('+CLIP: "",128,"",,"",1', CallerId(None, withheld=True)),
        ('+CLCC: 1,0,0,0,0,"0432408453230",129,""', CallInfo(1, True, "active", "0432408453230")),
        ("NO CARRIER", CallResult(None, "NO CARRIER")),
        ("+UUDTMFD: 5", Tone("5")),
        ("+UUDTMFD:#", Tone("#")),
        ("+UUDTMFD: D", Tone("D")),
        ("+UUDTMFD: Z", None),
        ("+UMWI: 0,1", Chatter()),
        ("+UMWI: 1,1,3", Chatter()),
        ("+UUSIMSTAT: 0", Sim("MISSING")),
        ("+UUSIMSTAT:1", Sim("PIN")),
        ("+UUSIMSTAT: 2", Sim("PUK")),
        ("+UUSIMSTAT: 4", Sim("MISSING")),
        ("+UUSIMSTAT: 6", Sim("READY")),
        ("+UUSIMSTAT: 7", Ready("sim")),
        ("+UUSIMSTAT: 12", Chatter()),
        ("+UUSIMSTAT: x", None),
        ("+CCID: 8939107800023416395", Identity("iccid", "8939107800023416395")),
        ('+CCID: "89391078000234163958"', Identity("iccid", "89391078000234163958")),
        ("+CCID: 989301870020436193F5", Identity("iccid", "8939107800023416395")),
        ("+UREG: 1", Chatter()),
        ("+UREG: 0,7", Chatter()),
        ("+CREG: 2,2", Registration("cs", 2)),
        ('+CREG: 1,"55F1","000138B",0', Registration("cs", 1, "55F1", "000138B", 0)),
        ('+COPS: 0,0,"vodafone IT",2', Operator("vodafone IT")),
        ("+CSQ: 14,1", Signal(-85, 14)),
        ('+CMTI: "ME",4', SmsStored("ME", 4)),
        ("+UUPSDD: 0", Chatter()),
        ("+CIEV: 2,3", Chatter()),
        ("+PACSP1", Chatter()),
        ("+CPIN: SIM PIN", Sim("PIN")),
        ("+NEW: 1", None),
    ],
)
def test_lines(line: str, event: NeutralEvent | None) -> None:
    assert ublox.parse(line.encode()) == event


@pytest.mark.parametrize(
    ("command", "line", "event"),
    [
        ("AT+CGMI", "u-blox", Identity("manufacturer", "u-blox")),
        ("AT+CGMM", "SARA-U201", Identity("model", "SARA-U201")),
        ("AT+CGMR", "23.60", Identity("firmware", "23.60")),
        ("AT+CGSN", "357520070120767", Identity("imei", "357520070120767")),
        ("AT+CIMI", "222107701772423", Identity("imsi", "222107701772423")),
        ("AT+UCALLSTAT?", "+UCALLSTAT: 1", Chatter()),
        ("AT+UDTMFD?", "+UDTMFD: 1,2", Chatter()),
    ],
)
def test_answers(command: str, line: str, event: NeutralEvent) -> None:
    assert ublox.parse(line.encode(), command) == event


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('+CEER: "CC setup error",17,"User busy"', 17),
        ('+CEER: "CC setup error",288,"MM no service"', None),
        ('+CEER: "Normal call clearing"', 16),
        ('+CEER: "No report available"', None),
    ],
)
def test_causes(text: str, cause: int | None) -> None:
    assert ublox.cause_of((text.encode(),)) == cause


def test_commands() -> None:
    assert [command.text for command in ublox.dtmf("1#")] == ["AT+VTS=1", "AT+VTS=#"]
    assert [command.text for command in ublox.hang_up(16)] == ["AT+CHUP", "ATH"]
    assert ublox.restart().text == "AT+CFUN=16"
    assert ublox.audio_on() == ublox.audio_off() == ublox.rearm_audio() == ()
    assert ublox.AUDIO.medium == "external"
    texts = [step.command.text for step in ublox.init()]
    assert {"AT+UCALLSTAT=1", "AT+UDTMFD=1,2", "AT+CMGF=0"} <= set(texts)
