"""Counts how often speech and music would end a call: ``python -m tests.pstn.false_hangup [--minutes 60]``.

One ``Hearing`` listens for the busy and congestion tones of all countries at once, which is what any one line's can be
deceived by. Prints, for each number of cycles, how often a run of so many was found (``busy_count`` is 6 where nobody
sets another), and how much processor time a line takes.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from gateways.pstn.hearing import Hearing, Sound
from gateways.pstn.tones import TONES, BusyTone, ToneSet
from tests.pstn.babble import RATE, Samples, pieces

CHUNK = 640  # bytes: 40 ms
LEARNED = BusyTone((421.0,), (310, 340), -18.0)


def all_countries() -> ToneSet:
    """One set with the busy and congestion tones of all."""
    busy = tuple(dict.fromkeys(one for tones in TONES.values() for one in tones.busy))
    congestion = tuple(dict.fromkeys(one for tones in TONES.values() for one in tones.congestion))
    return ToneSet("all", "us", (), (), busy, congestion, ())


@dataclass
class Count:
    """What came of it."""

    seconds: float = 0.0
    by_kind: Counter[str] = field(default_factory=Counter)
    sounds: Counter[str] = field(default_factory=Counter)
    runs: Counter[int] = field(default_factory=Counter)
    """Cycles of a tone that were found in a row → how often, over all cadences."""
    worst: list[str] = field(default_factory=list)
    processor_seconds: float = 0.0


def listen(sounds: Iterable[tuple[str, Samples]], tones: ToneSet, busy_count: int = 6) -> Count:
    """Let a Hearing listen; each piece is a call of its own."""
    count = Count()
    for kind, samples in sounds:
        hearing = Hearing(tones, busy_count, learned=LEARNED, silence_after=60)
        data = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
        heard: list[Sound] = []
        began = time.process_time()
        longest = 0
        for at in range(0, len(data), CHUNK):
            heard += hearing.hear(data[at : at + CHUNK])
            longest = max(longest, hearing.cycles)
        count.processor_seconds += time.process_time() - began
        count.seconds += len(samples) / RATE
        count.by_kind[kind] += round(len(samples) / RATE)
        count.sounds.update(sound.value for sound in heard)
        count.runs[longest] += 1
        if longest >= 3:
            count.worst.append(f"{kind}, {len(samples) / RATE:.0f} s: {longest} cycles")
    return count


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.monotonic()
    tones = all_countries()
    count = listen(pieces(60 * arguments.minutes, arguments.seed), tones)
    took = time.monotonic() - began
    hours = count.seconds / 3600
    print(
        f"{count.seconds / 60:.0f} min of sound: "
        + ", ".join(f"{k} {s / 60:.1f} min" for k, s in count.by_kind.items())
    )
    cadences = len(tones.busy) + len(tones.congestion)
    print(f"cadences listened for: {cadences} of {len(TONES)} countries, and a learned one")
    hang_ups = count.sounds[Sound.BUSY] + count.sounds[Sound.CONGESTION]
    print(f"false hang-ups with busy_count 6: {hang_ups} ({hang_ups / hours:.1f} an hour)")
    print("calls by their longest run of cycles: " + ", ".join(f"{n}: {count.runs[n]}" for n in sorted(count.runs)))
    print("\n".join(["three cycles or more:", *count.worst] if count.worst else ["three cycles or more: none"]))
    print("other sounds: " + (", ".join(f"{name} {n}" for name, n in count.sounds.items()) or "none"))
    print(f"took {took:.0f} s with making the sound: {count.seconds / took:.0f} times as fast as real time")
    print(
        f"processor, all countries at once: {1000 * count.processor_seconds / count.seconds:.2f} ms a second of audio"
    )
    one = listen(pieces(60, arguments.seed), TONES["JP"])
    print(f"processor, one line (Japan): {1000 * one.processor_seconds / one.seconds:.2f} ms a second of audio")
    return 1 if hang_ups else 0


if __name__ == "__main__":
    raise SystemExit(main())
