"""The SIM800/SIM900 dialect; lines as in the SIM800 manual and in logs of SIM800L, SIM800C and SIM900 modems."""

from __future__ import annotations

import pytest

from gateways.gsm.at import AtChannel, Finished
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
    Restarted,
    Ring,
    Signal,
    Sim,
    SmsMemoryFull,
    SmsStored,
    Tone,
    simcom2g,
)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("RDY", Restarted()),
        ("+CFUN: 1", Chatter()),
        ("+CPIN: READY", Sim("READY")),
        ("+CPIN: NOT INSERTED", Sim("MISSING")),
        ("+CPIN: NOT READY", Sim("MISSING")),
        ("+CPIN: SIM PIN", Sim("PIN")),
        ("Call Ready", Ready("call")),
        ("SMS Ready", Ready("sms")),
        ("NORMAL POWER DOWN", Chatter()),
        ("UNDER-VOLTAGE WARNNING", Chatter()),
        ("UNDER-VOLTAGE POWER DOWN", Chatter()),
        ("OVER-VOLTAGE WARNNING", Chatter()),
        ("RING", Ring()),
        ("+CRING: VOICE", Ring()),
        ('+CLIP: "+380681231212",145,"",0,"",0', CallerId("+380681231212")),
        ('+CLIP: "380681231212",145,"",,"Ann, B.",0', CallerId("+380681231212")),
        ('+CLIP: "0681231212",129,"",,"",0', CallerId("0681231212")),
        ('+CLIP: "",128,"",0,"",1', CallerId(None, withheld=True)),
        ('+CLIP: "",0,"",0,"",2', CallerId(None, withheld=True)),
        ('+CLCC: 1,0,2,0,0,"085793001974",129,""', CallInfo(1, True, "dialing", "085793001974")),
        ('+CLCC: 1,0,3,0,0,"+919173191310",145,""', CallInfo(1, True, "alerting", "+919173191310")),
        ('+CLCC: 1,0,0,0,0,"+919173191310",145,""', CallInfo(1, True, "active", "+919173191310")),
        ('+CLCC: 1,0,6,0,0,"+919173191310",145,""', CallInfo(1, True, "ended", "+919173191310")),
        ('+CLCC: 1,1,4,0,0,"+919173191310",145,"Ann"', CallInfo(1, False, "incoming", "+919173191310")),
        ('+CLCC: 1,1,6,0,0,"",128,""', CallInfo(1, False, "ended", None)),
        ("MO RING", CallInfo(None, True, "alerting")),
        ("MO CONNECTED", CallInfo(None, True, "active")),
        ("NO CARRIER", CallResult(None, "NO CARRIER")),
        ("BUSY", CallResult(17, "BUSY")),
        ("NO ANSWER", CallResult(19, "NO ANSWER")),
        ("NO DIALTONE", CallResult(None, "NO DIALTONE")),
        ("+DTMF: 5", Tone("5")),
        ("+DTMF:5", Tone("5")),
        ("+DTMF: #", Tone("#")),
        ("+DTMF: 5,120", Tone("5")),
        ("+DTMF: E", None),
        ('+CMTI: "SM",3', SmsStored("SM", 3)),
        ("+SMS FULL", SmsMemoryFull(None)),
        ('*PSUTTZ: 2024,8,5,19,40,22,"+8",1', Chatter()),
        ("DST: 1", Chatter()),
        ("+CTZV: +8,1", Chatter()),
        ('+CIEV: 10,"26003","Orange","Orange", 0, 0', Operator("Orange", "26003")),
        ('+CIEV: 10,"45202","VinaPhone","", 0, 0', Operator("VinaPhone", "45202")),
        ('+CIEV: "MESSAGE",1', Chatter()),
        ("+CIEV: 2,1", Chatter()),
        ('*PSNWID: "214","03", "Orange", 0, "Orange", 0', Operator("Orange", "21403")),
        (
            '*PSNWID: "260","03", "004F00720061006E00670065", 0, "004F00720061006E00670065", 0',
            Operator("Orange", "26003"),
        ),
        ("+CSMINS: 1,0", Sim("MISSING")),
        ("+CSMINS: 0,1", Chatter()),
        ("+CREG: 1", Registration("cs", 1)),
        ('+CREG: 2,"0A3B","7E1C"', Registration("cs", 2, "0A3B", "7E1C")),
        ('+CREG: 2,1,"0A3B","7E1C"', Registration("cs", 1, "0A3B", "7E1C")),
        ("+CGREG: 1", Registration("ps", 1)),
        ("+CSQ: 18,0", Signal(-77, 18)),
        ("+CSQ: 99,0", Signal(None, 99)),
        ("+CCID: 8938003992000000001F", Identity("iccid", "8938003992000000001")),
        ("+CMTE: 0,45", Chatter()),
        ("+NEW: 1", None),
        ("", None),
    ],
)
def test_lines(line: str, event: NeutralEvent | None) -> None:
    assert simcom2g.parse(line.encode()) == event


@pytest.mark.parametrize(
    ("command", "line", "event"),
    [
        ("AT+CCID", "898600810906F8048812", Identity("iccid", "898600810906F8048812")),
        ("AT+CCID", "89380062300067338271", Identity("iccid", "89380062300067338271")),
        ("AT+CCID", "8938003992000000001f", Identity("iccid", "8938003992000000001")),
        ("AT+CGMM", "SIMCOM_SIM800L", Identity("model", "SIMCOM_SIM800L")),
        ("AT+CGMI", "SIMCOM_Ltd", Identity("manufacturer", "SIMCOM_Ltd")),
        ("AT+CGMR", "Revision:1418B04SIM800L24", Identity("firmware", "1418B04SIM800L24")),
        ("AT+CGSN", "868298067490038", Identity("imei", "868298067490038")),
    ],
)
def test_answers(command: str, line: str, event: NeutralEvent) -> None:
    assert simcom2g.parse(line.encode(), command) == event


def test_an_iccid_with_letters_belongs_to_its_command() -> None:
    ask = simcom2g.identity()[-1]
    channel = AtChannel(0.0)
    channel.send(ask)
    assert channel.next_write(0.0) == b"AT+CCID\r"
    [answer] = channel.feed(b"\r\n898600810906F8048812\r\n\r\nOK\r\n", 0.1)
    assert isinstance(answer, Finished)
    assert answer.lines == (b"898600810906F8048812",)


@pytest.mark.parametrize(
    ("text", "cause"),
    [("+CEER: 1,16", 16), ("+CEER: 0,0", None), ("+CEER: No report available", None), ("+CEER: User busy", 17)],
)
def test_causes(text: str, cause: int | None) -> None:
    assert simcom2g.cause_of((text.encode(),)) == cause


def test_commands() -> None:
    assert [command.text for command in simcom2g.registration()] == ["AT+CREG?"], "there is no LTE"
    assert simcom2g.restart().text == "AT+CFUN=1,1"
    assert [command.text for command in simcom2g.dtmf("12")] == ['AT+VTS="1,2"']
    assert simcom2g.audio_on() == simcom2g.audio_off() == simcom2g.rearm_audio() == ()
    assert simcom2g.AUDIO.medium == "external"
    texts = [step.command.text for step in simcom2g.init()]
    assert {"AT+CLCC=1", "AT+DDET=1", "AT+CLIP=1", "AT+CMGF=0"} <= set(texts)
