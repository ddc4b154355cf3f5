"""Calls, as the AT port and the subscriber see them."""

import time

import pytest

from gateways.gsm.simulator import Bank, Cause, Present, State

from .host import AtHost

CALLER = "+819012345678"
LINE = "+818000000001"


def test_an_incoming_call_rings_with_its_number_and_goes_away(bank: Bank, at: AtHost) -> None:
    bank.network.timing.ring_interval = 0.3
    at.command('+CLIP=1;+CRC=1;^DSCI=1;+QINDCFG="ccinfo",1')
    call = bank.subscriber(CALLER).dial(LINE)
    assert call.wait_alerting(2)
    assert at.quiet(0.15) == [
        "+CRING: VOICE",
        f'+CLIP: "{CALLER}",145,,,,0',
        f"^DSCI: 1,1,4,0,{CALLER},145,0",
        f'+QIND: "ccinfo",1,1,4,0,0,"{CALLER}",145',
    ]
    assert at.command("+CLCC") == [f'+CLCC: 1,1,4,0,0,"{CALLER}",145', "OK"]
    assert at.expect("+CRING", 1.0)
    assert at.expect("+CLIP", 1.0)
    ended = time.monotonic()
    call.hang_up()
    assert at.expect("^DSCI: 1,1,6,0,", 1.0)
    assert at.expect('+QIND: "ccinfo",1,1,-1,', 1.0)
    assert at.expect("NO CARRIER", 1.0)
    assert time.monotonic() - ended < 0.1
    assert at.command("+CLCC") == ["OK"]


def test_ring_without_crc_and_clip(bank: Bank, at: AtHost) -> None:
    call = bank.subscriber(CALLER).dial(LINE)
    assert call.wait_alerting(2)
    assert at.quiet(0.15) == ["RING"]
    call.hang_up()


@pytest.mark.parametrize(
    ("present", "clip"),
    [
        (Present.NATIONAL, '+CLIP: "09012345678",129,,,,0'),
        (Present.WITHHELD, '+CLIP: "",128,,,,1'),
    ],
)
def test_how_the_number_is_shown(bank: Bank, at: AtHost, present: Present, clip: str) -> None:
    at.command("+CLIP=1")
    caller = bank.subscriber(CALLER)
    caller.present = present
    call = caller.dial("08000000001")
    assert at.expect("+CLIP") == clip
    call.hang_up()


def test_answering_and_hanging_up_at_the_line(bank: Bank, at: AtHost) -> None:
    at.command("^DSCI=1")
    call = bank.subscriber(CALLER).dial(LINE)
    at.expect("^DSCI: 1,1,4,0,")
    assert at.command("A") == ["OK"]
    assert call.wait_answered(1)
    at.expect("^DSCI: 1,1,3,0,")
    assert at.command("+CLCC") == [f'+CLCC: 1,1,0,0,0,"{CALLER}",145', "OK"]
    assert at.command("+CHUP") == ["OK"]
    assert at.quiet(0.15) == [f"^DSCI: 1,1,6,0,{CALLER},145,0"]
    assert call.wait_ended(1)
    assert call.cause is Cause.NORMAL


def test_ath_needs_cvhu_0(bank: Bank, at: AtHost) -> None:
    call = bank.subscriber(CALLER).dial(LINE)
    at.expect("RING")
    assert at.command("A") == ["OK"]
    assert call.wait_answered(1)
    assert at.command("H") == ["OK"]
    assert not call.wait_ended(0.1)
    assert at.command("+CVHU=0;H") == ["OK"]
    assert call.wait_ended(1)


def test_refusing_gives_busy_or_the_cause_named(bank: Bank, at: AtHost) -> None:
    caller = bank.subscriber(CALLER)
    for command, cause in (("+CHUP", Cause.BUSY), ("+QHUP=21", Cause.REJECTED)):
        call = caller.dial(LINE)
        at.expect("RING")
        assert at.command(command) == ["OK"]
        assert call.wait_ended(1)
        assert call.cause is cause


def test_ata_without_a_call_and_after_the_caller_is_gone(bank: Bank, at: AtHost) -> None:
    assert at.command("A") == ["NO CARRIER"]
    bank.network.timing.answer = 0.3
    call = bank.subscriber(CALLER).dial(LINE)
    at.expect("RING")
    at.send("ATA\r")
    assert at.quiet(0.1) == []
    call.hang_up()
    assert at.quiet(0.1) == ["NO CARRIER"]
    assert at.command("") == ["OK"]


def test_s0_answers_after_that_many_rings(bank: Bank, at: AtHost) -> None:
    bank.network.timing.ring_interval = 0.3
    at.command("S0=2")
    call = bank.subscriber(CALLER).dial(LINE)
    assert call.wait_alerting(1)
    assert not call.wait_answered(0.1)
    assert call.wait_answered(2)
    call.hang_up()


def test_dialling_out_is_ok_at_once_and_goes_through_the_states(bank: Bank, at: AtHost) -> None:
    at.command("^DSCI=1")
    callee = bank.subscriber(CALLER).behaves("answers", after=0.1)
    assert at.command("D09012345678;") == ["OK"]
    seen = [at.expect("^DSCI").split(",")[2] for _ in range(3)]
    assert seen == ["2", "7", "3"]
    assert at.command("+CLCC") == ['+CLCC: 1,0,0,0,0,"09012345678",129', "OK"]
    received = callee.wait_call(1)
    assert received.answered
    received.hang_up()
    assert at.expect("NO CARRIER")
    assert at.command("+CEER") == ["+CEER: Normal call clearing", "OK"]


@pytest.mark.parametrize(
    ("manner", "result", "ceer"),
    [
        ("busy", "BUSY", "User busy"),
        ("rejects", "NO CARRIER", "Call rejected"),
        ("absent", "NO CARRIER", "Subscriber absent"),
        ("rings", "NO ANSWER", "User alerting, no answer"),
    ],
)
def test_how_a_dialled_call_fails(bank: Bank, at: AtHost, manner: str, result: str, ceer: str) -> None:
    bank.subscriber(CALLER).behaves(manner)
    assert at.command(f"D{CALLER};") == ["OK"]
    assert at.expect(result, 2.0)
    assert at.command("+CEER") == [f"+CEER: {ceer}", "OK"]


def test_a_wrong_number_is_unallocated(bank: Bank, at: AtHost) -> None:
    assert at.command("D0312345678;") == ["OK"]
    assert at.expect("NO CARRIER")
    assert at.command("+CEER")[0].startswith("+CEER: Unassigned")


def test_with_colp_the_ok_comes_at_the_answer(bank: Bank, at: AtHost) -> None:
    at.command("+COLP=1")
    bank.subscriber(CALLER).behaves("answers", after=0.1)
    assert at.command(f"D{CALLER};") == [f'+COLP: "{CALLER}",145,,,', "OK"]
    at.command("+CHUP")
    bank.subscriber(CALLER).behaves("busy")
    assert at.command(f"D{CALLER};") == ["BUSY"]


def test_a_character_gives_up_a_dial_that_waits(bank: Bank, at: AtHost) -> None:
    at.command("+COLP=1")
    callee = bank.subscriber(CALLER).behaves("rings")
    at.send(f"ATD{CALLER};\r")
    call = callee.wait_call(1)
    at.send("\r")
    assert at.expect("NO CARRIER")
    assert call.wait_ended(1)


def test_a_data_call_is_refused(at: AtHost) -> None:
    assert at.command(f"D{CALLER}") == ["NO CARRIER"]


def test_a_busy_line_refuses_a_second_caller_unless_call_waiting_is_on(bank: Bank, at: AtHost) -> None:
    first = bank.subscriber(CALLER).dial(LINE)
    at.expect("RING")
    at.command("A")
    assert first.wait_answered(1)
    second = bank.subscriber("+819011111111")
    refused = second.dial(LINE)
    assert refused.wait_ended(1)
    assert refused.cause is Cause.BUSY
    at.command("+CCWA=1,1,1")
    waiting = second.dial(LINE)
    assert at.expect("+CCWA") == '+CCWA: "+819011111111",145,1'
    assert at.command("+CLCC")[1] == '+CLCC: 2,1,5,0,0,"+819011111111",145'
    assert at.command("+CHLD=2") == ["OK"]
    assert waiting.wait_answered(1)
    assert [line.split(",")[2] for line in at.command("+CLCC")[:2]] == ["1", "0"]
    assert at.command("+CHLD=12") == ["OK"]
    assert waiting.wait_ended(1)
    assert at.command("+CHLD=1") == ["+CME ERROR: 3"]
    assert at.command("+QHUP=16,1") == ["OK"]
    assert first.wait_ended(1)


def test_modem_calls_modem(bank: Bank, at: AtHost) -> None:
    other = AtHost(bank.at_path("gsm-2"))
    other.command("E0+CLIP=1")
    at.command("D+818000000002;")
    assert other.expect("+CLIP") == f'+CLIP: "{LINE}",145,,,,0'
    assert other.command("A") == ["OK"]
    assert other.command("+CHUP") == ["OK"]
    assert at.expect("NO CARRIER")
    other.close()


def test_a_subscriber_takes_one_call_at_a_time(bank: Bank) -> None:
    callee = bank.subscriber(CALLER).behaves("rings")
    other = bank.subscriber("+819022222222").dial(CALLER)
    assert other.wait_alerting(1)
    third = bank.subscriber("+819033333333").dial(CALLER)
    assert third.wait_ended(1)
    assert third.cause is Cause.BUSY
    with pytest.raises(RuntimeError):
        callee.dial(LINE)
    received = callee.wait_call(1)
    received.answer()
    assert other.wait_answered(1)
    assert received.times[State.ACTIVE] >= received.times[State.ALERTING]
    received.hang_up()
    assert other.wait_ended(1)
    with pytest.raises(TimeoutError):
        callee.wait_call(0.05)
