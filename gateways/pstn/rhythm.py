"""Makes segments, tone and pause by turns, of what a tone explains of the sound every 10 ms. Pure."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

BLOCK_MS = 10.0
SOFTEST_DBM0 = -43.0
_SETTLE = 2  # blocks that agree before a change is believed: one alone is a click
_EDGE_MS, _EDGE_BEATING_MS = 10.0, 25.0  # by which a tone seems longer than it was: measured, for windows of 30 ms
_EDGE_BLOCKS = 2  # at a segment's begin and end, that say nothing of its level
_FALL_DB, _FALL_BEATING_DB = 6.0, 14.0
"""Below the tone's level it has ended: half the window is silent then. One that beats swings by itself."""
_STEADY_DB, _STEADY_BEATING_DB = 1.5, 8.0
"""Standard deviation of the level within a tone: 0.1 dB of an exchange's, with noise 20 dB below it 0.5 dB."""


class Block(NamedTuple):
    """10 ms: whether it is the tone, the tone's level and that of all that is heard (dBm0), and the turn of its phase
    (``tonespace.Measured``)."""

    tone: bool
    level: float
    power: float
    turn: complex


@dataclass(frozen=True, slots=True)
class Segment:
    """A tone (``on``) or a pause: its length; the tone's mean level, or the pause's of all that was heard (dBm0);
    whether the tone's level was steady; the sum of its turns."""

    on: bool
    ms: float
    level: float
    steady: bool = True
    turn: complex = 0j


class _Run:
    """Adds up the blocks of a segment, but for those at its edges."""

    def __init__(self, on: bool, blocks: list[Block]) -> None:
        self.on = on
        self.count = 0
        self.more_ms = 0.0  # by which its edges lie outside its blocks
        self._held: deque[Block] = deque()
        self._inner = 0
        self._sum = self._squares = 0.0
        self._turn = 0j
        for block in blocks:
            self.add(block)

    def add(self, block: Block) -> None:
        self.count += 1
        self._held.append(block)
        if self.count <= _EDGE_BLOCKS:
            self._held.clear()
        elif len(self._held) > _EDGE_BLOCKS:
            self._count_in(self._held.popleft())

    def _count_in(self, block: Block) -> None:
        self._inner += 1
        if self.on:
            self._sum += block.level
            self._squares += block.level * block.level
            self._turn += block.turn
        else:
            self._sum += 10 ** (block.power / 10)  # a word in a pause counts for what it is

    def add_pause(self, count: int, mean_power: float) -> None:
        """Add blocks in which nothing is like the tone; ``mean_power`` in mW."""
        self.count += count
        self._held.clear()
        self._inner += count
        self._sum += count * mean_power

    def segment(self, edge_ms: float, steady_db: float) -> Segment:
        inner = max(self._inner, 1)
        mean = self._sum / inner
        ms = BLOCK_MS * self.count + self.more_ms + (-edge_ms if self.on else edge_ms)
        if not self.on:
            return Segment(False, ms, 10 * math.log10(max(mean, 1e-12)))
        spread = math.sqrt(max(self._squares / inner - mean * mean, 0.0))
        return Segment(True, ms, mean, self._inner > 0 and spread <= steady_db, self._turn)


class Rhythm:
    """The segments of one tone. ``beating``: of frequencies so close together, or so modulated, that its level swings
    within some tens of milliseconds."""

    def __init__(self, beating: bool = False) -> None:
        self._fall_db = _FALL_BEATING_DB if beating else _FALL_DB
        self._limits = (_EDGE_BEATING_MS, _STEADY_BEATING_DB) if beating else (_EDGE_MS, _STEADY_DB)
        self._run = _Run(False, [])
        self._change: list[Block] = []  # what may be the next segment's begin
        self._level = SOFTEST_DBM0  # of the present tone
        self._before = -90.0  # level of the last block that did not change anything

    @property
    def on(self) -> bool:
        """Whether the tone sounds."""
        return self._run.on

    @property
    def ms(self) -> float:
        """How long the present segment has lasted."""
        return BLOCK_MS * self._run.count

    def present(self) -> Segment:
        """Return the present segment, as it is so far."""
        return self._run.segment(*self._limits)

    def rest(self, count: int, mean_power: float) -> None:
        """Take blocks of a pause (only while not ``on``) in which nothing is like the tone; ``mean_power`` in mW."""
        for block in self._change:
            self._run.add(block)
        self._change.clear()
        self._run.add_pause(count, mean_power)
        self._before = -90.0

    def take(self, block: Block) -> Segment | None:
        """Take a block; return the segment that is over with it."""
        changes = not block.tone and block.level < self._level - self._fall_db if self.on else block.tone
        if changes:
            self._change.append(block)
        else:
            for one in (*self._change, block):
                self._run.add(one)
            self._change.clear()
            self._before = block.level
            if self.on and block.tone:
                self._level = max(self._level, block.level)
        return self._turn_over() if len(self._change) >= _SETTLE else None

    def _turn_over(self) -> Segment:
        if not self.on:
            self._level = max(block.level for block in self._change)
        earlier = BLOCK_MS * (1 - self._crossing())
        self._run.more_ms -= earlier
        ended = self._run.segment(*self._limits)
        self._run = _Run(not ended.on, self._change)
        self._run.more_ms = earlier
        self._before, self._change = self._change[-1].level, []
        return ended

    def _crossing(self) -> float:
        """Return when, between the last block of a segment (0) and the first of the next (1), the tone was at half its
        level: within the window the amplitude grows and falls evenly."""
        before, after = (10 ** ((level - self._level) / 20) for level in (self._before, self._change[0].level))
        half = 10 ** (-self._fall_db / 20)
        return min(max((half - before) / (after - before), 0.0), 1.0) if after != before else 1.0
