"""Alignment and channel match tell the right audio from the wrong."""

from __future__ import annotations

import numpy as np
import pytest

from tests.measure import g711
from tests.measure.align import align, channel_match
from tests.measure.g711 import Samples


def _later(samples: Samples, count: int) -> Samples:
    return np.concatenate([np.zeros(count, np.int16), samples])


@pytest.mark.parametrize("payload_type", [0, 8])
def test_coded_and_late_audio_is_found(caller: Samples, payload_type: int) -> None:
    heard = g711.decode(g711.encode(_later(caller, 4321), payload_type), payload_type)
    offset, peak = align(caller, heard)
    assert offset == pytest.approx(4321 / 8000)
    assert peak > 0.99


def test_gain_does_not_matter(caller: Samples) -> None:
    assert align(caller, (caller * 0.5).astype(np.int16))[1] > 0.999


def test_a_part_of_what_was_spoken_is_found(caller: Samples) -> None:
    offset, peak = align(caller, caller[8000:72000])
    assert offset == -1.0
    assert peak > 0.999


def test_swapped_channels_show(caller: Samples, agent: Samples) -> None:
    left, right = _later(caller, 900), _later(agent, 500)
    assert channel_match(caller, left) > 0.95
    assert channel_match(agent, right) > 0.95
    assert channel_match(agent, left) < 0.1
    assert channel_match(caller, right) < 0.1


def test_crosstalk_shows(caller: Samples, agent: Samples) -> None:
    mixed = (caller.astype(float) + 0.25 * agent).astype(np.int16)
    assert channel_match(agent, mixed) > 0.2
    assert channel_match(caller, mixed) > 0.95


def test_a_quarter_missing_shows(caller: Samples) -> None:
    heard = caller.copy()
    heard[24000:48000] = 0
    assert channel_match(caller, heard) < 0.95


def test_silence_matches_nothing(caller: Samples) -> None:
    assert channel_match(caller, np.zeros(80000, np.int16)) == 0.0
    assert channel_match(caller, np.zeros(0, np.int16)) == 0.0
