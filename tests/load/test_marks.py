"""The marks in the frames of the gateway's bench."""

from __future__ import annotations

import numpy as np

from tests.load.marks import FRAME_SAMPLES, Marked, read
from tests.measure.g711 import decode


def test_marks_are_read_from_either_form_wherever_frames_begin() -> None:
    sound = Marked("caller")
    places = [(line, number) for line in (1, 64) for number in (0, 299, 65535)]
    plain = [np.frombuffer(sound.pcm(*place), "<i2") for place in places]
    coded = [decode(sound.alaw(*place), 8) for place in places]
    for one, other in zip(plain, coded, strict=True):
        assert np.array_equal(one, other)

    assert read(list(enumerate(coded))) == [(*place, at) for at, place in enumerate(places)]

    stream = np.concatenate([np.zeros(40, np.int16), *plain])
    pieces = [stream[at : at + FRAME_SAMPLES] for at in range(0, len(stream), FRAME_SAMPLES)]
    # Each frame's last samples come with the piece after.
    assert read(list(enumerate(pieces))) == [(*place, at + 1) for at, place in enumerate(places)]


def test_a_damaged_mark_is_none() -> None:
    frame = np.frombuffer(Marked("caller").pcm(3, 7), "<i2").copy()
    frame[20] = -frame[20]

    assert read([(0, frame)]) == []
    assert read([]) == []
