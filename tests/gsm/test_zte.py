"""The ZTE dialect, line by line; examples as in captures of MF626, MF636, MF190 and K3565-Z."""

from __future__ import annotations

import pytest

from gateways.gsm.dialects import CallInfo, Chatter, Identity, NeutralEvent, Operator, Ring, zte


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("CONNECT", CallInfo(None, True, "active")),
        ("CONNECT 9600", None),
        ("HANGUP: 1", CallInfo(1, None, "ended", reason="HANGUP")),
        ("HANGUP:2", CallInfo(2, None, "ended", reason="HANGUP")),
        ("HANGUP: ", None),
        ("RING", Ring()),
        ('+ZDONR: "O2-UK",234,10,"CS_PS","ROAM_OFF"', Operator("O2-UK", "23410")),
        ('+ZDONR: "Bell",302,610,"CS_PS","ROAM_OFF"', Operator("Bell", "302610")),
        ('+ZDONR: "Beeline",250,1,"CS_ONLY","ROAM_OFF"', Operator("Beeline", "25001")),
        ('+ZDONR: "Not Found"', Operator(None)),
        ('+ZPASR: "UMTS"', Chatter()),
        ("+ZUSIMR:2", Chatter()),
        ("ICCID: 89860042190733578148", Identity("iccid", "89860042190733578148")),
        ("+ZZZ: 1", None),
    ],
)
def test_lines(line: str, event: NeutralEvent | None) -> None:
    assert zte.parse(line.encode()) == event


def test_dialling_lasts_as_long_as_it_rings_and_can_be_cut_short() -> None:
    command = zte.dial("110")
    assert (command.text, command.timeout, command.abort) == ("ATD110;", zte.RINGING, True)


def test_commands() -> None:
    assert [command.text for command in zte.dtmf("1#")] == ["AT+VTS=1", "AT+VTS=#"]
    assert zte.AUDIO.medium == "external"
