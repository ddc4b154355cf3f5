"""What the site is set up as: routes, IVR flows, queues, agents, extensions and lines, read from the store at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from appliance.store import models
from appliance.store.lines import expand, lines_of, lines_of_spans
from appliance.store.sim_models import Carrier, LineGroup
from pbx.ivr import flow
from pbx.linechoice import Group
from pbx.routing import Rule, parse_target

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """A queue's rules; times in seconds."""

    name: str
    label: str
    ring_timeout: int
    wrap_up: int
    max_wait: int
    overflow_target: str
    announce_every: int
    join_empty: bool
    music: str


@dataclass(frozen=True, slots=True)
class LineSettings:
    """A line that calls can go out over."""

    name: str
    gateway: str
    number: str | None
    group: str


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """An agent and the queues they serve."""

    number: str
    name: str
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """All of it, unchanging: a new one is read when the store has changed."""

    rules: tuple[Rule, ...]
    flows: dict[str, flow.Flow]
    queues: dict[str, QueueSettings]
    agents: dict[str, AgentSettings]
    extensions: dict[str, str]  # number -> name
    lines: dict[str, LineSettings]
    line_groups: dict[str, Group]  # those that the store describes
    on_net: dict[str, tuple[str, ...]]  # carrier -> the prefixes of numbers on its own net


def load(session: Session) -> Site:
    """Read the site. A flow that does not hold is left out and logged: the rest of the site still takes calls."""
    queues = session.scalars(select(models.Queue)).all()
    lines = lines_of(session)
    spans = lines_of_spans(lines)
    routes = session.scalars(select(models.Route).order_by(models.Route.position))
    return Site(
        rules=tuple(rule for row in routes for rule in _rules(row, spans)),
        flows=_flows(session),
        queues={q.name: _queue(q) for q in queues},
        agents={
            a.number: AgentSettings(
                a.number, a.name, tuple(sorted(q.name for q in queues if any(m.agent == a.number for m in q.members)))
            )
            for a in session.scalars(select(models.Agent).where(models.Agent.enabled))
        },
        extensions={
            e.number: e.name for e in session.scalars(select(models.Extension).where(models.Extension.enabled))
        },
        lines={
            line.name: LineSettings(line.name, line.gateway, line.number, line.group) for line in lines if line.enabled
        },
        line_groups={row.name: _line_group(row, spans) for row in session.scalars(select(LineGroup))},
        on_net={row.name: tuple(row.number_prefixes) for row in session.scalars(select(Carrier))},
    )


def _queue(row: models.Queue) -> QueueSettings:
    return QueueSettings(
        row.name, row.label, row.ring_timeout, row.wrap_up, row.max_wait, row.overflow_target, row.announce_every,
        row.join_empty, row.music,
    )  # fmt: skip


def _line_group(row: LineGroup, spans: Mapping[str, tuple[str, ...]]) -> Group:
    prefixes = {prefix: expand(lines, spans) for prefix, lines in row.prefixes.items()}
    return Group(row.name, row.strategy, expand(row.line_order, spans), prefixes)


def _rules(row: models.Route, spans: Mapping[str, tuple[str, ...]]) -> Iterator[Rule]:
    """A route is one rule; one that names a span is a rule for each of its lines."""
    for line in [None] if row.line is None else expand([row.line], spans):
        yield _rule(row, line)


def _rule(row: models.Route, line: str | None) -> Rule:
    return Rule(
        target=parse_target(row.target),
        line=line,
        did=row.did,
        caller_prefix=row.caller_prefix,
        weekdays=row.weekdays,
        from_time=time.fromisoformat(row.from_time) if row.from_time else None,
        to_time=time.fromisoformat(row.to_time) if row.to_time else None,
    )


def _flows(session: Session) -> dict[str, flow.Flow]:
    flows = {}
    for row in session.scalars(select(models.IvrFlow)):
        try:
            flows[row.name] = flow.parse(row.name, row.definition)
        except ValueError as error:
            log.error("%s; calls routed to it are ended", error)
    return flows
