"""Agents: where each is logged in and what each is doing.

                      ┌────────── pause / unpause ─────────► paused
    logged-out ◄──► available ──► ringing ──► on-call ──► wrap-up ──► available
                      ▲              │
                      └── no answer ─┘

A pause or log-out asked for in a call takes effect when the call ends. Times are seconds of the core's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["logged-out", "available", "ringing", "on-call", "wrap-up", "paused"]
Step = Literal["login", "logout", "pause", "unpause", "ring", "release", "connect", "wrap-up", "ready"]

BUSY: frozenset[State] = frozenset({"ringing", "on-call"})
PHONE_UNREACHABLE = "phone unreachable"  # the pause reason that ends by itself when the phone registers again

TABLE: dict[tuple[State, Step], State] = {
    ("logged-out", "login"): "available",
    ("available", "login"): "available",
    ("available", "logout"): "logged-out",
    ("available", "pause"): "paused",
    ("available", "ring"): "ringing",
    ("available", "connect"): "on-call",  # a call the agent made, or one to the extension itself
    ("ringing", "release"): "available",
    ("ringing", "connect"): "on-call",
    ("on-call", "wrap-up"): "wrap-up",
    ("on-call", "ready"): "available",
    ("wrap-up", "ready"): "available",
    ("wrap-up", "unpause"): "available",
    ("wrap-up", "pause"): "paused",
    ("wrap-up", "logout"): "logged-out",
    ("wrap-up", "connect"): "on-call",
    ("wrap-up", "login"): "available",
    ("paused", "pause"): "paused",
    ("paused", "unpause"): "available",
    ("paused", "logout"): "logged-out",
    ("paused", "login"): "available",
    ("paused", "connect"): "on-call",
}


class AgentRefusal(Exception):
    """A command to an agent can't be carried out; ``id`` is stable, the text says what to do."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.id = error_id


@dataclass(slots=True)
class Agent:
    """One agent as the core sees them now."""

    number: str
    name: str
    queues: tuple[str, ...] = ()
    state: State = "logged-out"
    since: float = 0.0
    extension: str | None = None
    reason: str | None = None
    call: str | None = None
    not_before: float = 0.0  # no offer before this time: the phone has just refused one
    phone_busy: bool = False  # the phone is speaking to a feature code
    after_call: Literal["logout", "pause"] | None = None
    after_call_reason: str | None = None
    back_to_pause: str | None = None  # made a call while paused: goes back to the pause

    def step(self, step: Step, now: float) -> None:
        """Take a step of the table; raise AgentRefusal where it has none."""
        try:
            state = TABLE[self.state, step]
        except KeyError:
            raise AgentRefusal("agent-state", f"agent {self.number} is {self.state}: can't {step}") from None
        self.state, self.since = state, now
        if state not in ("ringing", "on-call", "wrap-up"):
            self.call = None
        if state != "paused":
            self.reason = None
        if state == "logged-out":
            self.extension = None

    def can_be_offered(self, now: float) -> bool:
        """Say whether a call of a queue may be offered now."""
        return self.state == "available" and not self.phone_busy and now >= self.not_before

    def finish_call(self, wrap_up: bool, now: float) -> State:
        """The call is over: wrap up, or at once what was asked for in the call; return the new state."""
        if self.after_call == "logout":
            self.step("wrap-up", now)
            self.step("logout", now)
        elif self.after_call == "pause" or self.back_to_pause is not None:
            reason = self.after_call_reason if self.after_call == "pause" else self.back_to_pause
            self.step("wrap-up", now)
            self.step("pause", now)
            self.reason = reason
        else:
            self.step("wrap-up" if wrap_up else "ready", now)
        self.after_call = self.after_call_reason = self.back_to_pause = None
        return self.state
