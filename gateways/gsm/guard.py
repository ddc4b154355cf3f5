"""Keeps a line within what its SIM may be used for: asked before a call, and ends one that has used up its limit.

Runs in the hardware loop's thread, between the trunk and the modem: commands pass through it one way, events the other.
A line's messages reach the modem through it too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from appliance.q850 import Cause
from gateways.gsm.at import Command, Finished
from gateways.gsm.modem import Modem
from gateways.gsm.policy.rules import Allowed, Refusal
from gateways.gsm.policy.service import SimPolicy
from gateways.line import (
    Answered,
    CallWarning,
    DialRefused,
    Ended,
    IncomingCall,
    LineEvent,
    LineIdentity,
    LineStateChanged,
    ShownCaller,
)

NO_SIM = frozenset({"absent", "sim-missing", "fault"})
"""States in which whatever SIM the line had may be another's the next time."""


PART_USUAL = 4.0
"""Seconds that a network usually takes over a part. It may take a minute, and a call does not wait so long."""


def _now() -> datetime:
    return datetime.now(UTC)


class Guard:
    """A ``gateways.line.Line`` over a modem; give ``heard`` the modem's events. ``tell`` gets all of them in turn."""

    def __init__(self, policy: SimPolicy, tell: Callable[[LineEvent], None]) -> None:
        self._policy = policy
        self._tell = tell
        self.modem: Modem  # whose events come to ``heard``, so that it is made after this
        self._dialled = ""
        self._part_since: float | None = None  # since when the modem has a message's part that it has not answered
        self._answered_at: float | None = None
        self._warn_at: float | None = None
        self._end_at: float | None = None

    @property
    def name(self) -> str:
        return self.modem.name

    @property
    def number(self) -> str | None:
        return self.modem.number

    @property
    def in_call(self) -> bool:
        return self.modem.in_call

    def dial(self, number: str, caller: ShownCaller | None = None) -> None:  # noqa: ARG002  # a SIM shows its own number
        verdict = self.may_dial(number)
        if isinstance(verdict, Refusal):
            self._tell(DialRefused(self.name, Cause.NO_CIRCUIT_AVAILABLE, f"{verdict.rule}: {verdict.text}"))
            return
        if self._part_since is not None and time.monotonic() >= self._part_since + PART_USUAL:
            text = f"{self.name}: the network takes long over a message, which nothing can cut short"
            self._tell(DialRefused(self.name, Cause.NO_CIRCUIT_AVAILABLE, text))
            return
        self._dialled = number
        self.modem.dial(number)

    def may_dial(self, number: str) -> Refusal | Allowed:
        """Return what the SIM's policy says to a call."""
        return self._policy.may_dial(self.name, number, _now())

    def answer(self) -> None:
        self.modem.answer()

    def hang_up(self, cause: int = 16) -> None:
        self.modem.hang_up(cause)

    def send_dtmf(self, digits: str) -> None:
        self.modem.send_dtmf(digits)

    def mend_audio(self) -> None:
        self.modem.mend_audio()

    def unlock(self) -> bool:
        """Lift the lock of the SIM in the line; False where none is known."""
        view = self._policy.view(self.name, _now())
        return view is not None and self._policy.unlock(view.iccid, _now())

    # The wire of the line's messages

    def now(self) -> float:
        return self.modem.now()

    def quiet(self) -> bool:
        return self.modem.quiet()

    def message_refusal(self, _peer: str) -> str | None:
        """Return why no message may be sent now."""
        refusal = self._policy.may_send(self.name, 1, _now())
        return None if refusal is None else f"{refusal.rule}: {refusal.text}"

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        """Send a command. A message's part counts unless it certainly did not go out: the operator may bill it."""

        def counted(answer: Finished) -> None:
            self._part_since = None
            if answer.final.ok or (answer.written and answer.final.kind == "TIMEOUT"):
                self._policy.sms_sent(self.name, 1, _now())
            if then is not None:
                then(answer)

        if command.payload is not None:
            self._part_since = time.monotonic()
        self.modem.send(command, then if command.payload is None else counted)
        self.modem.pump()

    # Events

    def heard(self, event: LineEvent) -> None:
        """Take an event of the modem: count what it means for the SIM, and pass it on."""
        match event:
            case LineIdentity() if event.iccid is not None:
                self._policy.sim_seen(event.line, event.iccid, event.imsi, _now())
            case LineStateChanged(state="dialling"):
                self._policy.call_began(event.line, self._dialled, "outbound", _now())
            case LineStateChanged() if event.state in {"booting", *NO_SIM}:
                self._left(event)
            case IncomingCall():
                self._policy.call_began(event.line, event.number, "inbound", _now())
            case Answered():
                self._limit(self._policy.call_answered(event.line, _now()))
            case Ended():
                self._ended(event)
        self._tell(event)

    def _left(self, event: LineStateChanged) -> None:
        """What the modem was doing will not be answered any more, and its SIM may be another."""
        if self._part_since is not None:
            self._part_since = None
            self._policy.sms_sent(event.line, 1, _now())
        if event.state in NO_SIM:
            self._policy.sim_gone(event.line, _now())

    def _limit(self, limit: Allowed) -> None:
        now = self._answered_at = time.monotonic()
        self._warn_at = None if limit.warn_at is None else now + limit.warn_at
        self._end_at = None if limit.max_seconds is None else now + limit.max_seconds

    def _ended(self, event: Ended) -> None:
        lasted = None if self._answered_at is None else time.monotonic() - self._answered_at
        self._answered_at = self._warn_at = self._end_at = None
        self._policy.call_ended(event.line, event.cause, event.who, _now(), lasted)

    def deadline(self) -> float | None:
        return min((at for at in (self._warn_at, self._end_at) if at is not None), default=None)

    def tick(self, now: float) -> None:
        if self._warn_at is not None and now >= self._warn_at:
            self._warn_at = None
            self._tell(CallWarning(self.name))
        if self._end_at is not None and now >= self._end_at:
            self._end_at = None
            self.modem.hang_up(Cause.NORMAL_CLEARING)
