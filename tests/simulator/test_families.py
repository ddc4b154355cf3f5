"""What each family says of itself and of its calls. The lines are those of the manuals named in families/."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank, identity
from gateways.gsm.simulator.families import TRAITS

from .bench import CALLER, LINE, one_modem
from .conftest import quick
from .host import AtHost, wait_until


def received_call(bank: Bank, at: AtHost) -> list[str]:
    """A call comes, is answered with ATA, and the far end hangs up: all lines, save the OK of ATA."""
    call = bank.subscriber(CALLER).dial(LINE)
    lines = [at.expect("RING")]
    lines += at.quiet(0.08)
    at.send("ATA\r")
    assert call.wait_answered(2)
    lines += at.quiet(0.08)
    call.hang_up()
    return lines + at.quiet(0.1)


def dialled_call(bank: Bank, at: AtHost, manner: str = "answers", ours: bool = False) -> list[str]:
    """A call goes out and is ended by the far end, or with AT+CHUP: all lines."""
    callee = bank.subscriber(CALLER).behaves(manner, after=0.05)
    at.send(f"ATD{CALLER};\r")
    if manner != "answers":
        return at.quiet(0.3)
    call = callee.wait_call(2)
    assert call.wait_answered(2)
    lines = at.quiet(0.1)
    if ours:
        at.send("AT+CHUP\r")
    else:
        call.hang_up()
    return lines + at.quiet(0.1)


ROW = f'0,0,"{CALLER}",145'
TO = {
    "quectel": ["OK", *(f"^DSCI: 1,0,{stat},0,{CALLER},145,0" for stat in (2, 7, 3, 6)), "NO CARRIER"],
    "quectel-td": [
        "OK",
        *(
            f'^DSCI: 1,0,{stat},0,0,"{CALLER}",145,,{cause},0,"",0'
            for stat, cause in ((2, ""), (3, ""), (0, ""), (6, 16))
        ),
        "NO CARRIER",
    ],
    "huawei": ["OK", "^ORIG:1,0", "^CONF:1", "^CONN:1,0", "^CEND:1,0,104,16", "NO CARRIER"],
    "simcom": [
        "OK",
        f"+CLCC: 1,0,2,{ROW}",
        f"+CLCC: 1,0,3,{ROW}",
        "VOICE CALL: BEGIN",
        f"+CLCC: 1,0,0,{ROW}",
        f"+CLCC: 1,0,6,{ROW}",
        "VOICE CALL: END: 000000",
        "NO CARRIER",
    ],
    "simcom2g": ["OK", *(f'+CLCC: 1,0,{stat},{ROW},""' for stat in (2, 3, 0, 6)), "NO CARRIER"],
    "zte": ["CONNECT", "HANGUP: 1"],
    "zte-mf": ["OK", "CONNECT", "HANGUP: 1"],
    "ublox": ["OK", *(f"+UCALLSTAT: 1,{stat}" for stat in (2, 3, 7, 0, 6)), "NO CARRIER"],
    "generic": ["OK", "NO CARRIER"],
}
ASKS = {"quectel": "^DSCI=1", "quectel-td": "^DSCI=1", "simcom": "+CLCC=1", "simcom2g": "+CLCC=1"}
ASKS |= {"huawei": "^CURC=0", "ublox": "+UCALLSTAT=1"}


def test_every_family_is_here() -> None:
    assert set(TO) == set(TRAITS)


@pytest.mark.parametrize("family", TRAITS)
def test_a_dialled_call_from_its_start_to_its_end(tmp_path: Path, family: str) -> None:
    with one_modem(tmp_path, family) as (bank, at):
        at.command(ASKS.get(family, ""))
        at.quiet(0.02)
        assert [line for line in dialled_call(bank, at) if not line.startswith("+ZUSIMR")] == TO[family]


@pytest.mark.parametrize(
    ("family", "lines"),
    [
        ("huawei", ["RING", "OK", "^CONN:1,0", "^CEND:1,0,104,16", "NO CARRIER"]),
        ("simcom", ["RING", "VOICE CALL: BEGIN", "OK", "VOICE CALL: END: 000000", "NO CARRIER"]),
        ("simcom2g", ["RING", "OK", "NO CARRIER"]),
        ("zte", ["RING", "OK", "HANGUP: 1"]),
        (
            "ublox",
            ["RING", "+UCALLSTAT: 1,4", "OK", "+UCALLSTAT: 1,7", "+UCALLSTAT: 1,0", "+UCALLSTAT: 1,6", "NO CARRIER"],
        ),
        ("generic", ["RING", "OK", "NO CARRIER"]),
    ],
)
def test_a_received_call(tmp_path: Path, family: str, lines: list[str]) -> None:
    with one_modem(tmp_path, family) as (bank, at):
        at.command("^CURC=0" if family == "huawei" else "+UCALLSTAT=1" if family == "ublox" else "")
        assert received_call(bank, at) == lines


@pytest.mark.parametrize(
    ("family", "busy", "hung_up"),
    [
        ("huawei", ["OK", "^ORIG:1,0", "^CEND:1,0,104,17", "BUSY"], ["OK", "^CEND:1,0,29,16"]),
        ("simcom", ["OK", "VOICE CALL: END", "BUSY"], ["VOICE CALL: END: 000000", "OK"]),
        ("zte", ["HANGUP: 1", "BUSY"], ["OK", "HANGUP: 1"]),
        ("ublox", ["OK", "BUSY"], ["OK"]),
    ],
)
def test_a_busy_number_and_our_own_hang_up(tmp_path: Path, family: str, busy: list[str], hung_up: list[str]) -> None:
    with one_modem(tmp_path, family) as (bank, at):
        at.command("^CURC=0" if family == "huawei" else "")
        at.quiet(0.02)
        assert [line for line in dialled_call(bank, at, "busy") if not line.startswith("+Z")] == busy
        assert dialled_call(bank, at, ours=True)[-2:][-len(hung_up) :] == hung_up


def test_a_call_given_up_before_the_network_named_a_cause_has_none_in_cend(tmp_path: Path) -> None:
    with one_modem(tmp_path, "huawei") as (bank, at):
        bank.subscriber(CALLER).behaves("rings")
        at.command(f"D{CALLER};")
        at.expect("^CONF")
        at.command("+CHUP")
        assert at.expect("^CEND") == "^CEND:1,0,29"


def test_a_missed_call_of_simcom_has_no_no_carrier(tmp_path: Path) -> None:
    with one_modem(tmp_path, "simcom") as (bank, at):
        call = bank.subscriber(CALLER).dial(LINE)
        at.expect("RING")
        call.hang_up()
        lines = at.quiet(0.1)
        assert len(lines) == 1
        assert lines[0].startswith("MISSED_CALL: ")
        assert lines[0].endswith(f"M {CALLER}")


@pytest.mark.parametrize(
    ("family", "command", "answer"),
    [
        ("huawei", "+CGMI", ["huawei", "OK"]),
        ("huawei", "I", ["Manufacturer: huawei", "Model: E1550", "Revision: 11.608.12.10.00"]),
        ("huawei", "^CVOICE?", ["^CVOICE:0,8000,16,20", "OK"]),
        ("huawei", "^SYSINFO", ["^SYSINFO:2,3,0,5,1,,4", "OK"]),
        ("huawei", "^ICCID?", ["^ICCID: 98180000000000000041", "OK"]),
        ("huawei", "+VTS=1", ["ERROR"]),
        ("huawei", "^DDSETEX=2", ["+CME ERROR: 3"]),
        ("huawei", "^DTMF=1,5", ["+CME ERROR: 3"]),
        ("simcom", "+CICCID", ["+ICCID: 89810000000000000014", "OK"]),
        ("simcom", "+CPCMREG?", ["+CPCMREG: 0", "OK"]),
        ("simcom", "+CPCMREG=1", ["ERROR"]),
        ("simcom", "+CGMM", ["SIMCOM_SIM7600E-H", "OK"]),
        ("simcom2g", "+CCID", ["89810000000000000014", "OK"]),
        ("simcom2g", "+CPCMREG=1", ["ERROR"]),
        ("simcom2g", "+CEREG?", ["ERROR"]),
        ("zte", "+ZPAS?", ['+ZPAS: "UMTS","CS_PS"', "OK"]),
        ("zte", "+CGMI", ["ZTE INCORPORATED", "OK"]),
        ("ublox", "+UCALLSTAT=?", ["+UCALLSTAT: (0,1)", "OK"]),
        ("generic", "+QCCID", ["ERROR"]),
        ("generic", "+CREG?", ["+CREG: 0,1", "OK"]),
    ],
)
def test_what_it_answers(tmp_path: Path, family: str, command: str, answer: list[str]) -> None:
    with one_modem(tmp_path, family) as (_, at):
        assert at.command(command)[: len(answer)] == answer


@pytest.mark.parametrize(
    ("family", "command", "wanted"),
    [
        ("quectel", "+QTONEDET=1", "+QTONEDET: 53"),
        ("huawei", "^DDTMFCFG=0,1", "^DDTMF:5"),
        ("simcom", "+DDET=1", "+RXDTMF: 5"),
        ("simcom2g", "+DDET=1", "+DTMF: 5"),
        ("ublox", "+UDTMFD=1,2", "+UUDTMFD: 5"),
    ],
)
def test_dtmf_from_the_far_end(tmp_path: Path, family: str, command: str, wanted: str) -> None:
    with one_modem(tmp_path, family) as (bank, at):
        assert at.command(f"{command};S0=1")[-1] == "OK"
        call = bank.subscriber(CALLER).dial(LINE)
        assert call.wait_answered(2)
        call.send_digits("5")
        assert at.expect(wanted[:4], 1.0) == wanted


def test_huawei_sends_digits_one_by_one(tmp_path: Path) -> None:
    with one_modem(tmp_path, "huawei") as (bank, at):
        at.command("S0=1")
        call = bank.subscriber(CALLER).dial(LINE)
        assert call.wait_answered(2)
        assert at.command("^DTMF=1,7")[-1] == "OK"
        assert at.command("^DTMF=1,A")[-1] == "+CME ERROR: 50"
        wait_until(lambda: [digit for _, digit in call.digits] == ["7"])


@pytest.mark.parametrize("family", [name for name, one in TRAITS.items() if one.boot])
def test_a_start_says_what_the_family_says(tmp_path: Path, family: str) -> None:
    with one_modem(tmp_path, family) as (bank, at):
        bank.power_cycle("gsm-1")
        with pytest.raises(EOFError):
            at.quiet(1.0)
        wait_until(bank.at_path("gsm-1").is_symlink)
        with closing(AtHost(bank.at_path("gsm-1"))) as again:
            for line in TRAITS[family].boot:
                assert again.expect(line.split(":")[0], 1.0) == line
            assert again.command("+CLIP?", 1.0)[-2:] == ["+CLIP: 0,1", "OK"]


def test_huawei_pushes_its_signal_until_told_not_to(tmp_path: Path) -> None:
    timing = quick()
    timing.chatter = 0.05
    bank = Bank(tmp_path, lines=1, timing=timing, families=["huawei"])
    with bank, closing(AtHost(bank.at_path("gsm-1"))) as at:
        assert at.expect("^BOOT")
        assert at.expect("^RSSI") == "^RSSI:23"
        at.command("^CURC=0")
        assert at.quiet(0.2) == []


def test_a_bank_of_mixed_families(tmp_path: Path) -> None:
    with Bank(tmp_path, lines=5, families=["huawei", "zte"]) as bank:
        assert [one["family"] for one in bank.state()["lines"]] == ["huawei", "zte", "huawei", "zte", "huawei"]
    with pytest.raises(ValueError, match="no family 'nokia'"):
        Bank(tmp_path, lines=1, families=["nokia"])
    with Bank(tmp_path, lines=[identity(1, LINE, family="quectel-td")]) as bank:
        state = bank.state()["lines"][0]
        assert (state["family"], state["variant"]) == ("quectel", "quectel-td")


def test_zte_repeats_itself_until_the_memory_was_asked_for(tmp_path: Path) -> None:
    timing = quick()
    timing.chatter = 0.05
    bank = Bank(tmp_path, lines=1, timing=timing, families=["zte"])
    with bank, closing(AtHost(bank.at_path("gsm-1"))) as at:
        assert at.expect("+ZUSIMR") == "+ZUSIMR:2"
        at.command("+CPMS?")
        assert at.quiet(0.2) == []


def test_a_start_with_a_pin_asks_for_it(tmp_path: Path) -> None:
    bank = Bank(tmp_path, lines=[replace(identity(1, LINE, family="ublox"), pin="1234")], timing=quick())
    with bank, closing(AtHost(bank.at_path("gsm-1"))) as at:
        at.command("+CFUN=16")
        with pytest.raises(EOFError):
            at.quiet(1.0)
        wait_until(bank.at_path("gsm-1").is_symlink)
        with closing(AtHost(bank.at_path("gsm-1"))) as again:
            assert again.expect("+CPIN") == "+CPIN: SIM PIN"
            again.expect("+UUSIMSTAT")
            assert again.command("+CREG?")[-2:] == ["+CREG: 0,0", "OK"]
            assert again.command("+CPIN=1234")[-1] == "OK"
            assert again.command("+CREG?")[-2:] == ["+CREG: 0,1", "OK"]
