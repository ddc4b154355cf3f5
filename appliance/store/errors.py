"""What the store says when the database can't do its work: one line with what to do, and a kind for programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

Kind = Literal["read-only", "full", "not-a-database", "unreachable", "busy", "schema", "failed"]

ADVICE: dict[Kind, str] = {
    "read-only": "the database is read-only; check the file's and folder's owner and mode, and that the disk isn't"
    " mounted read-only (`findmnt -T FILE`, `dmesg` for disk errors)",
    "full": "the disk is full; free space (`df -h`), then the service goes on by itself",
    "not-a-database": "this is no database of ours, or it is damaged; put the latest backup in its place",
    "unreachable": "can't be opened; check that it exists, that its server runs and lets this user in",
    "busy": "another program holds the database; find it with `fuser FILE`, and try again",
    "schema": "the tables are missing or old; run `callfloor store migrate`",
    "failed": "the database failed",
}

# SQLite's primary result codes (https://sqlite.org/rescode.html): the low byte of an extended code.
_SQLITE: dict[int, Kind] = {
    3: "unreachable",  # SQLITE_PERM
    5: "busy",
    6: "busy",  # SQLITE_LOCKED
    8: "read-only",
    11: "not-a-database",  # SQLITE_CORRUPT
    13: "full",
    26: "not-a-database",
}
# SQLSTATE (PostgreSQL manual, appendix A): whole codes, then classes.
_POSTGRESQL: dict[str, Kind] = {
    "25006": "read-only",
    "53100": "full",
    "55P03": "busy",
    "40P01": "busy",
    "42P01": "schema",
    "42703": "schema",
    "3D000": "unreachable",
    "08": "unreachable",
    "28": "unreachable",
    "53": "unreachable",  # too many connections, out of memory
    "57": "unreachable",  # the server shuts down or starts up
}


class StoreError(Exception):
    """The database can't do what was asked. ``kind`` says which way, ``str()`` what to do, in one line."""

    def __init__(self, kind: Kind, where: str, detail: str = "") -> None:
        self.kind = kind
        self.where = where
        super().__init__(f"{where}: {ADVICE[kind].replace('FILE', where)}" + (f" ({detail})" if detail else ""))


def place(url: URL) -> str:
    """The database as a person knows it: the file, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    return url.render_as_string(hide_password=True)


def explain(where: str, error: DBAPIError) -> StoreError:
    """The StoreError for what a driver raised."""
    original: Any = error.orig
    detail = " ".join(str(original).split())
    if hasattr(original, "sqlite_errorcode"):
        missing = original.sqlite_errorcode & 0xFF == 14 and not Path(where).exists()  # SQLITE_CANTOPEN
        kind = _sqlite_kind(original.sqlite_errorcode, where, detail)
        return StoreError(kind, where, "no such file" if missing else detail)
    state = getattr(original, "sqlstate", None)
    if state is None:  # psycopg gives none when it never reached the server or lost it
        return StoreError("unreachable", where, detail)
    return StoreError(_POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2]) or "failed", where, detail)


def _sqlite_kind(code: int, where: str, detail: str) -> Kind:
    if code & 0xFF == 1 and ("no such table" in detail or "no such column" in detail):
        return "schema"
    if code == 778:  # SQLITE_IOERR_WRITE: a quota, a file size limit or a failing disk
        return "full"
    if code & 0xFF == 14:  # SQLITE_CANTOPEN, also where WAL's side files can't be made beside a database that is there
        if not Path(where).exists():
            return "schema"
        return "unreachable" if os.access(Path(where).parent, os.W_OK) else "read-only"
    return _SQLITE.get(code & 0xFF, "failed")
