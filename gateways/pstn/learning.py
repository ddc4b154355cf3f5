"""Learns the busy tone of a line: its audio is recorded while the far party hangs up, and the tone looked for in it.

Some exchanges tell a hang-up by nothing but a tone, which differs from the country's. The call in which it is learned
is not ended by any tone meanwhile. Runs in the hardware loop; looking for the tone has a thread of its own.
"""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from appliance.bus import Reply
from gateways.loop import HardwareLoop
from gateways.pstn.dahdi import DahdiError, Monitor
from gateways.pstn.fxo import FxoLine
from gateways.pstn.learn import BusyTone, LearnError, learn

log = logging.getLogger(__name__)
LONGEST = 30.0
"""Seconds that are recorded at most."""
FIRST_LOOK, LOOK_EVERY = 10.0, 5.0
"""After so many seconds the tone is looked for first, and then again: four periods of a slow tone take 4 s."""
BYTES_A_SECOND = 16000


class Learning:
    """One recording. ``done`` is called in the loop when it is over, however it went."""

    def __init__(self, line: FxoLine, loop: HardwareLoop, reply: Reply, done: Callable[[], None]) -> None:
        """Begin; raises DahdiError where the line cannot be listened to."""
        self._line, self._loop, self._reply, self._done = line, loop, reply, done
        self._monitor: Monitor | None = Monitor(line.spec.channel)
        self._heard = bytearray()
        self._look_at = FIRST_LOOK
        self._looking = self._over = False
        line.patient(True)
        loop.watch(self._monitor.fd, select.EPOLLIN, self._ready)

    def _ready(self, _bits: int) -> None:
        if self._monitor is None:
            return
        try:
            self._heard += self._monitor.read()
        except DahdiError as error:
            why = str(error)
            self._end(lambda: self._reply.refuse("not-learned", why))
            return
        seconds = len(self._heard) / BYTES_A_SECOND
        over = seconds >= LONGEST or not self._line.in_call
        if over or (seconds >= self._look_at and not self._looking):
            self._look_at += LOOK_EVERY
            self._look(bytes(self._heard), last=over)

    def _look(self, samples: bytes, *, last: bool) -> None:
        self._looking = True
        if last:
            self._close()
        name = f"learn-{self._line.name}"
        threading.Thread(target=self._search, args=(samples, last), name=name, daemon=True).start()

    def _search(self, samples: bytes, last: bool) -> None:
        try:
            tone = learn(samples)
        except LearnError as error:
            refusal = str(error)
            self._loop.call(lambda: self._not_found(refusal, last))
        except Exception as error:
            log.exception("%s: looking for the busy tone failed", self._line.name)
            refusal = f"looking for the tone failed: {error}"
            self._loop.call(lambda: self._not_found(refusal, True))
        else:
            self._loop.call(lambda: self._end(lambda: self._reply(plain(tone))))

    def _not_found(self, why: str, last: bool) -> None:
        self._looking = False
        if last:
            self._end(lambda: self._reply.refuse("not-learned", why))

    def _close(self) -> None:
        if self._monitor is not None:
            self._loop.unwatch(self._monitor.fd)
            self._monitor.close()
            self._monitor = None

    def _end(self, answer: Callable[[], None]) -> None:
        self._close()
        if self._over:  # an earlier search has come to an end after all
            return
        self._over = True
        self._line.patient(False)
        answer()
        self._done()


def plain(tone: BusyTone) -> dict[str, Any]:
    """Return a tone as JSON can hold it, for ``BusyTone.from_plain``."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(tone).items()}
