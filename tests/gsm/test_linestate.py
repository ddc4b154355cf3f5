"""The table of line states: every pair, legal or not."""

from __future__ import annotations

import itertools

import pytest

from appliance.bus_payloads import LineStateName
from gateways.gsm.linestate import STATES, TABLE, IllegalInputError, Input, after

I = Input  # noqa: E741
# Written out on its own, not taken from the table: state → what may happen to it and what it becomes.
EVERYWHERE_OPEN = {I.VANISHED: "absent", I.FAILED: "fault", I.RESTARTED: "booting"}
SIM_AND_NETWORK = {
    I.SIM_MISSING: "sim-missing", I.SIM_PIN: "sim-pin", I.SIM_PUK: "sim-puk",
    I.SEARCHING: "searching", I.DENIED: "denied", I.REGISTERED: "idle",
}  # fmt: skip
OVER = {I.HANG_UP: "ending", I.ENDED: "cooling-down"}
EXPECTED: dict[str, dict[Input, str]] = {
    "absent": {I.OPENED: "booting", I.FAILED: "fault", I.VANISHED: "absent"},
    "fault": {I.OPENED: "booting", I.VANISHED: "absent", I.FAILED: "fault"},
    "booting": EVERYWHERE_OPEN | SIM_AND_NETWORK,
    "sim-missing": EVERYWHERE_OPEN | SIM_AND_NETWORK,
    "sim-pin": EVERYWHERE_OPEN | SIM_AND_NETWORK,
    "sim-puk": EVERYWHERE_OPEN | SIM_AND_NETWORK,
    "denied": EVERYWHERE_OPEN | SIM_AND_NETWORK,
    "searching": EVERYWHERE_OPEN | SIM_AND_NETWORK | {I.RING: "incoming"},
    "idle": EVERYWHERE_OPEN | SIM_AND_NETWORK | {I.RING: "incoming", I.DIAL: "dialling"},
    "incoming": EVERYWHERE_OPEN | OVER | {I.CONNECTED: "active"},
    "dialling": EVERYWHERE_OPEN | OVER | {I.ALERTING: "alerting", I.CONNECTED: "active"},
    "alerting": EVERYWHERE_OPEN | OVER | {I.CONNECTED: "active"},
    "active": EVERYWHERE_OPEN | OVER,
    "ending": EVERYWHERE_OPEN | {I.ENDED: "cooling-down"},
    "cooling-down": EVERYWHERE_OPEN | SIM_AND_NETWORK,
}


@pytest.mark.parametrize(("state", "happened"), list(itertools.product(STATES, Input)))
def test_every_pair(state: LineStateName, happened: Input) -> None:
    expected = EXPECTED[state].get(happened)
    if expected is not None:
        assert after(state, happened) == expected
        return
    before = dict(TABLE)
    with pytest.raises(IllegalInputError, match=f"{happened.name} cannot happen to a line that is {state}"):
        after(state, happened)
    assert before == TABLE


def test_every_state_can_be_reached_and_left() -> None:
    reached: set[LineStateName] = {"absent"}
    while True:
        more = {to for (state, _), to in TABLE.items() if state in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(STATES)
    assert {state for state, _ in TABLE} == set(STATES)
