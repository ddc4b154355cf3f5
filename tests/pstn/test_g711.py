"""Tables of G.711 against values from the Recommendation, and gains in the companded domain."""

from __future__ import annotations

import math

import pytest

from gateways.pstn.g711 import Law, decoded, gain_table

# ITU-T G.711 tables 1 and 2: the greatest, the least and a middle value; in A-law the even bits are inverted.
KNOWN: list[tuple[Law, int, int]] = [
    ("alaw", 0xAA, 32256),
    ("alaw", 0x2A, -32256),
    ("alaw", 0xD5, 8),
    ("alaw", 0x55, -8),
    ("alaw", 0x80, 5504),
    ("ulaw", 0x80, 32124),
    ("ulaw", 0x00, -32124),
    ("ulaw", 0xFF, 0),
    ("ulaw", 0x7F, 0),
    ("ulaw", 0xFE, 8),
]


@pytest.mark.parametrize(("law", "byte", "value"), KNOWN)
def test_known_values(law: Law, byte: int, value: int) -> None:
    assert decoded(law)[byte] == value


@pytest.mark.parametrize("law", ["alaw", "ulaw"])
def test_no_gain_changes_nothing(law: Law) -> None:
    assert gain_table(law, 0) == bytes(range(256))


@pytest.mark.parametrize("law", ["alaw", "ulaw"])
@pytest.mark.parametrize("decibels", [-6.0, -1.5, 3.0, 6.0])
def test_gain(law: Law, decibels: float) -> None:
    values, table = decoded(law), gain_table(law, decibels)
    for byte in range(256):
        before, after = values[byte], values[table[byte]]
        if 200 < abs(before) * 10 ** (decibels / 20) < 30000:
            assert math.copysign(1, before) == math.copysign(1, after)
            assert 20 * math.log10(after / before) == pytest.approx(decibels, abs=0.4)


@pytest.mark.parametrize("law", ["alaw", "ulaw"])
def test_what_would_be_too_loud_is_clipped(law: Law) -> None:
    values, table = decoded(law), gain_table(law, 20.0)

    assert values[table[values.index(max(values))]] == max(values)
    assert values[table[values.index(min(values))]] == min(values)
