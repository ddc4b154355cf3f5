"""Every family provides what ``Dialect`` asks for, and no bytes from a modem make one fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.gsm.at import Command, Final, Finished
from gateways.gsm.dialects import (
    FAMILIES,
    AudioPlan,
    Dialect,
    InitStep,
    dialect,
    generic,
    huawei,
    quectel,
    simcom,
    simcom2g,
    ublox,
    zte,
)

MODULES: tuple[Dialect, ...] = (generic, huawei, quectel, simcom, simcom2g, ublox, zte)
"""In the order of ``FAMILIES``; that each module fits the protocol is mypy's to check, here."""
LINES = (
    b"", b"+CLIP: ", b"+CLCC: ", b"+CREG: ", b"+CUSD: ", b"+CMT: ", b"+CMGL: 1,0,,24\n", b"+COPS: ", b"+CPIN: ",
    b"^DSCI: ", b'+QIND: "ccinfo",', b'+QIND: "csq",', b"+QTONEDET: ", b"+QSPN: ", b"+QPCMV: ", b"VOICE CALL: ",
    b"MISSED_CALL: ", b"+CPSI: ", b"*PSNWID: ", b"+CIEV: 10,", b"+DTMF: ", b"+UCALLSTAT: ", b"+UUSIMSTAT: ",
    b"^CEND:", b"^CONN:", b"^RSSI:", b"+ZCEND:", b"+CEER: ",
)  # fmt: skip


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Dialect:
    return dialect(request.param)


def commands_of(family: Dialect) -> list[Command]:
    """Every command that the family's builders make."""
    acknowledge = family.sms_acknowledge()
    return [
        *(step.command for step in family.init()),
        family.sim(), family.enter_pin("1234"), family.dial("+819012345678"), family.answer(), family.calls(),
        family.cause(), family.restart(), family.sms_send(b"\x00\x01\x00", 2), family.sms_list(), family.sms_read(1),
        family.sms_delete(1), family.ussd("*100#"), family.ussd_cancel(),
        *family.identity(), *family.registration(), *family.signal(), *family.dtmf("0123456789*#"),
        *family.audio_on(), *family.audio_off(), *family.rearm_audio(),
        *(command for cause in range(1, 128) for command in family.hang_up(cause)),
        *([acknowledge] if acknowledge else []),
    ]  # fmt: skip


def test_every_family_is_checked() -> None:
    assert tuple(dialect(name) for name in FAMILIES) == MODULES
    assert all(isinstance(family.AUDIO, AudioPlan) for family in MODULES)


def test_commands_are_lines_of_ascii(family: Dialect) -> None:
    for command in commands_of(family):
        assert command.text.isascii(), command.text
        assert command.text.isprintable(), command.text
        assert command.text.startswith("AT"), command.text
        assert 0 < command.timeout <= 120, command.text


def test_init_steps_say_what_fails_without_them(family: Dialect) -> None:
    steps = family.init()
    assert all(isinstance(step, InitStep) and step.purpose for step in steps)
    texts = [step.command.text for step in steps]
    assert len(texts) == len(set(texts))
    assert texts[0] == "ATE0"
    assert "AT+CMGF=0" in texts


def test_hang_up_has_a_second_way(family: Dialect) -> None:
    assert all(len(family.hang_up(cause)) >= 2 for cause in range(1, 128))


def test_what_is_no_number_pin_or_digit_is_refused(family: Dialect) -> None:
    for wrong in ("", "1\r2", '1"', "１", "1;2"):
        with pytest.raises(ValueError, match="not a telephone number"):
            family.dial(wrong)
        with pytest.raises(ValueError, match="PIN"):
            family.enter_pin(wrong)
        with pytest.raises(ValueError, match="DTMF"):
            family.dtmf(wrong)


def test_no_command_is_smuggled_in_ussd(family: Dialect) -> None:
    try:
        text = family.ussd('*100#",15\rATD1;').text
    except ValueError:
        return
    assert text.isprintable(), "a family that codes the string may send it"
    assert "ATD" not in text


@pytest.mark.parametrize("name", FAMILIES)
@settings(deadline=None)
@given(
    start=st.sampled_from(LINES),
    data=st.binary(max_size=60) | st.from_regex(rb'[0-9,"+\-: A-F]{0,40}', fullmatch=True),
    command=st.sampled_from(("", "AT+CGSN", "AT+CCID", "AT+CLCC", "ATI", "AT+CMGL=4", "AT+CEER")),
)
def test_no_bytes_make_it_fail(name: str, start: bytes, data: bytes, command: str) -> None:
    family = dialect(name)
    line = start + data
    family.parse(line, command)
    family.cause_of((line,))
    family.sim_error(Finished(family.sim(), Final("CME", None, line.decode("latin-1"))))
