"""When to try again, and what to tell people meanwhile: the ladder of recovery, pure.

Rungs so far: ping (the AT channel does it), reopen the port, out of service with growing pauses. A device that is not
there is looked for at a steady pace instead, so that a modem plugged in again is back at once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds, for the whole of a line's recovery; tests shorten them."""

    look_for_device: float = 1.0
    first_retry: float = 2.0
    longest_retry: float = 60.0
    probe: float = 1.0  # one AT during bring-up
    probes: int = 15  # a modem that has just been plugged in takes some 12 s to boot
    sim_retry: float = 10.0
    sim_busy_retry: float = 2.0
    registration_poll: float = 5.0  # while there is no network
    signal_poll: float = 30.0
    call_poll: float = 3.0  # AT+CLCC while there is a call
    hang_up_retry: float = 1.0


class Backoff:
    """Pauses that double from ``first`` up to ``longest`` seconds until ``reset``."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def next(self) -> float:
        pause, self._next = self._next, min(self._next * 2, self._longest)
        return pause

    def reset(self) -> None:
        self._next = self._first


def no_answer(device: str, heard: int) -> str:
    """Return why a modem is out of service that does not answer AT; ``heard``: bytes that came though."""
    if heard:
        return (
            f"{device} sends {heard} bytes that are no answer to AT: "
            "check that at_port is the modem's AT port, or power the modem off and on"
        )
    return f"{device} does not answer AT: power the modem off and on, or check that at_port is its AT port"


def refused(command: str, answer: str, purpose: str) -> str:
    """Return why a modem is out of service that refuses a setting."""
    return f"the modem answers {answer} to {command} ({purpose}): power it off and on, or update its firmware"


def stuck_call() -> str:
    return "the modem has a call that it does not hang up: power it off and on"
