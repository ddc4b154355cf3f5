"""At the core's start: closes what an earlier run left open, and reads back the agents' states."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from appliance.q850 import Cause
from appliance.store.models import AgentEvent, Call, CallEvent, Recording
from pbx.recording import files

log = logging.getLogger(__name__)


def close_interrupted(session: Session, core: str, recordings: Path, now: datetime) -> int:
    """Mark the calls this core left open as interrupted and finish their recordings; return how many calls."""
    calls = session.scalars(select(Call).where(Call.core == core, Call.state == "open")).all()
    for call in calls:
        recorded_until = _close_recordings(session, call, recordings)
        last_event = session.scalar(select(func.max(CallEvent.at)).where(CallEvent.call == call.id))
        last_seq = session.scalar(select(func.max(CallEvent.seq)).where(CallEvent.call == call.id)) or 0
        # The core died at a moment nobody saw: the last thing known of the call is the best end there is.
        ended = max(t for t in (recorded_until, last_event, call.ringing_at) if t is not None)
        call.state, call.ended_at, call.ended_by = "interrupted", ended, "core"
        call.result = "connected" if call.connected_at else "failed"
        call.cause, call.cause_text = int(Cause.TEMPORARY_FAILURE), "the core stopped in the call"
        if call.queued_at and call.wait_seconds is None:
            call.wait_seconds = ((call.connected_at or ended) - call.queued_at).total_seconds()
        if call.connected_at:
            call.talk_seconds = (ended - call.connected_at).total_seconds()
        session.add(
            CallEvent(call=call.id, seq=last_seq + 1, at=now, kind="interrupted", data={"ended_at": ended.isoformat()})
        )
        log.warning("call %s was interrupted at %s; its row and recording are finished", call.id, ended.isoformat())
    return len(calls)


def _close_recordings(session: Session, call: Call, recordings: Path) -> datetime | None:
    """Finish the open recordings of a call; return when the last sound was written."""
    until: datetime | None = None
    for row in session.scalars(select(Recording).where(Recording.call == call.id, Recording.state == "open")):
        path = recordings / row.path
        try:
            row.seconds = files.repair(path)
        except OSError as error:
            row.state, row.seconds = "missing", None
            log.error("recording %s of call %s: %s", path, call.id, error)
            continue
        row.state = "interrupted"
        row.ended_at = row.started_at + timedelta(seconds=row.seconds)
        until = row.ended_at if until is None else max(until, row.ended_at)
    return until


def last_agent_events(session: Session) -> dict[str, AgentEvent]:
    """Return each agent's newest state row."""
    newest = select(AgentEvent.agent, func.max(AgentEvent.id).label("id")).group_by(AgentEvent.agent).subquery()
    rows = session.scalars(select(AgentEvent).join(newest, AgentEvent.id == newest.c.id)).all()
    return {row.agent: row for row in rows}


def line_use(session: Session) -> dict[str, datetime]:
    """Return when each line last carried an outbound call, for the least-recently-used choice."""
    rows = session.execute(
        select(Call.line, func.max(Call.ringing_at))
        .where(Call.line.is_not(None), Call.direction == "outbound")
        .group_by(Call.line)
    )
    return {line: at for line, at in rows if line is not None}
