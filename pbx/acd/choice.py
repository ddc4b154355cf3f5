"""Which waiting call goes to which agent: one pure function, with its reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pbx.acd.agents import Agent


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call that waits in a queue since ``since`` (seconds of the core's clock)."""

    call: str
    queue: str
    since: float


@dataclass(frozen=True, slots=True)
class Choice:
    """An offer to make, and why this agent."""

    call: str
    agent: str
    reason: str


def choose(waiting: Iterable[Waiting], agents: Sequence[Agent], now: float) -> Choice | None:
    """Return the next offer: the longest-waiting call that an agent can take, to its longest-idle agent.

    Idle counts from when the agent last became available. Equal idle time: the lower agent number, so that the choice
    never depends on the order of a dictionary.
    """
    for wait in sorted(waiting, key=lambda w: (w.since, w.call)):
        able = [a for a in agents if wait.queue in a.queues and a.can_be_offered(now)]
        if able:
            best = min(able, key=lambda a: (a.since, a.number))
            others = f" of {len(able)} available" if len(able) > 1 else ""
            return Choice(wait.call, best.number, f"longest idle: {now - best.since:.0f} s{others}")
    return None


def position(waiting: Iterable[Waiting], call: str) -> int:
    """Return the place of a call in its queue, 1 for the next; 0 if it does not wait."""
    ordered = sorted(waiting, key=lambda w: (w.since, w.call))
    queue = next((w.queue for w in ordered if w.call == call), None)
    mates = [w.call for w in ordered if w.queue == queue]
    return mates.index(call) + 1 if call in mates else 0
