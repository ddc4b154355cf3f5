from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from appliance.panel.floor import service
from appliance.panel.live import Live
from appliance.panel.watch import LedgerWatch
from appliance.store import Store, open_store
from tests.bus.broker import eventually
from tests.panel import scene

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime.now(TOKYO).replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)


def test_todays_figures_of_each_queue(store: Store) -> None:
    scene.configure(store, {"sales": "Sales", "support": "Support"}, {"2001": "A"})
    today: dict[str, Any] = {"ringing_at": NOON - timedelta(hours=1)}
    scene.ended_call(store, 0, wait=10, talk=60, **today)
    scene.ended_call(store, 0, wait=20, talk=30, **today)
    scene.ended_call(store, 0, wait=60, talk=None, **today)
    scene.ended_call(store, 0, wait=600, talk=None, result="overflow", **today)
    still: dict[str, Any] = {"state": "open", "result": None, "ended_at": None, "wait_seconds": None}
    scene.ended_call(store, 0, talk=None, **still, **today)
    scene.ended_call(store, 0, queue=None, queued_at=None, wait_seconds=None, talk=None, **today)  # never joined
    scene.ended_call(store, 0, ringing_at=NOON - timedelta(hours=13))  # yesterday, site time
    with store.session() as session:
        ledger = service.ledger(session, NOON, TOKYO, "JP")
    sales, support = ledger["queues"]
    assert (sales["offered"], sales["answer_rate"], sales["average_wait"]) == (0, None, None)
    assert (support["offered"], support["decided"], support["answered"], support["abandoned"]) == (5, 4, 2, 1)
    assert support["answer_rate"] == 0.5
    assert support["average_wait"] == 172.5
    assert ledger["day"] == NOON.astimezone(TOKYO).date().isoformat()


def test_the_day_begins_at_the_sites_midnight(store: Store) -> None:
    scene.configure(store, {"support": "Support"}, {})
    midnight = NOON - timedelta(hours=12)
    scene.ended_call(store, 0, ringing_at=midnight)
    scene.ended_call(store, 0, ringing_at=midnight - timedelta(seconds=1))
    with store.session() as session:
        assert service.ledger(session, NOON, TOKYO, "JP")["queues"][0]["offered"] == 1
        assert service.ledger(session, NOON, ZoneInfo("UTC"), "JP")["queues"][0]["offered"] == 0


def test_the_last_calls_are_those_that_ended_last(store: Store, tmp_path: Path) -> None:
    scene.configure(store, {"support": "Support"}, {"2001": "A"})
    for n in range(25):
        scene.ended_call(store, 1000 + n, talk=10)
    long = scene.ended_call(store, 3000, talk=2900)
    playable = scene.recording(store, tmp_path, long)
    scene.recording(store, tmp_path, long, path="open.wav", state="open")
    scene.recording(store, tmp_path, long, path="gone.wav", state="missing")
    scene.ended_call(store, 5, state="open", result=None)
    with store.session() as session:
        calls = service.last_calls(session)
    assert len(calls) == 20
    assert calls[0]["call"] == long
    assert [recording["id"] for recording in calls[0]["recordings"]] == [playable]
    assert (calls[0]["queue"], calls[0]["agent_name"], calls[0]["result"]) == ("Support", "A", "connected")
    assert calls[0]["ended"] > calls[1]["ended"]


def test_an_interrupted_call_says_so(store: Store) -> None:
    scene.ended_call(store, 60, state="interrupted", result=None, queue=None, ended_at=None)
    with store.session() as session:
        [call] = service.ledger(session, NOON, TOKYO, "JP")["calls"]
    assert (call["result"], call["caller_text"], call["did_text"]) == ("interrupted", "080-9876-5432", "080-1234-5678")


def test_configured_lines_are_listed(store: Store) -> None:
    scene.configure(store, {}, {}, lines=2)
    with store.session() as session:
        lines = service.ledger(session, NOON, TOKYO, "JP")["lines"]
    assert [(line["line"], line["number_text"]) for line in lines] == [
        ("gsm-1", "080-1234-5601"),
        ("gsm-2", "080-1234-5602"),
    ]


def test_the_watch_reads_when_a_call_ends_and_lives_through_an_absent_database(bare_url: str, live: Live) -> None:
    store = open_store(bare_url)
    watch = LedgerWatch(store, live, TOKYO, "JP")
    live.when_call_ends = watch.call_ended
    try:
        assert not watch.refresh()
        assert live.sources()["database"] is False
        store.migrate()
        watch.start()
        assert eventually(lambda: live.sources()["database"])
        scene.ended_call(store, 60, queue=None)
        live.heard("call", "callfloor/call/x", None)
        assert eventually(lambda: len(live.snapshot()["ledger"]["calls"]) == 1, 3)
    finally:
        watch.stop()
        store.close()
