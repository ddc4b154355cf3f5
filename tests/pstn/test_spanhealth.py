"""What alarms, layer 2 and the hardware make of a span; when channels are restarted; what is told of it. Pure."""

from __future__ import annotations

from gateways.pstn.restarts import ACKNOWLEDGED_WITHIN, Restarts
from gateways.pstn.spanhealth import BOOTING_FOR, LAYER2, SpanHealth
from gateways.pstn.spanstatus import ERRORS_EVERY, SpanStatus, StatusTeller

NONE: frozenset[str] = frozenset()


def opened(hold: float = 12.0) -> SpanHealth:
    health = SpanHealth(hold)
    health.opened(NONE, 100.0)
    return health


def test_a_span_boots_before_it_is_at_fault() -> None:
    health = SpanHealth(12)
    assert (health.state, health.lines(0.0)) == ("absent", ("absent", "not started"))
    health.opened(NONE, 100.0)
    assert health.lines(100.0) == ("booting", None)
    assert health.deadline(100.0) == 100.0 + BOOTING_FOR
    assert health.lines(100.0 + BOOTING_FOR) == ("fault", LAYER2)
    assert health.deadline(100.0 + BOOTING_FOR) is None
    health.layer2_is(True, 120.0)
    assert (health.state, health.reason, health.lines(120.0)) == ("up", None, ("idle", None))


def test_a_span_that_was_up_is_at_fault_at_once() -> None:
    health = opened()
    health.layer2_is(True, 101.0)
    health.layer2_is(False, 102.0)
    assert health.lines(102.0) == ("fault", LAYER2)
    assert health.calls_end_at == 114.0


def test_the_first_trouble_counts_until_all_is_well() -> None:
    health = opened(6)
    health.layer2_is(True, 101.0)
    health.alarms_are(frozenset({"red"}), 110.0)
    health.layer2_is(False, 115.0)
    health.alarms_are(NONE, 116.0)
    assert health.lines(116.0) == ("fault", LAYER2)
    assert health.calls_end_at == 116.0
    health.layer2_is(True, 117.0)
    assert health.lines(117.0) == ("idle", None)
    assert health.calls_end_at is None


def test_an_alarm_says_what_to_do() -> None:
    health = opened()
    health.layer2_is(True, 101.0)
    for alarm, word in (("red", "check the cable"), ("yellow", "transmit pair"), ("blue", "call the carrier")):
        health.alarms_are(frozenset({alarm}), 102.0)
        assert health.state == "alarm"
        assert word in (health.reason or "")
    health.alarms_are(frozenset({"lmfa"}), 103.0)
    assert health.reason == "layer 1 is in alarm (lmfa)"
    health.alarms_are(frozenset({"red", "recovering"}), 104.0)
    assert "no signal" in (health.reason or "")


def test_a_complaint_of_libpri_is_the_reason_until_layer_2_is_up() -> None:
    health = opened()
    health.complain("both are the user")
    assert health.lines(100.1) == ("fault", "both are the user")
    health.layer2_is(True, 101.0)
    health.layer2_is(False, 102.0)
    assert health.reason == LAYER2


def test_hardware_that_goes_is_absent() -> None:
    health = opened()
    health.alarms_are(frozenset({"red"}), 101.0)
    health.closed("the card is gone", 102.0)
    assert (health.state, health.reason, health.alarms) == ("absent", "the card is gone", NONE)


def test_every_channel_is_restarted_one_by_one() -> None:
    restarts = Restarts(60)
    restarts.begin([1, 2, 3])
    free = [1, 2, 3]
    assert [restarts.held(slot) for slot in free] == [True] * 3
    assert restarts.next(0.0, free) == 1
    assert restarts.next(0.1, free) is None
    restarts.acknowledged(1)
    assert (restarts.held(1), restarts.next(0.2, free)) == (False, 2)
    restarts.acknowledged(None)
    assert restarts.next(0.3, free) == 3
    restarts.acknowledged(2)
    assert restarts.next(0.4, free) is None
    restarts.acknowledged(3)
    assert restarts.next(0.5, free) is None
    assert restarts.deadline() == 60.5
    assert restarts.next(60.5, [2]) == 2
    assert restarts.held(2)


def test_channels_with_calls_are_left_out() -> None:
    restarts = Restarts(60)
    restarts.begin([1, 2])
    assert restarts.next(0.0, [2]) == 2
    assert not restarts.held(1)
    assert restarts.next(0.1, []) is None
    assert not restarts.held(2)


def test_a_network_that_never_acknowledges_is_left_alone() -> None:
    restarts = Restarts(60)
    restarts.begin([1, 2])
    assert restarts.next(0.0, [1, 2]) == 1
    assert restarts.deadline() == ACKNOWLEDGED_WITHIN
    assert restarts.next(ACKNOWLEDGED_WITHIN, [1, 2]) is None
    assert (restarts.gave_up, restarts.held(2)) == (True, False)
    assert restarts.next(200.0, [1, 2]) is None
    assert (restarts.gave_up, restarts.held(2)) == (False, False)
    restarts.begin([1, 2])
    assert restarts.next(300.0, [1, 2]) == 1


def test_no_interval_means_no_restart() -> None:
    restarts = Restarts(0)
    restarts.begin([1])
    assert (restarts.next(0.0, [1]), restarts.held(1), restarts.deadline()) == (None, False, None)


def test_a_status_is_told_when_it_has_changed() -> None:
    told: list[SpanStatus] = []
    teller = StatusTeller(told.append)
    down = SpanStatus("e1-1", "e1", "down", 30)
    teller.tell(down, 0.0)
    teller.tell(down, 1.0)
    assert len(told) == 1
    up = SpanStatus("e1-1", "e1", "up", 30, layer2=True)
    teller.tell(up, 2.0)
    teller.tell(SpanStatus("e1-1", "e1", "up", 30, layer2=True, calls=1), 3.0)
    assert [status.state for status in told] == ["down", "up", "up"]
    assert told[0].since < told[1].since == told[2].since


def test_damaged_frames_alone_are_told_now_and_then() -> None:
    told: list[SpanStatus] = []
    teller = StatusTeller(told.append)
    for number in range(100):
        teller.tell(SpanStatus("e1-1", "e1", "up", 30, errors=number), number / 10)
    assert len(told) == 1
    teller.tell(SpanStatus("e1-1", "e1", "up", 30, errors=100), ERRORS_EVERY)
    assert told[-1].errors == 100
