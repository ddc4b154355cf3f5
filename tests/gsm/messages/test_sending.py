"""Sending: states, retries, what happens to the line meanwhile, status reports."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.store.message_models import MessagePart, queued_message
from gateways.gsm.dialects import SmsPdu
from gateways.gsm.messages import MessageDelivered, MessageFailed, MessageSent
from gateways.gsm.sms import Submit, decode_pdu
from tests.gsm.messages.bench import PEER, Bench
from tests.gsm.messages.far import status_report, tpdu_length

LONG = "A long message. " * 20  # three parts


def report(bench: Bench, reference: int, status: int) -> None:
    pdu = status_report(reference, status)
    bench.messages.on(SmsPdu(bytes.fromhex(pdu), tpdu_length(pdu), report=True))
    bench.settle()


def test_an_order_is_sent_and_delivered(bench: Bench) -> None:
    key = bench.order("Hello")
    assert bench.message(key).state == "sent"
    [pdu] = bench.far.sent
    decoded = decode_pdu(bytes.fromhex(pdu))
    assert isinstance(decoded, Submit)
    assert (decoded.destination.number, decoded.content.text, decoded.report) == (PEER, "Hello", True)
    report(bench, 1, 0x00)
    message = bench.message(key)
    assert (message.state, message.attempts, message.error) == ("delivered", 1, None)
    assert message.sent_at
    assert message.delivered_at
    assert [type(event) for event in bench.events] == [MessageSent, MessageDelivered]


def test_parts_are_sent_in_order_and_the_message_is_sent_with_the_last(bench: Bench) -> None:
    key = bench.order(LONG)
    texts = [decode_pdu(bytes.fromhex(pdu)) for pdu in bench.far.sent]
    assert "".join(part.content.text for part in texts if isinstance(part, Submit)) == LONG
    assert bench.message(key).parts == 3
    assert len(bench.told(MessageSent)) == 1
    for reference in (1, 2):
        report(bench, reference, 0)
        assert bench.message(key).state == "sent"
    report(bench, 3, 0)
    assert bench.message(key).state == "delivered"


def test_two_long_messages_to_one_number_have_different_references(bench: Bench) -> None:
    keys = [bench.order(LONG), bench.order(LONG)]
    assert [bench.message(key).reference for key in keys] == [0, 1]


def test_references_differ_though_another_line_has_sent_a_later_message_first(bench: Bench) -> None:
    other = queued_message("gsm-2", PEER, LONG, bench.utc() + timedelta(hours=1))
    other.reference, other.parts, other.state = 7, 3, "sent"
    bench.add(other)
    references = {bench.message(bench.order(LONG)).reference for _ in range(2)}
    assert len(references) == 2


def test_nothing_is_begun_while_a_call_is_set_up_and_parts_wait_for_it(bench: Bench) -> None:
    bench.calm = False
    key = bench.order(LONG)
    bench.wait(5)
    assert bench.far.sent == []
    bench.calm = True
    bench.wait(1)
    assert bench.message(key).state == "sent"


def test_a_refusal_is_tried_again_with_back_off_and_others_pass(bench: Bench) -> None:
    bench.far.replies += [("text", "+CMS ERROR: 42")] * 2
    first = bench.order("one")
    assert bench.parts(first) == ["queued"]
    bench.wait(5)
    bench.far.replies = [("text", "+CMS ERROR: 42")]
    bench.wait(6)
    assert bench.message(first).error == "network congested (+CMS ERROR: 42)"
    second = bench.order("two")
    assert bench.message(second).state == "sent"
    assert bench.message(first).state == "queued"
    bench.wait(61)
    message = bench.message(first)
    assert (message.state, message.attempts, message.error) == ("sent", 3, None)


def test_refusals_without_end_fail_after_five_tries(bench: Bench) -> None:
    bench.far.replies += [("text", "+CMS ERROR: 38")] * 9
    key = bench.order("one")
    bench.wait(1300)
    message = bench.message(key)
    assert (message.state, message.attempts) == ("failed", 5)
    assert bench.told(MessageFailed)[0].reason == "given up after 5 tries: network out of order (+CMS ERROR: 38)"


def test_a_definite_refusal_fails_at_once_and_the_other_parts_are_not_sent(bench: Bench) -> None:
    bench.far.replies.append(("text", "+CMS ERROR: 8"))
    key = bench.order(LONG)
    assert bench.parts(key) == ["failed"] * 3
    [failed] = bench.told(MessageFailed)
    assert "ask the operator" in failed.reason
    assert failed.unknown is False
    assert bench.far.sent == []


@pytest.mark.parametrize("reply", ["", "+CMS ERROR: 332", "+CMS ERROR: Network timeout"])
def test_a_part_without_an_answer_is_unknown_and_never_sent_again(bench: Bench, reply: str) -> None:
    bench.far.replies.append(("text", reply))
    key = bench.order("once")
    bench.wait(200)
    bench.restart()
    bench.wait(2000)
    assert bench.message(key).state == "unknown"
    assert len(bench.far.sent) == (0 if reply else 1)
    assert [event.unknown for event in bench.told(MessageFailed)] == [True]


def test_a_prompt_that_got_lost_leads_to_another_try(bench: Bench) -> None:
    bench.far.replies.append(("AT+CMGS", ""))
    key = bench.order("once")
    bench.wait(130)
    message = bench.message(key)
    assert (message.state, message.attempts, message.error) == ("sent", 2, None)
    assert len(bench.far.sent) == 1


def test_the_report_of_an_unknown_part_delivers_it(bench: Bench) -> None:
    bench.far.replies.append(("text", ""))
    key = bench.order("once")
    bench.wait(100)
    report(bench, 77, 0)
    assert bench.message(key).state == "delivered"


def test_a_report_may_come_before_the_modems_own_answer(bench: Bench) -> None:
    bench.far.replies.append(("text", ""))
    key = bench.order("once")
    report(bench, 1, 0)
    bench.wait(0.1)
    assert bench.message(key).state == "delivered"
    bench.wait(200)
    assert bench.message(key).state == "delivered"
    assert bench.told(MessageFailed) == []


def test_a_report_that_comes_again_is_not_of_the_part_under_way(bench: Bench) -> None:
    bench.order("first")
    report(bench, 1, 0)
    bench.far.replies.append(("text", ""))
    key = bench.order("second")
    report(bench, 1, 0)
    bench.wait(0.1)
    assert bench.message(key).state == "sending"


def test_a_reference_that_comes_late_shows_that_it_was_sent(bench: Bench) -> None:
    bench.far.replies.append(("text", ""))
    key = bench.order("once")
    bench.wait(100)
    bench.say("+CMGS: 9")
    assert bench.message(key).state == "sent"


def test_a_lost_ok_after_the_reference_is_no_loss(bench: Bench) -> None:
    bench.far.replies.append(("text", "+CMGS: 4"))
    key = bench.order("once")
    bench.wait(100)
    assert bench.message(key).state == "sent"


def test_a_modem_that_goes_while_sending_leaves_it_unknown(bench: Bench) -> None:
    bench.far.replies.append(("text", ""))
    key = bench.order("once")
    assert bench.messages.sending
    bench.messages.out_of_service()
    bench.settle()
    assert bench.message(key).state == "unknown"
    bench.restart()
    assert len(bench.far.sent) == 1


def test_no_part_is_begun_once_the_gateway_stops(bench: Bench) -> None:
    bench.messages.hold()
    key = bench.order("later")
    bench.wait(5)
    assert not bench.messages.sending
    assert bench.message(key).state == "queued"
    assert not bench.far.sent


def test_what_the_modem_was_not_given_goes_back_into_the_queue(bench: Bench) -> None:
    bench.messages.out_of_service()
    key = bench.order("later")
    assert bench.message(key).state == "queued"
    bench.serve()
    assert bench.message(key).state == "sent"
    assert bench.message(key).attempts == 1


def test_the_rules_of_the_sim_hold_a_message_back(bench: Bench) -> None:
    bench.refusal = "the SIM has sent its 10 messages of this hour"
    key = bench.order("later")
    bench.wait(30)
    message = bench.message(key)
    assert (message.state, message.attempts) == ("queued", 0)
    assert message.error == "not sent yet: the SIM has sent its 10 messages of this hour"
    bench.refusal = None
    bench.wait(40)
    assert bench.message(key).state == "sent"


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (0x00, "delivered", None),
        (0x02, "delivered", None),
        (0x30, "sent", None),
        (0x46, "failed", "not delivered: the validity period ended before it could be delivered"),
        (0x61, "failed", "not delivered: recipient busy"),
        (0x5F, "failed", "not delivered: the service centre reports TP-Status 0x5F"),
    ],
)
def test_status_reports(bench: Bench, status: int, state: str, words: str | None) -> None:
    key = bench.order("Hello")
    report(bench, 1, status)
    report(bench, 1, 0x30)
    message = bench.message(key)
    assert (message.state, message.error) == (state, words)


def test_a_report_for_another_recipient_or_reference_changes_nothing(bench: Bench) -> None:
    key = bench.order("Hello", "+819000000000")
    report(bench, 1, 0)
    assert bench.message(key).state == "sent"
    other = bench.order("Hello")
    report(bench, 200, 0)
    assert bench.message(other).state == "sent"


def test_a_report_in_storage_is_read_and_deleted(bench: Bench) -> None:
    key = bench.order("Hello")
    bench.say(f'+CDSI: "ME",{bench.far.store(status_report(1, 0))}')
    assert bench.message(key).state == "delivered"
    assert bench.far.storage == {}


def test_what_cannot_be_written_as_a_message_fails_with_advice(bench: Bench) -> None:
    key = bench.order("Hello", "not a number")
    assert bench.message(key).state == "failed"
    assert "is not a number to send to" in bench.told(MessageFailed)[0].reason
    assert bench.rows(MessagePart) == []


def test_a_flash_message_has_class_0(bench: Bench) -> None:
    bench.order("Fire", flash=True)
    decoded = decode_pdu(bytes.fromhex(bench.far.sent[0]))
    assert isinstance(decoded, Submit)
    assert decoded.content.flash


def test_a_call_between_claim_and_modem_lets_the_part_wait_in_the_queue(bench: Bench) -> None:
    calm = iter([True, False])  # when it is claimed, and when the claim is committed
    bench.quiet = lambda: next(calm, False)  # type: ignore[method-assign]
    key = bench.order("later")
    message = bench.message(key)
    assert (message.state, message.attempts, bench.far.sent) == ("queued", 0, [])
