"""Alarms of spans on real DAHDI: who is told of them, and what the spans show."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from gateways.pstn import dahdi as layer
from gateways.pstn.dahdi import DahdiError, DChannel, Event
from tests.pstn.exchange.alarm import alarm, cut
from tests.vm.guest import dahdi
from tests.vm.guest.channels import events, opened, wait_event

OURS, FAR = dahdi.T1.ours, dahdi.T1.exchange
CHANNEL, FAR_CHANNEL = OURS.bearers[-1], FAR.bearers[-1]


@pytest.fixture(name="exchange", autouse=True, scope="module")
def exchange_fixture() -> Iterator[None]:
    with dahdi.exchange():
        yield


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def shown(span: int) -> set[str]:
    return set(layer.span(span).alarms)


@pytest.mark.parametrize("name", ["red", "yellow", "blue", "recovering"])
def test_an_alarm_comes_and_goes(name: str) -> None:
    with opened(CHANNEL) as (ours,):
        events(ours)
        with alarm(OURS.span, name):  # type: ignore[arg-type]
            delay, _ = wait_event(ours, Event.ALARM)
            print(f"{name} alarm told in {1000 * delay:.0f} ms")
            assert shown(OURS.span) == {name}
            assert ours.info().alarms == {name}
        wait_event(ours, Event.NOALARM)
        assert shown(OURS.span) == set()


def test_when_one_side_hears_nothing_the_other_is_told() -> None:
    with opened(CHANNEL, FAR_CHANNEL) as (ours, far):
        events(ours, far)
        with alarm(FAR.span, "red"):
            wait_event(far, Event.ALARM)
            wait_event(ours, Event.ALARM)
            assert shown(OURS.span) == {"yellow"}
        wait_event(ours, Event.NOALARM)


def test_a_cut_cable() -> None:
    with cut(OURS.span, FAR.span):
        assert soon(lambda: shown(OURS.span) >= {"red"} and shown(FAR.span) >= {"red"})
    assert soon(lambda: shown(OURS.span) == shown(FAR.span) == set())


def test_a_second_alarm_is_told_by_the_span_only() -> None:
    """DAHDI queues an event when a span goes from no alarm to any, and back; not from one to another."""
    with opened(CHANNEL) as (ours,):
        events(ours)
        with alarm(OURS.span, "yellow"):
            wait_event(ours, Event.ALARM)
            with alarm(OURS.span, "red"):
                assert soon(lambda: "red" in shown(OURS.span))
                assert events(ours) == []


def test_a_d_channel_is_told() -> None:
    ours = DChannel(OURS.d)
    try:
        events(ours)
        with alarm(OURS.span, "red"):
            assert soon(lambda: any(event.kind is Event.ALARM for event in events(ours)))
    finally:
        ours.close()


def test_a_driver_without_loopback_says_so() -> None:
    with pytest.raises(DahdiError, match="its driver knows no loopback"):
        layer.loop_back(OURS.span, "local")
