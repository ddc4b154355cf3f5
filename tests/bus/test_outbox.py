from __future__ import annotations

from appliance.bus.outbox import Message, Outbox


def drain(outbox: Outbox, first_mid: int = 1) -> list[bytes]:
    """Send all and have it acknowledged."""
    bodies = []
    mid = first_mid
    while (message := outbox.take(100)) is not None:
        outbox.sent(mid, message)
        outbox.acknowledged(mid)
        bodies.append(message.body)
        mid += 1
    return bodies


def test_of_a_state_only_the_latest_is_sent() -> None:
    outbox = Outbox()
    for body in (b"1", b"2", b"3"):
        outbox.put(Message("t", body, retain=True))
    assert drain(outbox) == [b"3"]
    assert outbox.empty


def test_state_is_sent_again_after_a_loss() -> None:
    outbox = Outbox()
    outbox.put(Message("t", b"1", retain=True))
    drain(outbox)
    outbox.lost()
    assert drain(outbox) == [b"1"]


def test_a_cleared_topic_is_cleared_again_until_acknowledged_then_forgotten() -> None:
    outbox = Outbox()
    outbox.put(Message("t", b"1", retain=True))
    drain(outbox)
    outbox.put(Message("t", b"", retain=True))
    taken = outbox.take(1)
    assert taken is not None
    outbox.sent(9, taken)
    outbox.lost()
    assert drain(outbox, 10) == [b""]
    outbox.lost()
    assert drain(outbox, 20) == []


def test_a_state_set_while_its_clearing_is_under_way_survives() -> None:
    outbox = Outbox()
    outbox.put(Message("t", b"", retain=True))
    clearing = outbox.take(1)
    assert clearing is not None
    outbox.sent(1, clearing)
    outbox.put(Message("t", b"new", retain=True))
    outbox.acknowledged(1)
    assert drain(outbox, 2) == [b"new"]
    assert outbox.holds("t")


def test_the_oldest_events_are_dropped_and_counted() -> None:
    outbox = Outbox(limit=3)
    for n in range(5):
        outbox.put(Message("e", b"%d" % n))
    assert outbox.dropped == 2
    assert drain(outbox) == [b"2", b"3", b"4"]


def test_unacknowledged_events_are_sent_again_in_order_before_newer_ones() -> None:
    outbox = Outbox()
    for n in range(4):
        outbox.put(Message("e", b"%d" % n))
    for mid in (1, 2):
        message = outbox.take(100)
        assert message is not None
        outbox.sent(mid, message)
    outbox.lost()
    assert drain(outbox) == [b"0", b"1", b"2", b"3"]


def test_the_window_bounds_what_is_under_way() -> None:
    outbox = Outbox()
    outbox.put(Message("e", b"0"))
    outbox.put(Message("e", b"1"))
    message = outbox.take(1)
    assert message is not None
    outbox.sent(1, message)
    assert outbox.take(1) is None
    outbox.acknowledged(1)
    assert outbox.take(1) is not None
