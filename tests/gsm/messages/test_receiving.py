"""Receiving: from storage and directly, joined, exactly once, and never deleted before it is in the store."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from appliance.store import Store
from appliance.store.message_models import InboundPart, Message, UndecodedPdu
from gateways.gsm.dialects import SmsMemoryFull, SmsPdu, SmsText
from gateways.gsm.messages import MessageReceived
from tests.gsm.messages.bench import Bench
from tests.gsm.messages.far import deliver, tpdu_length

THREE = ("こんにちは、", "お元気ですか。", "またね 👋")


def texts(bench: Bench) -> list[str]:
    return [message.text for message in bench.rows(Message)]


def parts(reference: int = 7, minute: int = 2) -> list[str]:
    return [deliver(piece, (reference, seq, 3), minute=minute) for seq, piece in enumerate(THREE, 1)]


def test_a_message_is_stored_told_and_deleted(bench: Bench) -> None:
    bench.receive(deliver("Good morning"))
    [message] = bench.rows(Message)
    assert (message.text, message.peer, message.state, message.iccid) == (
        "Good morning",
        "+819012345678",
        "received",
        "8981100000000000001",
    )
    assert bench.far.storage == {}
    [told] = bench.told(MessageReceived)
    assert (told.id, told.text, told.missing, told.flash) == (message.id, "Good morning", 0, False)
    assert told.sent_at == message.sent_at


def test_what_waits_in_the_modem_is_drained_when_the_line_comes_into_service(store: Store) -> None:
    bench = Bench(store)
    for number in range(12):
        bench.far.store(deliver(f"No. {number}"))
    bench.serve()
    bench.stop()
    assert sorted(texts(bench)) == sorted(f"No. {number}" for number in range(12))
    assert bench.far.storage == {}


def test_after_memory_full_everything_is_read_though_nobody_told_of_it(bench: Bench) -> None:
    bench.far.store(deliver("unseen"))
    bench.messages.on(SmsMemoryFull("ME"))
    bench.settle()
    assert texts(bench) == ["unseen"]


def test_a_notice_that_got_lost_is_made_up_for_by_a_listing_now_and_then(bench: Bench) -> None:
    bench.far.store(deliver("unseen"))
    bench.wait(1900)
    assert texts(bench) == ["unseen"]


def test_nothing_is_deleted_while_the_store_cannot_be_written(bench: Bench, store: Store) -> None:
    if store.url.get_backend_name() != "sqlite":
        pytest.skip("locks the file")
    with store.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        bench.far.store(deliver("kept"))
        bench.incoming += b'\r\n+CMTI: "ME",0\r\n'
        while bench.turn():
            pass
        assert list(bench.far.storage) == [0]
        other.rollback()
    bench.settle()
    assert bench.far.storage == {}
    assert texts(bench) == ["kept"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_parts_are_joined_in_whatever_order_they_come(bench: Bench, order: tuple[int, ...]) -> None:
    for place in order:
        assert bench.rows(Message) == []
        bench.receive(parts()[place])
    assert texts(bench) == ["".join(THREE)]
    assert len(bench.told(MessageReceived)) == 1


def test_parts_that_do_not_all_come_are_delivered_after_ten_minutes_and_completed_later(bench: Bench) -> None:
    first, second, third = parts()
    bench.receive(first)
    bench.receive(third)
    bench.wait(590)
    assert bench.rows(Message) == []
    bench.wait(30)
    [message] = bench.rows(Message)
    assert (message.state, message.text) == ("partial", f"{THREE[0]}[…]{THREE[2]}")
    assert message.error == "1 of 3 parts have not come"
    bench.wait(7200)
    bench.receive(second)
    [message] = bench.rows(Message)
    assert (message.state, message.text, message.error) == ("received", "".join(THREE), None)
    assert [(told.id, told.missing) for told in bench.told(MessageReceived)] == [(message.id, 1), (message.id, 0)]


def test_parts_wait_through_a_restart(bench: Bench) -> None:
    bench.receive(parts()[0])
    bench.restart()
    bench.receive(parts()[1])
    bench.receive(parts()[2])
    assert texts(bench) == ["".join(THREE)]


def test_a_reference_that_comes_round_makes_another_message(bench: Bench) -> None:
    for pdu in [*parts(minute=2), *parts(minute=3)]:
        bench.receive(pdu)
    assert texts(bench) == ["".join(THREE)] * 2


def test_the_same_part_read_twice_is_stored_once(bench: Bench) -> None:
    for pdu in [deliver("twice"), deliver("twice"), parts()[0], parts()[0]]:
        bench.receive(pdu)
    assert texts(bench) == ["twice"]
    assert len(bench.rows(InboundPart)) == 2
    assert bench.far.storage == {}


def test_a_flash_message_says_so(bench: Bench) -> None:
    bench.receive(deliver("now", flash=True))
    assert [message.flash for message in bench.rows(Message)] == [True]


def test_a_notice_for_a_place_that_is_being_emptied_is_looked_into_afterwards(bench: Bench) -> None:
    def next_one(step: str) -> None:
        if step == "deleted" and not bench.far.storage:
            bench.far.hook = lambda _step: None
            bench.incoming += f'\r\n+CMTI: "ME",{bench.far.store(deliver("second"))}\r\n'.encode()

    bench.far.hook = next_one
    bench.receive(deliver("first"))
    assert sorted(texts(bench)) == ["first", "second"]
    assert bench.far.storage == {}


def test_what_cannot_be_read_is_read_again_kept_and_deleted(bench: Bench) -> None:
    bench.receive("00040C91")
    [kept] = bench.rows(UndecodedPdu)
    assert kept.raw == "00040c91"
    assert bench.far.storage == {}
    assert bench.far.heard.count("AT+CMGR=0") == 2


def test_a_row_garbled_on_its_way_is_read_again(bench: Bench) -> None:
    pdu = deliver("whole")
    bench.far.replies.append(("AT+CMGR", f"+CMGR: 0,,{tpdu_length(pdu)}\r\n{pdu[:-8]}\r\n\r\nOK"))
    bench.receive(pdu)
    assert texts(bench) == ["whole"]
    assert bench.rows(UndecodedPdu) == []


def test_a_modem_that_leaves_the_service_centre_out_is_understood(bench: Bench) -> None:
    pdu = deliver("short")[2:]
    bench.messages.on(SmsPdu(bytes.fromhex(pdu), len(pdu) // 2))
    bench.settle()
    assert texts(bench) == ["short"]


def test_a_message_that_comes_directly_before_the_line_serves_is_kept(store: Store) -> None:
    bench = Bench(store)
    bench.messages.on(SmsPdu(bytes.fromhex(deliver("early"))))
    bench.settle()
    bench.stop()
    assert texts(bench) == ["early"]


def test_text_mode_keeps_the_bytes(bench: Bench) -> None:
    bench.messages.on(SmsText("+81", None, "hi"))
    bench.settle()
    [kept] = bench.rows(UndecodedPdu)
    assert b"hi" in bytes.fromhex(kept.raw)


def test_own_messages_in_storage_are_left_alone(bench: Bench) -> None:
    pdu = deliver("draft")
    bench.far.replies.append(("AT+CMGL", f"+CMGL: 5,2,,{tpdu_length(pdu)}\r\n{pdu}\r\n\r\nOK"))
    bench.messages.on(SmsMemoryFull(None))
    bench.settle()
    assert bench.rows(Message) == []
    assert "AT+CMGD=5" not in bench.far.heard


def test_a_delete_that_fails_is_tried_again_and_stores_nothing_twice(bench: Bench) -> None:
    bench.far.replies.append(("AT+CMGD", "+CMS ERROR: 500"))
    bench.receive(deliver("once"))
    assert list(bench.far.storage) == [0]
    bench.wait(20)
    assert bench.far.storage == {}
    assert texts(bench) == ["once"]


def test_nul_characters_do_not_break_the_store(bench: Bench) -> None:
    bench.receive(deliver("a\0b"))
    assert texts(bench) == ["a␀b"]


def test_a_row_the_store_refuses_is_kept_as_bytes(bench: Bench, store: Store) -> None:
    if store.url.get_backend_name() != "sqlite":
        pytest.skip("the constraint is made in SQLite's way")
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbound_part ADD COLUMN odd INTEGER DEFAULT 1 CHECK (seq < 0)"))
    bench.receive(deliver("odd"))
    [kept] = bench.rows(UndecodedPdu)
    assert kept.error == "the store refused it: see the gateway's log"
    assert bench.far.storage == {}
