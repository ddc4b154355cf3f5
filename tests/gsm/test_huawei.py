"""The Huawei dialect, line by line; examples as in the MU509 manual and in captures of E1550, E17x, K37xx."""

from __future__ import annotations

import pytest

from gateways.gsm.dialects import (
    CallInfo,
    Chatter,
    NeutralEvent,
    Operator,
    Ring,
    Signal,
    Sim,
    SmsMemoryFull,
    SmsStored,
    Tone,
    huawei,
)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("^ORIG:1,0", CallInfo(1, True, "dialing")),
        ("^ORIG: 2,0", CallInfo(2, True, "dialing")),
        ("^ORIG:1,2", CallInfo(1, True, "dialing", voice=False)),
        ("^ORIG:1,9", CallInfo(1, True, "dialing")),
        ("^CONF:1", CallInfo(1, True, "alerting")),
        ("^CONF: 1", CallInfo(1, True, "alerting")),
        ("^CONN:1,0", CallInfo(1, None, "active")),
        ("^CONN:1", CallInfo(1, None, "active")),
        ("^CEND:1,9,67,16", CallInfo(1, None, "ended", duration=9, cause=16, reason="67", answered=True)),
        ("^CEND: 1,0,104,17", CallInfo(1, None, "ended", duration=0, cause=17, reason="104")),
        ("^CEND:1,82,29", CallInfo(1, None, "ended", duration=82, reason="29", answered=True)),
        ("^CEND:1,0,101,17,0", CallInfo(1, None, "ended", duration=0, cause=17, reason="101")),
        ("^CEND:1,0,255,255", CallInfo(1, None, "ended", duration=0, reason="255")),
        ("^CEND:1,,,", CallInfo(1, None, "ended")),
        ("^CEND:1", CallInfo(1, None, "ended")),
        ("^CEND:x", None),
        ("RING", Ring()),
        ("^RSSI:18", Signal(-77, 18)),
        ("^RSSI: 99", Signal(None, 99)),
        ('^HCSQ:"LTE",58,47,116,14', Signal(-63)),
        ('^HCSQ: "NOSERVICE"', Signal(None)),
        ("^SIMST:1", Sim("READY")),
        ("^SIMST: 255,1", Sim("MISSING")),
        ("^SIMST:0", Chatter()),
        ("^CPIN: SIM PIN,3,10,3,10,3", Sim("PIN")),
        ("^CPIN: READY,,10,3,10,3", Sim("READY")),
        ("^DDTMF: 5", Tone("5")),
        ("^DDTMF:*", Tone("*")),
        ('^SMMEMFULL:"SM"', SmsMemoryFull("SM")),
        ("^SMMEMFULL: ", SmsMemoryFull(None)),
        ('+CMTI: "SM",26', SmsStored("SM", 26)),
        ('^EONS: 1,26202,"Vodafone.de","Vodafone",0', Operator("Vodafone.de", "26202")),
        ('^EONS: 1,46011,"4E2D56FD75354FE1","4E2D56FD75354FE1"', Operator("中国电信", "46011")),
        ("^EONS:0", Chatter()),
        ("^BOOT:20952548,0,0,0,72", Chatter()),
        ("^MODE:5,4", Chatter()),
        ("^SRVST:2", Chatter()),
        ("^STIN:0,0,0", Chatter()),
        ("^SYSINFO:2,3,0,5,1,,4", Chatter()),
        ("^DSFLOWRPT:00000210,00000000,00000000,0000000000000C58,0000000000000C5E,0010E000,0010E000", Chatter()),
        ("^CSNR: -145,-32", Chatter()),
        ("^NWTIME: 18/03/09,12:36:21+4,00", Chatter()),
        ("^CVOICE:0,8000,16,20", Chatter()),
        ("^NEW:1", None),
    ],
)
def test_lines(line: str, event: NeutralEvent | None) -> None:
    assert huawei.parse(line.encode()) == event


def test_commands() -> None:
    assert [command.text for command in huawei.dtmf("12#")] == ["AT^DTMF=1,1", "AT^DTMF=1,2", "AT^DTMF=1,#"]
    assert [command.text for command in huawei.audio_on()] == ["AT^DDSETEX=2"]
    assert huawei.audio_off() == ()
    assert (huawei.AUDIO.medium, huawei.AUDIO.when) == ("tty", "dialled")
    assert huawei.identity()[-1].text == "AT^ICCID?"


def test_ussd_is_packed() -> None:
    assert huawei.ussd("*100#").text == 'AT+CUSD=1,"AA180C3602",15'
    with pytest.raises(ValueError, match="ucs2"):
        huawei.ussd("あ")


@pytest.mark.parametrize("digits", ["A", "", "1\r"])
def test_no_letters_as_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="not DTMF"):
        huawei.dtmf(digits)
