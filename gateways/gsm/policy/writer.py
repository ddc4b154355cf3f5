"""Writes rows on a thread of its own, so that a slow disk never holds a modem up.

Of each row only its newest columns are kept until they are committed, so what waits is bounded by the number of rows.
Each batch is everything that waits, in one transaction (synced by the store). While the store can't be written (full,
read-only, server away) the rows stand in a spool file, too, which the next start reads if this run can't finish.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from appliance.store import Store, StoreError
from appliance.store.models import Base, UtcDateTime
from appliance.store.sim_models import Sim, SimSms, SimUse

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
TABLES: dict[str, type[Base]] = {"sim": Sim, "sim_use": SimUse, "sim_sms": SimSms}
Key = tuple[str, ...]
Rows = dict[Key, dict[str, Any]]


class RowWriter:
    """See the module. ``put`` may be called from any thread and never blocks on the store."""

    def __init__(self, store: Store, spool: Path) -> None:
        self._store = store
        self._spool = spool
        self._rows: Rows = {}
        self._busy = False
        self._changed = threading.Condition()
        self._stopping = False
        self._failing: str | None = None
        self._thread = threading.Thread(target=self._run, name="sim-policy")

    @property
    def failing(self) -> str | None:
        """Why rows can't be written at present; None while they can."""
        return self._failing

    def replay(self) -> None:
        """Write what an earlier run left in the spool, before anything is read. Raises StoreError."""
        if not self._spool.exists():
            return
        rows: Rows = {}
        try:
            for table, values in json.loads(self._spool.read_text(encoding="utf-8")):
                rows[_key(table, values)] = _times(table, values)
        except (OSError, ValueError, KeyError) as error:
            log.error("the spool %s can't be read and is left out: %s", self._spool, error)
            return
        self._commit_what_fits(rows)
        self._remove_spool()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, table: str, values: dict[str, Any]) -> None:
        """Have these columns of a row written; its key must be among them, columns left out stay as they are."""
        with self._changed:
            self._rows.setdefault(_key(table, values), {}).update(values)
            self._changed.notify_all()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all that was put is committed; False where it isn't in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._rows and not self._busy, timeout)

    def stop(self, timeout: float = 10.0) -> None:
        """Write what waits (or leave it in the spool) and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._rows or self._stopping)
                batch, self._rows, self._busy = self._rows, {}, True
            done = not batch or self._write(batch)
            with self._changed:
                if not done:
                    self._rows = {key: batch.get(key, {}) | self._rows.get(key, {}) for key in batch | self._rows}
                self._busy = False
                self._changed.notify_all()
                if self._stopping and (not done or not self._rows):
                    return
                if not done:
                    self._changed.wait_for(lambda: self._stopping, RETRY_SECONDS)

    def _write(self, batch: Rows) -> bool:
        """Commit a batch; False where it can't be now. A fault of ours must not end the only thread that writes."""
        try:
            self._commit_what_fits(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the rows are kept and tried again
            why = (str(error) or repr(error)).splitlines()[0]
            if self._failing is None:
                log.error("SIM use can't be written, it is kept and calls go on: %s", why)
            self._failing = why
            self._keep(batch)
            return False
        if self._failing:
            log.warning("SIM use can be written again")
        self._failing = None
        self._remove_spool()
        return True

    def _commit_what_fits(self, batch: Rows) -> None:
        """Commit a batch; where a row of it never can be, each by itself and without that one."""
        try:
            self._commit(batch)
            return
        except (SQLAlchemyError, StoreError) as error:
            if not _never_fits(error):
                raise
        for key, values in batch.items():
            try:
                self._commit({key: values})
            except (SQLAlchemyError, StoreError) as error:
                if not _never_fits(error):
                    raise
                log.error("a row does not fit the store and is left out: %s: %s", values, error)

    def _commit(self, batch: Rows) -> None:
        with self._store.session() as session:
            for key, values in batch.items():
                session.merge(TABLES[key[0]](**values))

    def _keep(self, batch: Rows) -> None:
        """Replace the spool: its rows are all in the batch, which holds whatever was not committed yet."""
        with self._changed:
            rows = {key: batch.get(key, {}) | self._rows.get(key, {}) for key in batch | self._rows}
        text = json.dumps([[key[0], values] for key, values in rows.items()], default=datetime.isoformat)
        new = self._spool.with_suffix(".new")
        try:
            with new.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._spool)
        except OSError as error:
            log.error("the spool %s can't be written either, SIM use is in memory only: %s", self._spool, error)

    def _remove_spool(self) -> None:
        try:
            self._spool.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s stays: %s", self._spool, error)


def _key(table: str, values: dict[str, Any]) -> Key:
    return (table, *(str(values[column.name]) for column in inspect(TABLES[table]).primary_key))


def _times(table: str, values: dict[str, Any]) -> dict[str, Any]:
    times = {column.name for column in inspect(TABLES[table]).columns if isinstance(column.type, UtcDateTime)}
    return {k: datetime.fromisoformat(v) if k in times and v is not None else v for k, v in values.items()}


def _never_fits(error: Exception) -> bool:
    """Say whether trying again can't help: the row itself is wrong, not the store."""
    cause = error.__cause__ if isinstance(error, StoreError) else error
    if isinstance(cause, DBAPIError):
        return isinstance(cause, (IntegrityError, DataError))
    return isinstance(cause, StatementError)
