"""What a data link is told and tells: its timers, its states, its events (ITU-T Q.921)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Role = Literal["network", "user"]


class LinkState(Enum):
    """Q.921 Annex B: 4 TEI assigned, 5 awaiting establishment, 6 awaiting release, 7 established, 8 timer recovery."""

    RELEASED = 4
    ESTABLISHING = 5
    RELEASING = 6
    ESTABLISHED = 7
    RECOVERY = 8


@dataclass(frozen=True, slots=True)
class LinkTimers:
    """Q.921 §5.9: T200 and T203 in seconds, N200 retransmissions, N201 octets of information, window k."""

    t200: float = 1.0
    t203: float = 10.0
    n200: int = 3
    n201: int = 260
    k: int = 7


@dataclass(frozen=True, slots=True)
class Transmit:
    """A frame for layer 1."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """A layer 3 message came."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Up:
    """The link is established; ``reset``: it was before, and what was under way on it may be lost."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Down:
    """The link is released, or could not be established."""

    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """MDL-ERROR with its letter (Q.921 Table II.1). ``fault``: no line fault explains it, the other side is wrong."""

    letter: str
    text: str
    fault: bool = True


LinkEvent = Transmit | Deliver | Up | Down | Trouble
