"""Digits sent in a call. Pure, the time is an argument.

The driver sends them itself (DAHDI_DIAL), in place of what is written, and the first thing that is written ends them
without a word. So the other side's audio is held back (AudioFlow) from a moment before the first digit until the driver
says that the last is out, or should have. What comes in is silent as long, which DAHDI does.
"""

from __future__ import annotations

from gateways.line import AudioFlow
from gateways.pstn.fxoactions import Dial, Output
from gateways.pstn.fxodial import DialPlan, plan_of
from gateways.pstn.fxotimings import Timings


class Digits:
    """Of one line. Methods return what to do and to tell, in order."""

    def __init__(self, line: str, timings: Timings) -> None:
        self._line = line
        self._timings = timings
        self._waiting: list[DialPlan] = []
        self._held = False
        self._at: float | None = None

    @property
    def busy(self) -> bool:
        """Digits are on their way: the driver's DIALCOMPLETE is about them."""
        return self._held

    def send(self, digits: str, now: float) -> list[Output]:
        """Send digits (0-9 * # A-D, pauses ``w`` and ``,``) after those before. ValueError for others."""
        self._waiting.append(plan_of(digits))
        if self._held:
            return []
        self._held, self._at = True, now + self._timings.digits_guard
        return [AudioFlow(self._line, False)]

    def sent(self, now: float) -> list[Output]:
        """The driver has sent all that it was given."""
        return self._next(now) if self._held else []

    def forget(self) -> None:
        """The call is over."""
        self._waiting.clear()
        self._held, self._at = False, None

    def _next(self, now: float) -> list[Output]:
        if not self._waiting:
            self.forget()
            return [AudioFlow(self._line, True)]
        text = "".join(plan.digits for plan in self._waiting)
        seconds = sum(plan.seconds for plan in self._waiting)
        self._waiting.clear()
        self._at = now + seconds + self._timings.dialling_slack
        return [Dial(DialPlan(text, False, seconds))]

    def deadline(self) -> float | None:
        return self._at

    def tick(self, now: float) -> list[Output]:
        """Begin to send, or give up waiting for the driver's word."""
        return self._next(now) if self._at is not None and now >= self._at else []
