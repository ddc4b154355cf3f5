"""The Quectel dialect, line by line; examples as in the EC2x AT commands manual, TS 27.007 and logs of modems."""

from __future__ import annotations

import pytest

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
    Ready,
    Registration,
    Restarted,
    Ring,
    Signal,
    Sim,
    SmsMemoryFull,
    SmsStored,
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
        ("^DSCI: 4,1,3,0,+819012345678,145", CallInfo(4, False, "active", "+819012345678")),
        ('^DSCI: 1,0,3,0,"10086",129,0', CallInfo(1, True, "active", "10086")),
        ("^DSCI: 1,0,6,0,10086,129,0", CallInfo(1, True, "ended", "10086")),
        ("^DSCI: 2,1,4,1,,128,0", CallInfo(2, False, "incoming", None, voice=False)),
        ("^DSCI: 1,0,3,0,1,129,0", CallInfo(1, True, "active", "1")),
        ("^DSCI: 1,0,3,0,0,129", CallInfo(1, True, "active", "0")),
        ('^DSCI: 1,0,3,0,0,"10086"', CallInfo(1, True, "alerting", "10086")),
        # +CLCC's states, the number quoted, the network's cause in the ninth field
        ('^DSCI: 1,0,2,0,0,"10086",129,,,,0', CallInfo(1, True, "dialing", "10086")),
        ("^DSCI: 1,0,2,0,0,18062077083,129,,,,0", CallInfo(1, True, "dialing", "18062077083")),
        ('^DSCI: 1,0,3,0,0,"10086",129', CallInfo(1, True, "alerting", "10086")),
        ('^DSCI: 1,0,0,0,0,"10086",129,,', CallInfo(1, True, "active", "10086")),
        ('^DSCI: 1,1,4,0,0,"819012345678",145,,,', CallInfo(1, False, "incoming", "+819012345678")),
        ('^DSCI: 1,0,6,0,0,"10086",129,,16,3', CallInfo(1, True, "ended", "10086", cause=16)),
        ('^DSCI: 1,0,6,0,0,"10086",129,,17,130,"",128', CallInfo(1, True, "ended", "10086", cause=17)),
        ('^DSCI: 1,1,6,0,0,"",128,,,0', CallInfo(1, False, "ended", None)),
        ("^DSCI: 1,0,6,0,0", CallInfo(1, True, "ended", None)),
        ('+QIND: "ccinfo",2,0,3,0,0,"0801111",129', CallInfo(2, True, "alerting", "0801111")),
        ('+QIND: "ccinfo",2,1,-1,0,0,"819012345678",145,"Ann"', CallInfo(2, False, "ended", "+819012345678")),
        ('+QIND: "ccinfo",4,1,4,0,0,"0955452980",128', CallInfo(4, False, "incoming", "0955452980")),
        ('+QIND: "ccinfo",1,0,0,1,0,"",128', CallInfo(1, True, "active", None, voice=False)),
        ('+QIND: "csq",23,99', Signal(-67, 23)),
        ('+QIND: "csq",99,99', Signal(None, 99)),
        ("+QIND: SMS DONE", Ready("sms")),
        ("+QIND: PB DONE", Ready("sim")),
        ('+QIND: "act","LTE"', Chatter()),
        ('+QIND: "smsfull","ME"', SmsMemoryFull("ME")),
        ('+QIND: "smsfull"', SmsMemoryFull(None)),
        ('+CMTI: "ME",5', SmsStored("ME", 5)),
        ('+CLCC: 2,1,4,0,0,"02154450290",129', CallInfo(2, False, "incoming", "02154450290")),
        ('+CLCC: 1,0,0,1,0,"",128', CallInfo(1, True, "active", None, voice=False)),
        ("+CLCC: 1,0,3,0,0", CallInfo(1, True, "alerting", None)),
        ("+CREG: 1", Registration("cs", 1)),
        ("+CREG: 2,5", Registration("cs", 5)),
        ('+CREG: 2,1,"1A2B","01C3D4E5",7', Registration("cs", 1, "1A2B", "01C3D4E5", 7)),
        ('+CREG: 3,"1A2B","01C3D4E5",7', Registration("cs", 3, "1A2B", "01C3D4E5", 7)),
        ('+CEREG: 0,"FFFE","0FFFFFFF",7', Registration("eps", 0, "FFFE", "0FFFFFFF", 7)),
        ("+CSQ: 0,99", Signal(-113, 0)),
        ("+CSQ: 31,99", Signal(-51, 31)),
        ("+CSQ: 99,99", Signal(None, 99)),
        ('+COPS: 0,0,"TEST NET",7', Operator("TEST NET")),
        ('+COPS: 0,2,"26803",7', Operator(None, "26803")),
        ("+COPS: 0", Operator(None)),
        ('+QNWINFO: "FDD LTE","46011","LTE BAND 3",1650', Operator(None, "46011")),
        ("+QNWINFO: No Service", Chatter()),
        ('+QSPN: "T-Mobile","TMO","",0,"310260"', Operator("T-Mobile", "310260")),
        ('+QSPN: "","","OPERATOR",0,"20801"', Operator("OPERATOR", "20801")),
        ('+QSPN: "4E2D56FD8054901A","","",1,"46001"', Operator("中国联通", "46001")),
        ('+QSPN: "aaaaa","bbbbb","ccccc",0,"000000"', Operator("aaaaa")),
        ("+CPIN: READY", Sim("READY")),
        ("+CPIN: SIM PIN", Sim("PIN")),
        ("+CPIN: SIM PUK", Sim("PUK")),
        ("+CPIN: NOT READY", Sim("MISSING")),
        ("+CPIN: NOT INSERTED", Sim("MISSING")),
        ("+QSIMSTAT: 1,0", Sim("MISSING")),
        ("+QSIMSTAT : 1,0", Sim("MISSING")),
        ("+QSIMSTAT: 1,1", Chatter()),
        ("+QUSIM: 1", Chatter()),
        ("+QCCID: 8981100000000000001F", Identity("iccid", "8981100000000000001")),
        ("+QCCID: 89860025128306012474", Identity("iccid", "89860025128306012474")),
        ('+QCCID: "98180100000000000010"', Identity("iccid", "89811000000000000001")),
        ("+QPCMV: 0,0", AudioReady(False)),
        ("+QPCMV: 1,0", AudioReady(True)),
        ("+QTONEDET: 56", Tone("8")),
        ("+QTONEDET: 35", Tone("#")),
        ("+QTONEDET: 42", Tone("*")),
        ("+QTONEDET: 42,100", Tone("*")),
        ("+QTONEDET: 68", Tone("D")),
        ("+QTONEDET: 5", Tone("5")),
        ("+QTONEDET: 33", None),
        ("+QTONEDET: 4294967296", None),
        ('+QENG: "servingcell","NOCONN","LTE","FDD",460,01,5F1EA15,12,1650,3,5,5,DE10,-100,-12,-68,11,27', Chatter()),
        ('+QCFG: "usbcfg",0x2C7C,0x125,1,1,1,1,1,0,1', Chatter()),
        ("+QUSBCFG: 0x2C7C,0x0125,1,1,1,1,1,0,1", Chatter()),
        ("RDY", Restarted()),
        ("APP RDY", Chatter()),
        ("+CFUN: 1", Chatter()),
        ("Call Ready", Ready("call")),
        ("SMS Ready", Ready("sms")),
        ("MO RING", CallInfo(None, True, "alerting")),
        ("MO CONNECTED", CallInfo(None, True, "active")),
        ("NORMAL POWER DOWN", Chatter()),
        ("NO CARRIER", CallResult(None, "NO CARRIER")),
        ("BUSY", CallResult(17, "BUSY")),
        ("NO ANSWER", CallResult(19, "NO ANSWER")),
        ("+CLCC: 1,0,9,0,0", None),
        ("+CLCC: x", None),
        ("^DSCI: 1", None),
        ("^DSCI: 1,0,9,0,10086,129", None),
        ('+QIND: "ccinfo",1', None),
        ("+CREG: ", None),
        ("+NEW: 1", None),
        ("\x00\x01", None),
    ],
)
def test_lines(line: str, event: NeutralEvent | None) -> None:
    assert quectel.parse(line.encode()) == event


@pytest.mark.parametrize(
    ("command", "line", "event"),
    [
        ("AT+QPCMV?", "+QPCMV: 0,0", Chatter()),
        ("AT+QTONEDET?", "+QTONEDET: 1", Chatter()),
        ("AT+QCCID", "898600A90919F0123456", Identity("iccid", "898600A90919F0123456")),
        ("AT+CGSN", "866758040000008", Identity("imei", "866758040000008")),
        ("AT+CIMI", "460010123456789", Identity("imsi", "460010123456789")),
        ("AT+CGMM", "EC25", Identity("model", "EC25")),
        ("AT+CGMR", "EC25EFAR06A03M4G", Identity("firmware", "EC25EFAR06A03M4G")),
        ("ATI", "Revision: EC25EFAR06A03M4G", Identity("firmware", "EC25EFAR06A03M4G")),
    ],
)
def test_answers(command: str, line: str, event: NeutralEvent) -> None:
    assert quectel.parse(line.encode(), command) == event


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
        ("+CEER:", None),
        ('+CEER: "', None),
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
    assert [command.text for command in quectel.dtmf("12#")] == ['AT+VTS="12#"']
    assert [command.text for command in quectel.hang_up(17)] == ["AT+QHUP=17", "AT+CHUP", "ATH"]
    assert [command.text for command in quectel.hang_up(16)] == ["AT+CHUP", "ATH"]
    assert [command.text for command in quectel.hang_up(41)] == ["AT+CHUP", "ATH"], "AT+QHUP has no cause 41"
    assert {command.priority for command in quectel.hang_up(17)} == {Priority.HANG_UP}
    assert quectel.restart().text == "AT+CFUN=1,1"


def test_audio() -> None:
    assert [command.text for command in quectel.audio_on()] == ["AT+QPCMV=1,0"]
    assert [command.text for command in quectel.AUDIO.card] == ["AT+QPCMV=1,2"]
    assert [command.text for command in quectel.audio_off()] == ["AT+QPCMV=0"]
    assert [command.text for command in quectel.rearm_audio()] == ["AT+QPCMV=0", "AT+QPCMV=1,0"]
    assert quectel.AUDIO.when == "before", "it is armed for each call, before the modem dials"


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
    with pytest.raises(ValueError, match="known: generic, huawei, quectel"):
        dialect("toaster")
