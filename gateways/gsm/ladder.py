"""The ladder of recovery: what to try next with a modem that fails, and when. Pure; the line does it.

From the mildest to the harshest:

    PING        one AT: the last answer may have been lost
    REOPEN      close the ports and open them again
    RESTART     the modem's own restart (AT+CFUN=1,1; SIMCom AT+CRESET), which needs a modem that answers
    REAUTHORISE take the device from its drivers and give it back
    PORT_POWER  switch the power of its hub's port off and on
    REST        out of service for a while; then from REOPEN again, and the pauses grow

The mildest that was not tried yet is next; one that cannot be done now is left out. Only serving brings a modem back to
the foot: one that fails again within ``settled`` seconds goes on where it was. What no reset cures (a port in use, no
permission) does not climb. A modem that is not there is looked for at a steady pace, with the hub's power tried now and
then, because a modem that has crashed off the bus needs it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Rung(StrEnum):
    PING = "ping"
    REOPEN = "reopen"
    RESTART = "restart"
    REAUTHORISE = "reauthorise"
    PORT_POWER = "port-power"
    REST = "out-of-service"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Can:
    """What is possible now. ``open``: the ports are; ``answers``: it takes AT commands; ``usb``: its path is known."""

    open: bool = False
    answers: bool = False
    usb: bool = False
    hub_power: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Do ``rung`` in ``wait`` seconds. For REST and LOOK that is: let go of the ports, and open them after ``wait``."""

    rung: Rung
    wait: float
    reason: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, and tries of each rung."""

    reopen: float = 2.0
    look: float = 1.0
    vanished_power: float = 60.0  # absent for so long: try the port's power
    first_rest: float = 60.0
    longest_rest: float = 1800.0
    settled: float = 120.0
    tries: int = 2  # of REOPEN and RESTART; the others once


_CLIMB = (Rung.PING, Rung.REOPEN, Rung.RESTART, Rung.REAUTHORISE, Rung.PORT_POWER)


class Ladder:
    """One modem's. ``failed``, ``refused`` and ``vanished`` return the next step; ``serving`` says that it is well."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._tried: Counter[Rung] = Counter()
        self._rest = self._pace.first_rest
        self._power_tried_at = 0.0
        self.counts: Counter[Rung] = Counter()
        """How often each rung was taken since the start: for people."""
        self.reason: str | None = None
        """Why the last step was taken; None while all is well."""

    def failed(self, reason: str, can: Can) -> Step:
        """Return what to try after a failure that a reset may cure."""
        for rung in _CLIMB:
            if self._possible(rung, can) and self._tried[rung] < self._tries(rung):
                self._tried[rung] += 1
                return self._take(rung, self._pace.reopen if rung is Rung.REOPEN else 0.0, reason)
        return self._pause(reason)

    def refused(self, reason: str) -> Step:
        """Return what to do about a failure that no reset cures: wait, longer each time."""
        return self._pause(reason)

    def restart(self, reason: str) -> Step:
        """Return the step for what is known to need the modem's own restart."""
        return self._take(Rung.RESTART, 0.0, reason)

    def vanished(self, reason: str, absent: float, can: Can) -> Step:
        """Return what to do about a modem that has not been there for ``absent`` seconds."""
        if absent < self._power_tried_at:  # another absence
            self._power_tried_at = 0.0
        due = max(self._pace.vanished_power, self._power_tried_at * 2)
        if can.usb and can.hub_power and absent >= due:
            self._power_tried_at = absent
            return self._take(Rung.PORT_POWER, 0.0, reason)
        self.reason = reason
        return Step(Rung.LOOK, self._pace.look, reason)

    def serving(self, seconds: float) -> None:
        """Tell for how long the modem has been in service without a break."""
        self.reason = None
        if seconds >= self._pace.settled:
            self.start_anew()

    def start_anew(self) -> None:
        """Forget what was tried; the counts stay. For a modem that was replaced, or a reset by command."""
        self._tried.clear()
        self._rest = self._pace.first_rest
        self._power_tried_at = 0.0

    def _possible(self, rung: Rung, can: Can) -> bool:
        return {
            Rung.PING: can.open,
            Rung.REOPEN: True,
            Rung.RESTART: can.open and can.answers,
            Rung.REAUTHORISE: can.usb,
            Rung.PORT_POWER: can.usb and can.hub_power,
        }[rung]

    def _tries(self, rung: Rung) -> int:
        return self._pace.tries if rung in {Rung.REOPEN, Rung.RESTART} else 1

    def _take(self, rung: Rung, wait: float, reason: str) -> Step:
        self.counts[rung] += 1
        self.reason = reason
        return Step(rung, wait, reason)

    def _pause(self, reason: str) -> Step:
        wait, self._rest = self._rest, min(self._rest * 2, self._pace.longest_rest)
        step = self._take(Rung.REST, wait, reason)
        self._tried.clear()
        self._tried[Rung.PING] = 1  # after a rest the ports are opened anyway
        return step
