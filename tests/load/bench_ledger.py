"""Rows a second through the ledger's writer: many to a commit, as it does, against a commit for each row.

On SQLite with synchronous=FULL, where a commit waits for the disk: time on the clock, in a folder on a disk.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.store import Store, open_store
from appliance.store.models import new_id
from pbx.ledger import writer as writer_module
from pbx.ledger.writer import Row, Writer

CALLS, CALLS_ONE_BY_ONE, ROUNDS = 100, 25, 2
STEPS = ("ringing", "answered", "ivr-step", "queued", "offered", "connected", "ended")
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def measure() -> dict[str, Any]:
    """Both ways in turn on one store; rows a second and their ratio."""
    rates: dict[int, list[float]] = {writer_module.BATCH: [], 1: []}
    with tempfile.TemporaryDirectory(prefix="callfloor-bench-", dir="/var/tmp") as folder:  # /tmp may be memory
        store = open_store(f"sqlite:///{folder}/callfloor.db")
        try:
            store.migrate()
            for batch in list(rates) * ROUNDS:
                calls = CALLS if batch > 1 else CALLS_ONE_BY_ONE
                rates[batch].append(_rate(store, Path(folder, f"spool-{batch}.jsonl"), batch, calls))
            sync = _sync_ms(Path(folder, "probe"))
        finally:
            store.close()
    many, single = (statistics.mean(found) for found in rates.values())
    return {
        "rows_per_second": round(many), "one_commit_a_row_per_second": round(single), "ratio": round(many / single, 2),
        "fsync_ms": round(sync, 3),
    }  # fmt: skip


def _rate(store: Store, spool: Path, batch: int, calls: int) -> float:
    """Rows a second when all are there at once, up to the acknowledgement of the last."""
    rows = [row for _ in range(calls) for row in _rows_of_a_call()]
    done = threading.Event()
    rows.append(Row(rows[-1].table, rows[-1].values, then=done.set))
    writer, usual = Writer(store, spool), writer_module.BATCH
    writer_module.BATCH = batch
    try:
        writer.start()
        began = time.monotonic()
        writer.write(*rows)
        if not done.wait(40):
            raise TimeoutError(f"the ledger did not take {len(rows)} rows in 40 s: {writer.failing}")
        return len(rows) / (time.monotonic() - began)
    finally:
        writer.stop()
        writer_module.BATCH = usual


def _rows_of_a_call() -> list[Row]:
    """What ``pbx.ledger.book`` writes of a call: at each step the call as known so far and the step."""
    call, recording, rows = new_id(), new_id(), []
    known: dict[str, Any] = {"id": call, "core": "core-1", "direction": "inbound", "ringing_at": AT, "state": "open"}
    known |= {"line": "gsm-1", "caller": "+819012345678", "did": "+818012345678"}
    for seq, kind in enumerate(STEPS, 1):
        at = AT + timedelta(seconds=seq)
        if kind == "ended":
            known = {**known, "state": "ended", "result": "connected", "ended_at": at, "cause": 16, "talk_seconds": 1.0}
        rows.append(Row("call", known))
        rows.append(Row("call_event", {"call": call, "seq": seq, "at": at, "kind": kind, "data": {"line": "gsm-1"}}))
    file = {"id": recording, "call": call, "path": f"2026/11/22/{call}.wav", "state": "open", "started_at": AT}
    rows.append(Row("recording", file))
    rows.append(Row("recording", {"id": recording, "call": call, "state": "complete", "seconds": 1.0}))
    return rows


def _sync_ms(path: Path) -> float:
    """What the disk asks for a write that must stay; says how much of the ratio is the disk's."""
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(4096))
            began = time.monotonic()
            os.fsync(file.fileno())
            taken.append(1000 * (time.monotonic() - began))
    return statistics.median(taken)
