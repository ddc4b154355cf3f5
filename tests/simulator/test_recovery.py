"""Faults that take a modem out, and the steps that bring it back."""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank, FaultError

from .bench import CALLER, LINE, opened
from .conftest import quick
from .host import AtHost, PcmHost, wait_until


def again(bank: Bank) -> AtHost:
    """The AT port of gsm-1 once it has come back."""
    wait_until(lambda: bank.state()["lines"][0]["plugged"])
    return AtHost(bank.at_path("gsm-1"))


@pytest.fixture
def simcom(tmp_path: Path) -> Iterator[tuple[Bank, AtHost]]:
    bank = Bank(tmp_path, lines=1, timing=quick(), families=["simcom"])
    with bank, closing(AtHost(bank.at_path("gsm-1"))) as at:
        at.command("E0")
        yield bank, at


def answers(at: AtHost) -> bool:
    at.send("AT\r")
    return "OK" in at.quiet(0.15)


def test_a_hung_modem_speaks_again_after_a_reauthorise(bank: Bank, at: AtHost) -> None:
    with closing(opened(bank, at, "+QPCMV=1,0")) as pcm:
        assert pcm.read_for(0.1)
        bank.fault("gsm-1", "hang")
        pcm.read_for(0.05)
        assert pcm.read_for(0.1) == []
    at.send("AT+CFUN=1,1\r")
    assert at.quiet(0.3) == []
    call = bank.subscriber(CALLER).current
    assert call is not None
    bank.reauthorise("gsm-1")
    with pytest.raises(EOFError):
        at.quiet(0.5)
    assert call.wait_ended(1.0)
    with closing(again(bank)) as back:
        wait_until(lambda: answers(back))
    assert bank.state()["lines"][0]["faults"] == []


@pytest.mark.parametrize(("cure", "works"), [("cfun", True), ("creset", False), ("power", False)])
def test_a_reset_cures_what_it_can(bank: Bank, at: AtHost, cure: str, works: bool) -> None:
    bank.fault("gsm-1", "hang", cured_by=cure)
    at.send("AT+CFUN=1,1\r")
    if works:
        with pytest.raises(EOFError):
            at.quiet(1.0)
    else:
        assert at.quiet(0.3) == []
        bank.power_cycle("gsm-1")
    with closing(again(bank)) as back:
        wait_until(lambda: answers(back))


def test_a_fault_without_a_cure_outlives_restarts_and_lasts_as_long_as_asked(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "error")
    bank.power_cycle("gsm-1")
    with closing(again(bank)) as back:
        back.expect("+QIND: PB DONE")
        assert back.command("") == ["AT", "ERROR"]
        bank.clear_faults("gsm-1", "error")
        bank.fault("gsm-1", "error", lasts=0.1)
        assert back.command("")[-1] == "ERROR"
        time.sleep(0.15)
        assert back.command("")[-1] == "OK"
    with pytest.raises(FaultError, match="cured_by"):
        bank.fault("gsm-1", "error", cured_by="prayer")


def test_degraded_audio_wants_retries_takes_nothing_and_is_cured_by_creset(simcom: tuple[Bank, AtHost]) -> None:
    bank, at = simcom
    bank.fault("gsm-1", "audio_degraded")
    with closing(opened(bank, at, "")) as pcm:
        assert [at.command("+CPCMREG=1")[-1] for _ in range(3)] == ["ERROR", "ERROR", "OK"]
        assert pcm.read_for(0.1)
        sent = sum(pcm.write(b"\1" * 320) for _ in range(400))
        assert sent < 320 * 400  # its buffer is full: it takes nothing
        call = bank.subscriber(CALLER).current
        assert call is not None
        assert call.heard() == []
    at.command("+CHUP")
    at.send("AT+CFUN=1,1\r")
    with pytest.raises(EOFError):
        at.quiet(1.0)
    with closing(again(bank)) as back:
        assert bank.state()["lines"][0]["faults"] == ["audio_degraded"]
        back.expect("PB DONE")
        back.send("AT+CRESET\r")
        with pytest.raises(EOFError):
            back.quiet(1.0)
    with closing(again(bank)) as back:
        assert back.expect("*ATREADY") == "*ATREADY: 1"
        back.expect("PB DONE")
        assert bank.state()["lines"][0]["faults"] == []
        back.command("E0")
        with closing(opened(bank, back, "+CPCMREG=1")) as pcm:
            time.sleep(0.05)
            pcm.write(b"\1" * 320)
            call = bank.subscriber(CALLER).current
            assert call is not None
            assert call.wait_heard(1, 1.0)


def test_a_serial_modem_restarts_behind_its_bridge(tmp_path: Path) -> None:
    bank = Bank(tmp_path, lines=1, timing=quick(), families=["simcom2g"])
    with bank, closing(AtHost(bank.at_path("gsm-1"))) as at:
        assert at.command("E0+CFUN=1,1")[-1] == "OK"
        at.send("AT\r")
        time.sleep(0.15)
        at.send("AT\r")  # nobody hears this
        lines = at.quiet(0.5)
        assert [line for line in lines if line != "OK"] == [
            "RDY",
            "+CFUN: 1",
            "+CPIN: READY",
            "Call Ready",
            "SMS Ready",
        ]


def test_it_restarts_in_mid_call_by_itself(bank: Bank, at: AtHost) -> None:
    with closing(opened(bank, at, "+QPCMV=1,0")):
        call = bank.subscriber(CALLER).current
        assert call is not None
        bank.fault("gsm-1", "reboot")
        with pytest.raises(EOFError):
            at.quiet(0.5)
        assert call.wait_ended(1.0)
        assert call.cause == 41
    with closing(again(bank)) as back:
        assert back.expect("RDY")


def test_without_coverage_calls_end_and_come_no_more(bank: Bank, at: AtHost) -> None:
    at.command("+CREG=1;S0=1")
    call = bank.subscriber(CALLER).dial(LINE)
    assert call.wait_answered(1.0)
    bank.fault("gsm-1", "coverage", lasts=0.4)
    assert at.expect("+CREG") == "+CREG: 2"
    assert at.expect("NO CARRIER")
    assert call.wait_ended(1.0)
    assert at.command("+CSQ")[0] == "+CSQ: 99,99"
    assert bank.subscriber("+8190").dial(LINE).wait_ended(1.0)
    assert at.expect("+CREG") == "+CREG: 1"
    assert at.command("+CSQ")[0] == "+CSQ: 23,99"


def test_ends_that_come_twice_or_not_at_all_and_from_nowhere(bank: Bank, at: AtHost) -> None:
    at.command("^DSCI=1")
    end = [f"^DSCI: 1,1,6,0,{CALLER},145,0", "NO CARRIER"]
    for kind, lines in (("duplicate_end", end * 2), ("missing_end", [])):
        bank.fault("gsm-1", kind)
        call = bank.subscriber(CALLER).dial(LINE)
        at.expect("^DSCI")
        call.hang_up()
        assert at.quiet(0.1) == lines
        bank.clear_faults("gsm-1")
    assert at.command("+CLCC") == ["OK"]
    bank.fault("gsm-1", "no_carrier_storm", count=30)
    assert at.quiet(0.1) == ["NO CARRIER"] * 30


def test_junk_comes_before_all_that_is_said(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "junk", hex="ff00fe")
    at.reads.clear()
    at.send("AT+CSQ\r")
    at.quiet(0.1)
    assert b"".join(at.reads) == b"\xff\x00\xfe\r\n+CSQ: 23,99\r\n\xff\x00\xfe\r\nOK\r\n"
    with pytest.raises(FaultError, match="junk"):
        bank.fault("gsm-1", "junk", hex="what")


def test_a_busy_sim(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "sim_busy", lasts=0.2)
    for command in ("+CPIN?", "+CIMI", "+QCCID"):
        assert at.command(command) == ["+CME ERROR: 14"]
    time.sleep(0.25)
    assert at.command("+CPIN?")[0] == "+CPIN: READY"


def test_a_pause_without_a_word_loses_nothing_that_was_written(bank: Bank, at: AtHost) -> None:
    with closing(opened(bank, at, "+QPCMV=1,0")) as pcm:
        bank.fault("gsm-1", "pcm_pause", seconds=0.2)
        pcm.write(b"\5" * 640)
        call = bank.subscriber(CALLER).current
        assert call is not None
        assert not call.wait_heard(1, 0.1)
        assert call.wait_heard(2, 0.5)
        assert at.quiet(0.05) == []


def test_a_modem_is_found_by_where_it_is_plugged(bank: Bank, at: AtHost) -> None:
    root = bank.directory / "usb"
    assert sorted(place.name for place in root.iterdir()) == ["1-1.1", "1-1.2"]
    here = root / "1-1.1"
    assert sorted(entry.name for entry in here.iterdir()) == ["idProduct", "idVendor", "if01", "if02"]
    assert (here / "idVendor").read_text() == "2c7c\n"
    first = bank.where("gsm-1")
    assert str((here / "if02").readlink()) == first["at"] == os.ttyname(at.fd)
    bank.fault("gsm-1", "vanish", seconds=0.1, path="1-3.2")
    assert not here.exists()
    assert bank.where("gsm-1")["plugged"] is False
    with closing(again(bank)) as back:
        now = bank.where("gsm-1")
        assert (now["path"], now["vendor"], now["product"]) == ("1-3.2", "2c7c", "0125")
        assert now["at"] not in {first["at"], ""}
        assert os.ttyname(back.fd) == now["at"] == str((root / "1-3.2" / "if02").readlink())


def test_a_modem_that_is_gone_stays_away_until_its_cure(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "vanish", cured_by="power")
    bank.reauthorise("gsm-1")
    time.sleep(0.4)
    assert not bank.where("gsm-1")["plugged"]
    bank.power_cycle("gsm-1")
    with closing(again(bank)) as back:
        assert back.expect("RDY")


def test_external_audio_has_no_usb_interface(tmp_path: Path) -> None:
    with Bank(tmp_path, lines=1, families=["ublox"]) as bank:
        assert sorted(entry.name for entry in (tmp_path / "usb/1-1.1").iterdir()) == ["idProduct", "idVendor", "if00"]
        assert bank.state()["lines"][0]["audio_medium"] == "external"
        with closing(PcmHost(bank.pcm_path("gsm-1"))):
            pass
    assert list(tmp_path.iterdir()) == []
