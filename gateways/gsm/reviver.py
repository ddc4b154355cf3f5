"""Does what the ladder of recovery says for one modem, and keeps the time at which its ports are opened again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from gateways.gsm.at import Finished
from gateways.gsm.ladder import Can, Ladder, Pace, Rung, Step
from gateways.gsm.linestate import Input
from gateways.line import LineEvent, LineRecovery

BOOTS_AFTER = 2.0
"""Seconds after its restart command in which a modem still has its old ports."""


class Patient(Protocol):
    """What reviving needs of the modem."""

    name: str

    def now(self) -> float: ...
    @property
    def usb_path(self) -> str | None: ...
    def responsive(self) -> tuple[bool, bool]:
        """Return whether the ports are open, and whether the modem answered the last commands."""

    def begin_again(self) -> None:
        """Bring the open modem up once more."""

    def ask_restart(self, then: Callable[[Finished], None]) -> None: ...
    def out_of_service(self, happened: Input, reason: str | None, text: str) -> None:
        """Let go of the ports."""


class Power(Protocol):
    """Resets of a modem from outside, by USB path. ``then`` gets what went wrong or None, in the caller's thread."""

    def can_cycle(self, usb_path: str) -> bool: ...
    def reauthorise(self, usb_path: str, then: Callable[[str | None], None]) -> None: ...
    def cycle(self, usb_path: str, then: Callable[[str | None], None]) -> None: ...


class Reviver:
    """See the module. ``open_at`` is when to open the ports, None while they are open or a reset is under way."""

    def __init__(self, modem: Patient, tell: Callable[[LineEvent], None], pace: Pace, power: Power | None) -> None:
        self._modem = modem
        self._tell = tell
        self._power = power
        self._pace = pace
        self._ladder = Ladder(pace)
        self._log = logging.getLogger(f"gateways.gsm.{modem.name}")
        self._serving_since: float | None = None
        self._absent_since: float | None = None
        self.open_at: float | None = modem.now()
        self.busy = False  # a reset is under way: nobody else is to act on the modem

    def opened(self) -> None:
        self.open_at = self._absent_since = None
        self.busy = False  # many modems go before they have answered the command to restart

    def appeared(self) -> None:
        """The modem was plugged in, or has come back from a reset: open it at once. What was tried still counts."""
        self._absent_since = None
        self.open_at = self._modem.now()

    def serving(self) -> None:
        """The modem came into service."""
        if self._serving_since is None:
            self._serving_since = self._modem.now()
            self._ladder.serving(0.0)

    def failed(self, reason: str) -> None:
        """The modem is of no use as it is."""
        self._account()
        self._take(self._ladder.failed(reason, self._can()))

    def refused(self, reason: str) -> None:
        """Something that no reset mends keeps us from it."""
        self._account()
        self._take(self._ladder.refused(reason))

    def vanished(self, reason: str, text: str) -> None:
        """The modem is not there."""
        self._account()
        now = self._modem.now()
        self._absent_since = now if self._absent_since is None else self._absent_since
        step = self._ladder.vanished(reason, now - self._absent_since, self._can())
        self._modem.out_of_service(Input.VANISHED, reason, text)
        if step.rung is Rung.PORT_POWER:
            self._take(step)
        else:
            self.open_at = now + step.wait

    def restart(self, reason: str) -> None:
        """Have the modem boot anew: what ails it, nothing less mends."""
        self._account()
        self._take(self._ladder.restart(reason))

    def start_anew(self) -> None:
        """By command: forget what was tried, open at once."""
        self._ladder.start_anew()
        self._serving_since = self._absent_since = None
        self.open_at = self._modem.now()

    def stop(self) -> None:
        """Let go for good."""
        self.open_at, self.busy = None, True

    def _account(self) -> None:
        if self._serving_since is not None:
            self._ladder.serving(self._modem.now() - self._serving_since)
            self._serving_since = None

    def _can(self) -> Can:
        is_open, answers = self._modem.responsive()
        path = self._modem.usb_path if self._power is not None else None
        cycles = path is not None and self._power is not None and self._power.can_cycle(path)
        return Can(is_open, answers, path is not None, cycles)

    def _take(self, step: Step) -> None:
        self._log.warning("%s; next: %s in %g s", step.reason, step.rung, step.wait)
        self._tell(LineRecovery(self._modem.name, step.rung, step.reason, self._ladder.counts.total()))
        if step.rung is Rung.PING:
            self._modem.begin_again()
        elif step.rung is Rung.RESTART:
            self.busy = True
            self._modem.ask_restart(lambda _: self._let_go(step, BOOTS_AFTER))
        elif step.rung in {Rung.REAUTHORISE, Rung.PORT_POWER}:
            self._reset_from_outside(step)
        else:
            self._let_go(step, step.wait)

    def _let_go(self, step: Step, wait: float) -> None:
        self.busy = False
        self._modem.out_of_service(Input.FAILED, step.reason, step.reason)
        self.open_at = self._modem.now() + wait

    def _reset_from_outside(self, step: Step) -> None:
        path = self._modem.usb_path
        assert self._power is not None
        assert path is not None
        if self._modem.responsive()[0]:
            self._modem.out_of_service(Input.FAILED, step.reason, step.reason)
        self.open_at, self.busy = None, True
        reset = self._power.reauthorise if step.rung is Rung.REAUTHORISE else self._power.cycle
        reset(path, self._was_reset)

    def _was_reset(self, error: str | None) -> None:
        if error is not None:
            self._log.warning("%s", error)
        self.busy = False
        self.open_at = self._modem.now() + self._pace.reopen
