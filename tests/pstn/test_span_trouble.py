"""What befalls a span: alarms, a dead D channel, hardware that goes."""

from __future__ import annotations

import pytest

from gateways.line import Answered, DialRefused, Ended, IncomingCall, LineStateChanged
from gateways.pstn.dahdierror import DahdiError
from gateways.pstn.dahdievents import Event
from tests.pstn.exchange.faults import Faults
from tests.pstn.pririg import D_CHANNEL, QUICK, TOKYO, rig


def test_established_calls_outlive_a_short_loss_of_layer_2() -> None:
    with rig(link=QUICK, layer2_hold=6) as made:
        made.up()
        made.quick()
        made.talking(1)
        made.far.cut()
        made.until(lambda: not made.link.up, 10)
        assert made.statuses[-1].state in ("up", "down")
        made.turn(0.05)
        assert made.statuses[-1].state == "down"
        assert made.line(2).state == "fault"
        made.line(2).dial(TOKYO)
        assert made.of(DialRefused)[-1].cause == 38
        made.far.cut(False)
        made.until(lambda: made.line(2).state == "idle", 10)
        assert made.line(1).state == "active"
        assert made.of(Ended) == []
        assert made.statuses[-1].drops >= 1
        made.turn(0.5)  # both ends set the link up, and what is sent between the two is lost
        made.line(1).hang_up()
        made.sound()


def test_calls_end_when_layer_2_stays_away_and_the_span_comes_back_by_itself() -> None:
    with rig(link=QUICK, layer2_hold=1, restart_interval=3600) as made:
        made.up()
        made.quick()
        for slot in (1, 2, 3):
            made.talking(slot)
        made.far.cut()
        made.until(lambda: len(made.of(Ended)) == 3, 10)
        assert {(event.cause, event.who) for event in made.of(Ended)} == {(27, "line")}
        made.turn(0.05)
        status = made.statuses[-1]
        assert (status.state, status.layer2, status.calls) == ("down", False, 0)
        assert "layer 2 is down" in (status.reason or "")
        assert {line.state for line in made.span.lines.values()} == {"fault"}
        made.far.cut(False)
        made.until(lambda: {line.state for line in made.span.lines.values()} == {"idle"}, 10)
        made.far.wait_restarted(1, 2, 3)
        assert made.statuses[-1].state == "up"
        assert made.pri.calls == 0
        made.talking(1)
        made.line(1).hang_up()
        made.quiet()


def test_calls_that_are_not_through_yet_end_with_layer_2() -> None:
    with rig(link=QUICK) as made:
        made.up()
        made.quick()
        made.exchange.call(to="0398765432", channel=1)
        made.wait(IncomingCall)
        made.far.cut()
        ended = made.wait(Ended, timeout=10)
        assert (ended.cause, ended.who) == (27, "line")
        made.far.cut(False)
        made.until(lambda: made.line(1).state == "idle", 10)


def test_the_network_may_release_the_link_and_we_set_it_up_again() -> None:
    with rig(link=QUICK) as made:
        made.up()
        made.quick()
        made.talking(1)
        made.far.drop()
        made.until(lambda: not made.link.up)
        made.until(lambda: made.link.up)
        made.turn(0.1)
        made.until(lambda: made.line(2).state == "idle")


@pytest.mark.parametrize(
    ("alarm", "word"), [("red", "no signal"), ("yellow", "does not hear us"), ("blue", "all ones"), ("los", "los")]
)
def test_an_alarm_drains_the_span(alarm: str, word: str) -> None:
    with rig(layer2_hold=1) as made:
        made.up()
        made.talking(1)
        made.alarm(alarm)
        made.turn(0.05)
        status = made.statuses[-1]
        assert status.state == "alarm"
        assert status.alarms == frozenset({alarm})
        assert word in (status.reason or "")
        assert made.line(1).state == "active"
        assert (made.line(2).state, made.line(2).machine.reason) == ("fault", status.reason)
        made.line(2).dial(TOKYO)
        assert made.of(DialRefused)[-1].cause == 38
        call = made.exchange.call(to="0398765432", channel=3)
        made.until(lambda: call.end is not None)
        assert call.wait_ended().cause == 34
        assert (made.wait(Ended).cause, made.wait(Ended).who) == (27, "line")
        made.alarm()
        made.until(lambda: {line.state for line in made.span.lines.values()} == {"idle"})
        assert made.statuses[-1].state == "up"
        made.sound()


def test_an_alarm_that_passes_ends_no_call() -> None:
    with rig(layer2_hold=2) as made:
        made.up()
        made.talking(1)
        made.alarm("red")
        made.turn(0.5)
        made.alarm()
        made.turn(2.0)
        assert made.line(1).state == "active"
        made.line(1).hang_up()
        made.sound()


def test_hardware_that_is_not_there_is_waited_for() -> None:
    with rig() as made:
        made.hardware.missing = "DAHDI channel 64: its card or span is gone: look at `callfloor pstn scan`"
        made.span.start()
        made.turn(0.05)
        assert made.statuses[-1].state == "absent"
        assert made.statuses[-1].reason == made.hardware.missing
        assert (made.line(1).state, made.line(1).machine.reason) == ("absent", made.hardware.missing)
        made.hardware.missing = None
        made.until(lambda: made.line(1).state == "idle", 8)
        made.until(lambda: made.span.status.state == "up")


def test_a_card_that_is_taken_out_ends_calls_and_may_come_back() -> None:
    with rig() as made:
        made.up()
        made.talking(1)
        made.hardware.missing = "DAHDI channel 64: gone"
        made.happen(Event.REMOVED)
        ended = made.wait(Ended)
        assert (ended.cause, ended.who) == (27, "line")
        made.until(lambda: made.line(1).state == "absent")
        made.far.drop(quietly=True)
        made.hardware.missing = None
        made.until(lambda: made.line(1).state == "idle", 8)
        made.talking(1)
        made.line(1).hang_up()
        made.quiet()


def test_a_driver_that_fails_is_a_card_that_went() -> None:
    with rig() as made:
        made.up()
        port = made.hardware.d[D_CHANNEL]
        port.broken = DahdiError(19, "DAHDI channel 64: read: its card or span is gone")
        made.exchange.call(to="0398765432", channel=1)
        made.until(lambda: made.line(2).state == "absent")
        assert made.statuses[-1].reason == "DAHDI channel 64: read: its card or span is gone"
        made.until(lambda: made.line(2).state == "idle", 12)


def test_the_gateway_stops_in_good_order() -> None:
    with rig() as made:
        made.up()
        made.talking(1)
        call = made.exchange.call(to="0398765432", channel=2)
        made.wait(IncomingCall)
        made.span.wind_down(41)
        made.until(lambda: made.span.idle)
        assert {event.cause for event in made.of(Ended)} == {41}
        made.line(5).dial(TOKYO)
        assert made.of(DialRefused)[-1].text == "the gateway is stopping"
        assert call.wait_ended().cause == 41
        late = made.exchange.call(to="0398765432", channel=4)
        made.until(lambda: late.end is not None)
        assert late.wait_ended().cause == 34
        made.sound()
        made.span.close("stopped: start callfloor-pstn")
        assert {line.state for line in made.span.lines.values()} == {"absent"}
        assert made.of(LineStateChanged)[-1].reason == "stopped: start callfloor-pstn"
        made.span.start()
        made.until(lambda: made.line(1).state == "idle", 8)


def test_closing_ends_what_is_left() -> None:
    with rig() as made:
        made.up()
        made.talking(1)
        made.span.close("stopped")
        assert [(event.cause, event.who) for event in made.of(Ended)] == [(41, "line")]
        assert made.line(1).state == "absent"


def test_lost_and_damaged_frames_are_made_good() -> None:
    with rig(link=QUICK) as made:
        made.up()
        made.quick()
        made.exchange.subscriber(TOKYO)
        made.far.faults = Faults(lose=0.15, double=0.05, seed=5)
        for slot in range(1, 13):
            made.line(slot).dial(TOKYO)
        made.until(lambda: len(made.of(Answered)) + len(made.of(Ended)) >= 12, 30)
        made.far.faults = Faults()
        for slot in range(1, 13):
            made.line(slot).hang_up()
        made.quiet(30)
        assert len(made.of(Answered)) >= 10


def test_both_ends_the_user_is_said_in_the_reason() -> None:
    with rig() as made:
        made.far.cut()
        made.span.start()
        made.until(lambda: made.line(1).state == "booting")
        sabme_of_a_user = b"\x00\x01\x7f"
        made.far._port.write(sabme_of_a_user)
        made.until(lambda: made.line(1).state == "fault")
        assert "CPE" in (made.statuses[-1].reason or "")
        assert "role of the span to net" in (made.line(1).machine.reason or "")


def test_damaged_frames_are_counted() -> None:
    with rig() as made:
        made.up()
        made.happen(Event.ABORT, Event.BADFCS, Event.OVERRUN)
        assert made.link.errors == 3
