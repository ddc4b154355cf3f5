"""What DAHDI says of a channel, whoever has it open."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from gateways.pstn import ioctl
from gateways.pstn.dahdierror import opening, told
from gateways.pstn.g711 import Law

CONTROL = "/dev/dahdi/ctl"
_NO_BATTERY = 0  # DAHDI_RXSIG_ONHOOK (dahdi/kernel.h): of an FXO port
NO_SUCH_CHANNEL = "there is no such channel: look at `callfloor pstn scan`"


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """What DAHDI_GET_PARAMS says: ``position`` in the span counts from 1, ``name`` is its card's.

    ``signalling`` is a word of system.conf such as ``fxsks`` (an FXO port!), ``clear`` (a B channel), ``hdlcfcs`` (a
    D channel), ``none`` when dahdi_cfg has not set it. ``off_hook``: the far side is not in its idle state. ``alarms``
    are those of the channel: of its span, or ``red`` on an FXO port without battery. ``battery``: False on an FXO port
    while the exchange does not feed the loop, as last seen; where a span signals by bits, ``off_hook`` cannot say it.
    """

    number: int
    name: str
    span: int
    position: int
    signalling: str
    off_hook: bool
    law: Law
    alarms: frozenset[str]
    battery: bool = True

    @property
    def fxo(self) -> bool:
        """An FXO port: it is run with FXS signalling."""
        return self.signalling.startswith("fxs")

    @property
    def analogue(self) -> bool:
        """A port with a hook."""
        return self.signalling.startswith("fx")


def channel_info(number: int) -> ChannelInfo:
    """Return what is known of channel ``number``, without taking it. Raises DahdiError."""
    with opening(CONTROL):
        fd = os.open(CONTROL, os.O_RDWR | os.O_CLOEXEC)
    try:
        with told(f"DAHDI channel {number}", {errno.EINVAL: NO_SUCH_CHANNEL}):
            return read_info(fd, number)
    finally:
        os.close(fd)


def read_info(fd: int, number: int = 0) -> ChannelInfo:
    """Ask the channel of a descriptor, or the control device about channel ``number``. Raises OSError."""
    params = ioctl.Params(channo=number)
    ioctl.call(fd, ioctl.GET_PARAMS, params)
    names = {bits: name for name, bits in ioctl.SIGNALLING.items()}
    signalling = names.get(params.sigtype, f"{params.sigtype & 0xFFFFFFFF:#x}")
    return ChannelInfo(
        params.channo,
        params.name.decode(errors="replace"),
        params.spanno,
        params.chanpos,
        signalling,
        bool(params.rxisoffhook),
        "alaw" if params.curlaw == ioctl.LAW_ALAW else "ulaw",
        alarm_names(params.chan_alarms),
        not (signalling.startswith("fxs") and params.rxhooksig == _NO_BATTERY),
    )


def alarm_names(bits: int) -> frozenset[str]:
    """Return the alarms of dahdi_spaninfo or dahdi_params by name."""
    return frozenset(name for name, bit in ioctl.ALARMS.items() if bits & bit)
