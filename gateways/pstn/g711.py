"""A-law and µ-law (ITU-T G.711) as tables, for gains in the companded domain."""

from __future__ import annotations

from functools import cache
from typing import Literal

Law = Literal["alaw", "ulaw"]


@cache
def decoded(law: Law) -> tuple[int, ...]:
    """Return the linear value (s16) of each of the 256 bytes (G.711 tables 1 and 2, scaled to 16 bits)."""
    return tuple(_alaw(byte) if law == "alaw" else _ulaw(byte) for byte in range(256))


def _alaw(byte: int) -> int:
    byte ^= 0x55
    segment, step = (byte & 0x70) >> 4, byte & 0x0F
    value = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return value if byte & 0x80 else -value


def _ulaw(byte: int) -> int:
    byte = ~byte & 0xFF
    value = (((byte & 0x0F) << 3) + 0x84) << ((byte & 0x70) >> 4)
    return 0x84 - value if byte & 0x80 else value - 0x84


@cache
def gain_table(law: Law, decibels: float) -> bytes:
    """Return for each companded byte the one nearest to it amplified by ``decibels``, clipped at full scale."""
    if decibels == 0:
        return bytes(range(256))
    values = decoded(law)
    factor = 10 ** (decibels / 20)
    return bytes(_nearest(values, value * factor) for value in values)


def _nearest(values: tuple[int, ...], wanted: float) -> int:
    # Of two zeros (µ-law) the one with the wanted sign: 0xff is positive, 0x7f negative.
    return min(range(256), key=lambda byte: (abs(values[byte] - wanted), (values[byte] < 0) != (wanted < 0), -byte))
