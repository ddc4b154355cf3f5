"""Dial DTMF into PCM (ITU-T Q.23)."""

import math
import struct

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
ON = OFF = 640  # samples: 80 ms


def dial(digits: str) -> bytes:
    """16-bit PCM at 8 kHz of the digits, with silence before, between and after."""
    return silence() + b"".join(_key(digit) + silence() for digit in digits) + silence()


def silence() -> bytes:
    return bytes(2 * OFF)


def _key(digit: str) -> bytes:
    row = next(number for number, keys in enumerate(KEYS) if digit in keys)
    column = KEYS[row].index(digit)
    low, high = (2 * math.pi * tone / 8000 for tone in (ROWS[row], COLUMNS[column]))
    return struct.pack(f"<{ON}h", *(int(6000 * (math.sin(low * n) + math.sin(high * n))) for n in range(ON)))
