"""Figures of agents over a period: their calls, and how long they were in which state."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from appliance.report.period import Period
from appliance.store.models import Agent, AgentEvent, Call

LOGGED_OUT = "logged-out"


@dataclass(frozen=True)
class AgentFigures:
    """One agent; times in seconds. ``name`` is None for an agent who has been removed since."""

    agent: str
    name: str | None
    calls: int
    talk_seconds: float
    average_talk_seconds: float | None
    wrap_up_seconds: float
    logged_in_seconds: float
    paused_seconds: float


def agent_figures(session: Session, during: Period, now: datetime) -> list[AgentFigures]:
    """The figures of each agent who had a call or was logged in, by number.

    A call counts, with all its talk, in the period in which it began to ring; a state counts for the time it lasted
    within the period, the present state until ``now``.
    """
    names = {agent.number: agent.name for agent in session.scalars(select(Agent))}
    calls = _calls(session, during)
    times = _times(session, during, now, set(names))
    busy = {agent for agent, states in times.items() if any(state != LOGGED_OUT for state in states)}
    return [
        _figures(agent, names.get(agent), *calls.get(agent, (0, 0.0)), times.get(agent, {}))
        for agent in sorted(busy | set(calls))
    ]


def _figures(agent: str, name: str | None, calls: int, talk: float, times: dict[str, float]) -> AgentFigures:
    return AgentFigures(
        agent=agent,
        name=name,
        calls=calls,
        talk_seconds=round(talk, 1),
        average_talk_seconds=round(talk / calls, 1) if calls else None,
        wrap_up_seconds=round(times.get("wrap-up", 0.0), 1),
        logged_in_seconds=round(sum(seconds for state, seconds in times.items() if state != LOGGED_OUT), 1),
        paused_seconds=round(times.get("paused", 0.0), 1),
    )


def _calls(session: Session, during: Period) -> dict[str, tuple[int, float]]:
    """Connected calls and talk seconds by agent."""
    query = (
        select(Call.agent, func.count(), func.sum(Call.talk_seconds))
        .where(Call.agent.is_not(None), Call.connected_at.is_not(None))
        .where(Call.ringing_at >= during.start, Call.ringing_at < during.end)
        .group_by(Call.agent)
    )
    return {str(agent): (count, talk or 0.0) for agent, count, talk in session.execute(query)}


def _times(session: Session, during: Period, now: datetime, known: set[str]) -> dict[str, dict[str, float]]:
    """Seconds by agent and state within the period."""
    end = min(during.end, now)
    times: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    states = {agent: (state, during.start) for agent in known if (state := _state_at(session, agent, during.start))}
    query = (
        select(AgentEvent.agent, AgentEvent.at, AgentEvent.state)
        .where(AgentEvent.at >= during.start, AgentEvent.at < end)
        .order_by(AgentEvent.at, AgentEvent.id)
    )
    for agent, at, state in session.execute(query):
        if agent in states:
            _add(times, agent, *states[agent], at)
        states[agent] = state, at
    for agent, (state, since) in states.items():
        _add(times, agent, state, since, end)
    return times


def _add(times: dict[str, dict[str, float]], agent: str, state: str, since: datetime, until: datetime) -> None:
    seconds = (until - since).total_seconds()
    if seconds > 0:
        times[agent][state] += seconds


def _state_at(session: Session, agent: str, moment: datetime) -> str | None:
    query = select(AgentEvent.state).where(AgentEvent.agent == agent, AgentEvent.at < moment)
    return session.scalar(query.order_by(AgentEvent.at.desc(), AgentEvent.id.desc()).limit(1))
