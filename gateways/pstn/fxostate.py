"""The phases of an FXO line, as one pure table.

Theory of operation. A port is a telephone: it takes the line (off-hook) or leaves it (on-hook), hears what is on it,
and is told by DAHDI of rings, of the loss of battery and of reversed polarity. Everything else is inferred: who calls
and whether he still does, whether the called party answered, whether anybody is still there.

*absent* while DAHDI has no such channel, *fault* while the line has no battery. Opening a channel puts it on-hook,
whatever it was before, so it begins *cooling*: for a moment in which the exchange still may take on-hook for a hook
flash. From *idle* an incoming call goes *prelude* (the exchange announces it before the ring: the caller's number may
come now) and *ringing*; in Japan it goes ringing → *receiving* (we answer the short rings to get the number, and leave
again) → prelude → ringing. A caller whom our side refuses rings on all the same: *refused*, until he gives up. An
outgoing call goes *seizing* (off-hook, waiting for dial tone), *dialling*, *progress* (listening) and *alerting*. Both
meet in *talking*. When it rings just as we seize the line, the exchange takes that for our answer (glare): the line is
*held* with the caller on it until the core answers. Every end of what was off-hook is cooling.

::

    absent ─opened─► cooling ─► idle ◄────────────────────────┬────────────────┐ expired
       ▲                ▲ ▲      │ ring, prelude      expired │                │
      gone       restored │      ├──────► prelude ──ring──► ringing ─hang_up─► refused
       │                │ │      │            ▲ received     │  │ answer
    (any) ─alarm─► fault  │      │ dial       └─ receiving ◄─┘  │
                          │      ▼                         car  ▼
                          │   seizing ─ring─► held ─answer─► talking
                          │      │ proceed                      ▲ connected
                          │      ▼                              │
                          │   dialling ─► progress ─► alerting ─┘
                          └── (off-hook) ─ended, hang_up

``PHASES`` says of each what is shown, whether the loop is closed and what is listened for; an input that the table has
no row for changes nothing: events of a line come late, twice or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Literal

from appliance.bus_payloads import LineStateName

Listening = Literal["nothing", "caller-id", "dial", "progress", "call"]


class Phase(StrEnum):
    """Where a line is."""

    ABSENT = "absent"
    FAULT = "fault"
    COOLING = "cooling"
    IDLE = "idle"
    PRELUDE = "prelude"
    RINGING = "ringing"
    RECEIVING = "receiving"
    REFUSED = "refused"
    HELD = "held"
    SEIZING = "seizing"
    DIALLING = "dialling"
    PROGRESS = "progress"
    ALERTING = "alerting"
    TALKING = "talking"


class Input(Enum):
    """What can happen to a line."""

    OPENED = auto()
    GONE = auto()
    ALARM = auto()
    RESTORED = auto()
    RING = auto()
    PRELUDE = auto()  # the exchange says that it is going to ring
    CAR = auto()  # Japan's rings that ask to be answered for the caller's number
    RECEIVED = auto()  # ... which has come
    DIAL = auto()
    PROCEED = auto()  # the exchange takes digits now
    DIALLED = auto()
    RINGBACK = auto()
    CONNECTED = auto()
    ANSWER = auto()
    HANG_UP = auto()
    ENDED = auto()  # by the far end, or because the call cannot go on
    EXPIRED = auto()  # the phase's own time is over


@dataclass(frozen=True, slots=True)
class Kind:
    """What a phase is: the state shown, whether the loop is closed, what is listened for, whether the audio is lent
    out, and whether an outgoing call is under way that nobody has answered.
    """

    shown: LineStateName
    off_hook: bool = False
    listening: Listening = "nothing"
    audio: bool = False
    outgoing: bool = False


PHASES: dict[Phase, Kind] = {
    Phase.ABSENT: Kind("absent"),
    Phase.FAULT: Kind("fault"),
    Phase.COOLING: Kind("cooling-down"),
    Phase.IDLE: Kind("idle"),
    Phase.PRELUDE: Kind("incoming", listening="caller-id"),
    Phase.RINGING: Kind("incoming", listening="caller-id"),
    Phase.RECEIVING: Kind("incoming", off_hook=True, listening="caller-id"),
    Phase.REFUSED: Kind("ending"),
    Phase.HELD: Kind("incoming", off_hook=True, listening="call"),
    Phase.SEIZING: Kind("dialling", off_hook=True, listening="dial", outgoing=True),
    Phase.DIALLING: Kind("dialling", off_hook=True, outgoing=True),
    # Audio flows before the answer, so that the first word finds its way ready.
    Phase.PROGRESS: Kind("dialling", off_hook=True, listening="progress", audio=True, outgoing=True),
    Phase.ALERTING: Kind("alerting", off_hook=True, listening="progress", audio=True, outgoing=True),
    Phase.TALKING: Kind("active", off_hook=True, listening="call", audio=True),
}


def _table() -> dict[tuple[Phase, Input], Phase]:
    table: dict[tuple[Phase, Input], Phase] = {
        (Phase.ABSENT, Input.OPENED): Phase.COOLING,
        (Phase.FAULT, Input.RESTORED): Phase.COOLING,
        (Phase.FAULT, Input.RING): Phase.RINGING,  # it has battery, whatever was told
        (Phase.COOLING, Input.RING): Phase.RINGING,
        (Phase.COOLING, Input.EXPIRED): Phase.IDLE,
        (Phase.IDLE, Input.PRELUDE): Phase.PRELUDE,
        (Phase.IDLE, Input.RING): Phase.RINGING,
        (Phase.IDLE, Input.DIAL): Phase.SEIZING,
        (Phase.PRELUDE, Input.RING): Phase.RINGING,
        (Phase.PRELUDE, Input.EXPIRED): Phase.IDLE,
        (Phase.RINGING, Input.CAR): Phase.RECEIVING,
        (Phase.RINGING, Input.ANSWER): Phase.TALKING,
        (Phase.RINGING, Input.HANG_UP): Phase.REFUSED,
        (Phase.RINGING, Input.EXPIRED): Phase.IDLE,
        (Phase.RECEIVING, Input.RECEIVED): Phase.PRELUDE,
        (Phase.RECEIVING, Input.EXPIRED): Phase.PRELUDE,
        (Phase.REFUSED, Input.EXPIRED): Phase.IDLE,
        (Phase.HELD, Input.ANSWER): Phase.TALKING,
        (Phase.SEIZING, Input.RING): Phase.HELD,
        (Phase.SEIZING, Input.PROCEED): Phase.DIALLING,
        (Phase.DIALLING, Input.DIALLED): Phase.PROGRESS,
        (Phase.DIALLING, Input.EXPIRED): Phase.PROGRESS,
        (Phase.PROGRESS, Input.RINGBACK): Phase.ALERTING,
        (Phase.PROGRESS, Input.CONNECTED): Phase.TALKING,
        (Phase.ALERTING, Input.CONNECTED): Phase.TALKING,
    }
    for phase, kind in PHASES.items():
        table[phase, Input.GONE] = Phase.ABSENT
        if phase is not Phase.ABSENT:
            table[phase, Input.ALARM] = Phase.FAULT
        if kind.off_hook:
            table[phase, Input.ENDED] = table[phase, Input.HANG_UP] = Phase.COOLING
    return table


TABLE = _table()
"""(phase, input) → next phase."""


def after(phase: Phase, happened: Input) -> Phase | None:
    """Return the phase that follows, None when ``happened`` means nothing now."""
    return TABLE.get((phase, happened))
