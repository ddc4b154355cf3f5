"""Frames between two clocks."""

from __future__ import annotations

import itertools

from gateways.gsm.playout import FRAME, SILENCE, Playout, PlayoutCounts

PRIME = 2


def frame(number: int) -> bytes:
    return bytes([number % 250 + 1]) * FRAME


def test_frames_come_out_as_they_went_in_however_they_were_cut() -> None:
    playout = Playout()
    stream = b"".join(frame(number) for number in range(7))
    for at in range(0, len(stream), 100):
        playout.put(stream[at : at + 100])
    assert [playout.take() for _ in range(7)] == [frame(number) for number in range(7)]
    assert playout.counts == PlayoutCounts(taken=7)


def test_nothing_is_played_until_two_frames_are_in_hand() -> None:
    playout = Playout()
    playout.put(frame(0))
    assert playout.take() == SILENCE
    playout.put(frame(1))
    assert playout.take() == frame(0)


def test_a_missing_frame_is_repeated_once_then_silent_and_a_pause_is_a_new_start() -> None:
    playout = Playout()
    playout.put(frame(0) + frame(1))
    taken = [playout.take() for _ in range(12)]
    assert taken == [frame(0), frame(1), frame(1), *[SILENCE] * 9]
    assert playout.counts.repeated == 1
    playout.put(frame(2))
    assert playout.take() == SILENCE
    playout.put(frame(3))
    assert [playout.take(), playout.take()] == [frame(2), frame(3)]


def test_a_flood_drops_the_oldest() -> None:
    playout = Playout()
    playout.put(b"".join(frame(number) for number in range(30)))
    assert [playout.take() for _ in range(8)] == [frame(number) for number in range(22, 30)]
    assert playout.counts.dropped == 22


def test_what_always_waits_is_shortened_by_a_frame_in_three_seconds() -> None:
    playout = Playout()
    numbers = itertools.count()
    playout.put(b"".join(frame(next(numbers)) for _ in range(PRIME + 2)))
    for _ in range(140):
        playout.take()
        playout.put(frame(next(numbers)))
    assert playout.counts.drift_drops == 0
    for _ in range(500):
        playout.take()
        playout.put(frame(next(numbers)))
    assert playout.counts.drift_drops == 2
    assert playout.counts.repeated == playout.counts.dropped == 0


def test_clocks_one_in_two_hundred_apart_cost_a_frame_in_two_hundred() -> None:
    for every, faster in ((200, True), (200, False)):
        playout = Playout()
        playout.put(frame(0) * 2)
        for number in range(4000):
            if faster or number % every:
                playout.put(frame(number))
            if faster and number % every == 0:
                playout.put(frame(number))
            playout.take()
        counts = playout.counts
        assert counts.taken + counts.repeated >= 3990
        assert counts.dropped == 0
        assert (counts.drift_drops, counts.repeated)[not faster] in range(16, 21)
