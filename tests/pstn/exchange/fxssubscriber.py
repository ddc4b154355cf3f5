"""Whom the gateway calls over an analogue line: the exchange takes the digits, and the subscriber does what it does."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Literal, Self

from tests.pstn.exchange.fxs import FxsLine, HangUp

Ending = Literal["answers", "busy", "congestion", "unobtainable", "rings", "silence"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What becomes of a call. Times in seconds.

    ``dial_tone_after``: None: no dial tone. ``digits``: how many make a number; 0: a pause of ``digit_pause`` ends it.
    ``connects_in``: from the last digit to ringback or what there is instead. ``rings``: ringback before the answer.
    ``says``: s16le, what the subscriber says at once. ``talks``: hangs up so long after the answer, by ``hang_up``.
    """

    ends: Ending = "answers"
    dial_tone_after: float | None = 0.3
    digits: int = 0
    digit_pause: float = 2.0
    connects_in: float = 0.5
    rings: float = 3.0
    polarity: bool = False
    says: bytes = b""
    talks: float | None = None
    hang_up: HangUp = "battery"


ANSWERS = Behaviour()
BUSY = Behaviour("busy")
CONGESTION = Behaviour("congestion")
UNOBTAINABLE = Behaviour("unobtainable")
NEVER_ANSWERS = Behaviour("rings")
DEAD = Behaviour("silence", dial_tone_after=None)


class FxsSubscriber:
    """Serves the calls that the gateway makes on a line, one after the other, until closed. The line must not ring.

    ``behaviour`` may be changed between calls.
    """

    def __init__(self, line: FxsLine, behaviour: Behaviour = ANSWERS) -> None:
        self.behaviour = behaviour
        self.called: list[str] = []
        """The digits of each call."""
        self.answered_at: float | None = None
        self.hung_up_at: float | None = None
        self._line = line
        self._news = threading.Condition()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fxs-subscriber", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Serve no more."""
        self._over.set()
        self._thread.join(10)

    def wait_called(self, seconds: float, calls: int = 1) -> str:
        """Return the digits of call number ``calls`` once they are all there. Raises TimeoutError."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.called) >= calls, seconds):
                raise TimeoutError(f"no call number {calls} within {seconds} s; digits so far: {self._line.digits!r}")
            return self.called[calls - 1]

    def _run(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                self._line.wait_off_hook(0.3)
                self._serve(self.behaviour)

    def _serve(self, how: Behaviour) -> None:
        self.answered_at = self.hung_up_at = None
        self._line.collect()
        if how.dial_tone_after is not None and self._lasts(how.dial_tone_after):
            self._line.tone("dial")
        if self._number(how) and self._lasts(how.connects_in):
            self._connect(how)
        while self._line.off_hook and not self._over.is_set():
            time.sleep(0.05)

    def _number(self, how: Behaviour) -> bool:
        """Take the digits; False when the gateway gave up."""
        before, changed = "", time.monotonic()
        while self._lasts(0.05):
            digits = self._line.digits
            if digits != before:
                before, changed = digits, time.monotonic()
            enough = len(digits) >= how.digits if how.digits else time.monotonic() > changed + how.digit_pause
            if digits and enough:
                self._line.tone(None)
                with self._news:
                    self.called.append(digits)
                    self._news.notify_all()
                return True
        return False

    def _connect(self, how: Behaviour) -> None:
        if how.ends in ("busy", "congestion", "unobtainable"):
            self._line.tone(how.ends)
        elif how.ends != "silence":
            self._line.tone("ringback")
            if how.ends == "answers" and self._lasts(how.rings):
                self._talk(how)

    def _talk(self, how: Behaviour) -> None:
        self._line.answer(how.polarity)
        self.answered_at = time.monotonic()
        if how.says:
            self._line.play(how.says)
        if how.talks is not None and self._lasts(how.talks):
            self.hung_up_at = self._line.hang_up(how.hang_up)

    def _lasts(self, seconds: float) -> bool:
        """Let time pass; False when the gateway has gone on-hook before."""
        until = time.monotonic() + seconds
        while self._line.off_hook and not self._over.is_set():
            left = until - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, 0.05))
        return False
