"""A call and the states it moves through.

A call begins with its first leg (the caller's) and ends with it, or before it when the core gives up. The states:

    ringing ──► ivr ──► queued ◄─► offering ──► connected ──► ended
       └──────────────────┴───────────┘   (and from every state to ended)

``offering`` means that a second leg is being rung: an agent's phone, an extension, or an outside number over a line.
The table below is the whole truth: a step that is not in it raises ``IllegalStep`` and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from appliance.q850 import Cause
from appliance.store.models import new_id

State = Literal["ringing", "ivr", "queued", "offering", "connected", "ended"]
Step = Literal["ivr", "queue", "offer", "withdraw", "connect", "end"]
Direction = Literal["inbound", "outbound", "internal"]

TABLE: dict[tuple[State, Step], State] = {
    ("ringing", "ivr"): "ivr",
    ("ringing", "queue"): "queued",
    ("ringing", "offer"): "offering",
    ("ringing", "end"): "ended",
    ("ivr", "ivr"): "ivr",
    ("ivr", "queue"): "queued",
    ("ivr", "offer"): "offering",
    ("ivr", "end"): "ended",
    ("queued", "ivr"): "ivr",
    ("queued", "queue"): "queued",
    ("queued", "offer"): "offering",
    ("queued", "end"): "ended",
    ("offering", "withdraw"): "queued",
    ("offering", "offer"): "offering",
    ("offering", "connect"): "connected",
    ("offering", "ivr"): "ivr",
    ("offering", "queue"): "queued",
    ("offering", "end"): "ended",
    ("connected", "end"): "ended",
}


_RESULT: dict[int, str] = {
    Cause.NORMAL_CLEARING: "cancelled",
    Cause.USER_BUSY: "busy",
    Cause.NO_CIRCUIT_AVAILABLE: "busy",
    Cause.NO_USER_RESPONDING: "no-answer",
    Cause.NO_ANSWER: "no-answer",
    Cause.RECOVERY_ON_TIMER_EXPIRY: "no-answer",
}


class IllegalStep(Exception):
    """A step that the state table does not know; the call is left as it was."""


def next_state(state: State, step: Step) -> State:
    """Return the state after ``step``; raise IllegalStep where the table has none."""
    try:
        return TABLE[state, step]
    except KeyError:
        raise IllegalStep(f"a call that is {state} can't take the step {step}") from None


@dataclass(slots=True)
class Call:
    """One call with what the ledger will say of it. Times are UTC; ``mono`` times are seconds of the core's clock."""

    direction: Direction
    caller_leg: int
    ringing_at: datetime
    line: str | None = None
    caller: str | None = None
    did: str | None = None
    caller_name: str | None = None
    redirected_from: str | None = None
    id: str = field(default_factory=new_id)
    state: State = "ringing"
    since: datetime | None = None
    callee_leg: int | None = None
    queue: str | None = None
    agent: str | None = None
    extension: str | None = None
    answered_at: datetime | None = None
    queued_at: datetime | None = None
    queued_mono: float | None = None
    connected_at: datetime | None = None
    connected_mono: float | None = None
    ended_at: datetime | None = None
    wait_seconds: float | None = None
    overflowed: bool = False
    seq: int = 0
    to_be_placed: str | None = None  # click-to-call: what to do once the caller's own phone is answered
    lines_tried: list[str] = field(default_factory=list)
    alerted: bool = False  # has the phone rung that is being called now
    refusals: dict[str, str] = field(default_factory=dict)  # line -> the rule of its SIM's policy that refused the call

    def step(self, step: Step, at: datetime) -> None:
        """Move to the next state at ``at``."""
        self.state = next_state(self.state, step)
        self.since = at

    def result(self, cause: int) -> str:
        """Return in one word what became of an ended call, as the ledger keeps it."""
        if self.connected_at is not None:
            return "connected"
        if self.queued_at is not None:
            return "overflow" if self.overflowed else "abandoned"
        if self.direction == "inbound" and self.answered_at is not None:
            return "ended-in-ivr"
        return _RESULT.get(cause, "failed")

    def row(self) -> dict[str, Any]:
        """Return the ledger columns that are known so far."""
        return {
            "direction": self.direction, "line": self.line, "caller": self.caller, "did": self.did,
            "queue": self.queue, "agent": self.agent, "extension": self.extension, "ringing_at": self.ringing_at,
            "answered_at": self.answered_at, "queued_at": self.queued_at, "connected_at": self.connected_at,
            "ended_at": self.ended_at, "wait_seconds": self.wait_seconds,
        }  # fmt: skip
