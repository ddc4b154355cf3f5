"""The exchange's own ears and tones: they must be right before they judge the gateway."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.pjsua2 import dtmf
from tests.pstn.exchange.dtmfreceiver import DtmfReceiver
from tests.pstn.exchange.progresstones import TONES, Name, period, seconds


def heard(audio: bytes) -> str:
    receiver = DtmfReceiver()
    return "".join(receiver.hear(audio[at : at + 320]) for at in range(0, len(audio), 320))


@pytest.mark.parametrize("shift", [0, 37, 81, 159])
def test_every_digit_is_heard_once(shift: int) -> None:
    assert heard(bytes(2 * shift) + dtmf.dial("0123456789*#ABCD11")) == "0123456789*#ABCD11"


@pytest.mark.parametrize("country", sorted(TONES))
@pytest.mark.parametrize("name", ["dial", "ringback", "busy", "congestion", "unobtainable"])
def test_no_tone_of_the_exchange_is_a_digit(country: str, name: Name) -> None:
    assert heard(seconds(country, name, 3)) == ""


def test_noise_is_no_digit() -> None:
    source = random.Random(1)
    assert heard(np.array([source.randint(-8000, 8000) for _ in range(24000)], "<i2").tobytes()) == ""


@pytest.mark.parametrize(("country", "name"), [("us", "busy"), ("uk", "congestion"), ("jp", "ringback")])
def test_cadence(country: str, name: Name) -> None:
    samples = np.abs(np.frombuffer(period(country, name), "<i2").astype(int)).reshape(-1, 40).max(axis=1) > 0
    lengths = np.diff(np.flatnonzero(np.diff(np.concatenate(([0], samples.astype(int), [0])))))

    on_and_off = TONES[country][name].cadence
    assert [5 * int(length) for length in lengths] == list(on_and_off[: len(lengths)])


def test_level() -> None:
    samples = np.frombuffer(period("de", "dial", -10.0), "<i2").astype(float)

    assert 20 * np.log10(np.sqrt(2 * np.mean(samples**2)) / 32768) + 3.14 == pytest.approx(-10, abs=0.05)
