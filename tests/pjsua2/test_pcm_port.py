from itertools import pairwise

from tests.pjsua2.scripts import run_script


def test_audio_is_bit_exact_both_ways_over_a_pty() -> None:
    found = run_script("run_pcm_port", "audio")

    assert found["first_to_second"]
    assert found["second_to_first"]
    assert found["given"] == [100, 100]
    assert found["dropped"] == [0, 0]


def test_digits_are_reported_once_each() -> None:
    found = run_script("run_pcm_port", "digits")

    assert found["events"] == "15#"
    assert found["buffered"] == 0


def test_a_full_queue_drops_the_oldest_frames_both_ways() -> None:
    found = run_script("run_pcm_port", "flood")

    assert found["newest_heard"]
    assert found["dropped_in"] in (32, 33)
    assert found["dropped_out"] > 10
    assert found["after_pause"] == 0


def test_what_came_before_anybody_listened_does_not_delay_the_rest() -> None:
    found = run_script("run_pcm_port", "waited")

    assert found["newest_heard"]
    assert found["dropped_in"] == 18


def test_a_queue_that_stays_long_is_shortened_frame_by_frame() -> None:
    found = run_script("run_pcm_port", "drift")

    little, much = found["little"], found["much"]
    assert little["drops"] == len(little["missing"]) in (1, 2)  # as the two clocks happen to stand
    assert little["missing"][-1] > 100
    assert much["drops"] == len(much["missing"]) in (3, 4, 5)
    assert much["missing"][2] < 100
    assert all(other - one > 20 for one, other in pairwise(much["missing"]))
    assert little["in_order"]
    assert much["in_order"]


def test_a_hang_up_is_reported_once_and_closed_ports_leave_the_conference() -> None:
    found = run_script("run_pcm_port", "hang_up")

    assert not found["before"]
    assert found["after"]
    assert found["events"] == "X"
    assert found["ports"] == 2  # the null device and the port still open
