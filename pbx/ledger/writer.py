"""Writes ledger rows on a thread of its own, so that a slow disk never holds a call up.

What the core says is queued, written in its order, many rows to a transaction, and acknowledged after the commit.
Every write is idempotent (a row is merged by its key). While the store can't be written (file system full or
read-only, server away) rows are kept in memory and in a spool file, and written when it can be again: calls go on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.orm import Session

from appliance.store import Store, StoreError
from pbx.ledger.spool import TABLES, Spool, StoredRow

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
BATCH = 500


@dataclass(frozen=True, slots=True)
class Row(StoredRow):
    """A row to write; ``then`` is called on the writer's thread after the commit that holds it."""

    then: Callable[[], None] | None = None
    replayed: bool = False


class Writer:
    """The ledger's writer thread. ``write`` may be called from any thread and never blocks."""

    def __init__(self, store: Store, spool: Path) -> None:
        self._store = store
        self._spool = Spool(spool)
        self._rejected = Spool(spool.with_name(spool.stem + "-rejected.jsonl"))
        self._rows: list[Row] = []
        self._spooled = 0  # how many of the rows at the head stand in the spool file
        self._changed = threading.Condition()
        self._stopping = False
        self._failing: str | None = None
        self._spool_failing = False
        self._thread = threading.Thread(target=self._run, name="ledger")

    @property
    def failing(self) -> str | None:
        """Why rows can't be written at present; None while they can."""
        return self._failing

    def replay(self) -> None:
        """Write what an earlier run left in the spool, before anything is concluded from the store.

        What can't be written now stays in the spool, for ``start`` to queue.
        """
        rows = self._spool_rows()
        if rows and all(self._write_guarded(rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)):
            self._spool.remove()

    def start(self) -> None:
        """Queue what an earlier run left in the spool, then serve."""
        self._rows[:0] = self._spool_rows()
        self._spooled = len(self._rows)
        self._thread.start()

    def write(self, *rows: Row) -> None:
        """Queue rows; they are written in this order."""
        with self._changed:
            self._rows.extend(rows)
            self._changed.notify()

    def stop(self, timeout: float = 10.0) -> None:
        """Write what is queued (or spool it) and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout)

    def _spool_rows(self) -> list[Row]:
        return [Row(row.table, row.values, replayed=True) for row in self._spool.read()]

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._rows or self._stopping)
                batch = self._rows[:BATCH]
            if not batch:
                return
            if self._write_guarded(batch):
                self._acknowledge(batch)
                continue
            self._keep_in_spool()
            with self._changed:
                if self._stopping:
                    log.error("ledger: %d rows could not be written and wait in %s", len(self._rows), self._spool.path)
                    return
                self._changed.wait_for(lambda: self._stopping, RETRY_SECONDS)

    def _write_guarded(self, batch: list[Row]) -> bool:
        """Write a batch; a fault of ours must not end the only thread that writes the ledger: it is tried again."""
        try:
            return self._write_batch(batch)
        except Exception as error:
            log.exception("ledger: a fault in the program keeps rows from being written")
            self._say_failing(repr(error))
            return False

    def _write_batch(self, batch: list[Row]) -> bool:
        """Commit a batch; False where the store can't be written now. A row that never can be is put aside."""
        try:
            self._commit(batch)
        except (SQLAlchemyError, StoreError, OSError) as error:
            if not _never_fits(error):
                self._say_failing(str(error).splitlines()[0])
                return False
            if len(batch) > 1:
                return all(self._write_batch([row]) for row in batch)
            log.error("ledger: a row does not fit and is put aside in %s: %s", self._rejected.path, error)
            try:
                self._rejected.append(batch)
            except OSError:
                return False
        if self._failing:
            log.warning("ledger: the store can be written again")
        self._failing = None
        return True

    def _commit(self, batch: list[Row]) -> None:
        with self._store.session() as session:
            for row in batch:
                if not (row.replayed and _is_older(session, row)):
                    session.merge(TABLES[row.table](**row.values))
                    session.flush()

    def _say_failing(self, why: str) -> None:
        if self._failing is None:
            log.error("ledger: the store can't be written, rows are kept and calls go on: %s", why)
        self._failing = why

    def _acknowledge(self, batch: list[Row]) -> None:
        with self._changed:
            del self._rows[: len(batch)]
            had = self._spooled
            self._spooled = max(0, had - len(batch))
            spool_is_done = had > 0 and self._spooled == 0
        if spool_is_done:
            self._spool.remove()
        for row in batch:
            if row.then:
                row.then()

    def _keep_in_spool(self) -> None:
        with self._changed:
            new = self._rows[self._spooled :]
        try:
            self._spool.append(new)
        except OSError as error:
            if not self._spool_failing:
                log.error("ledger: the spool can't be written either, rows are in memory only: %s", error)
            self._spool_failing = True
            return
        self._spool_failing = False
        self._spooled += len(new)


def _never_fits(error: Exception) -> bool:
    """Say whether writing again can't help: the row itself is wrong, not the store."""
    cause = error.__cause__ if isinstance(error, StoreError) else error  # the store explains what the driver raised
    if isinstance(cause, DBAPIError):
        return isinstance(cause, (IntegrityError, DataError))
    return isinstance(cause, StatementError)


def _is_older(session: Session, row: Row) -> bool:
    """Say whether the store already knows the end of what a spooled row still calls open."""
    if row.values.get("state") != "open":
        return False
    there = session.get(TABLES[row.table], row.values["id"])
    return there is not None and getattr(there, "state", "open") != "open"
