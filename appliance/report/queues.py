"""Figures of queues over a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from appliance.report.period import Period
from appliance.store.models import Call

SERVICE_SECONDS = 20.0


@dataclass(frozen=True)
class QueueFigures:
    """One queue. offered = answered + abandoned + overflowed + failed + waiting; rates in percent, times in seconds.

    ``service_level_percent``: calls answered within ``SERVICE_SECONDS`` of joining, of all offered. Averages are
    None where there is nothing to average; waiting counts calls of which the ledger knows no end yet.
    """

    queue: str
    offered: int
    answered: int
    abandoned: int
    overflowed: int
    failed: int
    waiting: int
    answer_rate_percent: float
    average_wait_seconds: float | None
    longest_wait_seconds: float | None
    average_talk_seconds: float | None
    service_level_percent: float


def queue_figures(session: Session, during: Period) -> list[QueueFigures]:
    """The figures of each queue that calls joined, by name; a call counts where it began to ring."""
    answered = Call.connected_at.is_not(None)
    unanswered = Call.connected_at.is_(None)
    query = (
        select(
            Call.queue.label("queue"),
            func.count().label("offered"),
            _count(answered).label("answered"),
            _count(unanswered & (Call.result == "abandoned")).label("abandoned"),
            _count(unanswered & (Call.result == "overflow")).label("overflowed"),
            _count(unanswered & (Call.state == "open")).label("waiting"),
            _count(answered & (Call.wait_seconds <= SERVICE_SECONDS)).label("in_time"),
            func.avg(Call.wait_seconds).label("average_wait"),
            func.max(Call.wait_seconds).label("longest_wait"),
            func.avg(case((answered, Call.talk_seconds))).label("average_talk"),
        )
        .where(Call.queued_at.is_not(None), Call.queue.is_not(None))
        .where(Call.ringing_at >= during.start, Call.ringing_at < during.end)
        .group_by(Call.queue)
        .order_by(Call.queue)
    )
    return [_figures(row) for row in session.execute(query)]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _figures(row: Any) -> QueueFigures:
    ended_otherwise = row.offered - row.answered - row.abandoned - row.overflowed - row.waiting
    return QueueFigures(
        queue=row.queue,
        offered=row.offered,
        answered=row.answered,
        abandoned=row.abandoned,
        overflowed=row.overflowed,
        failed=ended_otherwise,
        waiting=row.waiting,
        answer_rate_percent=round(100 * row.answered / row.offered, 1),
        average_wait_seconds=_tenths(row.average_wait),
        longest_wait_seconds=_tenths(row.longest_wait),
        average_talk_seconds=_tenths(row.average_talk),
        service_level_percent=round(100 * row.in_time / row.offered, 1),
    )


def _tenths(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
