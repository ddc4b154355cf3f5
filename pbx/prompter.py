"""Says prompts to a leg, one after the other, and tells when they are over."""

from __future__ import annotations

import logging
import wave
from collections.abc import Callable, Sequence

from pbx.loop import Loop, Timer
from pbx.sip import DeadLeg, SipCore

log = logging.getLogger(__name__)


class Prompter:
    """At most one sequence of prompts a leg; a new one replaces it. The end is timed by the files' own length."""

    def __init__(self, sip: SipCore, loop: Loop) -> None:
        self._sip = sip
        self._loop = loop
        self._timers: dict[int, Timer] = {}

    def say(self, leg: int, prompts: Sequence[str], then: Callable[[], None]) -> None:
        """Play ``prompts``, then call ``then``. A missing prompt is logged and skipped; a dead leg hears none."""
        self.stop(leg)
        self._next(leg, list(prompts), then)

    def stop(self, leg: int) -> None:
        """Stop the sequence; ``then`` is not called. What the leg hears is for the caller to say."""
        timer = self._timers.pop(leg, None)
        if timer is not None:
            timer.cancel()

    def _next(self, leg: int, prompts: list[str], then: Callable[[], None]) -> None:
        self._timers.pop(leg, None)
        while prompts:
            name = prompts.pop(0)
            try:
                seconds = self._sip.play(leg, name)
            except DeadLeg:
                return
            except (OSError, wave.Error, EOFError) as error:
                log.error("prompt %s can't be played and is skipped: %s", name, error)
                continue
            self._timers[leg] = self._loop.later(seconds, lambda: self._next(leg, prompts, then))
            return
        then()
