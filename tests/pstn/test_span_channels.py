"""B channels of a span: restarted by either side, taken out of service and put back."""

from __future__ import annotations

import pytest

from gateways.line import Ended
from gateways.pstn.config.spec import Switch
from tests.pstn.pririg import rig


def test_channels_are_restarted_before_they_are_used() -> None:
    with rig(restart_interval=3600) as made:
        made.span.start()
        made.until(lambda: made.link.up)
        assert made.line(31).state == "booting"
        made.until(lambda: made.line(31).state == "idle")
        made.far.wait_restarted()
        made.sound()


def test_idle_channels_are_restarted_by_and_by() -> None:
    with rig(restart_interval=1) as made:
        made.up()
        made.talking(5)
        before = len(made.far.control.maintenance.done)
        made.until(lambda: len(made.far.control.maintenance.done) > before, 5)
        made.until(lambda: made.line(31).state == "idle")
        assert made.line(5).state == "active"
        made.line(5).hang_up()
        made.quiet()


def test_a_network_that_does_not_acknowledge_restart_is_left_alone() -> None:
    with rig(restart_interval=3600) as made:
        made.far.acknowledge_maintenance(False)
        made.span.start()
        made.until(lambda: made.line(1).state == "idle", 8)
        assert {line.state for line in made.span.lines.values()} == {"idle"}
        made.talking(1)
        made.line(1).hang_up()
        made.sound()


@pytest.mark.parametrize("whole", [False, True])
def test_the_networks_restart_ends_calls(whole: bool) -> None:
    with rig() as made:
        made.up()
        made.talking(1)
        made.talking(2)
        made.far.restart(*(() if whole else (1,)))
        made.until(lambda: 1 in made.far.control.maintenance.done)
        made.until(lambda: made.line(1).state == "idle")
        assert [(event.line, event.cause, event.who) for event in made.of(Ended)][:1] == [("e1-1.01", 41, "line")]
        assert made.line(2).state == ("idle" if whole else "active")
        made.line(2).hang_up()
        made.until(lambda: made.span.idle)
        assert made.exchange.violations == []


@pytest.mark.parametrize("switch", ["ni2", "dms100", "4ess", "5ess"])
def test_channels_go_out_of_service_and_come_back(switch: Switch) -> None:
    with rig(switch) as made:
        made.up()
        name = made.line(3).name
        made.far.change_service(3, "out of service")
        made.until(lambda: made.line(3).state == "fault")
        assert "out of service" in (made.line(3).machine.reason or "")
        made.far.change_service(3, "in service")
        made.until(lambda: made.line(3).state == "idle")
        made.span.take_out(name)
        made.until(lambda: made.line(3).state == "fault")
        made.until(lambda: made.far.status(3) == "out of service")
        made.span.put_back(name)
        made.until(lambda: made.line(3).state == "idle" and made.far.status(3) == "in service")
        made.sound()


def test_a_line_is_taken_out_where_the_switch_has_no_word_for_it() -> None:
    with rig() as made:
        made.up()
        made.talking(3)
        made.span.take_out(made.line(3).name)
        made.turn(0.05)
        assert made.line(3).state == "active"
        made.line(3).hang_up()
        made.quiet()
        made.until(lambda: made.line(3).state == "fault")
        call = made.exchange.call(to="0398765432", channel=3)
        made.until(lambda: call.end is not None)
        assert call.wait_ended().cause == 44
        made.sound()
