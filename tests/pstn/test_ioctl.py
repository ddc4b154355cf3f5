"""The numbers and layouts of gateways/pstn/ioctl.py are those of <dahdi/user.h>.

That they are recorded right is seen in the virtual machine, which has the header.
"""

from __future__ import annotations

import ctypes

import pytest

from gateways.pstn import ioctl
from gateways.pstn.dahdievents import Event, HardwareEvent, decoded
from tests.pstn.dahdi_layout import RECORDED

STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "dahdi_bufferinfo": ioctl.BufferInfo,
    "dahdi_params": ioctl.Params,
    "dahdi_spaninfo": ioctl.SpanStatus,
    "dahdi_maintinfo": ioctl.Maintenance,
    "dahdi_confinfo": ioctl.Conference,
    "dahdi_gains": ioctl.Gains,
    "dahdi_dialoperation": ioctl.DialOperation,
    "dahdi_dialparams": ioctl.DialParams,
    "dahdi_ring_cadence": ioctl.RingCadence,
    "dahdi_versioninfo": ioctl.Version,
}
NAMES = {
    "MAX_BLOCKSIZE": "MAX_BLOCK",
    "MAX_NUM_BUFS": "MAX_BUFFERS",
    "MAX_BUF_SPACE": "MAX_BUFFER_SPACE",
    "DIAL_OP_APPEND": "DIAL_APPEND",
    "DIAL_OP_REPLACE": "DIAL_REPLACE",
    "DIAL_OP_CANCEL": "DIAL_CANCEL",
    "TONE_DIALTONE": "TONE_DIAL",
    "TONE_RINGTONE": "TONE_RINGBACK",
    "CONF_MONITORTX": "CONF_MONITOR_TX",
    "MAINT_NETWORKPAYLOADLOOP": "MAINT_PAYLOADLOOP",
    "RESET_COUNTERS": "MAINT_RESET_COUNTERS",
}
"""Where ours differ."""
ALARMS = {"RECOVER": "recovering", "NOTOPEN": "not-open"}
EVENT = "DAHDI_EVENT_"
CONSTANTS = {name: value for name, value in RECORDED["constants"].items() if not name.startswith(EVENT)}
EVENTS = {name.removeprefix(EVENT): value for name, value in RECORDED["constants"].items() if name.startswith(EVENT)}


def ours(name: str) -> int:
    short = name.removeprefix("DAHDI_")
    if short.startswith("ALARM_"):
        word = short.removeprefix("ALARM_")
        return ioctl.ALARMS[ALARMS.get(word, word.lower())]
    if short.startswith("SIG_"):
        return ioctl.SIGNALLING[short.removeprefix("SIG_").lower()]
    if short == "MAX_DTMF_BUF":
        return ioctl.MAX_DIAL + 1
    return int(getattr(ioctl, NAMES.get(short, short)))


@pytest.mark.parametrize("name", RECORDED["requests"])
def test_numbers_of_ioctls(name: str) -> None:
    assert getattr(ioctl, name) == RECORDED["requests"][name]


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants(name: str) -> None:
    assert ours(name) == CONSTANTS[name]


@pytest.mark.parametrize("name", STRUCTURES)
def test_layouts(name: str) -> None:
    structure, (size, *offsets) = STRUCTURES[name], RECORDED[name].values()

    assert ctypes.sizeof(structure) == size
    assert [getattr(structure, field[0]).offset for field in structure._fields_] == offsets


def test_every_event_has_its_number() -> None:
    assert set(EVENTS) == {kind.name for kind in Event} - {"OTHER"}
    for name, number in EVENTS.items():
        digit = "7" if number > 0xFF else ""
        assert decoded(number | ord(digit or "\0")) == HardwareEvent(Event[name], digit)


def test_an_event_that_nobody_knows_is_told_too() -> None:
    assert decoded(0) is None
    assert decoded(31) == HardwareEvent(Event.OTHER)
