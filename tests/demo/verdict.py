"""Figures of a call from its audio, and whether they are within the targets."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.measure import wav
from tests.measure.align import align, channel_match
from tests.measure.g711 import Samples
from tests.measure.latency import Latency, Timed, joined, mouth_to_ear
from tests.measure.track import Loss, lost_frames

LATENCY_MS = 150.0
OWN_SIDE, OTHER_SIDE = 0.95, 0.2
HEARD = 0.9  # correlation from which a prompt counts as heard


@dataclass(frozen=True)
class Direction:
    """One way of the talk: what was spoken at the mouth, and what arrived at the far socket or port."""

    spoken: list[Timed]
    heard: list[Timed]

    def latency(self) -> Latency | None:
        """See ``mouth_to_ear``."""
        return mouth_to_ear(self.spoken, self.heard)

    def loss(self) -> Loss:
        """See ``lost_frames``."""
        return lost_frames(joined(self.spoken), joined(self.heard))


@dataclass(frozen=True)
class Recorded:
    """A recording against what the two people said."""

    path: Path
    seconds: float
    channels: int
    caller_match: float
    agent_match: float
    caller_in_agent: float
    agent_in_caller: float

    def right(self) -> bool:
        """Two channels, each person on their own side only."""
        own = min(self.caller_match, self.agent_match) > OWN_SIDE
        return self.channels == 2 and own and max(self.caller_in_agent, self.agent_in_caller) < OTHER_SIDE


def frames(pieces: Sequence[tuple[int, bytes]]) -> list[Timed]:
    """A simulated subscriber's frames as timed samples."""
    return [(at_ns, np.frombuffer(data, dtype="<i2").astype(np.int16)) for at_ns, data in pieces]


def recorded(path: Path, caller: Samples, agent: Samples) -> Recorded:
    """Compare a recording's channels (caller left, agent right) with what each person said."""
    try:
        channels, rate = wav.read(path)
    except (OSError, ValueError, EOFError, wave.Error):
        return Recorded(path, 0.0, 0, 0.0, 0.0, 0.0, 0.0)
    left, right = channels[0], channels[-1]
    return Recorded(
        path, len(left) / rate, len(channels), channel_match(caller, left), channel_match(agent, right),
        channel_match(caller, right), channel_match(agent, left),
    )  # fmt: skip


def heard_prompt(prompt: Path, heard: Samples, first: float = 0.0, seconds: float | None = None) -> tuple[float, float]:
    """Return (seconds into what was heard, correlation) of a prompt, or of a part of it."""
    samples = wav.read(prompt)[0][0]
    begin = round(first * 8000)
    part = samples[begin : begin + round(seconds * 8000)] if seconds else samples[begin:]
    return align(part, heard)


def heard_music(music: Path, heard: Samples) -> float:
    """Return the best correlation of any two seconds of the first eight of the music."""
    return max(heard_prompt(music, heard, first, 2.0)[1] for first in (0.0, 2.0, 4.0, 6.0))


def result(
    row: dict[str, Any], rows: int, setup_ms: float, to_agent: Direction, to_caller: Direction, recording: Recorded
) -> tuple[dict[str, Any], list[str]]:
    """Return the demo's JSON object and what of it misses its target (empty: all is well).

    ``mouth_to_ear_ms`` is the 99th percentile of the frames: a mean would hide what people hear.
    """
    ways = {"caller_to_agent": to_agent, "agent_to_caller": to_caller}
    latency = {name: way.latency() for name, way in ways.items()}
    lost = {name: way.loss().lost for name, way in ways.items()}
    wait = row.get("wait_seconds")
    answer = {
        "answered": row.get("connected_at") is not None,
        "agent": row.get("agent"),
        "setup_ms": round(setup_ms),
        "queue_wait_ms": None if wait is None else round(wait * 1000),
        "mouth_to_ear_ms": {name: None if ms is None else round(ms.p99, 1) for name, ms in latency.items()},
        "lost_frames": lost,
        "recording": {
            "path": str(recording.path),
            "seconds": round(recording.seconds, 2),
            "channels": recording.channels,
            "caller_channel_match": round(recording.caller_match, 4),
            "agent_channel_match": round(recording.agent_match, 4),
        },
        "ledger_rows": rows,
    }
    missed = [f"{name}: {ms.p99:.0f} ms" if ms else f"{name}: nothing heard" for name, ms in latency.items()
              if ms is None or ms.p99 >= LATENCY_MS]  # fmt: skip
    missed += [f"{name}: {count} frames lost" for name, count in lost.items() if count]
    missed += [] if answer["answered"] else ["the call was not connected to an agent"]
    missed += [] if recording.right() else [f"recording: {recording}"]
    missed += [] if rows == 1 else [f"{rows} ledger rows"]
    return answer, missed
