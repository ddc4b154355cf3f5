"""Mouth-to-ear time is read from content, through any framing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.measure.g711 import Samples
from tests.measure.latency import Timed, mouth_to_ear
from tests.measure.track import FRAME

MS = 1_000_000


def _timed(samples: Samples, size: int, start_ns: int) -> list[Timed]:
    """Chunks of ``size`` samples, each at the time its last sample would be there."""
    return [(start_ns + (i + size) * 125_000, samples[i : i + size]) for i in range(0, len(samples) - size + 1, size)]


@pytest.mark.parametrize(("size", "low", "high"), [(FRAME, 63, 81), (320, 63, 101), (57, 63, 71)])
def test_a_known_delay_is_measured(caller: Samples, size: int, low: float, high: float) -> None:
    heard = np.concatenate([np.zeros(1000, np.int16), caller])
    arrivals = _timed(heard, size, 63 * MS - 1000 * 125_000)
    latency = mouth_to_ear(_timed(caller, FRAME, 0), arrivals)
    assert latency is not None
    assert low <= latency.p50 <= latency.p99 <= latency.maximum <= high
    assert latency.frames > 590


def test_one_late_frame_is_the_maximum_not_the_middle(caller: Samples) -> None:
    arrivals = _timed(caller, FRAME, 40 * MS)
    arrivals[300] = (arrivals[300][0] + 200 * MS, arrivals[300][1])
    latency = mouth_to_ear(_timed(caller, FRAME, 0), arrivals)
    assert latency is not None
    assert latency.p50 == pytest.approx(40)
    assert latency.maximum == pytest.approx(240)


def test_other_audio_has_no_latency(caller: Samples, agent: Samples) -> None:
    assert mouth_to_ear(_timed(caller, FRAME, 0), _timed(agent, FRAME, 0)) is None
    assert mouth_to_ear([], []) is None
