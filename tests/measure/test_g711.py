"""G.711 tables against the Recommendation's corner values."""

from __future__ import annotations

import numpy as np
import pytest

from tests.measure import g711


def test_known_values_of_the_tables() -> None:
    assert g711.ALAW[0xD5] == 8  # the smallest positive A-law value (character signal of silence)
    assert g711.ALAW[0x55] == -8
    assert g711.ALAW[0xAA] == 32256  # the largest
    assert g711.ULAW[0xFF] == 0
    assert g711.ULAW[0x80] == 32124
    assert g711.ULAW[0x00] == -32124


@pytest.mark.parametrize("payload_type", [0, 8])
def test_coding_twice_changes_nothing_more(payload_type: int) -> None:
    every = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
    once = g711.decode(g711.encode(every, payload_type), payload_type)
    again = g711.decode(g711.encode(once, payload_type), payload_type)
    assert np.array_equal(once, again)
    error = np.abs(once.astype(int) - every.astype(int))
    assert np.all(error <= 8 + np.abs(every.astype(int)) / 31)


def test_another_payload_type_is_refused() -> None:
    with pytest.raises(ValueError, match=r"9 is not G\.711"):
        g711.decode(b"\x00", 9)
