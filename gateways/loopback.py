"""The audio self-test of a line: tone bursts go out, and what comes back is measured.

Either to an echo service (out and back on one line) or to a second line of ours (each way on its own). Bursts of
different pitch follow each other, so that a late one cannot be taken for the next. Level and delay are those of the
whole way through the network; a phone call loses 0 to 10 dB and takes 100 to 400 ms one way (ITU-T G.114).
"""

from __future__ import annotations

import math
import os
import select
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

RATE, FRAME_SAMPLES, FRAME_BYTES = 8000, 160, 320
FRAME_SECONDS = 0.02
LEVEL_DBM0 = -16.0
"""Loud enough to measure, soft enough for every codec. Full scale is +3.14 dBm0 (ITU-T G.711, A-law)."""
PITCHES = (700.0, 1000.0, 1300.0, 1700.0, 2100.0)
"""Hz: within the telephone band, no DTMF frequency, and none a multiple of another."""
BURST_FRAMES, EVERY_FRAMES = 6, 40
"""A burst of 120 ms each 0.8 s: echo cancellers and silence detectors treat it as a word."""
LISTEN_SECONDS = 1.5
HEARD_DB = -30.0
"""A burst that comes back this much softer than it was sent is taken as not heard."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one way measured: bursts sent and heard, their median level against what was sent, and delay."""

    sent: int
    heard: int
    level_db: float | None
    delay_ms: float | None


@dataclass(slots=True)
class Ear:
    """What was heard on a descriptor: frames with the time of each, seconds."""

    frames: list[tuple[float, bytes]] = field(default_factory=list)
    _rest: bytearray = field(default_factory=bytearray)

    def take(self, data: bytes, now: float) -> None:
        self._rest += data
        while len(self._rest) >= FRAME_BYTES:
            self.frames.append((now, bytes(self._rest[:FRAME_BYTES])))
            del self._rest[:FRAME_BYTES]


def burst(hertz: float) -> list[bytes]:
    """Return the frames of one burst: s16le, 8 kHz."""
    peak = 32767 * 10 ** ((LEVEL_DBM0 - 3.14) / 20)
    step = 2 * math.pi * hertz / RATE
    samples = array("h", (round(peak * math.sin(step * n)) for n in range(BURST_FRAMES * FRAME_SAMPLES)))
    data = samples.tobytes()
    return [data[at : at + FRAME_BYTES] for at in range(0, len(data), FRAME_BYTES)]


def level(frame: bytes, hertz: float) -> float:
    """Return the level of one pitch in a frame in dBm0 (Goertzel's algorithm)."""
    samples = array("h", frame)
    twice = 2 * math.cos(2 * math.pi * hertz / RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + twice * last - before
    power = last * last + before * before - twice * last * before
    amplitude = 2 * math.sqrt(max(power, 0.0)) / len(samples)
    return 20 * math.log10(max(amplitude, 1.0) / 32767) + 3.14


def measure(sent: Sequence[tuple[float, float]], heard: Sequence[tuple[float, bytes]]) -> Result:
    """Find each burst (time, pitch) again in what was heard."""
    levels, delays = [], []
    for at, hertz in sent:
        near = [(when, level(frame, hertz)) for when, frame in heard if at <= when < at + LISTEN_SECONDS]
        loudest = max((loud for _, loud in near), default=-99.0)
        if loudest < LEVEL_DBM0 + HEARD_DB:
            continue
        onset = next(when for when, loud in near if loud >= loudest - 6.0)
        levels.append(loudest - LEVEL_DBM0)
        delays.append((onset - at) * 1000)
    if not levels:
        return Result(len(sent), 0, None, None)
    return Result(len(sent), len(levels), round(median(levels), 1), round(median(delays), 1))


class Exchange:
    """Sends bursts on one descriptor and listens on another, or the same, in a thread of its own; closes both.

    ``done`` gets the result in that thread. The one listened on is kept fed with silence, as a call wants it.
    """

    def __init__(self, mouth: int, ear: int, done: Callable[[Result], None]) -> None:
        self._mouth, self._ear = mouth, ear
        self._done = done
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loopback-test")
        self._thread.start()

    def stop(self) -> None:
        """Give up; ``done`` is called with what was measured so far."""
        self._stop.set()

    def _run(self) -> None:
        ear, sent = Ear(), []
        frames = [frame for hertz in PITCHES for frame in self._slot(hertz)]
        frames += [bytes(FRAME_BYTES)] * round(LISTEN_SECONDS / FRAME_SECONDS)
        due = time.monotonic()
        for number, frame in enumerate(frames):
            if number % EVERY_FRAMES == 0 and number // EVERY_FRAMES < len(PITCHES):
                sent.append((time.monotonic(), PITCHES[number // EVERY_FRAMES]))
            if self._stop.is_set() or not self._put(frame):
                break
            due += FRAME_SECONDS
            self._listen(ear, due)
        for fd in {self._mouth, self._ear}:
            os.close(fd)
        self._done(measure(sent, ear.frames))

    def _slot(self, hertz: float) -> list[bytes]:
        return [*burst(hertz), *[bytes(FRAME_BYTES)] * (EVERY_FRAMES - BURST_FRAMES)]

    def _put(self, frame: bytes) -> bool:
        try:
            os.write(self._mouth, frame)
            if self._ear != self._mouth:
                os.write(self._ear, bytes(FRAME_BYTES))
        except BlockingIOError:
            return True  # the line takes nothing just now: that burst is not heard
        except OSError:
            return False
        return True

    def _listen(self, ear: Ear, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self._ear], [], [], left)
            if not ready:
                return
            try:
                data = os.read(self._ear, 4096)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._stop.set()
                return
            ear.take(data, time.monotonic())
