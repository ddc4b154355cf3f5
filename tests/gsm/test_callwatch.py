"""What is made of a call's audio: digits heard twice, dead uplinks, a voice after an answer."""

from __future__ import annotations

import pytest

from gateways.callwatch import AGAIN_AFTER, DEAD_AFTER, VOICE_FRAMES, CallWatch, Counts
from gateways.digits import WITHIN, DigitMerge, Source


@pytest.mark.parametrize(
    ("reports", "kept"),
    [
        ([("5", "audio", 0.0), ("5", "line", 0.1)], "5"),
        ([("5", "line", 0.0), ("5", "audio", 0.3)], "5"),
        ([("5", "audio", 0.0), ("5", "audio", 0.3)], "55"),  # pressed twice
        ([("5", "audio", 0.0), ("5", "audio", 0.3), ("5", "line", 0.4), ("5", "line", 0.6)], "55"),
        ([("1", "audio", 0.0), ("2", "audio", 0.2), ("1", "line", 0.3), ("2", "line", 0.4)], "12"),
        ([("5", "audio", 0.0), ("5", "line", WITHIN + 0.1)], "55"),
        ([("1", "audio", 0.0), ("2", "line", 0.1)], "12"),
    ],
)
def test_digits_told_twice(reports: list[tuple[str, Source, float]], kept: str) -> None:
    merge = DigitMerge()
    assert "".join(digit for digit, source, at in reports if merge.fresh(digit, source, at)) == kept


def test_a_line_that_takes_nothing_is_mended_and_not_at_once_again() -> None:
    watch = CallWatch()
    assert not watch.uplink_dead(Counts(accepted=50, refused=0), 0.0)
    for tenth in range(1, int(DEAD_AFTER * 10)):
        assert not watch.uplink_dead(Counts(50, refused=tenth * 5), tenth / 10)
    at = DEAD_AFTER + 0.1
    assert watch.uplink_dead(Counts(50, refused=100), at)
    assert not watch.uplink_dead(Counts(50, refused=200), at + 1.0)
    assert watch.uplink_dead(Counts(50, refused=999), at + AGAIN_AFTER)


@pytest.mark.parametrize("refused", [0, 7])
def test_a_line_that_takes_frames_or_asked_for_a_pause_is_well(refused: int) -> None:
    watch = CallWatch()
    for second in range(10):
        accepted = 50 * second if refused else 50
        assert not watch.uplink_dead(Counts(accepted, refused * second), float(second))


def test_a_voice_is_told_once() -> None:
    watch = CallWatch()
    assert not watch.heard(Counts(voice=VOICE_FRAMES - 1))
    assert watch.heard(Counts(voice=VOICE_FRAMES))
    assert not watch.heard(Counts(voice=VOICE_FRAMES + 100))
