"""What a D channel tells (Q.931 messages as libpri reports them) and what a SETUP is made of: plain data, no pointers.

A *slot* is a B channel's number in Q.931 (§4.5.13: the timeslot) with its interface of an NFAS group above bit 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Call:
    """A call's handle: the same object in all its events.

    ``reference`` is Q.931's with its flag as the far end sends it; ``over``: libpri has let go of the call.
    """

    reference: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """A number: ``plan`` is Q.931's octet of type and plan (0x21: national, ISDN).

    ``withheld``: presentation restricted; ``digits`` and ``name`` may be there all the same, for nobody to see.
    """

    digits: str
    plan: int = 0
    withheld: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """A SETUP to send. ``name`` of the caller goes out as the switch type has it (Display, or a Facility)."""

    slot: int
    called: Party
    exclusive: bool = True
    caller: Party | None = None
    redirecting: Party | None = None
    alaw: bool = True


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Layer 2 is established (or, where the switch has SERVICE messages, the D channel is back in service)."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """Layer 2 is lost, or the D channel was taken out of service."""


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """Both ends think they are the network, or both the user."""

    text: str


@dataclass(frozen=True, slots=True)
class Ring:
    """SETUP: answer before the next event. ``slot`` None: whichever; ``exclusive``: that one or none.

    ``audio``: speech or 3.1 kHz, which we can carry. ``signalling``: no call but a connection for supplementary
    services. ``complete``: no more digits will come. ``name_follows``: the caller's name comes in a FACILITY.
    """

    call: Call
    slot: int | None
    exclusive: bool
    audio: bool
    signalling: bool
    complete: bool
    called: str
    caller: Party | None
    redirecting: Party | None = None
    name_follows: bool = False


@dataclass(frozen=True, slots=True)
class Digits:
    """INFORMATION: more digits of the called number."""

    call: Call
    digits: str
    complete: bool


@dataclass(frozen=True, slots=True)
class SetupAcknowledged:
    """SETUP ACKNOWLEDGE: the network would take more digits."""

    call: Call
    slot: int | None
    inband: bool


@dataclass(frozen=True, slots=True)
class Proceeding:
    """CALL PROCEEDING. ``inband``: tones or announcements are, or may be, on the B channel (progress 1 or 8)."""

    call: Call
    slot: int | None
    inband: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """PROGRESS."""

    call: Call
    inband: bool


@dataclass(frozen=True, slots=True)
class Ringing:
    """ALERTING."""

    call: Call
    slot: int | None
    inband: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """CONNECT of our call (the acknowledgement is sent)."""

    call: Call
    slot: int | None


@dataclass(frozen=True, slots=True)
class CallerNamed:
    """FACILITY: the calling party's name, after the SETUP."""

    call: Call
    name: str | None


@dataclass(frozen=True, slots=True)
class Disconnecting:
    """DISCONNECT: hang up too (RELEASE), or first let the announcement be heard that is on the channel (``inband``)."""

    call: Call
    cause: int
    inband: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """The call is over, by the far end, a timer, layer 2 or our hang-up, which this answers. So is its handle."""

    call: Call
    cause: int


@dataclass(frozen=True, slots=True)
class Restarted:
    """The far end sent RESTART (it is acknowledged): calls on ``slots`` are no more; empty: on all of the interface."""

    slots: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RestartAcknowledged:
    """RESTART ACKNOWLEDGE for a slot; None: it did not say which."""

    slot: int | None


@dataclass(frozen=True, slots=True)
class Service:
    """SERVICE or its acknowledgement: the B channel is in (0) or out of service (1 maintenance, 2 out of service)."""

    slot: int
    status: int
    acknowledged: bool


PriEvent = (
    LinkUp
    | LinkDown
    | Misconfigured
    | Ring
    | Digits
    | SetupAcknowledged
    | Proceeding
    | Progress
    | Ringing
    | Connected
    | CallerNamed
    | Disconnecting
    | Gone
    | Restarted
    | RestartAcknowledged
    | Service
)
