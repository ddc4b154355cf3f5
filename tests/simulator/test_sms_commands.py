"""The message commands over the pty: settings, sending, writing, reading, listing, deleting."""

import pytest

from gateways.gsm.simulator import Bank

from .host import AtHost
from .sms_texts import CALLER, LINE, enter, until

# To +819012345678, 7-bit "hellohello", relative validity.
TPDU = "11000C9118092143658700" + "00AA0AE8329BFD4697D9EC37"
LENGTH = len(TPDU) // 2


def wait_stored(bank: Bank, memory: str, count: int, line: str = "gsm-1") -> None:
    place = bank.sms[line].memories[memory]
    until(lambda: len(place.messages), lambda now: now == count, 2)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("+CMGF=?", "+CMGF: (0,1)"),
        ("+CMGF?", "+CMGF: 0"),
        ("+CSMS?", "+CSMS: 0,1,1,1"),
        ("+CSMS=1", "+CSMS: 1,1,1"),
        ("+CPMS?", '+CPMS: "ME",0,255,"ME",0,255,"ME",0,255'),
        ('+CPMS="SM"', "+CPMS: 0,50,0,255,0,255"),
        ("+CNMI?", "+CNMI: 2,1,0,0,0"),
        ("+CNMI=?", "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"),
        ("+CSCA?", '+CSCA: "+819000000000",145'),
        ('+CSCA="819011111111",145;+CSCA?', '+CSCA: "+819011111111",145'),
        ('+CSCS="UCS2";+CSCA?', '+CSCA: "002B003800310039003000300030003000300030003000300030",145'),
        ("+CSMP?", "+CSMP: 17,167,0,0"),
        ("+CSMP=49,,0,8;+CSMP?", "+CSMP: 49,167,0,8"),
        ("+CSDH=1;+CSDH?", "+CSDH: 1"),
        ("+CMMS=2;+CMMS?", "+CMMS: 2"),
        ("+CMGD=?", "+CMGD: (),(0-4)"),
        ("+CMGL=?", "+CMGL: (0-4)"),
        ('+CMGF=1;+CMGL=?', '+CMGL: ("REC UNREAD","REC READ","STO UNSENT","STO SENT","ALL")'),
        ("+CNMA=?", "+CNMA: (0-2)"),
    ],
)  # fmt: skip
def test_settings(at: AtHost, command: str, answer: str) -> None:
    assert at.command(command) == [answer, "OK"]


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("+CMGR=7", 321),
        ("+CMGR=300", 321),
        ("+CMGD=300", 321),
        ("+CMGD=0,9", 303),
        ("+CMSS=3", 321),
        ("+CMGS=3", 304),
        ("+CMGS", 304),
        ("+CMGL=9", 304),
        ("+CMGF=2", 303),
        ("+CNMI=9", 303),
        ('+CPMS="XX"', 302),
        ("+CSMS=9", 303),
        ("+CNMA", 340),
        ('+CMGF=1;+CMGL="OLD"', 305),
        ('+CMGF=1;+CMGS=""', 305),
    ],
)
def test_errors(at: AtHost, command: str, number: int) -> None:
    assert at.command(command) == [f"+CMS ERROR: {number}"]


def test_errors_in_words(at: AtHost) -> None:
    at.command("+CMEE=2")
    assert at.command("+CMGR=7") == ["+CMS ERROR: Invalid memory index"]


def test_a_pdu_is_sent_with_the_modems_reference(bank: Bank, at: AtHost) -> None:
    callee = bank.subscriber(CALLER)
    assert enter(at, f"+CMGS={LENGTH}", "00" + TPDU) == ["+CMGS: 1", "OK"]
    assert enter(at, f"+CMGS={LENGTH}", "00" + TPDU.lower()) == ["+CMGS: 2", "OK"]
    assert [message.text for message in callee.wait_messages(2, 2)] == ["hellohello"] * 2
    assert callee.messages()[0].sender == LINE
    assert [item.reference for item in bank.smsc.accepted] == [1, 2]
    assert bank.network.balances.of(LINE) == 1000 - 2 * bank.network.balances.per_sms


def test_escape_sends_nothing(bank: Bank, at: AtHost) -> None:
    assert enter(at, f"+CMGS={LENGTH}", "0011", end="\x1b") == ["OK"]
    assert at.command("") == ["OK"]
    assert bank.smsc.counts["accepted"] == 0


@pytest.mark.parametrize(
    ("length", "pdu"),
    [
        (LENGTH - 1, "00" + TPDU),
        (LENGTH, "00" + TPDU[:-2]),
        (LENGTH, "00" + TPDU + "00"),
        (LENGTH, "00" + TPDU[:-1] + "G"),
        (LENGTH, "0" + TPDU),
        (LENGTH, ""),
        (LENGTH, "00" + "04" + TPDU[2:]),
    ],
)
def test_a_wrong_pdu_is_refused(bank: Bank, at: AtHost, length: int, pdu: str) -> None:
    assert enter(at, f"+CMGS={length}", pdu) == ["+CMS ERROR: 304"]
    assert bank.smsc.counts["accepted"] == 0


def test_the_service_centre_and_the_network_may_refuse(bank: Bank, at: AtHost) -> None:
    assert enter(at, f"+CMGS={LENGTH}", "0791180911111111F1"[:16] + TPDU) == ["+CMS ERROR: 330"]
    bank.smsc.refuse_next(38)
    assert enter(at, f"+CMGS={LENGTH}", "00" + TPDU) == ["+CMS ERROR: 38"]
    bank.fault("gsm-1", "registration", stat=2)
    assert enter(at, f"+CMGS={LENGTH}", "00" + TPDU) == ["+CMS ERROR: 331"]
    bank.fault("gsm-1", "sim", present=False)
    assert at.command(f"+CMGS={LENGTH}")[-1] == "+CMS ERROR: 310"


def test_text_mode_in_each_character_set(bank: Bank, at: AtHost) -> None:
    callee = bank.subscriber(CALLER)
    at.command("+CMGF=1")
    assert enter(at, f'+CMGS="{CALLER}"', "a\x00b \x02") == ["+CMGS: 1", "OK"]
    at.command('+CSCS="UCS2";+CSMP=17,167,0,8')
    number, text = CALLER.encode("utf-16-be").hex(), "नमस्ते 😀".encode("utf-16-be").hex()
    assert enter(at, f'+CMGS="{number}"', text) == ["+CMGS: 2", "OK"]
    at.command('+CSCS="IRA";+CSMP=17,167,0,0')
    assert enter(at, '+CMGS="819012345678",145', "one\r\ntwo") == ["+CMGS: 3", "OK"]
    assert [message.text for message in callee.wait_messages(3, 2)] == ["a@b $", "नमस्ते 😀", "one\ntwo"]
    assert enter(at, f'+CMGS="{CALLER}"', "x" * 161) == ["+CMS ERROR: 305"]


def test_written_sent_and_sent_again_to_another(bank: Bank, at: AtHost) -> None:
    callee, other = bank.subscriber(CALLER), bank.subscriber("+819000000002")
    assert enter(at, f"+CMGW={LENGTH}", "00" + TPDU) == ["+CMGW: 0", "OK"]
    assert at.command("+CMGR=0")[0] == f"+CMGR: 2,,{LENGTH}"
    assert at.command("+CMSS=0") == ["+CMSS: 1", "OK"]
    assert at.command("+CMGR=0")[0] == f"+CMGR: 3,,{LENGTH}"
    assert at.command('+CMSS=0,"+819000000002"') == ["+CMSS: 2", "OK"]
    assert callee.wait_messages(1, 2)[0].text == other.wait_messages(1, 2)[0].text == "hellohello"
    at.command("+CMGF=1")
    assert at.command('+CMGL="STO SENT"') == [f'+CMGL: 0,"STO SENT","{CALLER}",,', "hellohello", "OK"]
    assert enter(at, f'+CMGW="{CALLER}"', "later") == ["+CMGW: 1", "OK"]
    at.command("+CSDH=1")
    assert at.command("+CMGR=1")[:2] == [
        f'+CMGR: "STO UNSENT","{CALLER}",,145,17,0,0,167,"+819000000000",145,5',
        "later",
    ]


def test_reading_marks_as_read_and_listing_chooses(bank: Bank, at: AtHost) -> None:
    caller = bank.subscriber(CALLER)
    for text in ("first", "second"):
        caller.send_sms(text, LINE)
    wait_stored(bank, "ME", 2)
    assert at.command("+CMGR=0")[-3].startswith("+CMGR: 0,,")
    assert at.command("+CMGR=0")[0].startswith("+CMGR: 1,,")
    assert [line.split(",")[0] for line in at.command("+CMGL=0") if line.startswith("+CMGL")] == ["+CMGL: 1"]
    assert at.command("+CMGL=0") == ["OK"]
    assert len(at.command("+CMGL=4")) == 5
    at.command("+CMGF=1;+CSDH=1")
    header, text, _ = at.command("+CMGR=1")
    assert header.startswith(f'+CMGR: "REC READ","{CALLER}",,"')
    assert header.endswith('+36",145,4,0,0,"+819000000000",145,6')
    assert text == "second"


@pytest.mark.parametrize(("flag", "left"), [(1, [1, 2, 3]), (2, [1, 2]), (3, [1]), (4, [])])
def test_deleting_by_flag(bank: Bank, at: AtHost, flag: int, left: list[int]) -> None:
    caller = bank.subscriber(CALLER)
    for count, text in enumerate(("read", "unread"), 1):
        caller.send_sms(text, LINE)
        wait_stored(bank, "ME", count)
    at.command("+CMGR=0")
    for _ in range(2):
        enter(at, f"+CMGW={LENGTH}", "00" + TPDU)
    at.command("+CMSS=3")
    assert at.command("+CMGD=?") == ["+CMGD: (0,1,2,3),(0-4)", "OK"]
    assert at.command(f"+CMGD=0,{flag}") == ["OK"]
    # 0 read, 1 unread, 2 written, 3 sent
    assert sorted(bank.sms["gsm-1"].memories["ME"].messages) == left


def test_an_index_is_used_again(bank: Bank, at: AtHost) -> None:
    caller = bank.subscriber(CALLER)
    for count in (1, 2):
        caller.send_sms(str(count), LINE)
        wait_stored(bank, "ME", count)
    at.command("+CMGD=0")
    caller.send_sms("third", LINE)
    assert at.expect('+CMTI: "ME",0') == '+CMTI: "ME",0'


def test_memories_outlive_a_restart_and_settings_do_not(bank: Bank, at: AtHost) -> None:
    at.command('+CPMS="SM","SM","SM";+CNMI=2,0;+CMGF=1')
    bank.subscriber(CALLER).send_sms("kept", LINE)
    wait_stored(bank, "SM", 1)
    bank.fault("gsm-1", "vanish", seconds=0.2)
    until(lambda: bank.modem("gsm-1").booted, bool, 3)
    until(bank.at_path("gsm-1").is_symlink, bool, 3)
    until(lambda: bank.modem("gsm-1").registered, bool, 3)
    again = AtHost(bank.at_path("gsm-1"))
    again.command("E0")
    assert again.command("+CPMS?")[-2] == '+CPMS: "ME",0,255,"ME",0,255,"ME",0,255'
    assert again.command("+CMGF?")[-2] == "+CMGF: 0"
    assert again.command('+CPMS="SM"')[-2] == "+CPMS: 1,50,0,255,0,255"
    again.close()


def test_between_two_modems(bank: Bank, at: AtHost) -> None:
    other = AtHost(bank.at_path("gsm-2"))
    other.command("E0+CMGF=1")
    at.command("+CMGF=1")
    assert enter(at, '+CMGS="08000000002"', "hello, neighbour") == ["+CMGS: 1", "OK"]
    other.expect("+CMTI")
    assert other.command("+CMGR=0")[1] == "hello, neighbour"
    other.close()
