"""Setting up a call's audio as its family wants it: which commands, at which moment, and how often to try."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol

from gateways.gsm.at import Command, Finished
from gateways.gsm.dialects import Dialect

Moment = Literal["before", "dialled", "active"]
MOST_MENDS = 2
"""Tries in one call to bring a dead uplink back, after which the modem needs a restart."""


class Wire(Protocol):
    """What the set-up needs of the modem."""

    def now(self) -> float: ...
    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None: ...


class AudioSetup:
    """``started`` is called when samples may flow, ``failed`` with the reason when the family's tries are used up."""

    def __init__(
        self, dialect: Dialect, card: bool, wire: Wire, started: Callable[[], None], failed: Callable[[str], None]
    ) -> None:
        """``card``: the line's voice is on a sound card, not on the modem's tty."""
        plan = dialect.AUDIO
        self._plan = plan
        self._on = plan.card if card else dialect.audio_on()
        self._rearm = plan.card if card else dialect.rearm_audio()
        self._off = dialect.audio_off() if plan.card or not card else ()
        self._when: Moment = plan.when if self._on else "before"
        self._wire = wire
        self._started = started
        self._failed = failed
        self._round = 0  # of which call an answer is
        self._tries = self._mends = 0
        self._wanted = False
        self.retry_at: float | None = None

    def at(self, moment: Moment) -> None:
        """The call has come to a moment: switch the audio on if this family does it then."""
        if moment != self._when or self._wanted:
            return
        self._wanted = True
        self._tries, self._mends = self._plan.tries, 0
        self._try(self._on)

    def mend(self) -> bool:
        """Arm the audio anew in the call; False where the family has nothing for it, or it has not helped."""
        if self._wanted and self._rearm:
            self._tries = 1
            self._mends += 1
            self._try(self._rearm)
        return bool(self._rearm) and self._mends <= MOST_MENDS

    def stop(self) -> None:
        """The call is over."""
        self._round += 1
        self._wanted, self.retry_at = False, None
        for command in self._off:
            self._wire.send(command)

    def forget(self) -> None:
        """The modem has gone, and its audio with it."""
        self._round += 1
        self._wanted, self.retry_at = False, None

    def tick(self, now: float) -> None:
        if self.retry_at is not None and now >= self.retry_at:
            self._try(self._on)

    def _try(self, commands: tuple[Command, ...]) -> None:
        self.retry_at = None
        if not commands:  # the sound card is always there
            self._started()
            return
        for command in commands[:-1]:
            self._wire.send(command)
        self._wire.send(commands[-1], partial(self._answered, self._round))

    def _answered(self, of: int, answer: Finished) -> None:
        if of != self._round or answer.final.kind == "DROPPED":
            return
        if answer.final.ok:
            self._started()
            return
        self._tries -= 1
        if self._tries > 0:
            self.retry_at = self._wire.now() + self._plan.retry
        else:
            self._failed(f"the modem answers {answer.final} to {answer.command.text}: no audio")
