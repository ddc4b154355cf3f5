"""The spans that DAHDI has, with their alarms."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateways.pstn import ioctl
from gateways.pstn.dahdierror import DahdiError, opening, told
from gateways.pstn.info import CONTROL, alarm_names

SYSFS = Path("/sys/bus/dahdi_spans/devices")
Kind = Literal["e1", "t1", "j1", "bri", "analog"]
LoopMode = Literal["off", "local", "remote", "payload"]
_LOOPS: dict[LoopMode, int] = {
    "off": ioctl.MAINT_NONE,
    "local": ioctl.MAINT_LOCALLOOP,
    "remote": ioctl.MAINT_REMOTELOOP,
    "payload": ioctl.MAINT_PAYLOADLOOP,
}


@dataclass(frozen=True, slots=True)
class LineErrors:
    """Counted by the card since it started: bipolar violations, CRC-4 errors, E bits, lost frame alignment."""

    bipolar: int
    crc4: int
    e_bits: int
    alignment: int
    missed_interrupts: int


@dataclass(frozen=True, slots=True)
class SpanInfo:
    """A span. ``alarms``: red yellow blue loopback recovering not-open, and los lfa lmfa where the driver says why.

    ``configured``: how many of its channels dahdi_cfg has given signalling. ``location`` and ``hardware_id`` tell
    where the card is and which, ``device`` its make and model; "" where the driver does not say.
    """

    number: int
    name: str
    description: str
    kind: Kind
    first_channel: int
    channels: int
    configured: int
    alarms: frozenset[str]
    location: str
    hardware_id: str
    device: str
    errors: LineErrors


def spans() -> list[SpanInfo]:
    """Return all spans by number; none when there are no cards. Raises DahdiError when there is no driver."""
    control = _control()
    try:
        found = [_span(control, number) for number in range(1, ioctl.MAX_SPANS + 1)]
    finally:
        os.close(control)
    return [span for span in found if span is not None]


def span(number: int) -> SpanInfo:
    """Return one span. Raises DahdiError (ENODEV) when it is not there."""
    control = _control()
    try:
        found = _span(control, number)
    finally:
        os.close(control)
    if found is None:
        raise DahdiError(errno.ENODEV, f"DAHDI span {number} is not there: look at `callfloor pstn scan`")
    return found


def loop_back(number: int, mode: LoopMode) -> None:
    """Have the card send a span's audio back: to us (``local``), or to the network (``remote``, ``payload``).

    The span shows the alarm ``loopback`` meanwhile. Raises DahdiError, ENOSYS when its driver cannot.
    """
    control = _control()
    try:
        with told(f"DAHDI span {number}: loopback", {errno.ENOSYS: "its driver knows no loopback"}):
            ioctl.call(control, ioctl.MAINT, ioctl.Maintenance(number, _LOOPS[mode]))
    finally:
        os.close(control)


def driver_version() -> str:
    """Return the version of the driver that is loaded. Raises DahdiError."""
    control = _control()
    try:
        version = ioctl.Version()
        with told("DAHDI version"):
            ioctl.call(control, ioctl.GETVERSION, version)
        return str(version.version.decode(errors="replace"))
    finally:
        os.close(control)


def _control() -> int:
    with opening(CONTROL):
        return os.open(CONTROL, os.O_RDWR | os.O_CLOEXEC)


def _span(control: int, number: int) -> SpanInfo | None:
    status = ioctl.SpanStatus(spanno=number)
    try:
        ioctl.call(control, ioctl.SPANSTAT, status)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENODEV, errno.ENXIO):
            return None
        with told(f"DAHDI span {number}"):
            raise
    folder = SYSFS / f"span-{number}"
    return SpanInfo(
        number,
        _text(status.name),
        _text(status.desc),
        _kind(_text(status.spantype), status.totalchans),
        int(_attribute(folder / "basechan") or 0),
        status.totalchans,
        status.numchans,
        alarm_names(status.alarms),
        _text(status.location),
        _attribute(folder.resolve().parent / "hardware_id"),
        " ".join(word for word in (_text(status.manufacturer), _text(status.devicetype)) if word),
        LineErrors(status.bpvcount, status.crc4count, status.ebitcount, status.fascount, status.irqmisses),
    )


def _kind(word: str, channels: int) -> Kind:
    # The driver's words, cut to five letters (dahdi_spantype2str); a dynamic span is what its size says.
    if word in ("E1", "T1", "J1"):
        return {"E1": "e1", "T1": "t1", "J1": "j1"}[word]  # type: ignore[return-value]
    if word in ("BRI", "NT", "TE", "BRI_S"):
        return "bri"
    if word.startswith("DYN"):
        return {24: "t1", 31: "e1"}.get(channels, "analog")  # type: ignore[return-value]
    return "analog"


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _attribute(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
