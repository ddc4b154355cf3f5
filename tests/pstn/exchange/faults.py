"""Faults of a D channel: frames lost, doubled, damaged, out of order, as a bad line or card makes them."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass
class Faults:
    """Shares of frames, 0 to 1, each way alike; ``cut``: nothing passes; ``lose_every``: each nth frame is lost.

    A damaged frame has one bit turned: real hardware finds that by the FCS and drops the frame, so that ``damage`` is
    for trying a decoder; ``lose`` is the line fault.
    """

    lose: float = 0.0
    lose_every: int = 0
    double: float = 0.0
    damage: float = 0.0
    reorder: float = 0.0
    cut: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._count = 0
        self._kept: dict[str, bytes | None] = {}

    def passed(self, frame: bytes, way: str) -> list[bytes]:
        """Return the frames that come out when ``frame`` goes in; a reordered one comes after the next."""
        chance = self._random.random
        self._count += 1
        nth = self.lose_every and self._count % self.lose_every == 0
        if self.cut or nth or chance() < self.lose:
            return []
        if chance() < self.damage:
            at = self._random.randrange(len(frame) * 8)
            frame = bytes(octet ^ (1 << at % 8 if index == at // 8 else 0) for index, octet in enumerate(frame))
        out = [frame, frame] if chance() < self.double else [frame]
        kept = self._kept.pop(way, None)
        if kept is not None:
            return [*out, kept]
        if chance() < self.reorder:
            self._kept[way] = frame
            return out[1:]
        return out
