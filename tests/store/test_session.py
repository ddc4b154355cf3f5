"""Sessions: what is acknowledged stays, what fails leaves nothing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from appliance.store import Store, StoreError, open_store
from appliance.store.models import Agent, Call, CallEvent, Queue, QueueMember, SettingChange


def a_call(**columns: object) -> Call:
    values = {"core": "core-1", "direction": "inbound", "ringing_at": datetime(2026, 8, 1, tzinfo=UTC)} | columns
    return Call(**values)


def test_leaving_a_session_commits_and_rows_stay_readable(store: Store) -> None:
    with store.session() as session:
        call = a_call(caller="+818012345678")
        session.add(call)
    assert call.caller == "+818012345678"
    with store.session() as session:
        assert session.get(Call, call.id) is not None


def test_an_exception_rolls_back(store: Store) -> None:
    with pytest.raises(KeyError), store.session() as session:  # noqa: PT012
        session.add(a_call(id="x"))
        session.flush()
        raise KeyError
    with store.session() as session:
        assert session.get(Call, "x") is None


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(store: Store) -> None:
    nine_in_tokyo = datetime(2026, 8, 1, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    with store.session() as session:
        session.add(a_call(id="x", ringing_at=nine_in_tokyo))
    with store.session() as session:
        (at,) = session.scalars(select(Call.ringing_at))
    assert at == nine_in_tokyo
    assert at.tzinfo == UTC


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="without a zone"), store.session() as session:
        session.add(a_call(ringing_at=datetime(2026, 8, 1)))


def test_references_are_kept(store: Store) -> None:
    with pytest.raises(IntegrityError), store.session() as session:
        session.add(CallEvent(call="nowhere", seq=1, at=datetime.now(UTC), kind="ringing", data={}))
    with store.session() as session:
        session.add_all([Queue(name="sales", label="Sales"), Agent(number="2001", name="A")])
        session.flush()
        session.add(QueueMember(queue="sales", agent="2001"))
    with store.session() as session:
        session.execute(text("DELETE FROM agent"))
    with store.session() as session:
        assert session.scalars(select(QueueMember)).all() == []


def test_an_unknown_before_is_null_and_not_json_null(store: Store) -> None:
    with store.session() as session:
        session.add(SettingChange(at=datetime.now(UTC), who="x", thing="line/x", before=None, after={"a": 1}))
    with store.session() as session:
        assert session.execute(text("SELECT count(*) FROM setting_change WHERE before IS NULL")).scalar() == 1


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_sqlite_survives_power_cuts_and_checks_references(store: Store) -> None:
    with store.session() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_two_writers_who_read_first_take_turns(store: Store) -> None:
    """A read before a write must not make the write fail when another wrote in between (SQLITE_BUSY_SNAPSHOT)."""
    with store.session() as session:
        session.add(Agent(number="1", name="first"))
    barrier = threading.Barrier(2, timeout=10)
    failures: list[Exception] = []

    def write(number: str) -> None:
        try:
            with store.session() as session:
                assert session.get(Agent, "1") is not None
                barrier.wait()
                session.add(Agent(number=number, name="x"))
                session.flush()
        except Exception as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in ("2", "3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert failures == []
    with store.session() as session:
        assert len(session.scalars(select(Agent)).all()) == 3


@pytest.mark.parametrize("url", ["nonsense", "mysql+pymysql://h/d", "", "sqlite:///a?b=1"])
def test_a_url_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match=r"allowed: sqlite|not a database URL|no \? is allowed"):
        open_store(url)
