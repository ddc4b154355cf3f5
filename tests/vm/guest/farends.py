"""Two lines of ours with a talking far end each: what one far end says, the other must hear."""

from __future__ import annotations

import array
import random
import re
import time
from collections.abc import Callable

from gateways.pstn.dahdi import Channel, Law
from gateways.pstn.g711 import decoded
from tests.vm.guest.line import PATIENCE

BLOCK = 160
PAUSE = 0xD5
"""A-law's silence, as the driver sends when it has nothing (ITU-T G.711); no far end says it."""
_BYTES = bytes(set(range(256)) - {PAUSE, PAUSE ^ 0x80})
"""Without the negative of it either: as a linear sample it is the same."""


def noise(blocks: int, seed: int) -> list[bytes]:
    """Return blocks of A-law without silence."""
    source = random.Random(seed)
    return [bytes(source.choices(_BYTES, k=BLOCK)) for _ in range(blocks)]


class FarEnd:
    """An end of the exchange's that talks, a block for each it hears, and listens. Companded."""

    def __init__(self, number: int) -> None:
        self.channel = Channel(number, linear=False, buffers=32)
        self.said: list[bytes] = []
        self.heard = bytearray()
        self.spoken = 0

    def begin(self, blocks: list[bytes]) -> None:
        """Say these next."""
        self.said, self.spoken, self.heard = blocks, 0, bytearray()
        self.channel.flush()
        for _ in range(4):  # so that it never runs dry itself
            self.channel.write(bytes([PAUSE]) * BLOCK)

    def move(self) -> None:
        while block := self.channel.read():
            self.heard += block
            if self.spoken < len(self.said) and self.channel.write(self.said[self.spoken]):
                self.spoken += 1

    @property
    def done(self) -> bool:
        return self.spoken == len(self.said)


def linear(companded: bytes, law: Law = "alaw") -> bytes:
    """As the driver expands it: A-law to the lower edges of its steps (dahdi-base.c, alaw2linear)."""
    values = [_edge(value) if law == "alaw" else value for value in decoded(law)]
    return array.array("h", [values[byte] for byte in companded]).tobytes()


def _edge(middle: int) -> int:
    size = abs(middle)
    half = 8 if size < 512 else 1 << (size.bit_length() - 6)
    return (size - half) * (1 if middle > 0 else -1)


def talk(
    ends: list[FarEnd], turn: Callable[[], None], seconds: float, each: Callable[[float], None] = lambda _: None
) -> None:
    """Have all ends talk for so long; ``turn`` is called again and again, ``each`` with the seconds said."""
    for number, end in enumerate(ends):
        end.begin(noise(int(seconds * 50), number))
    last = time.monotonic() + seconds + PATIENCE
    quiet = None
    while (quiet is None or time.monotonic() < quiet) and time.monotonic() < last:
        turn()
        for end in ends:
            end.move()
        each(ends[0].spoken / 50)
        if quiet is None and all(end.done for end in ends):
            quiet = time.monotonic() + 0.6


def without_pauses(heard: bytes | bytearray) -> bytes:
    """Drop the silence; that is where a talker's process had stood still for a moment, too."""
    return bytes(heard).replace(bytes([PAUSE]), b"")


def lost(said: FarEnd, heard: FarEnd) -> list[int]:
    """Return the numbers of the blocks that did not come whole and in order; pauses within them do not count."""
    stream, missing, at = without_pauses(heard.heard), [], 0
    for number, block in enumerate(said.said):
        found = stream.find(block, at)
        if found < 0:
            missing.append(number)
        else:
            at = found + BLOCK
    return missing


def pauses(heard: FarEnd) -> list[int]:
    """Return the pauses in what was heard, in samples."""
    spoken = bytes(heard.heard).strip(bytes([PAUSE]))
    return [len(one) for one in re.findall(re.escape(bytes([PAUSE])) + b"+", spoken)]
