"""The exchange's receiver of DTMF digits (ITU-T Q.23 for the frequencies, Q.24 for what counts as one)."""

from __future__ import annotations

import numpy as np

_LOW, _HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
_BLOCK = 160
_AT = np.exp(-2j * np.pi * np.outer(np.array(_LOW + _HIGH) / 8000, np.arange(_BLOCK)))
_QUIETEST = 32768 * 10 ** ((-35 - 3.14) / 20)  # amplitude of a tone at -35 dBm0
_TWIST = 10 ** (10 / 20)
_SHARE = 0.6  # of the power that is in the two frequencies
_BLOCKS = 2  # 40 ms make a digit, and 40 ms without it end one: Q.24 table A-1


class DtmfReceiver:
    """Feed it blocks of 160 samples, s16le."""

    def __init__(self) -> None:
        self._seen = ""
        self._for = 0
        self._given = ""

    def hear(self, block: bytes) -> str:
        """Return the digit that has become sure in this block; nothing while it lasts, or without one."""
        samples = np.frombuffer(block, "<i2").astype(np.float64)
        if len(samples) != _BLOCK:
            return ""
        key = _key(samples)
        self._for = self._for + 1 if key == self._seen else 1
        self._seen = key
        if self._for != _BLOCKS or key == self._given:
            return ""
        self._given = key
        return key


def _key(samples: np.typing.NDArray[np.float64]) -> str:
    if np.abs(samples).max() < _QUIETEST:
        return ""
    amplitudes = np.abs(_AT @ samples) * 2 / _BLOCK
    low, high = amplitudes[:4], amplitudes[4:]
    row, column = int(low.argmax()), int(high.argmax())
    pair = low[row], high[column]
    if min(pair) < _QUIETEST or max(pair) > _TWIST * min(pair):
        return ""
    tone_power = (pair[0] ** 2 + pair[1] ** 2) / 2
    return _KEYS[row][column] if tone_power > _SHARE * float(np.mean(samples**2)) else ""
