"""Lost frames: each kind of damage is counted, and what is no damage is not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.measure import g711
from tests.measure.g711 import Samples
from tests.measure.track import FRAME, lost_frames


def _carried(samples: Samples, payload_type: int = 8) -> Samples:
    """Coded twice with half a second of silence before, as a call through the core is."""
    late = np.concatenate([np.zeros(4000, np.int16), samples])
    for _ in range(2):
        late = g711.decode(g711.encode(late, payload_type), payload_type)
    return late


def _without(samples: Samples, start: int, length: int = FRAME) -> Samples:
    return np.delete(samples, slice(start, start + length))


@pytest.mark.parametrize("payload_type", [0, 8])
def test_nothing_lost(caller: Samples, payload_type: int) -> None:
    loss = lost_frames(caller, _carried(caller, payload_type))
    assert (loss.lost, loss.delay_shifts, loss.frames) == (0, [], 600)
    assert loss.unchecked < 6


@pytest.mark.parametrize("gain", [0.5, 0.8])
def test_gain_is_no_loss(caller: Samples, gain: float) -> None:
    assert lost_frames(caller, _carried((caller * gain).astype(np.int16))).lost == 0


def test_one_percent_of_noise_is_no_loss(caller: Samples) -> None:
    noise = np.random.default_rng(7).normal(0, 33, len(caller))
    loss = lost_frames(caller, _carried((caller + noise).astype(np.int16)))
    assert loss.lost == 0
    assert loss.unchecked < 10


@pytest.mark.parametrize("place", [16000, 16080, 20011, 33333, 47999, 52000, 70007])
def test_a_dropped_frame_is_one_lost(caller: Samples, place: int) -> None:
    loss = lost_frames(caller, _carried(_without(caller, place)))
    assert (loss.lost, loss.inserted, loss.delay_shifts) == (1, 0, [-160])


@pytest.mark.parametrize("place", [16000, 16080, 20011, 33333, 47999, 52000, 70007])
def test_an_inserted_frame_is_one_lost(caller: Samples, place: int) -> None:
    doubled = np.insert(caller, place, caller[place - FRAME : place])
    loss = lost_frames(caller, _carried(doubled))
    assert (loss.lost, loss.inserted, loss.delay_shifts) == (1, 1, [160])


@pytest.mark.parametrize("place", [16000, 20011, 33360, 48000])
def test_a_frame_of_silence_is_one_lost(caller: Samples, place: int) -> None:
    heard = caller.copy()
    heard[place : place + FRAME] = 0
    loss = lost_frames(caller, _carried(heard))
    assert (loss.lost, loss.delay_shifts) == (1, [])


def test_concealment_is_loss_wherever_it_is(caller: Samples) -> None:
    """The frame before once more, in its place: the hardest to hear, in vowels above all."""
    missed = []
    for frame in range(60, 540, 7):
        heard = caller.copy()
        heard[frame * FRAME : (frame + 1) * FRAME] = heard[(frame - 1) * FRAME : frame * FRAME]
        if lost_frames(caller, heard).lost != 1:
            missed.append(frame)
    assert missed == []


def test_many_kinds_together(caller: Samples) -> None:
    heard = np.insert(caller, 64000, np.zeros(2 * FRAME, np.int16))  # two inserted
    heard[48000 : 48000 + 3 * FRAME] = 0  # three silent
    heard = _without(heard, 32000)  # one dropped
    loss = lost_frames(caller, _carried(heard))
    assert (loss.lost, loss.inserted, loss.delay_shifts) == (6, 2, [-160, 320])


def test_half_of_the_call_silent(caller: Samples) -> None:
    heard = _carried(caller)
    heard[4000 + 300 * FRAME :] = 0
    assert lost_frames(caller, heard).lost == 300


def test_hanging_up_is_no_loss(caller: Samples) -> None:
    heard = _carried(caller)[: -4 * FRAME]
    loss = lost_frames(caller, heard)
    assert loss.lost == 0


def test_the_wrong_audio_is_all_lost(caller: Samples, agent: Samples) -> None:
    loss = lost_frames(caller, _carried(agent))
    assert loss.lost > 590
