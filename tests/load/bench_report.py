"""Is a day's report as fast on an old ledger as on a new one? What ``callfloor report calls`` reads, processor time."""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from appliance.report.calls import calls_between
from appliance.report.period import Period
from appliance.store import Store, open_store
from appliance.store.models import Call, CallEvent, Recording, new_id

DAY_CALLS, DAYS, ROUNDS = 200, 250, 15
STEPS = ("ringing", "answered", "queued", "offered", "connected", "ended")
NEWEST = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)


def measure() -> dict[str, Any]:
    """Read the newest day of both ledgers in turn; the median of the rounds, in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="callfloor-bench-") as folder:
        stores = {days: _ledger(Path(folder, f"{days}.db"), days) for days in (DAYS, 1)}
        try:
            taken: dict[int, list[float]] = {days: [] for days in stores}
            for _ in range(ROUNDS + 1):
                for days, store in stores.items():
                    taken[days].append(_read(store))
        finally:
            for store in stores.values():
                store.close()
    old, new = (statistics.median(found[1:]) for found in taken.values())  # the first warms caches
    return {
        "calls": DAY_CALLS * DAYS, "day_calls": DAY_CALLS, "day_ms": round(old, 2), "day_alone_ms": round(new, 2),
        "ratio": round(old / new, 2),
    }  # fmt: skip


def _read(store: Store) -> float:
    began = time.process_time()
    with store.session() as session:
        rows = list(calls_between(session, Period(NEWEST, NEWEST + DAY), Path("/recordings")))
    if len(rows) != DAY_CALLS or len(rows[0]["events"]) != len(STEPS):
        raise RuntimeError(f"the report has {len(rows)} calls instead of {DAY_CALLS}")
    return 1000 * (time.process_time() - began)


def _ledger(path: Path, days: int) -> Store:
    """A ledger that ends with NEWEST and has the same calls each day."""
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    with store.session() as session:
        for back in reversed(range(days)):
            _add_day(session, NEWEST - back * DAY)
    return store


def _add_day(session: Session, day: datetime) -> None:
    calls, events, recordings = [], [], []
    for n in range(DAY_CALLS):
        at, call = day + n * DAY / DAY_CALLS, new_id()
        calls.append(
            {"id": call, "core": "core-1", "direction": "inbound", "state": "ended", "result": "connected",
             "line": "gsm-1", "queue": "sales", "agent": "2001", "ringing_at": at, "ended_at": at, "cause": 16}
        )  # fmt: skip
        events += [{"call": call, "seq": seq, "at": at, "kind": k, "data": {}} for seq, k in enumerate(STEPS, 1)]
        recordings.append(
            {"id": new_id(), "call": call, "path": f"{call}.wav", "state": "complete", "started_at": at, "seconds": 60}
        )  # fmt: skip
    for table, rows in ((Call, calls), (CallEvent, events), (Recording, recordings)):
        session.execute(insert(table), rows)
