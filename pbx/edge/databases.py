"""Kamailio's two databases: the store's ``subscriber`` view, which it only reads, and its own table of contacts.

(db_sqlite's ``db_set_readonly`` is not used: in 5.6.3 it makes all of Kamailio's SQLite files read-only.)
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from appliance.private_file import write_private

LOCATION_VERSION = 9  # of the table in Kamailio 5.6 to 6.0; usrloc refuses any other
# The columns of Kamailio's usrloc (its devel guide, table "location"), times as seconds since 1970 (expires_type=1).
SCHEMA = """
CREATE TABLE version (table_name VARCHAR(32) PRIMARY KEY NOT NULL, table_version INTEGER NOT NULL DEFAULT 0);
CREATE TABLE location (
  id INTEGER PRIMARY KEY NOT NULL,
  ruid VARCHAR(64) UNIQUE NOT NULL DEFAULT '',
  username VARCHAR(64) NOT NULL DEFAULT '', domain VARCHAR(64),
  contact VARCHAR(512) NOT NULL DEFAULT '', received VARCHAR(128), path VARCHAR(512),
  expires BIGINT NOT NULL DEFAULT 0, q REAL NOT NULL DEFAULT 1.0,
  callid VARCHAR(255) NOT NULL DEFAULT '', cseq INTEGER NOT NULL DEFAULT 1,
  last_modified BIGINT NOT NULL DEFAULT 0,
  flags INTEGER NOT NULL DEFAULT 0, cflags INTEGER NOT NULL DEFAULT 0,
  user_agent VARCHAR(255) NOT NULL DEFAULT '', socket VARCHAR(64), methods INTEGER, instance VARCHAR(255),
  reg_id INTEGER NOT NULL DEFAULT 0, server_id INTEGER NOT NULL DEFAULT 0, connection_id INTEGER NOT NULL DEFAULT 0,
  keepalive INTEGER NOT NULL DEFAULT 0, partition INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX location_account ON location (username, contact);
CREATE INDEX location_expires ON location (expires);
CREATE INDEX location_connection ON location (server_id, connection_id);
"""
SERVICE = "callfloor"


@dataclass(frozen=True)
class SubscriberSource:
    """How Kamailio opens the store: its module, its URL, the file if it is one, and words to put before the command."""

    driver: str
    url: str
    file: Path | None = None
    environment: list[str] = field(default_factory=list)


def subscriber_source(database_url: str, directory: Path) -> SubscriberSource:
    """Translate SQLAlchemy's URL. For PostgreSQL the connection is put into a libpq service file (mode 0600):

    a password may have any character there, a socket's folder is possible, and neither shows in ``ps``.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return SubscriberSource("db_sqlite", f"sqlite:///{url.database}", file=Path(str(url.database)))
    file = directory / "postgresql.service"
    write_private(file, _service(url))
    words = ["env", f"PGSERVICEFILE={file}", f"PGSERVICE={SERVICE}"]
    return SubscriberSource("db_postgres", f"postgres://{url.username}@/{url.database}", environment=words)


def _service(url: URL) -> str:
    values: dict[str, object] = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    values |= {"password": url.password, **{key: str(value) for key, value in url.query.items()}}
    return f"[{SERVICE}]\n" + "".join(f"{key}={value}\n" for key, value in values.items() if value)


def make_location_file(path: Path) -> None:
    """Make the table of contacts where it is missing or unreadable; phones bring new contacts."""
    if path.exists() and _is_whole(path):
        return
    for old in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        old.unlink(missing_ok=True)
    write_private(path, "")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO version VALUES ('location', ?)", (LOCATION_VERSION,))
    connection.close()


def _is_whole(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
            return False
        row = connection.execute("SELECT table_version FROM version WHERE table_name = 'location'").fetchone()
    except sqlite3.DatabaseError:
        return False
    else:
        return bool(row == (LOCATION_VERSION,))
    finally:
        connection.close()
