"""Messages that arrive: AT+CNMI, AT+CNMA, status reports, full memories, and the faults."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank, FaultError
from gateways.gsm.simulator.control import Control
from gateways.gsm.simulator.smsalphabet import pack
from gateways.gsm.simulator.smspdu import Body, Submit

from .conftest import quick
from .host import AtHost
from .sms_texts import CALLER, LINE, enter, until
from .test_sms_commands import LENGTH, TPDU, wait_stored


@pytest.fixture
def huawei(tmp_path: Path) -> Iterator[tuple[Bank, AtHost]]:
    with Bank(tmp_path / "bank", lines=1, timing=quick(), families=["huawei"]) as bank:
        host = AtHost(bank.at_path("gsm-1"))
        host.command("E0")
        yield bank, host
        host.close()


def pdus(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("+")]


def test_direct_without_acknowledgement(bank: Bank, at: AtHost) -> None:
    at.command("+CNMI=2,2,0,0,0")
    for text in ("one", "two"):
        bank.subscriber(CALLER).send_sms(text, LINE)
    lines = at.quiet(0.5)
    assert [line.split(",")[0] for line in lines if line.startswith("+")] == ["+CMT: "] * 2
    assert len(pdus(lines)) == 2
    at.command("+CMGF=1")
    bank.subscriber(CALLER).send_sms("three", LINE)
    assert at.expect("+CMT: ").startswith(f'+CMT: "{CALLER}",,"')
    assert at.expect("three")
    assert not bank.sms["gsm-1"].memories["ME"].messages


def test_each_direct_message_waits_for_its_acknowledgement(bank: Bank, at: AtHost) -> None:
    at.command("+CSMS=1;+CNMI=2,2,0,0,0")
    for text in ("one", "two"):
        bank.subscriber(CALLER).send_sms(text, LINE)
    assert len(pdus(at.quiet(0.4))) == 1
    assert bank.smsc.counts["delivered"] == 0
    assert at.command("+CNMA")[-1] == "OK"
    at.quiet(0.3)
    assert bank.smsc.counts["delivered"] == 1
    assert at.command("+CNMA=0")[-1] == "OK"
    until(lambda: bank.smsc.counts["delivered"], lambda count: count == 2, 1)
    assert at.command("+CNMA") == ["+CMS ERROR: 340"]


def test_routing_ends_when_it_is_not_acknowledged(bank: Bank, at: AtHost) -> None:
    bank.sms["gsm-1"].ack_wait = 0.2
    bank.smsc.retry = 0.1
    at.command("+CSMS=1;+CNMI=2,2,0,1,0")
    bank.subscriber(CALLER).send_sms("again", LINE)
    assert len(pdus(at.quiet(0.3))) == 1
    wait_stored(bank, "ME", 1)  # offered again, and now kept
    assert at.command("+CNMI?")[-2] == "+CNMI: 2,0,0,0,0"
    assert bank.smsc.counts["delivered"] == 1


@pytest.mark.parametrize(("setting", "told"), [("2,0", []), ("2,1", ["+CMTI"]), ("2,3", ["+CMTI"]), ("0,1", [])])
def test_stored(bank: Bank, at: AtHost, setting: str, told: list[str]) -> None:
    at.command(f"+CNMI={setting}")
    bank.subscriber(CALLER).send_sms("text", LINE)
    wait_stored(bank, "ME", 1)
    assert [line[:5] for line in at.quiet(0.1)] == told


@pytest.mark.parametrize(("clears", "told"), [("0", ["OK", '+CMTI: "ME",0']), ("1", ["OK"])])
def test_kept_back_while_mode_is_0(bank: Bank, at: AtHost, clears: str, told: list[str]) -> None:
    at.command("+CNMI=0,1")
    bank.subscriber(CALLER).send_sms("text", LINE)
    wait_stored(bank, "ME", 1)
    at.send(f"AT+CNMI=2,1,0,0,{clears}\r")
    assert at.quiet(0.3) == told


def test_flash_is_not_stored_and_class_2_goes_to_the_sim(bank: Bank, at: AtHost) -> None:
    bank.subscriber(CALLER).send_sms("flash", LINE, flash=True)
    assert at.expect("+CMT: ")
    assert not bank.sms["gsm-1"].memories["ME"].messages
    at.command("+CNMI=2,2,0,0,0")
    class_2 = Submit(LINE, Body(0, 0xF2, False, 2, pack([0x68, 0x69])), 0, False)
    bank.loop.call(lambda: bank.smsc.submit(CALLER, class_2, 1))
    assert at.expect('+CMTI: "SM",0')


def test_a_huawei_keeps_flash_and_reports_on_the_sim(huawei: tuple[Bank, AtHost]) -> None:
    bank, at = huawei
    at.command("+CNMI=2,1,0,2,0")
    bank.subscriber(CALLER).send_sms("flash", LINE, flash=True)
    assert at.expect('+CMTI: "SM",0')
    assert enter(at, f"+CMGS={LENGTH}", "00" + "31" + TPDU[2:]) == ["+CMGS: 1", "OK"]
    assert at.expect('+CDSI: "SM",1')
    assert at.command("+CMGR=1")[1].startswith("0791180900000000" + "0601")
    at.command("+CMGF=1")
    fields = at.command("+CMGR=1")[0].split(",")
    assert (fields[1], fields[2], fields[3], fields[-1]) == ("6", "1", f'"{CALLER}"', "0")


def test_reports_of_an_ec25(bank: Bank, at: AtHost) -> None:
    bank.subscriber(CALLER)
    at.command("+CNMI=2,1,0,1,0")
    enter(at, f"+CMGS={LENGTH}", "00" + "31" + TPDU[2:])
    assert at.expect("+CDS: 25")
    at.command("+CNMI=2,1,0,2,0")
    enter(at, f"+CMGS={LENGTH}", "00" + "31" + TPDU[2:])
    assert at.expect('+CDSI: "SM",0')
    assert at.command('+CPMS="SM";+CMGR=0')[-1] == "+CMS ERROR: 321"


def test_a_full_sim_says_so_and_gets_the_rest_when_there_is_room(huawei: tuple[Bank, AtHost]) -> None:
    bank, at = huawei
    bank.smsc.retry = 60.0
    bank.sms["gsm-1"].memories["SM"].size = 2
    for text in ("one", "two", "three"):
        bank.subscriber(CALLER).send_sms(text, LINE)
    assert at.expect('^SMMEMFULL: "SM"')
    until(lambda: bank.smsc.counts["full"], lambda count: count == 1, 2)
    assert bank.smsc.counts["delivered"] == 2
    at.command("+CMGD=0,4")
    assert at.expect('+CMTI: "SM",0')
    assert [message.text for message in bank.smsc.deliveries(to=LINE)] == ["one", "two", "three"]


def test_a_modem_that_is_away_gets_it_once_when_it_is_back(bank: Bank, at: AtHost) -> None:
    bank.smsc.retry = 60.0
    bank.fault("gsm-1", "registration", stat=2)
    bank.subscriber(CALLER).send_sms("later", LINE)
    until(lambda: bank.smsc.counts["absent"], lambda count: count == 1, 2)
    bank.clear_faults("gsm-1")
    assert at.expect("+CMTI")
    assert bank.smsc.counts["delivered"] == 1


def test_parts_out_of_order_repeated_lost_and_late(bank: Bank, at: AtHost) -> None:
    caller = bank.subscriber(CALLER)
    text = "abc " * 100
    caller.send_sms(text, LINE, order=[3, 1, 2], duplicate=[1], late={2: 0.3})
    caller.send_sms(text, LINE, lose=[2])
    wait_stored(bank, "ME", 6)
    whole, half = bank.smsc.deliveries(to=LINE)
    assert (whole.sequences, whole.text) == ([3, 1, 1, 2], text)
    assert (half.sequences, half.complete) == ([1, 3], False)


def test_a_subscriber_hears_of_the_delivery(bank: Bank) -> None:
    caller = bank.subscriber(CALLER)
    caller.send_sms("x" * 200, LINE, report=True)
    reports = caller.wait_reports(2, 3)
    assert [(report.to, report.reference, report.status) for report in reports] == [(LINE, 1, 0), (LINE, 2, 0)]


def test_sender_names(bank: Bank, at: AtHost) -> None:
    bank.subscriber(CALLER).send_sms("sale", LINE, sender="SHOP")
    wait_stored(bank, "ME", 1)
    at.command("+CMGF=1")
    assert at.command("+CMGR=0")[-3].startswith('+CMGR: "REC UNREAD","SHOP",,')


def test_nothing_is_told_while_text_is_entered(bank: Bank, at: AtHost) -> None:
    bank.subscriber(CALLER)
    at.send(f"AT+CMGS={LENGTH}\r")
    until(lambda: at.read_some(0.1) and b"> " in at.pending, bool, 2)
    bank.subscriber(CALLER).send_sms("meanwhile", LINE)
    wait_stored(bank, "ME", 1)
    assert at.quiet(0.1) == []
    at.pending = b""
    at.send("\x1b")
    assert sorted(at.quiet(0.3)) == ['+CMTI: "ME",0', "OK"]


def test_during_a_call(bank: Bank, at: AtHost) -> None:
    caller = bank.subscriber(CALLER)
    call = caller.dial(LINE)
    at.expect("RING")
    at.command("A")
    assert call.wait_answered(2)
    caller.send_sms("in the call", LINE)
    assert at.expect("+CMTI")
    assert enter(at, f"+CMGS={LENGTH}", "00" + TPDU)[0] == "+CMGS: 1"
    assert call.state == "active"


# --- faults ----------------------------------------------------------------------------------------------------------


def test_busy_sim(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "sms_busy", error=512, count=2)
    assert at.command("+CMGR=0") == ["+CMS ERROR: 512"]
    assert at.command(f"+CMGS={LENGTH}") == ["+CMS ERROR: 512"]
    assert enter(at, f"+CMGS={LENGTH}", "00" + TPDU)[-1] == "OK"


def test_sent_but_not_answered(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "sms_answer_lost")
    with pytest.raises(TimeoutError):
        enter(at, f"+CMGS={LENGTH}", "00" + TPDU, timeout=0.5)
    assert bank.smsc.counts["accepted"] == 1
    assert at.command("") == ["OK"]
    bank.fault("gsm-1", "sms_false_error")
    assert enter(at, f"+CMGS={LENGTH}", "00" + TPDU) == ["+CMS ERROR: 500"]
    assert bank.smsc.counts["accepted"] == 2


def test_slow_network_keeps_what_is_typed(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "sms_slow", seconds=0.6)
    with pytest.raises(TimeoutError):
        enter(at, f"+CMGS={LENGTH}", "00" + TPDU, timeout=0.3)
    at.send("AT+CSQ\r")
    assert [line[:5] for line in at.quiet(0.6)] == ["+CMGS", "OK", "+CSQ:", "OK"]


def test_indications_in_a_burst_and_twice(bank: Bank, at: AtHost) -> None:
    bank.fault("gsm-1", "cmti_burst", count=2)
    caller = bank.subscriber(CALLER)
    caller.send_sms("one", LINE)
    wait_stored(bank, "ME", 1)
    assert at.quiet(0.1) == []
    at.reads.clear()
    caller.send_sms("two", LINE)
    assert at.quiet(0.3) == ['+CMTI: "ME",0', '+CMTI: "ME",1']
    assert b"".join(at.reads) == b'\r\n+CMTI: "ME",0\r\n\r\n+CMTI: "ME",1\r\n'
    bank.clear_faults("gsm-1")
    bank.fault("gsm-1", "cmti_repeat")
    caller.send_sms("three", LINE)
    assert at.quiet(0.3) == ['+CMTI: "ME",2'] * 2


def test_a_code_between_header_and_pdu(bank: Bank, at: AtHost) -> None:
    bank.subscriber(CALLER).send_sms("text", LINE)
    wait_stored(bank, "ME", 1)
    at.quiet(0.1)
    bank.fault("gsm-1", "sms_urc_inside", line="^RSSI:18")
    at.reads.clear()
    assert [line[:6] for line in at.command("+CMGR=0")] == ["+CMGR:", "^RSSI:", "079118", "OK"]
    assert b"\r\n^RSSI:18\r\n" in b"".join(at.reads)
    assert [line[:6] for line in at.command("+CMGL=4")] == ["+CMGL:", "^RSSI:", "079118", "OK"]


def test_no_room_by_fault(bank: Bank, at: AtHost) -> None:
    bank.smsc.retry = 0.1
    bank.fault("gsm-1", "sms_full")
    bank.subscriber(CALLER).send_sms("text", LINE)
    until(lambda: bank.smsc.counts["full"], lambda count: count > 0, 2)
    bank.clear_faults("gsm-1")
    wait_stored(bank, "ME", 1)
    with pytest.raises(FaultError):
        bank.fault("gsm-1", "sms_full", count=2)


def test_by_the_control_socket(bank: Bank, at: AtHost, tmp_path: Path) -> None:
    control = Control(bank, tmp_path / "control")

    def ask(**request: object) -> dict[str, object]:
        answer: dict[str, object] = json.loads(control.answer(json.dumps(request).encode()))
        return answer

    sent = ask(op="sms", **{"from": CALLER, "to": LINE, "text": "あ" * 71, "reference_bits": 16, "late": {"2": 0.1}})
    assert sent == {"ok": True, "parts": 2}
    wait_stored(bank, "ME", 2)
    enter(at, f"+CMGS={LENGTH}", "00" + TPDU)
    bank.subscriber(CALLER).wait_messages(1, 2)
    assert ask(op="messages", number=CALLER)["messages"] == [{"from": LINE, "text": "hellohello", "complete": True}]
    at.command("+CUSD=1")
    assert ask(op="ussd", number=LINE, text="hello") == {"ok": True}
    assert at.expect("+CUSD") == '+CUSD: 0,"hello",15'
    assert bank.state()["messages"]["delivered"] == 3
    for wrong in ({"alphabet": "klingon"}, {"shift": "both", "alphabet": "gsm7"}, {"order": [9]}):
        assert ask(op="sms", **{"from": CALLER, "to": LINE, "text": "あ", **wrong})["ok"] is False
