"""Commands of the standards, and that every family has all that a family needs."""

from __future__ import annotations

import pytest

from gateways.gsm.at import Command, Final, Finished, Priority
from gateways.gsm.dialects import FAMILIES, Dialect, dialect
from gateways.gsm.dialects import standard as std


def test_commands() -> None:
    assert std.dial("+819012345678").text == "ATD+819012345678;"
    assert std.dial("*100#").abort
    assert [command.text for command in std.hang_up(17)] == ["AT+CHUP", "ATH"]
    assert [command.text for command in std.dtmf("12#")] == ['AT+VTS="12#"']
    assert [command.text for command in std.dtmf_each("1*")] == ["AT+VTS=1", "AT+VTS=*"]
    assert std.enter_pin("1234").text == 'AT+CPIN="1234"'
    assert std.restart().text == "AT+CFUN=1,1"
    assert std.ussd("*100#").text == 'AT+CUSD=1,"*100#",15'
    assert std.ussd_cancel().text == "AT+CUSD=2"
    assert std.sms_acknowledge() is None
    assert (std.sms_list().text, std.sms_list().body) == ("AT+CMGL=4", True)
    assert (std.sms_read(3).text, std.sms_delete(3).text) == ("AT+CMGR=3", "AT+CMGD=3")


def test_a_message_is_sent_by_the_length_of_its_tpdu() -> None:
    command = std.sms_send(b"\x00\x11\xab", 2)
    assert (command.text, command.payload, command.priority) == ("AT+CMGS=2", b"0011AB", Priority.MESSAGE)


@pytest.mark.parametrize("number", ["", "110;", "AT", "1 2", "１１０", "1\r2", "0" * 50, "P1"])
def test_no_command_is_smuggled_in_a_number(number: str) -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        std.dial(number)


@pytest.mark.parametrize("text", ["", 'a"b', "a\rb", "あ", "1" * 183])
def test_no_command_is_smuggled_in_ussd(text: str) -> None:
    with pytest.raises(ValueError, match="not a USSD string"):
        std.ussd(text)


@pytest.mark.parametrize("pin", ["", "123", "12a4", '1234"', "１２３４"])
def test_no_command_is_smuggled_in_a_pin(pin: str) -> None:
    with pytest.raises(ValueError, match="4 to 8 digits") as caught:
        std.enter_pin(pin)
    assert pin == "" or pin not in str(caught.value)


@pytest.mark.parametrize("digits", ["", 'E"', "1\r", "1" * 32])
def test_no_command_is_smuggled_in_digits(digits: str) -> None:
    for build in (std.dtmf, std.dtmf_each):
        with pytest.raises(ValueError, match="not DTMF"):
            build(digits)


@pytest.mark.parametrize(
    ("final", "state"),
    [
        (Final("CME", 10), "MISSING"),
        (Final("CME", 14), "BUSY"),
        (Final("CME", 12), "PUK"),
        (Final("CME", None, "+CME ERROR: SIM not inserted"), "MISSING"),
        (Final("CME", 100), None),
        (Final("ERROR"), None),
    ],
)
def test_sim_errors(final: Final, state: str | None) -> None:
    assert std.sim_error(Finished(std.sim(), final)) == state


@pytest.mark.parametrize(
    ("line", "cause"), [("+CEER: 17", 17), ("+CEER: 5,36", 36), ("+CEER: 0,-1", None), ("x", None)]
)
def test_causes(line: str, cause: int | None) -> None:
    assert std.cause_of((line.encode(),)) == cause


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_whole(family: str) -> None:
    module: Dialect = dialect(family)
    steps = module.init()
    assert any(step.required for step in steps)
    assert all(step.purpose and step.command.text.isascii() for step in steps)
    single = [module.sim(), module.answer(), module.calls(), module.cause(), module.restart(), module.sms_list()]
    several = [*module.identity(), *module.registration(), *module.signal(), *module.hang_up(16), *module.dtmf("1")]
    several += [*module.audio_on(), *module.audio_off(), *module.rearm_audio()]
    assert all(isinstance(command, Command) for command in [*single, *several])
    assert all(command.priority is Priority.HANG_UP for command in module.hang_up(17))
    assert module.ussd("*100#").text.startswith("AT+CUSD=1,")
