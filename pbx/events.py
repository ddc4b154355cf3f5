"""What happens to the core, as values: SIP and media events of a leg. Made by ``pbx.sip``, read by ``pbx.switch``.

A leg is one SIP dialog between the core and a phone or a gateway; ``leg`` is the core's own number for it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a leg."""

    leg: int


@dataclass(frozen=True, slots=True)
class LegArrived(Event):
    """An INVITE came in from the edge or a gateway. ``caller`` is None where it is withheld.

    ``name`` is what the network says of the caller, ``redirected_from`` the number that sent the call on to us.
    """

    called: str
    caller: str | None
    line: str | None  # set by a gateway (X-Callfloor-Line)
    extension: str | None  # set by the edge (X-Edge-User)
    name: str | None = None
    redirected_from: str | None = None


@dataclass(frozen=True, slots=True)
class LegRinging(Event):
    """The far end alerts (180 or 183)."""


@dataclass(frozen=True, slots=True)
class LegAnswered(Event):
    """The dialog is confirmed: 200 and ACK have passed."""


@dataclass(frozen=True, slots=True)
class LegMediaReady(Event):
    """Audio of the leg can be connected from now on."""


@dataclass(frozen=True, slots=True)
class LegDigit(Event):
    """A telephone-event (RFC 4733) digit: 0-9, *, #, A-D."""

    digit: str


@dataclass(frozen=True, slots=True)
class LegFaxHeard(Event):
    """The line's far party is a fax machine: ``tone`` is cng of a caller, ced of one that answers (T.30)."""

    tone: str


@dataclass(frozen=True, slots=True)
class LegEnded(Event):
    """The dialog is over. ``status`` is the SIP status (200 for BYE), ``cause`` Q.850, ``by_us`` who ended it.

    ``text`` is what the far end said of the cause (RFC 3326), '' where it said nothing.
    """

    status: int
    cause: int
    by_us: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class LegSilent(Event):
    """No RTP has come on the leg for ``seconds``: the far end is dead or cut off."""

    seconds: float
