from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from appliance.bus import topics
from appliance.bus_payloads import AgentStatus, CallEventMessage, LineStatus
from appliance.panel.fanout import Client, Dropped
from appliance.panel.live import Live, StreamsFullError
from appliance.panel.subscriptions import subscribe
from appliance.panel.watch import bus_watcher
from tests.bus.broker import Broker, eventually
from tests.panel import scene
from tests.panel.events import events


def read(client: Client) -> Iterator[tuple[str, Any]]:
    """All events that wait for the client."""

    def chunks() -> Iterator[bytes]:
        while data := client.next(0):
            yield data

    return events(chunks())


def agent(number: str, name: str = "A") -> AgentStatus:
    return AgentStatus(agent=number, name=name, state="available", since=datetime.now(UTC))


def test_snapshot_then_each_change_once(live: Live) -> None:
    live.heard("agent", "callfloor/agent/2001", agent("2001"))
    client = live.join()
    [(event, snapshot)] = read(client)
    assert event == "snapshot"
    assert snapshot["agent"]["2001"]["state"] == "available"
    assert snapshot["sources"] == {"bus": False, "database": False}
    status = agent("2002")
    live.heard("agent", "callfloor/agent/2002", status)
    live.heard("agent", "callfloor/agent/2002", status)  # told twice, as a broker may
    live.heard("agent", "callfloor/agent/2001", None)
    live.heard("agent", "callfloor/agent/2009", None)  # never known
    changes = [(data["key"], data["value"] and data["value"]["name"]) for _, data in read(client)]
    assert changes == [("2002", "A"), ("2001", None)]


def test_event_ids_rise(live: Live) -> None:
    client = live.join()
    live.bus_is(True)
    live.ledger_is({"calls": []})
    ids = [int(found) for found in re.findall(rb"^id: (\d+)$", client.next(0) or b"", re.MULTILINE)]
    assert ids == sorted(set(ids))
    assert len(ids) == 4  # snapshot, bus, database, ledger


def test_a_slow_client_is_dropped_and_the_others_are_served(live: Live) -> None:
    slow, quick = live.join(), live.join()
    list(read(quick))
    for n in range(60):  # more than the 50 frames a client may leave unread
        live.heard("agent", "callfloor/agent/2001", agent("2001", f"A{n}"))
        assert len(list(read(quick))) == 1
    assert slow.dropped
    with pytest.raises(Dropped):
        slow.next(0)
    assert not quick.dropped


def test_no_more_streams_than_the_limit(live: Live) -> None:
    clients = [live.join() for _ in range(3)]
    with pytest.raises(StreamsFullError):
        live.join()
    live.leave(clients[0])
    assert live.streams() == 2
    live.join()


def test_closed_ends_all_streams(live: Live) -> None:
    client = live.join()
    live.close()
    with pytest.raises(Dropped):
        client.next(5)
    with pytest.raises(StreamsFullError):
        live.join()


def test_a_call_that_ends_is_told_of(live: Live) -> None:
    told: list[int] = []
    live.when_call_ends = lambda: told.append(1)
    live.heard("call", "callfloor/call/x", None)
    at = datetime.now(UTC)
    for kind in ("ringing", "ended"):
        live.heard_event(CallEventMessage(call="x", at=at, kind=kind))
    live.heard_event(None)
    assert len(told) == 2


def test_the_last_ledger_stays_while_the_database_is_away(live: Live) -> None:
    live.ledger_is({"calls": [1]})
    live.ledger_is(None)
    snapshot = live.snapshot()
    assert snapshot["ledger"] == {"calls": [1]}
    assert snapshot["sources"]["database"] is False
    json.dumps(snapshot)


def test_the_state_on_a_real_bus_through_a_broker_that_dies(live: Live, broker: Broker) -> None:
    gsm, pbx = broker.bus("gsm"), broker.bus("pbx")
    scene.line(gsm, "gsm-1", caller="+819011112222")
    scene.queue(pbx, "support", "Support", [30.0])
    bus = broker.bus("panel", start=False)
    subscribe(bus, live)
    watcher = bus_watcher(bus, live)
    bus.start()
    watcher.start()
    try:
        assert eventually(lambda: {"gsm", "pbx", "panel"} <= live.snapshot()["service"].keys())
        assert eventually(lambda: "gsm-1" in live.snapshot()["line"] and "support" in live.snapshot()["queue"])
        assert live.snapshot()["line"]["gsm-1"]["caller_text"] == "090-1111-2222"
        assert eventually(lambda: live.sources()["bus"])
        broker.kill()
        assert eventually(lambda: not live.sources()["bus"])
        assert "gsm-1" in live.snapshot()["line"]
        scene.line(gsm, "gsm-1", "active")
        broker.start()
        assert eventually(lambda: live.snapshot()["line"]["gsm-1"]["state"] == "active", 15)
        assert eventually(lambda: live.sources()["bus"])
        gsm.publish(topics.line("gsm-1"), None, retain=True)
        assert eventually(lambda: not live.snapshot()["line"])
    finally:
        watcher.stop()


def test_a_line_keeps_all_it_was_told(live: Live) -> None:
    since = datetime(2026, 5, 10, tzinfo=UTC)
    status = LineStatus(line="gsm-1", gateway="gsm", state="fault", since=since, signal_dbm=-71, reason="no answer")
    live.heard("line", "callfloor/line/gsm-1", status)
    told = live.snapshot()["line"]["gsm-1"]
    assert (told["state"], told["signal_dbm"], told["reason"], told["since"]) == (
        "fault", -71, "no answer", "2026-05-10T00:00:00Z",
    )  # fmt: skip
