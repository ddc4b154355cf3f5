"""Calls of the ledger with their steps and recordings, read in pages so that a year of them needs no memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from appliance.report.period import Period
from appliance.store.models import Call, CallEvent, Recording

PAGE = 500
COLUMNS = tuple(column.key for column in Call.__table__.columns)


def calls_between(session: Session, during: Period, recordings: Path) -> Iterator[dict[str, Any]]:
    """The calls that began to ring in the period, oldest first. Times are datetimes in UTC.

    Each is the ledger's row with ``events`` (seq, at, kind, data), ``recordings`` (id, path, seconds, state,
    channels, lost_frames; the path absolute, below the folder ``recordings``) and ``recording``, the first or None.
    """
    after: tuple[datetime, str] | None = None
    while True:
        query = select(Call).where(Call.ringing_at >= during.start, Call.ringing_at < during.end)
        if after is not None:
            query = query.where(tuple_(Call.ringing_at, Call.id) > after)
        page = session.scalars(query.order_by(Call.ringing_at, Call.id).limit(PAGE)).all()
        yield from _whole(session, page, recordings)
        if len(page) < PAGE:
            return
        after = page[-1].ringing_at, page[-1].id
        session.expunge_all()


def last_calls(session: Session, limit: int, recordings: Path) -> list[dict[str, Any]]:
    """The newest calls, newest first, in the shape of ``calls_between``."""
    page = session.scalars(select(Call).order_by(Call.ringing_at.desc(), Call.id.desc()).limit(limit)).all()
    return list(_whole(session, page, recordings))


def _whole(session: Session, calls: Sequence[Call], recordings: Path) -> Iterator[dict[str, Any]]:
    ids = [call.id for call in calls]
    steps: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in session.scalars(select(CallEvent).where(CallEvent.call.in_(ids)).order_by(CallEvent.seq)):
        steps[event.call].append({"seq": event.seq, "at": event.at, "kind": event.kind, "data": event.data})
    files: dict[str, list[dict[str, Any]]] = defaultdict(list)
    recorded = select(Recording).where(Recording.call.in_(ids)).order_by(Recording.started_at, Recording.id)
    for file in session.scalars(recorded):
        files[file.call].append(_recording(file, recordings))
    for call in calls:
        row = {column: getattr(call, column) for column in COLUMNS}
        mine = files[call.id]
        yield row | {"events": steps[call.id], "recording": mine[0] if mine else None, "recordings": mine}


def _recording(file: Recording, folder: Path) -> dict[str, Any]:
    return {
        "id": file.id,
        "path": str(folder / file.path),
        "seconds": file.seconds,
        "state": file.state,
        "channels": file.channels,
        "lost_frames": file.lost_frames,
    }
