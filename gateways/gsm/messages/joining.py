"""Which parts belong to one message: pure.

A sender's reference comes round again (8 bits), and some senders never change theirs, so parts of one SIM, sender,
reference and total belong together only if they are near in time and differ in number. Near by the service centre's
time: a part that was held up for days still carries the time of its message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WAIT = timedelta(seconds=600)
"""How long parts wait for the others after the last one came, and how far apart in time they may have been sent."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a long message. ``message``: the id of a message that it is in already."""

    digest: str
    seq: int
    total: int
    sent_at: datetime
    received_at: datetime
    message: str | None = None


def groups(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Return pieces of one SIM, sender, reference and total as messages, each in order of ``seq``.

    Those in a message already stay with it. Each other one joins the nearest message that lacks it.
    """
    found: dict[str, list[Piece]] = {}
    for piece in sorted(pieces, key=lambda piece: (piece.message is None, piece.sent_at, piece.received_at, piece.seq)):
        fitting = [name for name, group in found.items() if _lacks(group, piece) and _distance(group, piece) <= WAIT]
        nearest = min(fitting, key=lambda name: _distance(found[name], piece), default=piece.digest)
        found.setdefault(piece.message or nearest, []).append(piece)
    return [sorted(group, key=lambda piece: piece.seq) for group in found.values()]


def _lacks(group: Sequence[Piece], piece: Piece) -> bool:
    return all(other.seq != piece.seq for other in group)


def _distance(group: Sequence[Piece], piece: Piece) -> timedelta:
    return min(abs(other.sent_at - piece.sent_at) for other in group)


def complete(group: Sequence[Piece]) -> bool:
    return len(group) == group[0].total


def given_up(group: Sequence[Piece], now: datetime) -> bool:
    """Say whether a group has waited long enough; a clock that was set back must not make it wait for ever."""
    return abs(now - max(piece.received_at for piece in group)) > WAIT
