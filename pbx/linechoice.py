"""Which line of a group an outbound call takes: pure, by the group's strategy; see ``sim_models.LineGroup``.

``choose`` is given only lines that are free and whose SIM may call. Ties fall to the line that has rested longest, then
to the first by name, so that the same floor always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from appliance.order import natural

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
STRATEGIES = (
    "least-recently-used", "least-used", "round-robin", "fixed-order", "by-prefix", "ascending", "descending",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """How a group's lines take turns. ``prefixes``: number prefix (``+8190``) → the lines it goes to first."""

    name: str
    strategy: str = "least-recently-used"
    line_order: tuple[str, ...] = ()
    prefixes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may be taken. ``used_seconds``: billed this month; ``carrier`` of its SIM, where that is known."""

    line: str
    last_used: datetime | None = None
    used_seconds: int = 0
    carrier: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The call: its number in E.164, the line that the group took last, and the prefixes of each carrier's own net."""

    number: str
    last_taken: str | None = None
    on_net: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def choose(group: Group, candidates: Iterable[Candidate], wanted: Wanted) -> str | None:
    """Return the line to take; None where there is no candidate."""
    key = _KEYS[group.strategy]
    best = min(candidates, key=lambda one: (*key(group, one, wanted), *_rest(one)), default=None)
    return None if best is None else best.line


def _rest(one: Candidate) -> tuple[datetime, str]:
    return one.last_used or _NEVER, one.line


def _round(group: Group, one: Candidate, wanted: Wanted) -> tuple[Any, ...]:
    """First the lines after the one taken last, then, from the beginning, those up to it."""
    if wanted.last_taken is None:
        return (*_place(group, one.line),)
    place, last = _place(group, one.line), _place(group, wanted.last_taken)
    return (place <= last, *place)


def _place(group: Group, line: str) -> tuple[int, str]:
    """A line's place in the group's order; lines that it leaves out follow by name."""
    return (group.line_order.index(line) if line in group.line_order else len(group.line_order)), line


def _descending(one: Candidate) -> tuple[Any, ...]:
    """The last by name first. A span's channels from the end that the network does not begin at: less glare."""
    return tuple((-figure, (*(-ord(letter) for letter in text), 1)) for figure, text in natural(one.line))


def _by_prefix(group: Group, one: Candidate, wanted: Wanted) -> tuple[Any, ...]:
    """The longest prefix's lines first, then those on whose own net the number is, then the others."""
    prefix = max((p for p in group.prefixes if wanted.number.startswith(p)), key=len, default=None)
    if prefix is not None and one.line in group.prefixes[prefix]:
        return (0,)
    own = wanted.on_net.get(one.carrier or "", ())
    return (1 if wanted.number.startswith(tuple(own)) else 2,)


_KEYS: dict[str, Callable[[Group, Candidate, Wanted], tuple[Any, ...]]] = {
    "least-recently-used": lambda _group, _one, _wanted: (),
    "least-used": lambda _group, one, _wanted: (one.used_seconds,),
    "round-robin": _round,
    "fixed-order": lambda group, one, _wanted: _place(group, one.line),
    "by-prefix": _by_prefix,
    "ascending": lambda _group, one, _wanted: natural(one.line),
    "descending": lambda _group, one, _wanted: _descending(one),
}
