"""Audio that tells when any of it is lost: companded blocks of 160 bytes, each with its channel's and its own number.

A block: 8 symbols to find it by, 2 of the channel's number, 8 of the block's, 2 to check these, then 140 that only
this block has there. A symbol is one of 16 levels, by sign and segment of the law (ITU-T G.711), so that it is read
right after a change of law as well; a block that came byte by byte as it was sent is ``exact``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.pstn.exchange.bearer import Law

BLOCK = 160
_SYNC = (0, 8, 1, 9, 0, 8, 1, 9)
_HEAD = len(_SYNC) + 12
_TAILS = 251
"""Different tails, a prime number of them."""


def _byte(symbol: int, law: Law) -> int:
    """A byte of the segment, at a step that the other law has in the same segment: µ-law's begin 132 lower.

    Table 1a has the even bits inverted, Table 2a all of them.
    """
    positive, segment = symbol < 8, symbol & 7
    plain = (0x80 if positive else 0) | segment << 4 | (4 if law == "alaw" else 11)
    return plain ^ 0x55 if law == "alaw" else plain ^ 0x7F


def _symbol(byte: int, law: Law) -> int:
    plain = byte ^ (0x55 if law == "alaw" else 0x7F)
    return (0 if plain & 0x80 else 8) | plain >> 4 & 7


_BYTES: dict[Law, bytes] = {law: bytes(_byte(n & 15, law) for n in range(256)) for law in ("alaw", "ulaw")}
_SYMBOLS: dict[Law, bytes] = {law: bytes(_symbol(n, law) for n in range(256)) for law in ("alaw", "ulaw")}
_START = bytes(_SYNC)
_PAIRS = [bytes((value >> 4, value & 15)) for value in range(256)]


def _tails() -> list[bytes]:
    chance = random.Random(160)
    return [bytes(chance.choice(range(2, 8)) for _ in range(BLOCK - _HEAD)) for _ in range(_TAILS)]


# Whole parts in each law and as symbols: thousands of blocks a second are made and compared.
_Parts = tuple[bytes, list[bytes], list[bytes]]
_AS_SYMBOLS: _Parts = (_START, _PAIRS, _tails())
_IN_LAW: dict[Law, _Parts] = {
    law: (
        _START.translate(table),
        [pair.translate(table) for pair in _PAIRS],
        [one.translate(table) for one in _tails()],
    )
    for law, table in _BYTES.items()
}


def _made(parts: _Parts, channel: int, number: int) -> bytes:
    start, pairs, tails = parts
    a, b, c, d = number.to_bytes(4, "big")
    check = (0x5A + 3 * channel + 5 * a + 7 * b + 11 * c + 13 * d) & 0xFF
    tail = tails[(number * 7 + channel) % _TAILS]
    return b"".join((start, pairs[channel], pairs[a], pairs[b], pairs[c], pairs[d], pairs[check], tail))


def block(channel: int, number: int, law: Law) -> bytes:
    """Return block ``number`` (0 and on, 32 bits) of ``channel`` (8 bits): 160 bytes."""
    return _made(_IN_LAW[law], channel, number)


@dataclass(slots=True)
class Tally:
    """Blocks heard of one channel. ``lost`` are the numbers missed between the first and the last that came.

    ``exact``: with all bytes as sent; ``damaged``: with the number right and other bytes in it; ``foreign``: of another
    channel; ``slips``: blocks that began elsewhere than 160 bytes after the one before, without any being lost.
    """

    first: int | None = None
    last: int | None = None
    heard: int = 0
    exact: int = 0
    damaged: int = 0
    lost: int = 0
    repeated: int = 0
    foreign: int = 0
    slips: int = 0

    @property
    def clean(self) -> bool:
        """Were blocks heard, and all that should have been, once, in order, nothing in them changed but the law?"""
        wrong = self.damaged + self.lost + self.repeated + self.foreign + self.slips
        return self.heard > 0 and wrong == 0


class Listener:
    """Feed it what comes in of one call, pieces of any length; ``tally`` has what it found."""

    def __init__(self, channel: int, law: Law) -> None:
        self.tally = Tally()
        self._channel, self._law = channel, law
        self._bytes = b""
        self._aligned = False
        self._next = block(channel, 0, law)

    def hear(self, piece: bytes) -> None:
        """Take bytes in the law."""
        self._bytes += piece
        while len(self._bytes) >= BLOCK:
            if self._aligned and self._bytes.startswith(self._next):  # as nearly always
                self.tally.heard += 1
                self.tally.exact += 1
                assert self.tally.last is not None
                self._advance(self.tally.last + 1)
            elif not self._search():
                return

    def _advance(self, number: int) -> None:
        self.tally.last = number
        self._next = block(self._channel, number + 1, self._law)
        self._bytes = self._bytes[BLOCK:]

    def _search(self) -> bool:
        """Take the next whole block, past whatever is none; False: more has to come."""
        symbols = self._bytes.translate(_SYMBOLS[self._law])
        at = symbols.find(_START)
        if at < 0:
            self._drop(len(symbols) - len(_START) + 1)
        elif at > 0:
            self._drop(at)
        elif self._take(self._bytes[:BLOCK], symbols[:BLOCK]):
            self._aligned = True
        else:
            self._drop(1)
        return at >= 0

    def _drop(self, octets: int) -> None:
        self._bytes = self._bytes[octets:]
        self._aligned = False

    def _take(self, whole: bytes, symbols: bytes) -> bool:
        said = bytes(symbols[at] << 4 | symbols[at + 1] for at in range(len(_START), _HEAD, 2))
        channel, number = said[0], int.from_bytes(said[1:5], "big")
        wanted = _made(_AS_SYMBOLS, channel, number)
        if symbols[:_HEAD] != wanted[:_HEAD]:
            return False
        tally = self.tally
        if channel != self._channel:
            tally.foreign += 1
            self._bytes = self._bytes[BLOCK:]
            return True
        tally.heard += 1
        if whole == block(channel, number, self._law):
            tally.exact += 1
        elif symbols != wanted:
            tally.damaged += 1
        self._count(number)
        return True

    def _count(self, number: int) -> None:
        tally = self.tally
        step = 1 if tally.last is None else number - tally.last
        if step <= 0:
            tally.repeated += 1
            self._bytes = self._bytes[BLOCK:]
            return
        if tally.first is None:
            tally.first = number
        else:
            tally.lost += step - 1
            tally.slips += step == 1 and not self._aligned
        self._advance(number)
