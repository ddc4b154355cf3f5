"""An FXO line and its channel: what it does to it, and what becomes of the line when it goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateways.line import (
    DialRefused,
    Ended,
    LineLost,
    LineReady,
    LineStateChanged,
)
from gateways.pstn.dahdi import Event
from gateways.pstn.fxoport import NO_BATTERY
from tests.pstn.fxo_rig import SPEC, Make, Rig, make_fixture, rig_fixture, started_fixture  # noqa: F401


def test_the_channel_is_prepared_and_left(rig: Rig) -> None:
    assert rig.wire.done[:5] == ["on-hook", "zone jp", "gains 1.5 0.0", "echo 128", "echo 0"]
    assert rig.wire.done[5:] == ["on-hook"]
    assert [change.state for change in rig.told(LineStateChanged)] == ["cooling-down", "idle"]
    assert rig.told(LineReady)
    assert rig.line.idle


def test_no_such_channel_is_tried_again(make: Make) -> None:
    rig = make(SPEC)
    rig.wire.there = False
    rig.line.start()
    reason = "the dahdi driver is not loaded: run `modprobe dahdi`"
    assert rig.events == [LineStateChanged("fxo-1", "absent", reason)]
    rig.turn(0.25)
    assert len(rig.events) == 1, "told once"
    rig.line.dial("117")
    assert rig.events[-1] == DialRefused("fxo-1", 34, "the line is absent")
    rig.wire.there = True
    rig.until(lambda: rig.line.state == "idle")


@pytest.mark.parametrize(
    ("signalling", "zone", "text"),
    [("fxoks", "jp", "DAHDI channel 159 is fxoks, no FXO port"), ("fxsks", "moon", "no tone zone 'moon'")],
)
def test_a_channel_that_is_of_no_use(make: Make, signalling: str, zone: str, text: str) -> None:
    rig = make(replace(SPEC, zone=zone))
    rig.wire.signalling = signalling
    rig.line.start()
    (change,) = rig.told(LineStateChanged)
    assert change.state == "absent"
    assert text in (change.reason or "")
    assert rig.wire.channel is None, "it is closed again"


def test_a_line_that_cannot_be_listened_to_is_of_no_use(make: Make) -> None:
    rig = make(SPEC)
    rig.wire.deaf = True
    rig.line.start()
    assert rig.events == [LineStateChanged("fxo-1", "absent", "/dev/dahdi/pseudo: not permitted")]
    rig.wire.deaf = False
    rig.until(lambda: rig.line.state == "idle")
    rig.wire.deaf = True
    rig.talking()
    rig.happens(Event.ONHOOK)
    assert rig.end().text == "battery drop", "a call goes on without"


def test_no_battery_is_told_and_looked_at_again(make: Make) -> None:
    rig = make(SPEC)
    rig.wire.alarms = frozenset({"red"})
    rig.line.start()
    assert rig.events[-1] == LineStateChanged("fxo-1", "fault", NO_BATTERY)
    rig.wire.alarms = frozenset()
    rig.until(lambda: rig.line.state == "idle")  # though the driver says nothing
    rig.wire.alarms = frozenset({"red"})
    rig.happens(Event.ALARM)
    assert rig.line.state == "fault"
    rig.wire.alarms = frozenset()
    rig.happens(Event.NOALARM)
    rig.until(lambda: rig.line.state == "idle")


@pytest.mark.parametrize("removed", [True, False], ids=["REMOVED", "ENODEV"])
def test_a_card_that_goes_in_a_call(rig: Rig, removed: bool) -> None:
    rig.talking()
    if removed:
        rig.happens(Event.REMOVED)
    else:
        rig.wire.there = False
        rig.line.send_dtmf("1")
        rig.until(lambda: rig.line.state == "absent")
    assert (rig.end().cause, rig.end().who) == (27, "line")
    assert rig.told(LineLost)
    assert rig.told(LineStateChanged)[-1].state == "absent"
    rig.wire.there = True
    rig.until(lambda: rig.line.state == "idle")
    assert len(rig.told(LineReady)) == 2


def test_a_command_fails(rig: Rig) -> None:
    rig.happens(Event.RINGBEGIN)
    rig.wire.there = False
    rig.line.answer()
    assert (rig.end().cause, rig.end().who) == (27, "line")
    assert rig.line.state == "absent"


def test_closing_leaves_the_line(rig: Rig) -> None:
    rig.talking()
    rig.line.close("the gateway was stopped")
    assert rig.end() == Ended("fxo-1", 41, "line", "the gateway was stopped")
    assert not rig.wire.loop_closed()
    rig.turn(0.3)
    assert rig.line.state == "absent", "for good"
