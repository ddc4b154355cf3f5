"""Loops a sound through two sound cards that are wired together: ``python -m tests.gsm.card_loop PCM PCM [SECONDS]``.

Each card plays a ramp that counts its samples; what the other hears tells what was lost, how often, and how late it
came. With snd-aloop: ``plughw:CARD=Loopback,DEV=0 plughw:CARD=Loopback,DEV=1``. Prints a JSON object a card.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import sys
import time
from dataclasses import asdict
from typing import Any

from gateways.gsm.alsa import AlsaCard
from gateways.gsm.playout import FRAME

SAMPLES = FRAME // 2
WRAP = 30000
"""The ramp counts 1 … WRAP; 0 is silence."""


class Ear:
    """Follows the other card's ramp."""

    def __init__(self) -> None:
        self.samples = self.breaks = self.lost = self.repeated = self.silent = 0
        self.late: list[float] = []
        self._last = 0

    def hear(self, frame: bytes, spoken: int) -> None:
        """Take a frame; ``spoken``: how many samples the other side has written so far."""
        for value in struct.unpack(f"<{len(frame) // 2}h", frame):
            if value == 0:
                self.silent += self._last != 0
                continue
            self.samples += 1
            step = (value - self._last) % WRAP
            if self._last and step != 1:
                self.breaks += 1
                self.lost += step - 1 if step < WRAP // 2 else 0
                self.repeated += WRAP - step + 1 if step >= WRAP // 2 else 0
            self._last = value
        if self._last:
            self.late.append((spoken % WRAP - self._last) % WRAP / 8.0)

    def found(self) -> dict[str, Any]:
        late = sorted(self.late) or [0.0]
        return {
            "samples": self.samples, "breaks": self.breaks, "lost": self.lost, "repeated": self.repeated,
            "silent": self.silent, "late_ms_p50": late[len(late) // 2], "late_ms_p99": late[len(late) * 99 // 100],
        }  # fmt: skip


def ramp(number: int) -> bytes:
    """Frame ``number`` of the ramp."""
    first = number * SAMPLES
    return struct.pack(f"<{SAMPLES}h", *((first + n) % WRAP + 1 for n in range(SAMPLES)))


def main(pcms: list[str], seconds: float) -> None:
    cards = [AlsaCard(pcm) for pcm in pcms]
    ends = [card.lend() for card in cards]
    ears = [Ear() for _ in cards]
    began = time.monotonic()
    for number in range(int(seconds * 50)):
        time.sleep(max(0.0, began + number * 0.02 - time.monotonic()))
        for end in ends:
            with contextlib.suppress(BlockingIOError):  # we were away for long: it has more than it can use
                os.write(end, ramp(number))
        for end, ear in zip(ends, ears, strict=True):
            with contextlib.suppress(BlockingIOError):
                while frame := os.read(end, FRAME):
                    ear.hear(frame, (number + 1) * SAMPLES)
    used = time.process_time()
    lasted = time.monotonic() - began
    for pcm, card, ear in zip(pcms, cards, ears, strict=True):
        counts = {**asdict(card.counts), **asdict(card.playout.counts)}
        print(json.dumps({"pcm": pcm, **ear.found(), **counts, "core_pct": round(100 * used / lasted, 2)}), flush=True)
    for end, card in zip(ends, cards, strict=True):
        os.close(end)
        card.close()


if __name__ == "__main__":
    main(sys.argv[1:3], float(sys.argv[3]) if len(sys.argv) > 3 else 5.0)
