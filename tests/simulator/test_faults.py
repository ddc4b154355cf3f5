"""Each fault as the host meets it."""

import errno
import os
import select
import time

import pytest

from gateways.gsm.simulator import Bank, FaultError
from gateways.gsm.simulator.faults import KINDS

from .host import AtHost, PcmHost, wait_until
from .test_voice import connect

CALLER = "+819012345678"
LINE = "+818000000001"


def test_error_to_everything_until_cleared(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "error")
    assert at.command("") == ["ERROR"]
    assert at.command("+CLCC") == ["ERROR"]
    bank.clear_faults("gsm-1")
    assert at.command("") == ["OK"]


def test_garbage_is_no_text(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "garbage")
    at.send("AT\r")
    data = at.read_some(1.0)
    assert len(data) == 24
    with pytest.raises(UnicodeDecodeError):
        data.decode()


def test_silence_neither_hears_nor_rings(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "silence")
    call = bank.subscriber(CALLER).dial(LINE)
    at.send("AT\r")
    assert at.quiet(0.3) == []
    call.hang_up()
    bank.clear_faults("gsm-1")
    assert at.command("") == ["OK"]


def test_the_ports_vanish_in_mid_call_and_return_under_other_names(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    assert pcm.read_for(0.1)
    names = [path.readlink() for path in (bank.at_path("gsm-1"), bank.pcm_path("gsm-1"))]
    poll = select.poll()
    poll.register(at.fd, select.POLLIN)
    bank.fault("gsm-1", "vanish", seconds=0.4)
    assert poll.poll(500)[0][1] & select.POLLHUP
    assert not bank.at_path("gsm-1").is_symlink()
    assert not bank.pcm_path("gsm-1").is_symlink()
    with pytest.raises(EOFError):
        at.quiet(1.0)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        os.write(pcm.fd, b"x")
    assert call.wait_ended(1.0)
    assert call.cause == 41
    wait_until(bank.pcm_path("gsm-1").is_symlink)
    assert names[0] != bank.at_path("gsm-1").readlink()
    assert names[1] != bank.pcm_path("gsm-1").readlink()
    again = AtHost(bank.at_path("gsm-1"))
    assert again.expect("+QIND: PB DONE", 1.0)
    assert again.command("+CLCC;+QPCMV?")[-2:] == ["+QPCMV: 0", "OK"]
    again.close()


def test_a_plug_pulled_without_power_loss_keeps_the_call(bank: Bank, at: AtHost) -> None:
    call = connect(bank, at)
    bank.fault("gsm-1", "vanish", seconds=0.1, power=False)
    wait_until(lambda: bank.state()["lines"][0]["plugged"])
    again = AtHost(bank.at_path("gsm-1"))
    assert again.command("+CLCC")[0].startswith("+CLCC: 1,1,0,0,0")
    again.command("+CHUP")
    assert call.wait_ended(1.0)
    again.close()


def test_a_line_that_stays_away_comes_back_when_cleared(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "vanish")
    call = bank.subscriber(CALLER).dial(LINE)
    assert call.wait_ended(1.0)
    assert call.cause == 20
    bank.clear_faults("gsm-1")
    assert bank.at_path("gsm-1").is_symlink()


@pytest.mark.parametrize(("where", "order"), [("after", [0, 1, 2]), ("before", [1, 0, 2])])
def test_a_urc_inside_a_response(bank: Bank, at: AtHost, where: str, order: list[int]) -> None:
    bank.fault("gsm-1", "urc_inside", line="RING", where=where)
    lines = ["004401000000014", "RING", "OK"]
    assert at.command("+CGSN") == [lines[n] for n in order]


def test_output_split_into_single_bytes(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "split")
    at.reads.clear()
    assert at.command("+CSQ") == ["+CSQ: 23,99", "OK"]
    assert len(at.reads) > 5  # 23 bytes; a host that is late gets a few at once


def test_output_glued_into_one_read(bank: Bank, at: AtHost) -> None:
    at.command("+CLIP=1")
    bank.fault("gsm-1", "glue", seconds=0.1)
    at.reads.clear()
    call = bank.subscriber(CALLER).dial(LINE)
    assert call.wait_alerting(1.0)
    at.command("+CSQ")
    assert len(at.reads) == 1
    assert b"+CLIP" in at.reads[0]
    call.hang_up()


def test_echo_whatever_ate_says(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "echo")
    assert at.command("+CSQ") == ["AT+CSQ", "+CSQ: 23,99", "OK"]


def test_the_number_comes_late(bank: Bank, at: AtHost) -> None:
    at.command("+CLIP=1")
    bank.fault("gsm-1", "late_clip", seconds=0.15)
    call = bank.subscriber(CALLER).dial(LINE)
    at.expect("RING")
    rung = time.monotonic()
    at.expect("+CLIP")
    assert 0.1 < time.monotonic() - rung < 0.3
    call.hang_up()


def test_final_results_get_lost(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "missing_ok", count=1)
    with pytest.raises(TimeoutError):
        at.command("+CSQ", timeout=0.2)
    assert at.command("") == ["OK"]


def test_the_modem_stops_taking_speech_for_a_while(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    time.sleep(0.06)
    bank.fault("gsm-1", "qpcmv_pause", seconds=0.2)
    assert at.expect("+QPCMV") == "+QPCMV: 0,0"
    pcm.write(b"\x05" * 320)
    assert pcm.read_for(0.1)
    assert call.heard() == []
    assert at.expect("+QPCMV") == "+QPCMV: 1,0"
    assert call.wait_heard(1, 1.0)
    call.hang_up()


def test_answered_is_said_while_it_only_rings(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    at.command("^DSCI=1;+QPCMV=1,0")
    bank.fault("gsm-1", "false_answer")
    callee = bank.subscriber(CALLER).behaves("rings")
    at.command(f"D{CALLER};")
    assert at.expect("^DSCI: 1,0,3")
    call = callee.wait_call(1.0)
    assert not call.answered
    assert at.command("+CLCC")[0].startswith("+CLCC: 1,0,0,0,0")
    assert any(max(data) > 0 for _, data in pcm.read_for(0.2))  # ring-back
    call.answer()
    assert call.wait_answered(1.0)
    assert at.quiet(0.1) == []
    call.hang_up()
    assert at.expect("NO CARRIER")


def test_the_lte_bearer_is_listed_first(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "phantom_data_call")
    assert at.command("+CLCC") == ['+CLCC: 1,0,0,1,0,"",128', "OK"]
    call = bank.subscriber(CALLER).dial(LINE)
    at.expect("RING")
    assert at.command("+CLCC")[1] == f'+CLCC: 2,1,4,0,0,"{CALLER}",145'
    call.hang_up()


def test_network_signal_and_sim_go_and_come_back(bank: Bank, at: AtHost) -> None:
    at.command('+CREG=1;+QINDCFG="csq",1')
    bank.fault("gsm-1", "registration", stat=3)
    assert at.expect("+CREG") == "+CREG: 3"
    bank.fault("gsm-1", "signal", rssi=5)
    assert at.expect("+QIND") == '+QIND: "csq",5,99'
    bank.fault("gsm-1", "sim", present=False)
    assert at.expect("+CPIN") == "+CPIN: NOT READY"
    assert at.expect("+CREG") == "+CREG: 0"
    assert at.command("+CPIN?") == ["+CME ERROR: 10"]
    bank.clear_faults("gsm-1")
    assert at.expect("+CREG") == "+CREG: 1"
    assert at.command("+CPIN?;+CSQ") == ["+CPIN: READY", "+CSQ: 23,99", "OK"]


def test_unknown_faults_and_options_are_refused(bank: Bank) -> None:
    with pytest.raises(FaultError, match="no fault 'fire'"):
        bank.fault("gsm-1", "fire")
    for kind in KINDS:
        with pytest.raises(FaultError, match=kind):
            bank.fault("gsm-1", kind, colour="red")
