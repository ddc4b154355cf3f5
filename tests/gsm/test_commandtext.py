"""What may follow a command line (V.250 §5.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.commandtext import Expected, expected


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("AT+CSQ", ("AT+CSQ",)),
        ("at+csq ", ("AT+csq",)),
        ("AT", ()),
        ("", ()),
        ("garbage", ()),
        ("ATE0", ("ATE0",)),
        ("ATE0V1&C1+CMEE=1;+CREG?", ("ATE0", "ATV1", "AT&C1", "AT+CMEE=1", "AT+CREG?")),
        ("AT+CPIN?;+CSQ;+COPS=3,0;+COPS?", ("AT+CPIN?", "AT+CSQ", "AT+COPS=3,0", "AT+COPS?")),
        ("AT+QPCMV=0;+QPCMV=1,0;D0901234567;", ("AT+QPCMV=0", "AT+QPCMV=1,0", "ATD0901234567")),
        ("ATD+819012345678;", ("ATD+819012345678",)),
        ("ATD*99#", ("ATD*99#",)),
        ('AT+CUSD=1,"a;b",15;+CSQ', ('AT+CUSD=1,"a;b",15', "AT+CSQ")),
        ("ATS0=0;S7?", ("ATS0=0", "ATS7?")),
        ("AT^DDSETEX=2", ("AT^DDSETEX=2",)),
        ("AT +CSQ", ("AT+CSQ",)),
        ('AT+CPIN="12', ('AT+CPIN="12',)),
    ],
)
def test_parts(line: str, parts: tuple[str, ...]) -> None:
    assert expected(line).parts == parts


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("AT+CGSN", ("AT+CGSN",)),
        ("AT+CGMI;+CSQ;+CIMI", ("AT+CGMI", "AT+CIMI")),
        ("ATI", ("ATI",)),
        ("AT+CGSN=?", ()),
        ("AT+CSQ", ()),
        ("AT+CLAC", ("AT+CLAC",)),
    ],
)
def test_bare(line: str, bare: tuple[str, ...]) -> None:
    assert expected(line).bare == bare


def test_what_follows() -> None:
    assert expected("AT+CREG?;^SYSINFO").prefixes == ("+CREG:", "^SYSINFO:")
    assert "+ICCID:" in expected("AT+CICCID").prefixes
    assert expected("AT+QPCMV=0;D110;").call_results
    assert expected("ATA").call_results
    assert not expected("AT+CLCC").call_results
    assert expected("AT+CMGS=20").prompt
    assert not expected("AT+CMGS=?").prompt
    assert expected("AT+CREG=2;+CREG?").part_for("+CREG") == "AT+CREG=2"
    assert expected("") == Expected()


@given(st.text(max_size=80) | st.text(alphabet='AT+;"=?D1', max_size=80).map(lambda text: "AT" + text))
def test_any_text_passes(line: str) -> None:
    expected(line)
