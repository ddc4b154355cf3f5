"""G.711 coding (ITU-T G.711): 16-bit samples to and from A-law and µ-law bytes, by table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


def _alaw_value(code: int) -> int:
    """Decode one A-law byte. Even bits travel inverted (G.711 §3.2, table 1a note 2)."""
    code ^= 0x55
    segment, step = (code >> 4) & 7, code & 15
    value = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return value if code & 0x80 else -value


def _ulaw_value(code: int) -> int:
    """Decode one µ-law byte. All bits travel inverted (G.711 table 2a note 2)."""
    code ^= 0xFF
    segment, step = (code >> 4) & 7, code & 15
    value = (((step << 3) + 0x84) << segment) - 0x84
    return -value if code & 0x80 else value


ALAW = np.array([_alaw_value(code) for code in range(256)], dtype=np.int16)
ULAW = np.array([_ulaw_value(code) for code in range(256)], dtype=np.int16)


def decode(payload: bytes, payload_type: int) -> Samples:
    """Return the samples of an RTP payload of type 8 (PCMA) or 0 (PCMU) (RFC 3551 §6).

    Raises ValueError for another type.
    """
    tables = {8: ALAW, 0: ULAW}
    if payload_type not in tables:
        raise ValueError(f"payload type {payload_type} is not G.711")
    return tables[payload_type][np.frombuffer(payload, dtype=np.uint8)]


def encode(samples: Samples, payload_type: int) -> bytes:
    """Return the samples as bytes of type 8 (PCMA) or 0 (PCMU): the nearest value of the table."""
    table = {8: ALAW, 0: ULAW}[payload_type]
    order = np.argsort(table, kind="stable")
    values = table[order].astype(np.float64)
    nearest = np.searchsorted((values[1:] + values[:-1]) / 2, samples.astype(np.float64))
    return order[nearest].astype(np.uint8).tobytes()
