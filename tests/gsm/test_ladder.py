"""The ladder of recovery, as tables."""

from __future__ import annotations

import pytest

from gateways.gsm.ladder import Can, Ladder, Pace, Rung

ALL = Can(open=True, answers=True, usb=True, hub_power=True)
SILENT = Can(open=True, usb=True, hub_power=True)
BARE = Can(open=True)  # a modem behind a serial adapter or a pty
CLOSED = Can(usb=True)


def climb(can: Can, steps: int) -> list[str]:
    ladder = Ladder()
    return [ladder.failed("no answer", can).rung.value for _ in range(steps)]


@pytest.mark.parametrize(
    ("can", "expected"),
    [
        (ALL, "ping reopen reopen restart restart reauthorise port-power out-of-service reopen reopen restart"),
        (SILENT, "ping reopen reopen reauthorise port-power out-of-service reopen"),
        (BARE, "ping reopen reopen out-of-service reopen reopen out-of-service"),
        (CLOSED, "reopen reopen reauthorise out-of-service reopen"),
    ],
)
def test_rungs_in_order(can: Can, expected: str) -> None:
    rungs = expected.split()
    assert climb(can, len(rungs)) == rungs


def test_a_rung_that_becomes_possible_is_not_skipped_over() -> None:
    ladder = Ladder()
    for _ in range(4):
        last = ladder.failed("no answer", SILENT)
    assert last.rung is Rung.REAUTHORISE
    assert ladder.failed("refuses AT+CLIP=1", ALL).rung is Rung.RESTART


def test_rests_grow_to_a_limit() -> None:
    ladder = Ladder(Pace(first_rest=60, longest_rest=300))
    waits = [step.wait for _ in range(20) if (step := ladder.failed("dead", BARE)).rung is Rung.REST]
    assert waits[:4] == [60, 120, 240, 300]
    assert set(waits[3:]) == {300}


@pytest.mark.parametrize(("seconds", "next_rung"), [(119.0, Rung.RESTART), (120.0, Rung.PING)])
def test_only_steady_service_brings_it_back_to_the_foot(seconds: float, next_rung: Rung) -> None:
    ladder = Ladder()
    for _ in range(3):
        ladder.failed("no answer", ALL)
    ladder.serving(seconds)
    assert ladder.reason is None
    assert ladder.failed("no answer", ALL).rung is next_rung


def test_what_no_reset_cures_does_not_climb() -> None:
    ladder = Ladder()
    steps = [ladder.refused("the port is in use") for _ in range(3)]
    assert [(step.rung, step.wait) for step in steps] == [(Rung.REST, 60), (Rung.REST, 120), (Rung.REST, 240)]
    assert ladder.reason == "the port is in use"


def test_an_absent_modem_is_looked_for_and_its_port_powered_now_and_then() -> None:
    ladder = Ladder()
    powered = [
        second
        for second in range(1000)
        if ladder.vanished("gone", float(second), Can(usb=True, hub_power=True)).rung is Rung.PORT_POWER
    ]
    assert powered == [60, 120, 240, 480, 960]
    assert ladder.vanished("gone", 5.0, ALL).rung is Rung.LOOK
    assert ladder.vanished("gone", 60.0, ALL).rung is Rung.PORT_POWER  # another absence
    assert {ladder.vanished("gone", 1e6, BARE).rung, ladder.vanished("gone", 1e6, CLOSED).rung} == {Rung.LOOK}


def test_counts_stay() -> None:
    ladder = Ladder()
    for _ in range(8):
        ladder.failed("no answer", ALL)
    ladder.start_anew()
    ladder.failed("no answer", ALL)
    assert ladder.counts[Rung.REOPEN] == 2
    assert ladder.counts[Rung.PING] == 2
    assert ladder.counts[Rung.REST] == 1
