"""The ledger's writer under a store that fails, the spool, and what the next start mends."""

from __future__ import annotations

import resource
import signal
import struct
import threading
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from appliance.store import Store
from appliance.store.models import AgentEvent, Call, CallEvent, Recording, new_id
from pbx.ledger import recovery
from pbx.ledger import writer as writer_module
from pbx.ledger.spool import Spool, StoredRow
from pbx.ledger.writer import Row, Writer
from pbx.recording import files
from tests.call_path.process import wait_until

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Iterator[Writer]:
    made = Writer(store, tmp_path / "spool.jsonl")
    yield made
    made.stop()


def call_row(call: str, **columns: object) -> StoredRow:
    return StoredRow("call", {"id": call, "core": "c", "direction": "inbound", "ringing_at": AT, **columns})


def test_rows_are_merged_and_acknowledged_after_the_commit(store: Store, writer: Writer) -> None:
    call, done = new_id(), threading.Event()
    seen: list[str] = []

    def committed() -> None:
        with store.session() as session:
            seen.append(session.get_one(Call, call).state)
        done.set()

    writer.start()
    first = call_row(call, caller="+819012345678")
    writer.write(Row(first.table, first.values), Row("call", {"id": call, "state": "ended"}, then=committed))
    assert done.wait(10)
    assert seen == ["ended"]
    with store.session() as session:
        assert session.get_one(Call, call).caller == "+819012345678"


def test_rows_survive_a_store_that_cannot_be_written(
    store: Store, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "RETRY_SECONDS", 0.05)
    full, spooled = [True], threading.Event()

    def refuse(*_: object) -> None:
        if full[0]:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    event.listen(store.engine, "before_cursor_execute", refuse)
    spool = tmp_path / "spool.jsonl"
    calls, done = [new_id() for _ in range(20)], threading.Event()
    writer.start()
    for call in calls:
        writer.write(Row("call", call_row(call).values))
    for _ in range(200):
        if spool.exists() and len(spool.read_text().splitlines()) == len(calls):
            spooled.set()
            break
        done.wait(0.05)
    assert spooled.is_set()
    assert writer.failing is not None
    full[0] = False
    writer.write(Row("call", {"id": calls[-1], "state": "ended"}, then=done.set))
    assert done.wait(10)
    assert not spool.exists()
    with store.session() as session:
        assert len(session.scalars(select(Call)).all()) == len(calls)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("hurt", "heal", "why"),
    [
        ("max_page_count=1", "max_page_count=1073741823", "the disk is full"),
        ("query_only=ON", "query_only=OFF", "the database is read-only"),
    ],
    ids=["full", "read-only"],
)
def test_rows_survive_a_database_that_is_really_full_or_read_only(
    hurt: str, heal: str, why: str, store: Store, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself refuses: it takes a page count below the file's size for that size."""
    monkeypatch.setattr(writer_module, "RETRY_SECONDS", 0.05)
    pragma = [hurt]
    event.listen(store.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma[0]}"))
    store.engine.dispose()  # connections of before
    spool, call, done = tmp_path / "spool.jsonl", new_id(), threading.Event()
    large = {"padding": "x" * 5000}  # more than a page: it can't go where the file has room left
    writer.start()
    writer.write(
        Row("call", call_row(call).values),
        *(Row("call_event", {"call": call, "seq": n, "at": AT, "kind": "ivr-step", "data": large}) for n in range(20)),
    )
    wait_until(lambda: len(Spool(spool).read()) == 21, 5, "all rows are in the spool")
    assert why in str(writer.failing)
    assert not done.is_set()
    pragma[0] = heal
    store.engine.dispose()
    writer.write(Row("call", {"id": call, "state": "ended"}, then=done.set))
    assert done.wait(10)
    assert writer.failing is None
    wait_until(lambda: not spool.exists(), 5, "the spool is removed")
    with store.session() as session:
        assert session.get_one(Call, call).state == "ended"
        assert session.scalars(select(CallEvent.seq).order_by(CallEvent.seq)).all() == list(range(20))


def test_a_spool_on_a_full_disk_keeps_whole_lines(tmp_path: Path) -> None:
    """A file size limit stands for the full disk; append() then writes part of a line before it is refused."""
    spool, call = Spool(tmp_path / "spool.jsonl"), new_id()
    spool.append([call_row(call)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (spool.path.stat().st_size + 50, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            spool.append([call_row(new_id())])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    later = new_id()
    spool.append([call_row(later)])
    assert [row.values["id"] for row in spool.read()] == [call, later]


@pytest.mark.parametrize("store_url", [pytest.param("postgresql", marks=pytest.mark.pg)], indirect=True)
def test_a_text_longer_than_its_column_is_put_aside_and_the_rest_written(
    store: Store, writer: Writer, tmp_path: Path
) -> None:
    """Only PostgreSQL refuses it."""
    call, done = new_id(), threading.Event()
    agent = {"id": new_id(), "at": AT, "agent": "2001", "state": "paused", "reason": "x" * 65}
    writer.start()
    writer.write(Row("agent_event", agent), Row("call", call_row(call).values, then=done.set))
    assert done.wait(10)
    assert "x" * 65 in (tmp_path / "spool-rejected.jsonl").read_text()
    with store.session() as session:
        assert session.get(Call, call) is not None


def test_the_next_start_writes_what_the_spool_kept_and_undoes_nothing(
    store: Store, writer: Writer, tmp_path: Path
) -> None:
    known, new = new_id(), new_id()
    with store.session() as session:
        session.add(Call(id=known, core="c", direction="inbound", ringing_at=AT, state="ended"))
    spool = Spool(tmp_path / "spool.jsonl")
    spool.append([call_row(known, state="open"), call_row(new, state="open")])
    with spool.path.open("a") as file:
        file.write('["call", {"id": "torn')
    done = threading.Event()
    writer.start()
    writer.write(Row("call", {"id": new, "caller": "+81300000000"}, then=done.set))
    assert done.wait(10)
    with store.session() as session:
        assert session.get_one(Call, known).state == "ended"
        assert session.get_one(Call, new).state == "open"


def test_a_row_that_never_fits_is_put_aside_and_the_rest_written(store: Store, writer: Writer, tmp_path: Path) -> None:
    call, done = new_id(), threading.Event()
    writer.start()
    lost = new_id()
    orphan = {"call": lost, "seq": 1, "at": AT, "kind": "ringing", "data": {}}
    writer.write(Row("call_event", orphan), Row("call", call_row(call).values, then=done.set))
    assert done.wait(10)
    assert lost in (tmp_path / "spool-rejected.jsonl").read_text()
    with store.session() as session:
        assert session.get(Call, call) is not None


def write_wav(path: Path, seconds: float, torn: bool) -> None:
    path.parent.mkdir(parents=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack("<hh", 1, -1) * int(8000 * seconds))
    if torn:
        with path.open("r+b") as raw:
            raw.seek(40)
            raw.write(struct.pack("<I", 320))  # the header as it was half a second earlier
            raw.seek(0, 2)
            raw.write(b"\x01")  # half a sample


def test_interrupted_call_and_recording_are_finished(store: Store, tmp_path: Path) -> None:
    ended, open_call, other_core, recording = (new_id() for _ in range(4))
    path = files.relative_path(open_call, AT)
    write_wav(tmp_path / path, 3.5, torn=True)
    with store.session() as session:
        common = {"direction": "inbound", "ringing_at": AT}
        session.add(Call(id=ended, core="c", state="ended", **common))
        session.add(Call(id=other_core, core="other", **common))
        session.add(Call(id=open_call, core="c", connected_at=AT, queued_at=AT - timedelta(seconds=5), **common))
        session.flush()
        session.add(CallEvent(call=open_call, seq=1, at=AT, kind="connected", data={}))
        session.add(Recording(id=recording, call=open_call, path=str(path), started_at=AT))
    with store.session() as session:
        assert recovery.close_interrupted(session, "c", tmp_path, AT + timedelta(seconds=60)) == 1
    with store.session() as session:
        assert recovery.close_interrupted(session, "c", tmp_path, AT) == 0
        call, row = session.get_one(Call, open_call), session.get_one(Recording, recording)
        assert (call.state, call.result, call.ended_by, call.talk_seconds) == ("interrupted", "connected", "core", 3.5)
        assert call.wait_seconds == 5.0
        assert (row.state, row.seconds, row.ended_at) == ("interrupted", 3.5, AT + timedelta(seconds=3.5))
        kinds = session.scalars(select(CallEvent.kind).where(CallEvent.call == open_call).order_by(CallEvent.seq)).all()
        assert kinds == ["connected", "interrupted"]
        assert session.get_one(Call, other_core).state == "open"
    with wave.open(str(tmp_path / path)) as file:
        assert file.getnframes() == 28000


def test_a_call_known_to_the_spool_only_is_closed_at_the_next_start(store: Store, tmp_path: Path) -> None:
    spool, call = Spool(tmp_path / "spool.jsonl"), new_id()
    spool.append([call_row(call, state="open", connected_at=AT)])
    Writer(store, spool.path).replay()
    assert not spool.path.exists()
    with store.session() as session:
        assert recovery.close_interrupted(session, "c", tmp_path, AT + timedelta(seconds=60)) == 1
    with store.session() as session:
        assert session.get_one(Call, call).state == "interrupted"


def test_a_replay_that_the_store_refuses_keeps_the_spool(store: Store, tmp_path: Path) -> None:
    spool, call = Spool(tmp_path / "spool.jsonl"), new_id()
    spool.append([call_row(call)])
    writer = Writer(store, spool.path)
    event.listen(store.engine, "before_cursor_execute", _refuse)
    writer.replay()
    event.remove(store.engine, "before_cursor_execute", _refuse)
    assert [row.values["id"] for row in spool.read()] == [call]
    writer.start()
    writer.stop()
    with store.session() as session:
        assert session.get(Call, call) is not None


def _refuse(*_: object) -> None:
    raise OperationalError("INSERT", {}, Exception("database or disk is full"))


def test_missing_recording_file_is_said(store: Store, tmp_path: Path) -> None:
    call, recording = new_id(), new_id()
    with store.session() as session:
        session.add(Call(id=call, core="c", direction="inbound", ringing_at=AT))
        session.flush()
        session.add(Recording(id=recording, call=call, path="gone.wav", started_at=AT))
    with store.session() as session:
        recovery.close_interrupted(session, "c", tmp_path, AT)
    with store.session() as session:
        assert session.get_one(Recording, recording).state == "missing"


def test_last_agent_state_and_line_use(store: Store) -> None:
    with store.session() as session:
        for seconds, state in ((0, "available"), (5, "paused")):
            at = AT + timedelta(seconds=seconds)
            session.add(AgentEvent(id=new_id(), at=at, agent="2001", extension="101", state=state, reason="lunch"))
        session.add(Call(id=new_id(), core="c", direction="outbound", line="gsm-2", ringing_at=AT))
    with store.session() as session:
        assert recovery.last_agent_events(session)["2001"].state == "paused"
        assert recovery.line_use(session) == {"gsm-2": AT}
