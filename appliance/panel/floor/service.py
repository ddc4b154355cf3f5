"""What the live page takes from the store: today's figures of each queue, the last calls, and what is configured.

Words: *offered* is a call that joined the queue today (site time), *answered* one that reached an agent, *abandoned*
one whose caller hung up while waiting. The answer rate leaves out callers who still wait. The average wait is over all
who have left the queue, answered or not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from appliance.panel.shapes import with_texts
from appliance.store.lines import lines_of
from appliance.store.models import Agent, Call, Queue, Recording

LAST_CALLS = 20
NEWEST_ROWS = 200  # the calls that ended last are looked for among so many that began last
PLAYABLE = ("complete", "interrupted")


def ledger(session: Session, now: datetime, zone: ZoneInfo, country: str) -> dict[str, Any]:
    """All of it as JSON: ``day``, ``queues``, ``lines`` and ``calls`` (newest end first)."""
    day = now.astimezone(zone).date()
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    return {
        "day": day.isoformat(),
        "queues": queues(session, begins),
        "lines": [with_texts(line, country) for line in lines(session)],
        "calls": [with_texts(call, country) for call in last_calls(session)],
    }


def queues(session: Session, begins: datetime) -> list[dict[str, Any]]:
    """Each queue's figures since ``begins``. ``decided`` leaves out who still waits.

    ``answer_rate`` (of decided) is 0 to 1; it and ``average_wait`` (s) are None without calls."""
    figures = {row.queue: row for row in session.execute(_figures(begins))}
    result = []
    for name, label in session.execute(select(Queue.name, Queue.label).order_by(Queue.name)):
        row = figures.get(name)
        offered, answered, waiting = (row.offered, row.answered, row.waiting) if row else (0, 0, 0)
        decided = offered - waiting
        result.append(
            {
                "queue": name,
                "label": label,
                "offered": offered,
                "decided": decided,
                "answered": answered,
                "abandoned": row.abandoned if row else 0,
                "answer_rate": answered / decided if decided else None,
                "average_wait": row.average_wait if row else None,
            }
        )
    return result


def _figures(begins: datetime) -> Select[Any]:
    def number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    reached = Call.connected_at.is_not(None)
    return (
        select(
            Call.queue,
            func.count().label("offered"),
            number_of(reached).label("answered"),
            number_of(Call.result == "abandoned").label("abandoned"),
            number_of((Call.state == "open") & ~reached).label("waiting"),
            func.avg(Call.wait_seconds).label("average_wait"),
        )
        .where(Call.queue.is_not(None), Call.queued_at.is_not(None), Call.ringing_at >= begins)
        .group_by(Call.queue)
    )


def lines(session: Session) -> list[dict[str, Any]]:
    """Every configured line, so that one its gateway never speaks of is seen too."""
    return [
        {
            "line": line.name,
            "gateway": line.gateway,
            "number": line.number,
            "enabled": line.enabled,
            "span": line.span,
            "reason": line.reason,
        }
        for line in lines_of(session)
    ]


def last_calls(session: Session) -> list[dict[str, Any]]:
    """The calls that ended last, with the recordings that can be played."""
    newest = session.scalars(
        select(Call).where(Call.state != "open").order_by(Call.ringing_at.desc()).limit(NEWEST_ROWS)
    )
    calls = sorted(newest, key=lambda call: call.ended_at or call.ringing_at, reverse=True)[:LAST_CALLS]
    labels = {row.name: row.label for row in session.execute(select(Queue.name, Queue.label))}
    names = {row.number: row.name for row in session.execute(select(Agent.number, Agent.name))}
    recordings = _playable(session, [call.id for call in calls])
    return [_call(call, labels, names, recordings[call.id]) for call in calls]


def _playable(session: Session, calls: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    rows = session.scalars(
        select(Recording)
        .where(Recording.call.in_(calls), Recording.state.in_(PLAYABLE))
        .order_by(Recording.started_at, Recording.id)
    )
    result: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        result[row.call].append({"id": row.id, "seconds": row.seconds})
    return result


def _call(
    call: Call, labels: dict[str, str], names: dict[str, str], recordings: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "call": call.id,
        "at": _text(call.ringing_at),
        "ended": _text(call.ended_at or call.ringing_at),
        "direction": call.direction,
        "caller": call.caller,
        "did": call.did,
        "line": call.line,
        "queue": labels.get(call.queue or "", call.queue),
        "agent": call.agent,
        "agent_name": names.get(call.agent or ""),
        "extension": call.extension,
        "wait": call.wait_seconds,
        "talk": call.talk_seconds,
        "result": "interrupted" if call.state == "interrupted" else call.result,
        "ended_by": call.ended_by,
        "cause": call.cause,
        "cause_text": call.cause_text,
        "recordings": recordings,
    }


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
