from __future__ import annotations

import threading
import time

import pytest

from appliance.panel import fanout
from appliance.panel.fanout import Client, Dropped, frame


def test_a_frame_is_one_event_on_one_line_of_data() -> None:
    assert frame("change", {"a": "線\nx"}, 7) == 'id: 7\nevent: change\ndata: {"a":"線\\nx"}\n\n'.encode()
    assert frame("beat", {}) == b"event: beat\ndata: {}\n\n"


def test_frames_come_in_order_and_a_quiet_feed_is_none() -> None:
    client = Client(lambda: None)
    client.put(b"1")
    client.put(b"2")
    assert (client.next(0.1), client.next(0.01)) == (b"12", None)


def test_no_room_is_told_and_the_end_wakes_a_waiting_reader() -> None:
    client = Client(lambda: None, length=1)
    assert client.put(b"1")
    assert not client.put(b"2")
    client.next(0)
    threading.Timer(0.1, client.end).start()
    began = time.monotonic()
    with pytest.raises(Dropped):
        client.next(5)
    assert time.monotonic() - began < 1
    assert not client.put(b"3")


@pytest.mark.parametrize("reads_on", [True, False])
def test_a_reader_stuck_in_sending_is_cut_off(monkeypatch: pytest.MonkeyPatch, reads_on: bool) -> None:
    monkeypatch.setattr(fanout, "GRACE_SECONDS", 0.1)
    cut = threading.Event()
    client = Client(cut.set)
    client.drop()
    if reads_on:
        client.close()
    assert cut.wait(0.5) is not reads_on
