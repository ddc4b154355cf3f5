"""What a call of the exchange consists of: timers, how it ends, what it needs of its span and tells whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from tests.pstn.exchange.channels import Channels
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.q931 import Message
from tests.pstn.exchange.timetable import Timetable

if TYPE_CHECKING:
    from tests.pstn.exchange.callcontrol import CallControl

Who = Literal["gateway", "exchange", "line"]


@dataclass(frozen=True, slots=True)
class CallTimers:
    """Timers of the network's side in seconds (Q.931 Table 9-1)."""

    t301: float = 180.0
    t302: float = 12.0
    t303: float = 4.0
    t305: float = 30.0
    t306: float = 30.0
    t308: float = 4.0
    t309: float = 90.0
    t310: float = 10.0
    t316: float = 120.0
    t322: float = 4.0


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended: Q.850 cause, and who ended it first; ``line``: a restart, a lost link, a timer."""

    cause: int
    who: Who
    text: str = ""


class Interface(Protocol):
    """What a call needs of its span."""

    plan: SpanPlan
    clock: Timetable
    timers: CallTimers
    channels: Channels

    def send(self, what: Message) -> None: ...
    def violation(self, text: str, of: Message | None = None) -> None: ...
    def complaint(self, text: str, of: Message) -> None: ...
    def over(self, call: CallControl) -> None: ...


class Listener(Protocol):
    """Who plays the party at the far end of the call."""

    def on_event(self, what: str, of: Message | None) -> None:
        """``what``: "setup acknowledge", "proceeding", "progress", "alerting", "connect", "information", "notify",
        "facility", "connect acknowledge", "cleared" (the gateway clears the call), "ended"."""
