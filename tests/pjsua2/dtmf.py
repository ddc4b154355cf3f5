"""Dial DTMF into PCM (ITU-T Q.23)."""

import math
import struct

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
FULL_DBM0 = 3.14
"""Level of a sine that fills 16 bits (ITU-T G.711)."""


def dial(digits: str, low: float = -11.6, high: float = -11.6, ms: int = 80) -> bytes:
    """16-bit PCM at 8 kHz of the digits, with silence before, between and after.

    ``low`` and ``high``: dBm0 of the tones; ``ms``: length of each tone and each silence.
    """
    return _silence(ms) + b"".join(_key(digit, low, high, ms) + _silence(ms) for digit in digits) + _silence(ms)


def _silence(ms: int) -> bytes:
    return bytes(16 * ms)


def _key(digit: str, low: float, high: float, ms: int) -> bytes:
    row = next(number for number, keys in enumerate(KEYS) if digit in keys)
    tones = ((ROWS[row], low), (COLUMNS[KEYS[row].index(digit)], high))
    parts = [(2 * math.pi * tone / 8000, 32767 * 10 ** ((level - FULL_DBM0) / 20)) for tone, level in tones]
    return struct.pack(f"<{8 * ms}h", *(int(sum(a * math.sin(w * n) for w, a in parts)) for n in range(8 * ms)))
