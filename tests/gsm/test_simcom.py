"""The SIMCom LTE dialect; lines as in the SIM7500_SIM7600 manual and in logs of SIM7600, A7670 and A7672 modems."""

from __future__ import annotations

import pytest

from gateways.gsm.at import Priority
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
    simcom,
)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("VOICE CALL: BEGIN", CallInfo(None, None, "active")),
        ("VOICE CALL:BEGIN", CallInfo(None, None, "active")),
        ("VOICE CALL: END: 000017", CallInfo(None, None, "ended", duration=17, answered=True)),
        ("VOICE CALL:END: 000017", CallInfo(None, None, "ended", duration=17, answered=True)),
        ("VOICE CALL:END:000017", CallInfo(None, None, "ended", duration=17, answered=True)),
        ("VOICE CALL: END: 000352", CallInfo(None, None, "ended", duration=232, answered=True)),  # HHMMSS, §3.7
        ("VOICE CALL: END: 013000", CallInfo(None, None, "ended", duration=5400, answered=True)),
        ("VOICE CALL: END: 000075", CallInfo(None, None, "ended", duration=75, answered=True)),
        ("VOICE CALL: END: 17", CallInfo(None, None, "ended", duration=17, answered=True)),
        ("VOICE CALL: END: 000000", CallInfo(None, None, "ended", duration=0)),
        ("VOICE CALL: END", CallInfo(None, None, "ended")),
        ("VOICE CALL: END ", CallInfo(None, None, "ended")),
        ("VOICE CALL: ENDED", None),
        ("VOICE CALL:", None),
        ("MISSED_CALL: 02:30AM 07711223344", CallInfo(None, False, "ended", "07711223344", answered=False)),
        ("MISSED_CALL: 11:53PM +27839776374", CallInfo(None, False, "ended", "+27839776374", answered=False)),
        ("MISSED_CALL: 02:30AM", CallInfo(None, False, "ended", None, answered=False)),
        ("MISSED_CALL: 14:05 0123", CallInfo(None, False, "ended", "0123", answered=False)),
        ("MISSED_CALL: now", None),
        ('+CLCC: 3,0,2,0,0,"08020866256",129', CallInfo(3, True, "dialing", "08020866256")),
        ('+CLCC: 1,0,3,0,0,"+84327524504",145,""', CallInfo(1, True, "alerting", "+84327524504")),
        ('+CLCC: 1,0,0,0,0,"10011",129,"sm"', CallInfo(1, True, "active", "10011")),
        ('+CLCC: 4,1,4,0,0,"08020866256",128', CallInfo(4, False, "incoming", "08020866256")),
        ('+CLCC: 4,1,6,0,0,"08020866256",128', CallInfo(4, False, "ended", "08020866256")),
        ('+CLCC: 1,0,6,0,0,"1455",129,""', CallInfo(1, True, "ended", "1455")),
        ("+CLCC: 1,1,6,0,0,,128", CallInfo(1, False, "ended", None)),
        ("+CLCC: 1,0,6,0,0", CallInfo(1, True, "ended", None)),
        ('+CLCC: 1,0,0,1,0,"",128', CallInfo(1, True, "active", None, voice=False)),
        ("+CLCC: 1,0,7,0,0", None),
        ("RING", Ring()),
        ("+CRING: VOICE", Ring()),
        ('+CLIP: "02152063113",128,,,"gongsi",0', CallerId("02152063113")),
        ('+CLIP: "",128,,,,0', CallerId(None)),
        ("NO CARRIER", CallResult(None, "NO CARRIER")),
        ("MO RING", CallInfo(None, True, "alerting")),
        ("MO CONNECTED", CallInfo(None, True, "active")),
        ("+RXDTMF: 5", Tone("5")),
        ("+RXDTMF:#", Tone("#")),
        ("+RXDTMF: A", Tone("A")),
        ("+RXDTMF: x", None),
        ("+ICCID: 898600700907A6019125", Identity("iccid", "898600700907A6019125")),
        ("+ICCID: 8901260487759545390F", Identity("iccid", "8901260487759545390")),
        ("+CICCID: 89314404000123456789", Identity("iccid", "89314404000123456789")),
        ("+SIMCARD: NOT AVAILABLE", Sim("MISSING")),
        ("+SIMCARD: AVAILABLE", Chatter()),
        ("+CPIN: SIM REMOVED", Sim("MISSING")),
        ("+CPIN: READY", Sim("READY")),
        ("+CPIN: SIM PUK", Sim("PUK")),
        ("*ATREADY: 1", Restarted()),
        ("*ATREADY:1", Restarted()),
        ("RDY", Restarted()),
        ("START", Restarted()),
        ("SMS DONE", Ready("sms")),
        ("PB DONE", Ready("sim")),
        ("CALL READY", Ready("call")),
        ("Call Ready", Ready("call")),
        ("+SMS FULL", SmsMemoryFull(None)),
        ("OPL UPDATING", Chatter()),
        ("*ISIMAID: A0000000871004FF86FFFF89FFFFFFFF", Chatter()),
        ('*PSUTTZ: 2024,8,5,19,40,22,"+8",1', Chatter()),
        ("+MSTK: 11, 810301250082028182", Chatter()),
        ("+CGEV: NW ACT 8,10", Chatter()),
        ("+CPCMREG: 1", Chatter()),
        ("+CPCMREG:1", Chatter()),
        ("+CPCMFRM: 0", Chatter()),
        ("+CNSMOD: 0,8", Chatter()),
        ("+CNSMOD:8", Chatter()),
        ("+CPSI: NO SERVICE,Online", Chatter()),
        (
            "+CPSI: LTE,Online,228-02,0x9CA4,20964868,46,EUTRAN-BAND20,6200,3,3,-178,-1089,-742,8",
            Operator(None, "22802"),
        ),
        ("+CPSI: GSM,Online,460- 00,0x182d,12401,27 EGSM 900,-64,2110,42-42", Operator(None, "46000")),
        ('*PSNWID: "460","00","China Mobile",0,"CMCC",0', Operator("China Mobile", "46000")),
        ('+CMTI: "SM",9', SmsStored("SM", 9)),
        ("+CGREG: 0,1", Registration("ps", 1)),
        ('+CREG: 1,"9CA4","13F8C04",7', Registration("cs", 1, "9CA4", "13F8C04", 7)),
        ("+CSQ: 22,0", Signal(-69, 22)),
        ("+CSQ: 99,99", Signal(None, 99)),
        ('+COPS: 0,0,"T-Mobile EIOTCLUB",7', Operator("T-Mobile EIOTCLUB")),
        ('+COPS: 0,2,"310260",7', Operator(None, "310260")),
        ("+NEW: 1", None),
    ],
)
def test_lines(line: str, event: NeutralEvent | None) -> None:
    assert simcom.parse(line.encode()) == event


def test_an_answered_call_of_a_sim7600() -> None:
    log = [
        "RING",
        '+CLCC: 4,1,4,0,0,"08020866256",128',
        "VOICE CALL: BEGIN",
        '+CLCC: 4,1,0,0,0,"08020866256",128',
        '+CLCC: 4,1,6,0,0,"08020866256",128',
        "VOICE CALL: END: 000008",
    ]
    calls = [event for line in log if isinstance(event := simcom.parse(line.encode()), CallInfo)]
    assert [(call.index, call.outgoing, call.state) for call in calls] == [
        (4, False, "incoming"),
        (None, None, "active"),
        (4, False, "active"),
        (4, False, "ended"),
        (None, None, "ended"),
    ]
    assert calls[-1].duration == 8


@pytest.mark.parametrize(
    ("command", "line", "event"),
    [
        ("AT+CPCMREG=?", "+CPCMREG: (0-1)", Chatter()),
        ("AT+CGMM", "SIMCOM_SIM7600E-H", Identity("model", "SIMCOM_SIM7600E-H")),
        ("AT+CGMR", "+CGMR: LE20B03SIM7600M22", Identity("firmware", "LE20B03SIM7600M22")),
        ("ATI", "Manufacturer: SIMCOM INCORPORATED", Identity("manufacturer", "SIMCOM INCORPORATED")),
        ("ATI", "Model: A7670E-FASE", Identity("model", "A7670E-FASE")),
        ("ATI", "IMEI: 867584034313614", Identity("imei", "867584034313614")),
        ("AT+CGSN", "867584034313614", Identity("imei", "867584034313614")),
    ],
)
def test_answers(command: str, line: str, event: NeutralEvent) -> None:
    assert simcom.parse(line.encode(), command) == event


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("+CEER: Invalid/incomplete number", 28),
        ("+CEER: Client ended call", 16),
        ('+CEER: "16 Normal call clearing"', 16),
        ("+CEER: 17 User busy", 17),
        ('+CEER: "0 Unknown"', None),
        ("+CEER: 300 Something", None),
        ("+CEER: Video connection lost", None),
    ],
)
def test_causes(text: str, cause: int | None) -> None:
    assert simcom.cause_of((text.encode(),)) == cause


def test_commands() -> None:
    assert [command.text for command in simcom.hang_up(17)] == ["AT+CHUP", "ATH"]
    assert {command.priority for command in simcom.hang_up(17)} == {Priority.HANG_UP}
    assert simcom.restart().text == "AT+CRESET", "AT+CFUN=1,1 leaves the audio dead"
    assert "AT+CICCID" in [command.text for command in simcom.identity()]
    texts = [step.command.text for step in simcom.init()]
    assert {"AT+CLCC=1", "AT+CVHU=0", "AT+DDET=1", "AT+CPCMFRM=0", "AT+CMGF=0"} <= set(texts)


def test_audio() -> None:
    assert [command.text for command in simcom.audio_on()] == ["AT+CPCMREG=1"]
    assert [command.text for command in simcom.audio_off()] == ["AT+CPCMREG=0"]
    assert simcom.rearm_audio() == ()
    assert (simcom.AUDIO.when, simcom.AUDIO.tries > 1) == ("active", True)


def test_digits_are_set_apart_and_the_strings_short() -> None:
    assert [command.text for command in simcom.dtmf("1#A")] == ['AT+VTS="1,#,A"']
    texts = [command.text for command in simcom.dtmf("1234567890123456789012345678901")]
    assert len(texts) == 3
    assert "".join(texts).replace(",", "").replace('AT+VTS="', "").replace('"', "") == "1234567890" * 3 + "1"
    assert all(len(text) <= len('AT+VTS=""') + 29 for text in texts)


@pytest.mark.parametrize("digits", ["", 'E"', "1\r", "1" * 32])
def test_no_command_is_smuggled_in_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="not DTMF"):
        simcom.dtmf(digits)
