"""The states of a GSM line, as one pure table.

Theory of operation. A line is *absent* while its device is not there and *fault* while the device is there but of no
use. Opening the device makes it *booting*; then the modem's SIM and the network say which service state it is in:
*sim-missing*, *sim-pin*, *sim-puk*, *searching*, *denied* or *idle*. A call goes *incoming* or *dialling* (then maybe
*alerting*), *active*, *ending* (our side has hung up and the modem has yet to say so), and leaves the line
*cooling-down*: for a moment in which what the modem still says of the call that ended is not taken for a new one.
From there it returns to the service state of the time.

::

    absent ─opened─► booting ─► sim-… / searching / denied / idle ◄──────────────┐
       ▲                ▲                                    │                   │
    vanished         opened                    ring ┌────────┴─────────┐ dial    │
       │                │                       incoming            dialling ─► alerting
    (any) ─failed─► fault                           └──────► active ◄──┴───────────┘
    (any but absent, fault) ─restarted─► booting       │ hang_up: ending │ ended: cooling-down

An input that the table has no row for raises ``IllegalInputError`` and changes nothing.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import get_args

from appliance.bus_payloads import LineStateName


class Input(Enum):
    """What can happen to a line."""

    OPENED = auto()
    VANISHED = auto()
    FAILED = auto()
    RESTARTED = auto()
    SIM_MISSING = auto()
    SIM_PIN = auto()
    SIM_PUK = auto()
    SEARCHING = auto()
    DENIED = auto()
    REGISTERED = auto()
    RING = auto()
    DIAL = auto()
    ALERTING = auto()
    CONNECTED = auto()
    HANG_UP = auto()
    ENDED = auto()


class IllegalInputError(Exception):
    """The line is in a state in which this cannot happen; it was left as it is."""

    def __init__(self, state: LineStateName, happened: Input) -> None:
        super().__init__(f"{happened.name} cannot happen to a line that is {state}")
        self.state = state
        self.happened = happened


STATES: tuple[LineStateName, ...] = get_args(LineStateName)
SERVICE: dict[Input, LineStateName] = {
    Input.SIM_MISSING: "sim-missing",
    Input.SIM_PIN: "sim-pin",
    Input.SIM_PUK: "sim-puk",
    Input.SEARCHING: "searching",
    Input.DENIED: "denied",
    Input.REGISTERED: "idle",
}
"""What SIM and network say, and the state it makes of a line without a call."""
SERVICE_STATES: frozenset[LineStateName] = frozenset({"booting", *SERVICE.values()})
CALL_STATES: frozenset[LineStateName] = frozenset({"incoming", "dialling", "alerting", "active", "ending"})
TALKING_STATES: frozenset[LineStateName] = CALL_STATES - {"ending"}


def _table() -> dict[tuple[LineStateName, Input], LineStateName]:
    table: dict[tuple[LineStateName, Input], LineStateName] = {
        ("absent", Input.OPENED): "booting",
        ("absent", Input.FAILED): "fault",
        ("absent", Input.VANISHED): "absent",  # looked for again, still not there; the reason may have changed
        ("fault", Input.OPENED): "booting",
        ("idle", Input.RING): "incoming",
        # The modem may show the call before it shows that it is registered again.
        ("searching", Input.RING): "incoming",
        ("idle", Input.DIAL): "dialling",
        ("dialling", Input.ALERTING): "alerting",
        ("dialling", Input.CONNECTED): "active",
        ("alerting", Input.CONNECTED): "active",
        ("incoming", Input.CONNECTED): "active",
        ("ending", Input.ENDED): "cooling-down",
    }
    for state in STATES:
        if state != "absent":
            table[state, Input.VANISHED] = "absent"
            table[state, Input.FAILED] = "fault"
        if state not in {"absent", "fault"}:
            table[state, Input.RESTARTED] = "booting"
        if state in SERVICE_STATES or state == "cooling-down":
            table.update({(state, happened): to for happened, to in SERVICE.items()})
        if state in TALKING_STATES:
            table[state, Input.HANG_UP] = "ending"
            table[state, Input.ENDED] = "cooling-down"
    return table


TABLE = _table()
"""(state, input) → next state."""


def after(state: LineStateName, happened: Input) -> LineStateName:
    """Return the state that follows, or raise IllegalInputError."""
    try:
        return TABLE[state, happened]
    except KeyError:
        raise IllegalInputError(state, happened) from None
