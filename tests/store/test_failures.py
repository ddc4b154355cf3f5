"""A database that can't do its work says so in one line with what to do; nothing half-written stays."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from appliance.store import Store, StoreError, open_store
from appliance.store.models import Agent, Call
from tests.postgresql import PostgresServer


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "callfloor.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path


def add_agent(store: Store, number: str = "2001", name: str = "A") -> None:
    with store.session() as session:
        session.add(Agent(number=number, name=name))


def test_a_read_only_database_can_be_read_and_refuses_writing(store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        store.engine.dispose()
        # As the kernel would for a file that this user may not write; root may write any.
        event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA query_only=ON"))
    else:
        event.listen(store.engine, "connect", lambda c, _: c.execute("SET default_transaction_read_only = on"))
        event.listen(store.engine, "connect", lambda c, _: c.commit())
        store.engine.dispose()
    with store.session() as session:
        assert session.scalars(select(Call)).all() == []
    with pytest.raises(StoreError, match="the database is read-only; check the file's") as caught:
        add_agent(store)
    assert caught.value.kind == "read-only"
    assert "\n" not in str(caught.value)


READ_ONLY_FILE_SYSTEM = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, {checkout!r})
from appliance.store import StoreError, open_store
from appliance.store.models import Agent
folder = Path({folder!r})
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
(folder / "callfloor.db").write_bytes(Path({template!r}).read_bytes())
subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
store = open_store(f"sqlite:///{{folder}}/callfloor.db")
try:
    with store.session() as session:
        session.add(Agent(number="1", name="x"))
except StoreError as error:
    print(error.kind, error, sep="|")
try:
    open_store(f"sqlite:///{{folder}}/new/callfloor.db").migrate()
except StoreError as error:
    print(error.kind, error, sep="|")
"""


def test_a_read_only_file_system_is_named(tmp_path: Path, sqlite_template: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    checkout = str(Path(__file__).parents[2])
    script = READ_ONLY_FILE_SYSTEM.format(checkout=checkout, folder=str(folder), template=str(sqlite_template))
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", script]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        pytest.skip("unshare isn't installed")
    if "unshare: " in done.stderr or "mount: " in done.stderr:
        pytest.skip(f"no mount namespaces here: {done.stderr.strip().splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split("|")[0] for line in lines] == ["read-only", "read-only"]
    assert all("findmnt" in line for line in lines)


def test_a_full_database_refuses_whole_transactions_and_goes_on_when_there_is_room(file: Path) -> None:
    store = open_store(f"sqlite:///{file}")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    event.listen(store.engine, "connect", limit := lambda c, _: c.execute(f"PRAGMA max_page_count={pages}"))
    store.engine.dispose()
    with pytest.raises(StoreError, match="the disk is full; free space") as caught, store.session() as session:
        session.add_all(Agent(number=str(n), name="x" * 60) for n in range(1000))
    assert caught.value.kind == "full"
    event.remove(store.engine, "connect", limit)
    store.engine.dispose()
    with store.session() as session:
        assert session.scalars(select(Agent)).all() == []
    add_agent(store)
    store.close()


def test_a_full_disk_is_named(file: Path) -> None:
    """A file size limit stands in for the disk: the same failing write(2), ENOSPC as EFBIG."""
    script = textwrap.dedent(f"""
        import resource, signal, sys
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from appliance.store import StoreError, open_store
        from appliance.store.models import Agent
        store = open_store("sqlite:///{file}")
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with store.session() as session:
            session.add(Agent(number="1", name="x"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
        try:
            with store.session() as session:
                session.add_all(Agent(number=str(n), name="x" * 60) for n in range(10, 3000))
        except StoreError as error:
            print(error.kind, error, sep="|")
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    kind, line = done.stdout.strip().split("|")
    assert kind == "full"
    assert "free space" in line
    store = open_store(f"sqlite:///{file}")
    with store.session() as session:
        assert [agent.number for agent in session.scalars(select(Agent))] == ["1"]
    store.close()


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "callfloor.db"
    file.write_text("not a database, but long enough to have a header " * 50)
    before = file.read_bytes()
    store = open_store(f"sqlite:///{file}")
    for act in (store.require_current, store.migrate, lambda: add_agent(store)):
        with pytest.raises(StoreError, match="no database of ours") as caught:
            act()
        assert caught.value.kind == "not-a-database"
    assert file.read_bytes() == before


def test_a_torn_file_is_named(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:5000] + b"\xff" * (len(data) - 5000))
    store = open_store(f"sqlite:///{file}")
    with pytest.raises(StoreError) as caught, store.session() as session:
        session.add(Call(core="c", direction="inbound", ringing_at=datetime.now(UTC)))
    assert caught.value.kind in ("not-a-database", "schema")
    store.close()


def test_a_missing_file_is_not_made_by_reading(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/none/callfloor.db")
    with pytest.raises(StoreError, match="run `callfloor store migrate`") as caught:
        store.require_current()
    assert caught.value.kind == "schema"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}")
    with pytest.raises(StoreError, match="can't be opened"):
        store.migrate()


def test_the_database_is_made_for_owner_and_group_only(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/state dir/50%#.db")
    store.migrate()
    add_agent(store)
    store.close()
    file = tmp_path / "state dir" / "50%#.db"
    assert file.stat().st_mode & 0o777 == 0o660


def test_a_writer_who_never_ends_makes_the_others_say_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"sqlite:///{file}")
    event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=50"))
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program holds the database") as caught:
        add_agent(store)
    assert caught.value.kind == "busy"
    holder.execute("ROLLBACK")
    holder.close()
    add_agent(store)
    store.close()


@pytest.mark.pg
def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    store = open_store("postgresql+psycopg://callfloor:s3cret@127.0.0.1:1/callfloor")
    with pytest.raises(StoreError, match="its server runs and lets this user in") as caught:
        add_agent(store)
    assert caught.value.kind == "unreachable"
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.pg
def test_a_database_that_is_not_there_is_named(postgres_server: PostgresServer) -> None:
    store = open_store(postgres_server.url("nowhere"))
    with pytest.raises(StoreError) as caught:
        store.migrate()
    assert caught.value.kind == "unreachable"
    assert "nowhere" in str(caught.value)


@pytest.mark.pg
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_lost_connection_is_told_and_the_next_session_works(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.session() as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.kind == "unreachable"
    add_agent(store)
