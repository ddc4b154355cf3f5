"""Finds the tones of a country, and a learned one, in the sound of a call."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateways.pstn.cadence import Beat
from gateways.pstn.rhythm import BLOCK_MS, SOFTEST_DBM0, Block, Rhythm, Segment
from gateways.pstn.tones import BusyTone, Cadence, ToneSet
from gateways.pstn.tonespace import Floats, Measured, ToneSpace, told

Stage = Literal["dial", "progress", "call"]
"""Off-hook and not dialled; dialled and not answered; answered."""


class Sound(StrEnum):
    """What was heard; where two tones of an exchange are alike it is the one that comes first here."""

    UNOBTAINABLE = "unobtainable"
    BUSY = "busy"
    CONGESTION = "congestion"
    RINGBACK = "ringback"
    DIAL = "dial"
    FAX_CNG = "fax-cng"
    FAX_CED = "fax-ced"
    VOICE = "voice"
    SILENCE = "silence"


PROGRESS_CYCLES, PROGRESS_MS, CALL_MS = 3, 2000, 2500
"""A tone that ends a call must have been heard for so many cycles (of an answered call: as many as the line's settings
say), and for so long, however short its cycle is."""
DIAL_MS, PROGRESS_DIAL_MS, CALL_DIAL_MS = 600, 2000, 5000
_LONGER = 1.25  # by which a tone that goes on must outlast any burst that begins like it


class _Pattern(NamedTuple):
    sound: Sound
    tone: int
    cadence: Cadence
    beat: Beat | None  # None: it goes on and on


@dataclass(frozen=True, slots=True)
class Heard:
    """What has become sure, and which of the blocks are one of the tones."""

    sound: Sound | None
    tones: NDArray[np.bool_]


class ToneEar:
    """One call's."""

    def __init__(self, tones: ToneSet, busy_count: int, learned: BusyTone | None, stage: Stage) -> None:
        cadences = list(_cadences(tones, learned))
        self._kinds = list(dict.fromkeys(cadence.frequencies for _, cadence in cadences))
        self._busy_count = busy_count
        self._rhythms = [Rhythm(beating=not told(kind)) for kind in self._kinds]
        self._patterns = [
            _Pattern(sound, self._kinds.index(cadence.frequencies), cadence, _beat(cadence))
            for sound, cadence in cadences
        ]
        timed = [(sound, cadence.times) for sound, cadence in cadences if cadence.times]
        ends = [times for sound, times in timed if sound in (Sound.BUSY, Sound.CONGESTION)]
        self._longest_busy = max((max(times[0::2]) for times in ends), default=500)
        self._longest_pause = max((max(times[1::2]) for times in ends), default=500)
        self._longest_burst = max((max(times[0::2]) for _, times in timed), default=500)
        self._group_ms = 0.0
        self.enter(stage)

    def enter(self, stage: Stage) -> None:
        """Listen for what may be heard at this stage."""
        self._stage = stage
        at_all = {"call": (Sound.BUSY, Sound.CONGESTION, Sound.DIAL)}.get(stage, tuple(Sound))
        self._listened = [one for one in self._patterns if one.sound in at_all]
        self._columns = sorted({one.tone for one in self._listened})
        self._space = ToneSpace([self._kinds[tone] for tone in self._columns]) if self._columns else None

    def hear(self, cut: Floats, power: Floats, power_dbm0: Floats) -> Heard:
        """Take blocks (n, WINDOW), their mean squares, and these in dBm0."""
        measured = None
        sounding = any(self._rhythms[tone].on for tone in self._columns)
        if self._space is not None:
            if sounding or power_dbm0.max() >= SOFTEST_DBM0:
                measured = self._space.measure(cut, power)
            else:
                self._space.skip()
        return self._follow(measured, power_dbm0)

    @property
    def cycles(self) -> int:
        """The most cycles in a row that any busy or congestion tone has been heard for up to now."""
        ends = (Sound.BUSY, Sound.CONGESTION)
        return max((one.beat.cycles for one in self._patterns if one.beat and one.sound in ends), default=0)

    def _follow(self, measured: Measured | None, power: Floats) -> Heard:
        fits = np.zeros((len(power), len(self._columns)), bool)
        if measured is not None:
            fits = measured.fits & (measured.level >= SOFTEST_DBM0)
        alike = set(np.flatnonzero(fits.any(axis=0)).tolist())
        mean_power = float(np.mean(10 ** (power / 10)))
        ended: dict[int, list[Segment]] = {}
        for column, tone in enumerate(self._columns):
            if measured is not None and (column in alike or self._rhythms[tone].on):
                rows = (fits[:, column], measured.level[:, column], power, measured.turn[:, column])
                ended[tone] = self._advance(tone, rows)
            else:
                self._rhythms[tone].rest(len(power), mean_power)
        self._group_ms = BLOCK_MS * len(power)
        return Heard(self._sure(ended), np.asarray(fits.any(axis=1)))

    def _advance(self, tone: int, rows: tuple[NDArray[np.generic], ...]) -> list[Segment]:
        ended = []
        for block in zip(*(row.tolist() for row in rows), strict=True):
            segment = self._rhythms[tone].take(Block(*block))
            if segment is not None:
                ended.append(segment)
                for pattern in self._patterns:
                    if pattern.tone == tone and pattern.beat is not None:
                        pattern.beat.take(segment)
        return ended

    def _sure(self, ended: Mapping[int, list[Segment]]) -> Sound | None:
        if not ended and self._stage == "call":
            return None
        sure = [one.sound for one in self._listened if self._is_sure(one, bool(ended.get(one.tone)))]
        return min(sure, key=list(Sound).index, default=None)

    def _is_sure(self, pattern: _Pattern, fresh: bool) -> bool:
        rhythm, beat, stage = self._rhythms[pattern.tone], pattern.beat, self._stage
        if beat is None:
            return self._goes_on(pattern.sound, rhythm)
        if pattern.sound is Sound.RINGBACK:
            pause = min(1.12 * self._longest_pause + 100, 0.8 * pattern.cadence.times[-1])
            now = not rhythm.on and pause <= rhythm.ms < pause + self._group_ms
            return stage == "progress" and now and beat.but_for_last_pause()
        if pattern.sound is Sound.DIAL:
            return stage == "dial" and fresh and beat.cycles >= 1
        if pattern.sound is Sound.UNOBTAINABLE:
            return stage == "progress" and fresh and beat.cycles >= max(2, math.ceil(PROGRESS_MS / beat.period))
        count, least = (self._busy_count, CALL_MS) if stage == "call" else (PROGRESS_CYCLES, PROGRESS_MS)
        return fresh and beat.cycles >= max(count, math.ceil(least / beat.period))

    def _goes_on(self, sound: Sound, rhythm: Rhythm) -> bool:
        if not rhythm.on or (sound is not Sound.DIAL and self._stage != "progress"):
            return False
        least = {
            "dial": max(DIAL_MS, _LONGER * self._longest_busy),
            "progress": max(PROGRESS_DIAL_MS, _LONGER * self._longest_burst),
            "call": max(CALL_DIAL_MS, _LONGER * self._longest_burst),
        }
        return rhythm.ms >= least[self._stage] and rhythm.present().steady


def _cadences(tones: ToneSet, learned: BusyTone | None) -> Iterator[tuple[Sound, Cadence]]:
    if learned is not None:
        yield Sound.BUSY, Cadence(tuple(learned.frequencies), tuple(learned.cadence))
    for sound, variants in (
        (Sound.BUSY, tones.busy),
        (Sound.CONGESTION, tones.congestion),
        (Sound.UNOBTAINABLE, tones.unobtainable),
        (Sound.RINGBACK, tones.ringback),
        (Sound.DIAL, tones.dial),
    ):
        for cadence in variants:
            yield sound, cadence


def _beat(cadence: Cadence) -> Beat | None:
    return Beat(cadence.times, next(iter(told(cadence.frequencies)), None)) if cadence.times else None
