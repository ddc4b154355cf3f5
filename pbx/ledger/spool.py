"""A file beside the store that keeps ledger rows while the store can't be written: one JSON list a line."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from appliance.store.models import AgentEvent, Base, Call, CallEvent, Recording, UtcDateTime

log = logging.getLogger(__name__)

TABLES: dict[str, type[Base]] = {
    "call": Call,
    "call_event": CallEvent,
    "recording": Recording,
    "agent_event": AgentEvent,
}


@dataclass(frozen=True, slots=True)
class StoredRow:
    """Columns of one row of ``table``, its key among them."""

    table: str
    values: dict[str, Any]


class Spool:
    """Appends rows with fsync, reads them back, and goes away once they are in the store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, rows: Iterable[StoredRow]) -> None:
        """Add rows, all of them or none; raise OSError where the file can't be written either."""
        text = "".join(json.dumps([row.table, row.values], default=datetime.isoformat) + "\n" for row in rows)
        with self.path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                _write_all(file, text.encode())
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)  # the disk is full: half a line would spoil the one that is written after it
                if not before:
                    self.remove()
                raise

    def read(self) -> list[StoredRow]:
        """Return the rows in order; a torn last line (power cut) is left out and logged."""
        if not self.path.exists():
            return []
        rows = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                table, values = json.loads(line)
                rows.append(StoredRow(table, _times(TABLES[table], values)))
            except (ValueError, KeyError):
                log.error("ledger: a torn line in %s is left out: %.80s", self.path, line)
        return rows

    def remove(self) -> None:
        """Delete the file. Failing is harmless: replayed rows never undo newer ones."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("ledger: %s stays: %s", self.path, error)


def _write_all(file: io.FileIO, data: bytes) -> None:
    """Write all bytes: a disk that fills takes some of them before it raises."""
    while data:
        data = data[file.write(data) :]


def _times(table: type[Base], values: dict[str, Any]) -> dict[str, Any]:
    """Turn ISO texts back into times where the column is one."""
    times = {c.key for c in inspect(table).columns if isinstance(c.type, UtcDateTime)}
    return {k: datetime.fromisoformat(v) if k in times and v is not None else v for k, v in values.items()}
