"""An analogue line of the exchange, on an FXS channel of DAHDI whose other end is the gateway's FXO port.

    with FxsLine(189) as line:
        line.ring(caller_id=audio)
        line.wait_off_hook(5)
        line.play(speech)
        line.hang_up("battery")
        line.wait_on_hook(5)

We feed the loop and ring, the gateway closes and opens it (ITU-T Q.552). All methods may be called from any thread; one
thread of its own moves audio and sees events. ``Seen.at`` and what waits return is ``time.monotonic``.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self

from tests.pstn.exchange.fxsaudio import FxsAudio
from tests.pstn.exchange.fxsport import FxsPort, Happening
from tests.pstn.exchange.progresstones import Name, period

RING = (2000, 4000)
"""ms on and off."""
AFTER_FIRST_RING = 0.55
"""Seconds from the first ring's end to caller ID: 0.5 to 1.5 (ETSI EN 300 659-1 §6.1.2)."""
BEFORE_FIRST_RING = 0.3
"""Seconds from caller ID's end to the first ring: 0.2 to 0.5 (ETSI EN 300 659-1 §6.1.1)."""
HangUp = Literal["battery", "polarity", "busy", "silence"]


@dataclass(frozen=True, slots=True)
class Seen:
    """Something happened on the line."""

    at: float
    what: Happening
    digit: str = ""


class FxsLine:
    """See the module. ``country``: whose tones. Digits are heard only after ``collect``."""

    def __init__(self, channel: int, country: str = "us") -> None:
        self.country = country
        self.seen: list[Seen] = []
        self.digits = ""
        self.rings = 0
        self.reception = False
        """What opens the loop next is no hang-up but the phone's "I have the number" (Japan)."""
        self._port = FxsPort(channel)
        self._audio = FxsAudio(self._port)
        self._news = threading.Condition(threading.RLock())
        self._off_hook = self._port.loop_closed
        self._changed_at = time.monotonic()
        self._reversed = False
        self._caller_id = b""
        self._running = True
        self._thread = threading.Thread(target=self._run, name=f"fxs-{channel}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Be idle and let go of the channel."""
        if self._running:
            self._running = False
            self._thread.join(5)
            self._port.close()

    # Ringing

    def ring(
        self,
        caller_id: bytes = b"",
        *,
        before: bool = False,
        reversal: bool = False,
        cadence: tuple[int, ...] = RING,
    ) -> None:
        """Ring until off-hook, or ``stop_ringing``. ``cadence``: ms on and off in turn (distinctive ring).

        ``caller_id`` (s16le) sounds after the first ring, or ``before`` it; ``reversal``: the line is reversed first.
        """
        with self._news:
            self.rings, self._caller_id = 0, b""
            if reversal:
                self.reverse(not self._reversed)
            if not before:
                self._caller_id = caller_id
                self._port.ring(cadence)
                return
            self._audio.play(caller_id)
        self.wait_played(len(caller_id) / 16000 + 5)
        time.sleep(BEFORE_FIRST_RING)
        with self._news:
            if not self._off_hook:
                self._port.ring(cadence)

    def stop_ringing(self) -> None:
        """The caller gives up."""
        with self._news:
            self._port.stop_ringing()
            self._audio.stop()
            self._caller_id = b""
            if self._reversed:
                self.reverse(False)

    def wait_rings(self, count: int, seconds: float) -> None:
        """Wait until so many rings have ended since ``ring``. Raises TimeoutError."""
        self._wait(lambda: self.rings >= count, seconds, f"{count} rings")

    # The gateway's hook

    @property
    def off_hook(self) -> bool:
        """The loop is closed."""
        return self._off_hook

    def wait_off_hook(self, seconds: float) -> float:
        """Return when it was seen. Raises TimeoutError."""
        self._wait(lambda: self._off_hook, seconds, "off-hook")
        return self._changed_at

    def wait_on_hook(self, seconds: float) -> float:
        """Return when it was seen, which is later than it was done by the time of a flash. Raises TimeoutError."""
        self._wait(lambda: not self._off_hook, seconds, "on-hook")
        return self._changed_at

    def set_times(self, flash: int = 1250, debounce: int = 600) -> None:
        """An open loop is on-hook after ``flash`` ms, and none is looked at for ``debounce`` ms after off-hook."""
        with self._news:
            self._port.set_times(flash, debounce)

    def count(self, what: Happening) -> int:
        """How often it happened."""
        return sum(one.what == what for one in self.seen)

    # Digits

    def collect(self) -> None:
        """Hear digits from now on; a tone that is given stops at the first."""
        with self._news:
            self.digits = ""
            self._audio.collect(True)

    def wait_digits(self, count: int, seconds: float) -> str:
        """Return the digits when there are so many. Raises TimeoutError."""
        self._wait(lambda: len(self.digits) >= count, seconds, f"{count} digits")
        return self.digits

    # Audio

    def tone(self, name: Name | None) -> None:
        """Give a tone until told otherwise; None: silence."""
        self.repeat(period(self.country, name) if name else b"")

    def repeat(self, turn: bytes) -> None:
        """Give audio (s16le) again and again."""
        with self._news:
            self._audio.repeat(turn)

    def play(self, audio: bytes) -> None:
        """Give audio (s16le) once, in place of a tone."""
        with self._news:
            self._audio.play(audio)

    def wait_played(self, seconds: float) -> None:
        """Wait until all that was to be played has been given to the driver. Raises TimeoutError."""
        self._wait(lambda: self._audio.played, seconds, "end of what is played")

    def record(self) -> None:
        """Keep what the gateway says from now on."""
        with self._news:
            self._audio.heard = bytearray()

    @property
    def heard(self) -> bytes:
        """What it has said since ``record``, s16le."""
        with self._news:
            return bytes(self._audio.heard or b"")

    # The call

    def answer(self, polarity: bool = False) -> None:
        """The called subscriber answers: tones stop; the line is reversed where the exchange tells it by that."""
        self.tone(None)
        if polarity:
            self.reverse(True)

    def reverse(self, reversed_: bool) -> None:
        """Swap the wires, or have them as usual. Raises OSError where the span has not learned it."""
        with self._news:
            self._port.set_polarity(reversed_)
            self._reversed = reversed_

    def hang_up(self, how: HangUp = "battery") -> float:
        """The far subscriber hangs up and the exchange tells it so, or not (``silence``). Return when."""
        with self._news:
            self._audio.stop()
            if how == "busy":
                self._audio.repeat(period(self.country, "busy"))
            elif how == "battery":
                self._port.drop_battery()
            elif how == "polarity":
                self.reverse(not self._reversed)
            return time.monotonic()

    # The thread

    def _wait(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        with self._news:
            if not self._news.wait_for(holds, seconds):
                past = [(one.what, one.digit) for one in self.seen[-8:]]
                raise TimeoutError(f"line {self._port.channel}: no {what} within {seconds} s; {self.rings=} {past=}")

    def _run(self) -> None:
        with select.epoll() as poller:
            poller.register(self._port.fd, select.EPOLLPRI | select.EPOLLIN)
            while self._running:
                if not poller.poll(0.2):
                    continue
                with self._news:
                    while (happened := self._port.happened()) is not None:
                        self._happened(*happened)
                    self.digits += self._audio.move()
                    self._news.notify_all()
        self._port.drop_battery()

    def _happened(self, what: Happening, digit: str) -> None:
        self.seen.append(Seen(time.monotonic(), what, digit))
        if what in ("on-hook", "off-hook"):
            self._off_hook, self._changed_at = what == "off-hook", time.monotonic()
            self._caller_id = b""
            self._audio.stop()
        if what == "off-hook":
            self._port.give_battery()
        elif what == "on-hook":
            self._on_on_hook()
        elif what == "ring-off":
            self.rings += 1
            if self._caller_id:
                self._audio.play(self._caller_id, AFTER_FIRST_RING)
                self._caller_id = b""
        elif what == "pulse-start" and self._audio.collecting:
            self._audio.repeat(b"")
        elif what == "pulse" and self._audio.collecting:
            self.digits += digit

    def _on_on_hook(self) -> None:
        self._audio.collect(False)
        self._port.drop_battery()
        if self._reversed and not self.reception:
            self.reverse(False)
        self.reception = False
