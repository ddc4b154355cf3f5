"""What a line tells of messages and USSD: for the bus. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message is in the store under ``id``. ``missing``: how many parts of it have not come.

    Told again, with the same ``id``, when a missing part comes after all. ``sent_at`` is the service centre's time.
    """

    line: str
    id: str
    peer: str
    text: str
    flash: bool
    received_at: datetime
    sent_at: datetime | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class MessageSent:
    """The network took the last part of an outbound message."""

    line: str
    id: str


@dataclass(frozen=True, slots=True)
class MessageDelivered:
    """The recipient's phone has all parts of an outbound message."""

    line: str
    id: str


@dataclass(frozen=True, slots=True)
class MessageFailed:
    """An outbound message will not be tried again. ``unknown``: it may have gone out all the same."""

    line: str
    id: str
    reason: str
    unknown: bool = False


UssdStatus = Literal["done", "menu", "ended", "unsupported", "timeout", "failed", "busy", "cancelled", "pushed"]


@dataclass(frozen=True, slots=True)
class UssdAnswer:
    """What became of a USSD request. ``text`` is the network's, ``error`` says why there is none and what to do.

    ``done``: answered, the session is over; ``menu``: the network waits for a reply; ``ended``: it ended the session
    (``text`` may still be the answer); ``pushed``: nobody asked, the network says it by itself.
    """

    line: str
    status: UssdStatus
    text: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of a SIM was asked: its amount, or None and why."""

    line: str
    iccid: str
    at: datetime
    amount: float | None = None
    currency: str | None = None
    expiry: str | None = None
    text: str | None = None
    error: str | None = None


MessageEvent = MessageReceived | MessageSent | MessageDelivered | MessageFailed | UssdAnswer | Balance
