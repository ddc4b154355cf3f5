"""USSD: menus back and forth, the ways sessions end, network requests, and the families' codings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gsmmodem.pdu import decodeGsm7, encodeGsm7, packSeptets, unpackSeptets

from gateways.gsm.simulator import Bank
from gateways.gsm.simulator.ussd import UCS2, Screen

from .conftest import quick
from .host import AtHost
from .sms_texts import CALLER, LINE, until

JAPANESE_BALANCE = "残高は1000円です。\n有効期限 2027/12/31"


@pytest.fixture
def huawei(tmp_path: Path) -> Iterator[tuple[Bank, AtHost]]:
    with Bank(tmp_path / "bank", lines=1, timing=quick(), families=["huawei"]) as bank:
        host = AtHost(bank.at_path("gsm-1"))
        host.command("E0")
        yield bank, host
        host.close()


def pack(text: str) -> str:
    """By python-gsmmodem-new's codec."""
    return bytes(packSeptets(encodeGsm7(text))).hex().upper()


def ask(at: AtHost, text: str, dcs: str = ",15", timeout: float = 2.0) -> str:
    """The whole +CUSD answer, with its line feeds."""
    assert at.command(f'+CUSD=1,"{text}"{dcs}')[-1] == "OK"
    at.reads.clear()
    answer = at.expect("+CUSD", timeout)
    at.quiet(0.05)
    whole = b"".join(at.reads).decode("latin-1")
    return whole.strip("\r\n") if answer in whole else answer


def test_balance(bank: Bank, at: AtHost) -> None:
    assert ask(at, "*100#") == '+CUSD: 0,"Your balance is 1000 yen, valid until 2027/12/31.",15'
    call = bank.subscriber(CALLER)
    at.command(f"D{CALLER};")
    received = call.wait_call(2)
    assert received.wait_answered(2)
    at.command("+CHUP")
    until(lambda: bank.network.balances.of(LINE), lambda money: money == 980, 2)
    assert "980 yen" in ask(at, "*100#")
    assert "500 yen added" in ask(at, "*104*1234567890#")
    assert "not valid" in ask(at, "*104*1234567890#")


def test_a_menu_down_back_and_out(bank: Bank, at: AtHost) -> None:
    assert ask(at, "*123#") == '+CUSD: 1,"SIMNET\n1 Balance\n2 Packages\n3 My number",15'
    assert ask(at, "2").startswith('+CUSD: 1,"Packages:')
    assert ask(at, "0").startswith('+CUSD: 1,"SIMNET')
    assert ask(at, "3") == f'+CUSD: 0,"Your number: {LINE}",15'
    assert ask(at, "3") == "+CUSD: 4"
    assert bank.ussd.log == [(LINE, text) for text in ("*123#", "2", "0", "3", "3")]


def test_a_session_is_cancelled(bank: Bank, at: AtHost) -> None:
    ask(at, "*123#")
    assert at.command("+CUSD=2") == ["OK"]
    assert ask(at, "1") == "+CUSD: 4"
    ask(at, "*123#")
    assert "Invalid" in ask(at, "9")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("*190#", "+CUSD: 2"),
        ("*191#", '+CUSD: 2,"Session ended by the network.",15'),
        ("*195#", "+CUSD: 5"),
        ("*999#", "+CUSD: 4"),
        ("*126#", f'+CUSD: 0,"{b"Balance: 1000".hex().upper()}",68'),
        ("*124#", f'+CUSD: 0,"{JAPANESE_BALANCE.encode("utf-16-be").hex().upper()}",72'),
    ],
)  # fmt: skip
def test_ways_to_answer(at: AtHost, code: str, answer: str) -> None:
    assert ask(at, code) == answer


def test_hindi_menu(at: AtHost) -> None:
    assert bytes.fromhex(ask(at, "*125#").split('"')[1]).decode("utf-16-be").startswith("मेन्यू\n1 शेष राशि")
    assert "₹1000" in bytes.fromhex(ask(at, "1").split('"')[1]).decode("utf-16-be")
    assert ask(at, "*125#").startswith("+CUSD: 1,")
    assert bytes.fromhex(ask(at, "0032", ",72").split('"')[1]).decode("utf-16-be") == "धन्यवाद"


def test_ucs2_character_set(at: AtHost) -> None:
    at.command('+CSCS="UCS2"')
    answer = ask(at, "*100#".encode("utf-16-be").hex())
    assert bytes.fromhex(answer.split('"')[1]).decode("utf-16-be").startswith("Your balance")
    assert at.command('+CUSD=1,"*100#",15') == ["+CME ERROR: 50"]


def test_settings_and_refusals(bank: Bank, at: AtHost) -> None:
    assert at.command("+CUSD=?") == ["+CUSD: (0-2)", "OK"]
    assert at.command("+CUSD=0;+CUSD?") == ["+CUSD: 0", "OK"]
    assert at.command('+CUSD=0,"*100#",15') == ["OK"]
    assert at.quiet(0.2) == []
    assert at.command("+CUSD=7") == ["+CME ERROR: 50"]
    bank.fault("gsm-1", "registration", stat=2)
    assert at.command('+CUSD=1,"*100#",15')[-1] == "+CME ERROR: 30"


def test_the_network_tells_and_asks(bank: Bank, at: AtHost) -> None:
    at.command("+CUSD=1")
    bank.loop.call(lambda: bank.ussd.push(LINE, "Your SIM expires {until}."))
    assert at.expect("+CUSD") == '+CUSD: 0,"Your SIM expires 2027/12/31.",15'
    bank.loop.call(lambda: bank.ussd.push(LINE, "続けますか", {"*": Screen("はい", dcs=UCS2)}, UCS2))
    assert at.expect("+CUSD").startswith("+CUSD: 1,")
    assert ask(at, "1") == '+CUSD: 0,"306F3044",72'


def test_huawei_speaks_packed_until_told_otherwise(huawei: tuple[Bank, AtHost]) -> None:
    _, at = huawei
    assert at.command('+CUSD=1,"*100#",15') == ["+CME ERROR: 50"]
    packed = ask(at, "AA180C3602").removeprefix('+CUSD: 0,"').removesuffix('",15')
    assert decodeGsm7(unpackSeptets(bytearray.fromhex(packed))).startswith(
        "Your balance is 1000 yen, valid until 2027/12/31."
    )
    assert bytes.fromhex(ask(at, pack("*124#")).split('"')[1]).decode("utf-16-be").startswith("残高は1000円")
    at.command("^USSDMODE=0")
    assert at.command("^USSDMODE?") == ["^USSDMODE: 0", "OK"]
    assert ask(at, "*100#").startswith('+CUSD: 0,"Your balance is 1000 yen')


def test_fault_silent(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "ussd_silent")
    assert at.command('+CUSD=1,"*100#",15') == ["OK"]
    assert at.quiet(0.3) == []
    bank.clear_faults("gsm-1")
    assert ask(at, "*100#").startswith("+CUSD: 0")
