"""The store: what is configured and what happened, in SQLite or PostgreSQL.

A transaction sees what others committed before each of its statements (READ COMMITTED) on both: SQLite's reads run
outside a transaction, and the first write takes the write lock at once, so that it waits its turn and never finds its
snapshot outdated.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from appliance.store.errors import StoreError, explain, place

__all__ = ["Store", "StoreError", "open_store"]

BUSY_SECONDS = 5.0


class Store:
    """A database of ours; made by :func:`open_store`. Threads may share it, processes must not."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.where = place(url)
        self.engine = _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgresql_engine(url)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that commits when left and rolls back on an exception. Its rows stay readable afterwards.

        Raises StoreError when the database can't do its work; a broken constraint stays SQLAlchemy's IntegrityError.
        """
        try:
            with Session(self.engine, expire_on_commit=False) as session:
                yield session
                session.commit()
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise explain(self.where, error) from error

    def migrate(self) -> None:
        """Bring the tables to this version's shape, making SQLite's file if need be. Two processes may try at once."""
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            _make_file(Path(self.url.database), self.where)
        from appliance.store import migration  # Alembic costs a command that only reads a third of its time

        try:
            migration.upgrade(self.engine, self.where)
        except DBAPIError as error:
            raise explain(self.where, error) from error

    def require_current(self) -> None:
        """Raise StoreError unless the tables have this version's shape."""
        from appliance.store import migration

        try:
            present = migration.revision(self.engine)
        except DBAPIError as error:
            raise explain(self.where, error) from error
        if present != migration.head():
            raise StoreError("schema", self.where, f"revision {present or 'none'}, wanted {migration.head()}")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Return the store at a URL (``sqlite:///FILE`` or ``postgresql+psycopg://…``); connects on first use."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("unreachable", "database.url", "not a database URL") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError("unreachable", place(parsed), "allowed: sqlite:/// and postgresql+psycopg://")
    if parsed.get_backend_name() == "sqlite" and parsed.query:
        raise StoreError("unreachable", place(parsed), "no ? is allowed in the file's name")
    return Store(parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed)


def _sqlite_engine(url: URL) -> Engine:
    """``mode=rw``: only a migration makes a file, so that a wrong path is an error and no empty database."""
    if url.database:
        path = Path(url.database).absolute()
        url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})
    engine = create_engine(url, connect_args={"isolation_level": "IMMEDIATE", "timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _sqlite_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    _enter_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")  # a row we acknowledged survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _enter_wal(cursor: DBAPICursor) -> None:
    """Put a new file into WAL mode. SQLite does not wait for another process that does the same just then: we do."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _postgresql_engine(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": int(BUSY_SECONDS)})


def _make_file(path: Path, where: str) -> None:
    """Make SQLite's file. It holds HA1 digests: for owner and group (Kamailio's) only; -wal gets the same mode."""
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.chmod(0o660)
    except OSError as error:
        raise StoreError(
            "read-only" if error.errno == errno.EROFS else "unreachable", where, str(error.strerror)
        ) from error
