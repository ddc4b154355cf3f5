"""Rows reach the store in spite of a store that can't be written for a while, and of an end in the midst of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from appliance.store import Store, open_store
from appliance.store.sim_models import Sim, SimSms
from gateways.gsm.policy import writer as writer_module
from gateways.gsm.policy.writer import RowWriter

NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
ICCID = "8981100000000000001"


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "sim-spool.json"


@pytest.fixture
def writer(store: Store, spool: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RowWriter]:
    monkeypatch.setattr(writer_module, "RETRY_SECONDS", 0.05)
    made = RowWriter(store, spool)
    made.start()
    yield made
    made.stop()


def refuse_writing(store: Store) -> Any:
    """Make the store read-only; returns what to remove to end it."""

    def refuse(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            raise OSError("no space left on device")

    event.listen(store.engine, "before_cursor_execute", refuse)
    return refuse


def until(condition: Any) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def sims(store: Store) -> dict[str, str | None]:
    with store.session() as session:
        return {row.iccid: row.label for row in session.scalars(select(Sim))}


def test_columns_left_out_stay_as_they_are(store: Store, writer: RowWriter) -> None:
    with store.session() as session:
        session.add(Sim(iccid=ICCID, label="drawer 1", enabled=False))
    writer.put("sim", {"iccid": ICCID, "line": "gsm-1"})
    writer.put("sim", {"iccid": ICCID, "last_seen": NOW})
    assert writer.flush()
    with store.session() as session:
        row = session.get_one(Sim, ICCID)
        assert (row.label, row.enabled, row.line, row.last_seen) == ("drawer 1", False, "gsm-1", NOW)


def test_a_store_that_fails_for_a_while_loses_nothing(store: Store, writer: RowWriter, spool: Path) -> None:
    refuse = refuse_writing(store)
    writer.put("sim", {"iccid": ICCID, "label": "old"})
    until(lambda: writer.failing)
    writer.put("sim", {"iccid": ICCID, "label": "new"})
    writer.put("sim_sms", {"iccid": ICCID, "hour": NOW, "parts": 3})
    assert not writer.flush(0.1)
    until(lambda: spool.exists() and len(json.loads(spool.read_text())) == 2)
    event.remove(store.engine, "before_cursor_execute", refuse)
    assert writer.flush()
    assert writer.failing is None
    assert sims(store) == {ICCID: "new"}
    assert not spool.exists()


def test_what_was_left_in_the_spool_is_written_at_the_next_start(store: Store, writer: RowWriter, spool: Path) -> None:
    refuse = refuse_writing(store)
    writer.put("sim_sms", {"iccid": ICCID, "hour": NOW, "parts": 3})
    until(lambda: writer.failing)
    writer.stop()
    assert spool.exists()
    event.remove(store.engine, "before_cursor_execute", refuse)
    RowWriter(store, spool).replay()
    with store.session() as session:
        assert session.get_one(SimSms, (ICCID, NOW)).parts == 3
    assert not spool.exists()


def test_a_torn_spool_is_left_out(store: Store, spool: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool.write_text('[["sim", {"iccid"')
    RowWriter(store, spool).replay()
    assert "can't be read and is left out" in caplog.text
    assert sims(store) == {}


def test_a_row_that_never_fits_holds_no_other_up(
    store: Store, writer: RowWriter, caplog: pytest.LogCaptureFixture
) -> None:
    refuse = refuse_writing(store)
    writer.put("sim", {"iccid": ICCID, "label": "good"})
    until(lambda: writer.failing)
    writer.put("sim_sms", {"iccid": ICCID, "hour": NOW, "parts": None})
    writer.put("sim", {"iccid": "8981100000000000002", "label": "good"})
    event.remove(store.engine, "before_cursor_execute", refuse)
    assert writer.flush()
    assert sims(store) == {ICCID: "good", "8981100000000000002": "good"}
    assert "does not fit the store" in caplog.text


def test_a_store_that_is_not_there_holds_nobody_up(tmp_path: Path, spool: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/none/callfloor.db")
    writer = RowWriter(store, spool)
    writer.start()
    began = time.monotonic()
    for n in range(1000):
        writer.put("sim", {"iccid": str(n)})
    assert time.monotonic() - began < 1.0
    writer.stop()
    assert len(json.loads(spool.read_text())) == 1000
    store.close()
