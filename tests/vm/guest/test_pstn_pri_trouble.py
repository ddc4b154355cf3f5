"""Spans of real DAHDI in trouble: a dead D channel, alarms, a gateway that was killed, one that is there already."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gateways.line import Answered, DialRefused, Ended
from gateways.pstn.span import PriSpan
from gateways.pstn.spanstatus import SpanStatus
from tests.pstn.exchange.alarm import Name, alarm, cut
from tests.vm.guest.pri_rig import PATIENCE, TOKYO, DahdiRig, rig

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(name="rig", params=["euroisdn", "ni2"])
def rig_fixture(request: pytest.FixtureRequest) -> Iterator[DahdiRig]:
    with rig(request.param) as made:
        yield made


def test_the_d_channel_drops_in_a_call_and_comes_back(rig: DahdiRig) -> None:
    rig.pri.set_timer("T200", 500)
    rig.pri.set_timer("T203", 2000)
    rig.exchange.subscriber(TOKYO)
    rig.line(1).dial(TOKYO)
    rig.wait(Answered, timeout=PATIENCE)
    rig.turn(0.5)
    rig.far.cut()
    rig.until(lambda: rig.line(2).state == "fault", PATIENCE)
    rig.line(2).dial(TOKYO)
    assert rig.wait(DialRefused).cause == 38
    rig.far.cut(False)
    rig.until(lambda: rig.line(2).state == "idle", PATIENCE)
    assert rig.line(1).state == "active"
    rig.far.cut()
    ended = rig.wait(Ended, timeout=PATIENCE)
    assert (ended.cause, ended.who) == (27, "line")
    rig.far.cut(False)
    rig.until(lambda: {line.state for line in rig.span.lines.values()} == {"idle"}, 2 * PATIENCE)
    assert rig.statuses[-1].drops >= 2


@pytest.mark.parametrize("name", ["red", "yellow", "blue"])
def test_an_alarm_drains_the_span_and_it_comes_back(rig: DahdiRig, name: Name) -> None:
    rig.exchange.subscriber(TOKYO)
    rig.line(1).dial(TOKYO)
    rig.wait(Answered, timeout=PATIENCE)
    with alarm(rig.pair.ours.span, name):
        began = time.monotonic()
        rig.until(lambda: rig.line(2).state == "fault", PATIENCE)
        print(f"{name} alarm: drained after {1000 * (time.monotonic() - began):.0f} ms")
        assert rig.statuses[-1].alarms == frozenset({name})
        assert rig.line(1).state == "active"
        ended = rig.wait(Ended, timeout=PATIENCE)
        print(f"{name} alarm: call ended after {time.monotonic() - began:.1f} s")
        assert (ended.cause, ended.who) == (27, "line")
    rig.until(lambda: {line.state for line in rig.span.lines.values()} == {"idle"}, 2 * PATIENCE)
    rig.line(1).dial(TOKYO)
    rig.until(lambda: len(rig.of(Answered)) == 2, PATIENCE)
    rig.line(1).hang_up()
    rig.until(lambda: rig.span.idle, PATIENCE)


def test_a_cable_that_is_cut_and_mended(rig: DahdiRig) -> None:
    rig.pri.set_timer("T203", 2000)
    with cut(rig.pair.ours.span, rig.pair.exchange.span):
        rig.far.cut()
        rig.until(lambda: "red" in rig.statuses[-1].alarms, PATIENCE)
        rig.until(lambda: not rig.link.up, PATIENCE)
    rig.far.cut(False)
    rig.until(lambda: {line.state for line in rig.span.lines.values()} == {"idle"}, 2 * PATIENCE)
    rig.exchange.subscriber(TOKYO)
    rig.line(1).dial(TOKYO)
    rig.wait(Answered, timeout=PATIENCE)
    rig.line(1).hang_up()
    rig.until(lambda: rig.span.idle, PATIENCE)


def test_a_gateway_that_was_killed_in_a_call_finds_the_span_free(rig: DahdiRig) -> None:
    rig.exchange.subscriber(TOKYO)
    rig.line(1).dial(TOKYO)
    rig.wait(Answered, timeout=PATIENCE)
    rig.span._ports.close()  # without a word, as kill -9 closes them
    rig.drop_audio()
    rig.events.clear()
    rig.span = rig.make()
    rig.up(2 * PATIENCE)
    rig.until(lambda: rig.exchange.open_calls == 0, PATIENCE)
    rig.line(1).dial(TOKYO)
    rig.wait(Answered, timeout=PATIENCE)
    rig.line(1).hang_up()
    rig.until(lambda: rig.span.idle, PATIENCE)


def test_two_gateways_cannot_have_the_same_span(rig: DahdiRig) -> None:
    statuses: list[SpanStatus] = []
    second = PriSpan(rig.spec, rig.loop, lambda _event: None, statuses.append)
    second.start()
    rig.turn(0.2)
    assert statuses[-1].state == "absent"
    assert "another program has it" in (statuses[-1].reason or "")
    second.close("the test is over")
