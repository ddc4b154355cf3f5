"""WAV files as arrays, and the level of a signal."""

from __future__ import annotations

import math
import wave
from pathlib import Path

import numpy as np

from tests.measure.g711 import Samples


def read(path: Path) -> tuple[list[Samples], int]:
    """Return (the channels, samples a second) of a 16-bit WAV file. Raises wave.Error or ValueError for others."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path}: {8 * file.getsampwidth()} bits a sample; 16 are expected")
        data = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        count = file.getnchannels()
        return [data[channel::count].astype(np.int16) for channel in range(count)], file.getframerate()


def write(path: Path, samples: Samples, rate: int = 8000) -> None:
    """Write one channel of 16-bit samples."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def level_dbfs(samples: Samples) -> float:
    """Return the RMS level against full scale, in dB; -inf for digital silence."""
    power = float(np.mean(samples.astype(np.float64) ** 2)) if len(samples) else 0.0
    return 10 * math.log10(power / 32768**2) if power else -math.inf
