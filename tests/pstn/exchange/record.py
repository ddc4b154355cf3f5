"""What went over the wire of a span, and what was wrong with it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from tests.pstn.exchange.lapdevents import Trouble
from tests.pstn.exchange.q931 import Message
from tests.pstn.exchange.timetable import Timetable

Way = Literal["in", "out"]
FRAMES_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A message on the wire: when (the clock's seconds), which way, on which span."""

    at: float
    way: Way
    span: str
    message: Message

    def __str__(self) -> str:
        return f"{self.at:.3f} {self.span} {'<' if self.way == 'in' else '>'} {self.message}"


class Record:
    """``violations``: what the gateway did wrong; ``complaints``: where it says that we did; ``troubles``: the link's;
    ``frames``: (seconds, way, octets without FCS) as they passed here, before any fault on the line."""

    def __init__(self, span: str, clock: Timetable) -> None:
        self.messages: list[Seen] = []
        self.violations: list[str] = []
        self.complaints: list[str] = []
        self.troubles: list[Trouble] = []
        self.frames: deque[tuple[float, Way, bytes]] = deque(maxlen=FRAMES_KEPT)
        self._span, self._clock = span, clock

    def message(self, way: Way, what: Message) -> None:
        self.messages.append(Seen(self._clock.now, way, self._span, what))

    def frame(self, way: Way, octets: bytes) -> None:
        self.frames.append((self._clock.now, way, octets))

    def violation(self, text: str, of: Message | None = None) -> None:
        self.violations.append(self._line(text, of))

    def complaint(self, text: str, of: Message) -> None:
        self.complaints.append(self._line(text, of))

    def _line(self, text: str, of: Message | None) -> str:
        return f"{self._clock.now:.3f} {self._span}: {text}{f' — {of}' if of else ''}"
