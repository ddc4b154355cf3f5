"""Migrations and models say the same, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from appliance.store import Store, StoreError, open_store
from appliance.store.models import Base, Extension


def test_the_migrated_tables_are_those_of_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_a_bare_database_twice_changes_nothing_the_second_time(bare_url: str) -> None:
    store = open_store(bare_url)
    store.migrate()
    with store.session() as session:
        session.add(Extension(number="101", name="Reception", realm="callfloor", ha1="0" * 32))
    store.migrate()
    with store.session() as session:
        assert session.get(Extension, "101") is not None
    store.require_current()
    store.close()


def test_two_processes_may_migrate_at_once(bare_url: str) -> None:
    stores = [open_store(bare_url) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Store.migrate, stores))
    for store in stores:
        store.require_current()
        store.close()


def test_a_database_without_tables_says_what_to_do(bare_url: str) -> None:
    store = open_store(bare_url)
    if bare_url.startswith("sqlite"):
        open(bare_url.removeprefix("sqlite:///"), "w").close()  # noqa: PTH123
    with pytest.raises(StoreError, match="callfloor store migrate") as caught:
        store.require_current()
    assert caught.value.kind == "schema"
    with pytest.raises(StoreError, match="callfloor store migrate"), store.session() as session:
        session.get(Extension, "101")
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        store.migrate()
    assert "call" in inspect(store.engine).get_table_names()


def test_kamailio_sees_enabled_extensions_with_digest_and_no_password(store: Store) -> None:
    with store.session() as session:
        session.add(Extension(number="101", name="A", realm="callfloor", ha1="a" * 32))
        session.add(Extension(number="102", name="B", realm="callfloor", ha1="b" * 32, enabled=False))
    with store.session() as session:
        rows = session.execute(text("SELECT username, domain, password, ha1 FROM subscriber")).all()
    assert [tuple(row) for row in rows] == [("101", "callfloor", "", "a" * 32)]
