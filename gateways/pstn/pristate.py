"""A B channel's line and the call on it, as a machine that only thinks: no libpri, no DAHDI, the time is an argument.

Theory of operation. Each method is something that happened; it returns what is to be told (line events) and done
(orders), in order. Between calls the line has the state that its span gives it. A call is *incoming* (first unheard of
by the core while its digits or its caller's name are still to come), or *dialling* and maybe *alerting*, then
*active*; it ends for the core at once, whoever ends it, and the line is *ending* until the network has released the
channel.

::

    idle ── ring ──► incoming ─────────── answer ──────────► active ──► ending ── gone ──► (the span's state)
      └─── dial ──► dialling ─► alerting ─── connected ────────┘  Ended ▲ hang-up, DISCONNECT, a timer
    (any of a call) ── lost: RESTART, layer 2, the card ── Ended ──► (the span's state)
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.bus_payloads import LineStateName
from gateways.line import Alerting, Answered, DialRefused, Ended, IncomingCall, LineStateChanged, ShownCaller, Who
from gateways.pstn.priorders import (
    Clear,
    Drop,
    SendAlerting,
    SendConnect,
    SendSetup,
    StartAudio,
    Step,
    StopAudio,
)

NAME_WAIT = 0.3
"""Seconds that a call is held back for its caller's name, when the network has said that it follows."""
DIGIT_PAUSE = 3.0
"""Seconds without another digit after which a number is taken for whole (Q.931's T302 is 10 to 15: callers wait)."""
ACKNOWLEDGED_FOR, PROCEEDING_FOR, ALERTING_FOR = 30.0, 120.0, 300.0
"""Seconds that the network may take for the next message: T304, T310 and T301 of the user's side (Q.931 table 9-2)."""
GONE_WITHIN = 45.0
"""Seconds that a release may take: T305 and twice T308 (Q.931 table 9-2) are 38."""
CALL_STATES: frozenset[LineStateName] = frozenset({"incoming", "dialling", "alerting", "active"})


@dataclass(slots=True)
class _Call:
    outgoing: bool
    number: str | None = None
    name: str | None = None
    called: str = ""
    redirected_from: str | None = None
    collecting: bool = False
    name_follows: bool = False
    told: bool = False
    audio: bool = False
    due: float | None = None
    cause: int = 16  # of a DISCONNECT whose announcement is being heard
    announced: bool = False
    taken: bool = False  # the network has answered the SETUP


class PriLine:
    """See the module. ``listen``: seconds that an announcement in a DISCONNECT is let through before it is obeyed."""

    def __init__(self, line: str, listen: float = 0.0) -> None:
        self.line = line
        self._listen = listen
        self._service: tuple[LineStateName, str | None] = "absent", None
        self.state: LineStateName = "absent"
        self.reason: str | None = None
        self._call: _Call | None = None
        self._gone_by: float | None = None

    @property
    def in_call(self) -> bool:
        """There is a call that has not ended for the core."""
        return self._call is not None

    @property
    def outgoing(self) -> bool:
        return self._call is not None and self._call.outgoing

    @property
    def asking(self) -> bool:
        """Our call, which the network has not taken on yet: the next message may choose another channel for it."""
        return self._call is not None and self._call.outgoing and not self._call.taken and self.state == "dialling"

    @property
    def idle(self) -> bool:
        """No call, and none that is still being released."""
        return self._call is None and self.state != "ending"

    def serve(self, state: LineStateName, reason: str | None = None) -> list[Step]:
        """The state that the line has without a call; it is shown at once, or after the call."""
        self._service = state, reason
        return [] if not self.idle else self._move(*self._service)

    def _move(self, state: LineStateName, reason: str | None = None, caller: str | None = None) -> list[Step]:
        if (state, reason) == (self.state, self.reason) and caller is None:
            return []
        self.state, self.reason = state, reason
        return [LineStateChanged(self.line, state, reason, caller)]

    # The core

    def dial(self, number: str, caller: ShownCaller | None) -> list[Step]:
        """Call a number; refused unless the line is idle."""
        if self.state == "idle":
            self._call = _Call(outgoing=True, told=True)
            return [*self._move("dialling"), SendSetup(number, caller)]
        if self.state == "incoming":
            return [DialRefused(self.line, 44, "an incoming call came first")]
        if not self.idle or self.state == "booting":
            return [DialRefused(self.line, 44, f"the channel is {self.state}")]
        return [DialRefused(self.line, 38, self.reason or f"the channel is {self.state}")]

    def not_sent(self, text: str) -> list[Step]:
        """The SETUP could not be sent."""
        self._call = None
        return [DialRefused(self.line, 41, text), *self._move(*self._service)]

    def answer(self) -> list[Step]:
        if self.state != "incoming" or self._call is None or not self._call.told:
            return []
        return [SendConnect(), *self._audio(), *self._move("active"), Answered(self.line, "reported")]

    def hang_up(self, cause: int, now: float) -> list[Step]:
        return self._clear(cause, "near", now) if self._call is not None else []

    # An incoming call

    def ring(self, call: IncomingCall, now: float, *, collecting: bool, name_follows: bool) -> list[Step]:
        """A SETUP was given to this line, which had no call; ``collecting``: digits may follow."""
        self._call = _Call(
            False,
            call.number,
            call.name,
            call.called or "",
            call.redirected_from,
            collecting=collecting,
            name_follows=name_follows,
        )
        moved = self._move("incoming", caller=call.number)
        if collecting:
            self._call.due = now + DIGIT_PAUSE
            return moved
        return [*moved, *self._whole(now)]

    def digits(self, digits: str, complete: bool, now: float) -> list[Step]:
        """More of the called number."""
        call = self._call
        if call is None or not call.collecting:
            return []
        call.called += digits
        call.due = now + DIGIT_PAUSE
        return self._whole(now) if complete else []

    @property
    def collected(self) -> int:
        """How many digits of the called number there are."""
        return len(self._call.called) if self._call is not None else 0

    def named(self, name: str | None, now: float) -> list[Step]:
        """The caller's name came after the SETUP."""
        call = self._call
        if call is None or call.outgoing or call.told:
            return []
        call.name, call.name_follows = name, False
        return [] if call.collecting else self._whole(now)

    def _whole(self, now: float) -> list[Step]:
        """The number is; tell the call, or wait for the name."""
        assert self._call is not None
        self._call.collecting = False
        if self._call.name_follows:
            self._call.due = now + NAME_WAIT
            return []
        return self._tell()

    def _tell(self) -> list[Step]:
        call = self._call
        assert call is not None
        call.told, call.due = True, None
        return [
            IncomingCall(self.line, call.number, call.called or None, call.name, call.redirected_from),
            SendAlerting(),
        ]

    # An outgoing call

    def acknowledged(self, inband: bool, now: float) -> list[Step]:
        """SETUP ACKNOWLEDGE."""
        return self._progress(inband, now + ACKNOWLEDGED_FOR)

    def proceeding(self, inband: bool, now: float) -> list[Step]:
        return self._progress(inband, now + PROCEEDING_FOR)

    def progress(self, inband: bool, now: float) -> list[Step]:
        return self._progress(inband, now + ALERTING_FOR)

    def ringing(self, inband: bool, now: float) -> list[Step]:
        if self.state != "dialling":
            return []
        return [*self._progress(inband, now + ALERTING_FOR), *self._move("alerting"), Alerting(self.line)]

    def connected(self) -> list[Step]:
        if self.state not in {"dialling", "alerting"} or self._call is None:
            return []
        self._call.due = None
        return [*self._audio(), *self._move("active"), Answered(self.line, "reported")]

    def _progress(self, inband: bool, due: float) -> list[Step]:
        if self.state not in {"dialling", "alerting"} or self._call is None or self._call.announced:
            return []
        self._call.due, self._call.taken = due, True
        return self._audio() if inband else []

    def _audio(self) -> list[Step]:
        assert self._call is not None
        if self._call.audio:
            return []
        self._call.audio = True
        return [StartAudio()]

    # The end

    def disconnecting(self, cause: int, inband: bool, now: float) -> list[Step]:
        """DISCONNECT: the call is over, but an announcement may be heard before we release."""
        call = self._call
        if call is None:
            return []
        if inband and self._listen and self.state in {"dialling", "alerting"}:
            call.cause, call.announced, call.due = cause, True, now + self._listen
            return self._audio()
        return self._clear(cause, "far", now)

    def gone(self, cause: int, who: Who, text: str = "") -> list[Step]:
        """The network, or libpri, has let go of the call."""
        self._gone_by = None
        return [*self._end(cause, who, text), *self._move(*self._service)]

    def lost(self, cause: int, text: str, *, clear: bool, now: float) -> list[Step]:
        """The channel can carry no call any more; ``clear``: the network is to be told."""
        if self._call is not None and clear:
            return self._clear(cause, "line", now, text)
        if self.idle:
            return []
        return [*self._end(cause, "line", text), Drop(), *self.gone(cause, "line")]

    def give_way(self) -> list[Step]:
        """The network's call comes first on this channel (Q.931 §5.7): ours is cleared, the line is free."""
        return [*self._end(44, "line", "the network called on this channel at the same time"), Clear(31)]

    def _clear(self, cause: int, who: Who, now: float, text: str = "") -> list[Step]:
        self._gone_by = now + GONE_WITHIN
        return [*self._end(cause, who, text), *self._move("ending"), Clear(cause)]

    def _end(self, cause: int, who: Who, text: str) -> list[Step]:
        """End the call for the core. One that it never heard of is not told at all."""
        call, self._call = self._call, None
        if call is None:
            return []
        steps: list[Step] = [StopAudio()] if call.audio else []
        return [*steps, Ended(self.line, cause, who, text)] if call.told else steps

    # Time

    def deadline(self) -> float | None:
        return self._call.due if self._call is not None else self._gone_by

    def tick(self, now: float) -> list[Step]:
        due = self.deadline()
        if due is None or now < due:
            return []
        call = self._call
        if call is None:
            return [Drop(), *self.gone(102, "line")]
        call.due = None
        if call.collecting:
            return self._whole(now)
        if not call.outgoing:
            return self._tell()
        if call.announced:
            return self._clear(call.cause, "far", now)
        return self._clear(102, "line", now, "the network did not go on with the call")
