"""What a data link wants done, gathered in order: frames with their C/R bit, and events for layer 3."""

from __future__ import annotations

from tests.pstn.exchange.lapdevents import LinkEvent, Role, Transmit, Trouble
from tests.pstn.exchange.lapdframe import Frame, FrameKind


class LinkOutput:
    """The C/R bit is 1 in the network's commands and the user's responses (ITU-T Q.921 §3.3.2)."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._events: list[LinkEvent] = []

    @property
    def pending(self) -> bool:
        return bool(self._events)

    def take(self) -> list[LinkEvent]:
        """Return, and forget, what there is."""
        events, self._events = self._events, []
        return events

    def command(self, kind: FrameKind, pf: bool = False, ns: int = 0, nr: int = 0, data: bytes = b"") -> None:
        self._events.append(Transmit(Frame(kind, self._role == "network", pf, ns, nr, data).encode()))

    def response(self, kind: FrameKind, pf: bool = False, nr: int = 0, data: bytes = b"") -> None:
        self._events.append(Transmit(Frame(kind, self._role == "user", pf, 0, nr, data).encode()))

    def trouble(self, letter: str, text: str, fault: bool = True) -> None:
        self._events.append(Trouble(letter, text, fault))

    def tell(self, event: LinkEvent) -> None:
        self._events.append(event)
