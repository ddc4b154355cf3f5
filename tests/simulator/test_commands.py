"""The commands of an idle modem, over the pty."""

import pytest

from gateways.gsm.simulator import Bank

from .host import AtHost, wait_until


def test_it_says_who_it_is(at: AtHost) -> None:
    assert at.command("I") == ["Quectel", "EC25", "Revision: EC25EFAR06A06M4G", "OK"]
    assert at.command("+CGMI;+CGMM;+CGMR") == ["Quectel", "EC25", "EC25EFAR06A06M4G", "OK"]


def test_identities_differ_between_modems_and_pass_the_check_digit(bank: Bank) -> None:
    imeis = [one["imei"] for one in bank.state()["lines"]]
    assert len(set(imeis)) == len(imeis)
    for imei in imeis:
        digits = [int(d) * (1 + place % 2) for place, d in enumerate(imei)]
        assert len(imei) == 15
        assert sum(d // 10 + d % 10 for d in digits) % 10 == 0


def test_echo_is_on_until_told_otherwise(bank: Bank) -> None:
    host = AtHost(bank.at_path("gsm-2"))
    assert host.command("") == ["AT", "OK"]
    assert host.command("E0") == ["ATE0", "OK"]
    assert host.command("") == ["OK"]
    host.close()


def test_framing_is_cr_lf_around_each_response(at: AtHost) -> None:
    at.reads.clear()
    at.command("+CSQ")
    assert b"".join(at.reads) == b"\r\n+CSQ: 23,99\r\n\r\nOK\r\n"


def test_numeric_and_quiet_result_codes(at: AtHost) -> None:
    at.send("ATV0\r")
    assert at.read_some(1) == b"0\r"
    at.send("ATX9+NONE\r")
    assert at.read_some(1) == b"4\r"
    at.send("ATV1Q1\r")
    assert at.read_some(0.1) == b""


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("+CPIN?", "+CPIN: READY"),
        ("+CREG?", "+CREG: 0,1"),
        ("+CEREG?", "+CEREG: 0,1"),
        ("+COPS?", '+COPS: 0,0,"SIMNET",7'),
        ("+CIMI", "001010000000001"),
        ("+QCCID", "+QCCID: 8981000000000000001"),
        ("+CNUM", '+CNUM: ,"+818000000001",145'),
        ("+CFUN?", "+CFUN: 1"),
        ("+CLIP?", "+CLIP: 0,1"),
        ("+CVHU?", "+CVHU: 1"),
        ("+QPCMV=?", "+QPCMV: (0,1),(0-2)"),
        ("+QPCMV?", "+QPCMV: 0"),
        ("+VTS=?", "+VTS: (0-9,A-D,*,#),(0-255)"),
        ('+QCFG="ims"', '+QCFG: "ims",0,0'),
        ('+QURCCFG="urcport"', '+QURCCFG: "urcport","usbat"'),
        ("+CSCS?", '+CSCS: "GSM"'),
        ("S0?", "000"),
        ("+CEER", "+CEER: No cause information available"),
        ("+CPAS", "+CPAS: 0"),
    ],
)
def test_reads(at: AtHost, command: str, answer: str) -> None:
    got = at.command(command)
    assert got[-1] == "OK"
    assert got[0].startswith(answer)


def test_values_are_kept_and_bad_ones_refused(at: AtHost) -> None:
    assert at.command("+CLVL=5;+CLVL?") == ["+CLVL: 5", "OK"]
    assert at.command("+CLVL=9") == ["+CME ERROR: 50"]
    assert at.command("+CSMP=,,0,8;+CSMP?") == ["+CSMP: 17,167,0,8", "OK"]
    assert at.command('+CSCS="UCS2";+CSCS?') == ['+CSCS: "UCS2"', "OK"]
    assert at.command('+QINDCFG="ccinfo",1,1;+QINDCFG="ccinfo"') == ['+QINDCFG: "ccinfo",1', "OK"]
    assert at.command("&F+CLVL?") == ["+CLVL: 3", "OK"]


def test_errors_as_cmee_asks(at: AtHost) -> None:
    assert at.command("+VTS=1") == ["+CME ERROR: 3"]
    assert at.command("+CMEE=2;+VTS=1") == ["+CME ERROR: operation not allowed"]
    assert at.command("+CMEE=0;+VTS=1") == ["ERROR"]
    assert at.command("+CMEE=1;+NOSUCH=1") == ["ERROR"]


def test_a_failing_command_ends_the_line(at: AtHost) -> None:
    assert at.command("+CLVL=1;+NOSUCH;+CLVL=2") == ["ERROR"]
    assert at.command("+CLVL?") == ["+CLVL: 1", "OK"]


def test_radio_off_takes_the_registration(at: AtHost, bank: Bank) -> None:
    assert at.command("+CREG=2;+CFUN=4") == ["+CREG: 0", "OK"]
    assert at.command("+CREG?;+COPS?") == ["+CREG: 2,0", "+COPS: 0", "OK"]
    call = bank.subscriber("+819012345678").dial("+818000000001")
    assert call.wait_ended(2)
    assert call.cause == 20
    assert at.command("+CFUN=1")[0].startswith('+CREG: 1,"')


def test_reset_takes_the_ports_away_and_boots(at: AtHost, bank: Bank) -> None:
    before = bank.at_path("gsm-1").readlink()
    assert at.command("+CLIP=1;+CFUN=1,1") == ["OK"]
    with pytest.raises(EOFError):
        at.quiet(2.0)
    at.close()
    wait_until(bank.at_path("gsm-1").is_symlink)
    assert bank.at_path("gsm-1").readlink() != before
    again = AtHost(bank.at_path("gsm-1"))
    for line in ("RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"):
        assert again.expect(line[:12])
    assert again.command("+CLIP?")[-2:] == ["+CLIP: 0,1", "OK"]
    again.close()
