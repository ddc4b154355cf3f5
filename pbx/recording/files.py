"""Where recordings lie, and what a file holds when its writer died.

A recording is a WAV file of two channels, 16 bit, 8 kHz: the caller left, the agent right.
"""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path

RATE = 8000
CHANNELS = 2
_HEADER = 44
_FRAME_BYTES = CHANNELS * 2


def relative_path(call: str, started: datetime) -> Path:
    """Return the path below the recordings folder: one folder a day (UTC), one file a call."""
    return Path(f"{started:%Y}") / f"{started:%m}" / f"{started:%d}" / f"{started:%H%M%S}-{call}.wav"


def repair(path: Path) -> float:
    """Make a file whose writer died agree with its own length; return its seconds, 0.0 where nothing is in it.

    The sizes in the RIFF header (Microsoft "Multimedia Programming Interface", 1991) are set from the file's size and
    a half-written sample is cut off. Running it again changes nothing. Raises FileNotFoundError.
    """
    size = path.stat().st_size
    if size < _HEADER:
        return 0.0
    data = (size - _HEADER) // _FRAME_BYTES * _FRAME_BYTES
    with path.open("r+b") as file:
        file.truncate(_HEADER + data)
        file.seek(4)
        file.write(struct.pack("<I", _HEADER - 8 + data))
        file.seek(40)
        file.write(struct.pack("<I", data))
    return data / _FRAME_BYTES / RATE
