"""Ledger rows for tests: calls, agent states and recordings at minutes after a start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from appliance.store.models import AgentEvent, Call, CallEvent, Recording, new_id

START = datetime(2026, 8, 3, 0, 0, tzinfo=UTC)  # a Monday, 09:00 in Tokyo


def at(minutes: float) -> datetime:
    """A time after START."""
    return START + timedelta(minutes=minutes)


def call(session: Session, minutes: float, **columns: Any) -> Call:
    """An ended inbound call that began to ring at that minute."""
    values: dict[str, Any] = {
        "core": "core-1",
        "direction": "inbound",
        "state": "ended",
        "ringing_at": at(minutes),
        "line": "gsm-1",
        "caller": "+818011112222",
        "did": "+818012345678",
    }
    row = Call(**(values | columns))
    session.add(row)
    session.flush()
    return row


def queued(session: Session, minutes: float, wait: float, talk: float | None, **columns: Any) -> Call:
    """A call that joined the queue at once, and after ``wait`` seconds was connected for ``talk`` or gone."""
    joined = at(minutes)
    left = joined + timedelta(seconds=wait)
    values: dict[str, Any] = {"queue": "sales", "queued_at": joined, "answered_at": joined, "wait_seconds": wait}
    if talk is None:
        values |= {"result": "abandoned", "ended_at": left, "ended_by": "caller"}
    else:
        values |= {
            "result": "connected",
            "connected_at": left,
            "talk_seconds": talk,
            "agent": "2001",
            "extension": "101",
        }
        values |= {"ended_at": left + timedelta(seconds=talk), "ended_by": "caller"}
    return call(session, minutes, **(values | columns))


def steps(session: Session, of: Call, *kinds: str) -> None:
    """Events of a call, a second apart."""
    for seq, kind in enumerate(kinds, 1):
        when = of.ringing_at + timedelta(seconds=seq)
        session.add(CallEvent(call=of.id, seq=seq, at=when, kind=kind, data={"n": seq}))


def recording(session: Session, of: Call, path: str, seconds: float | None = 12.5) -> Recording:
    """A complete recording of a call."""
    row = Recording(call=of.id, path=path, state="complete", started_at=of.ringing_at, seconds=seconds)
    session.add(row)
    return row


def agent_state(session: Session, minutes: float, state: str, agent: str = "2001") -> None:
    """A change of an agent's state."""
    session.add(AgentEvent(id=new_id(), at=at(minutes), agent=agent, state=state))
    session.flush()
