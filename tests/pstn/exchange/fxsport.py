"""A port of the exchange: an FXS channel of DAHDI, by the few ioctls of <dahdi/user.h> it needs."""

from __future__ import annotations

import array
import contextlib
import errno
import fcntl
import os
import time
from typing import Literal

BLOCK = 160
"""Samples in a block: 20 ms."""
_BLOCKS = 32
_WRITTEN, _READ, _BOTH = 0x40000000, 0x80000000, 0xC0000000
_CODE = 0xDA << 8


def _ints(direction: int, number: int, count: int = 1) -> int:
    return direction | (4 * count) << 16 | _CODE | number


SPECIFY, SETLINEAR, HOOK, FLUSH = (_ints(_WRITTEN, number) for number in (38, 40, 7, 3))
GETEVENT = _ints(_READ, 8)
SETPOLARITY = _ints(_WRITTEN, 92)
SETCADENCE = _ints(_WRITTEN, 42, 16)
SET_BUFINFO = _ints(_WRITTEN, 27, 6)
PARAMS = 34
"""struct dahdi_params in ints; 12 of them, a name of 40 bytes, 11 times, alarms."""
GET_PARAMS, SET_PARAMS = _ints(_BOTH, 5, PARAMS), _ints(_WRITTEN, 5, PARAMS)
_OFF_HOOK, _RX_FLASH_TIME, _DEBOUNCE_TIME = 5, 28, 29  # in struct dahdi_params
_ON_HOOK_STATE, _OFF_HOOK_STATE, _RING_STATE, _RING_OFF_STATE = 0, 1, 5, 6  # DAHDI_HOOK
_FLUSH_WRITE = 2
_ELAST = 500
_RESTS = 3.0

Happening = Literal["on-hook", "off-hook", "flash", "ring-on", "ring-off", "pulse-start", "pulse", "other"]
_EVENTS: dict[int, Happening] = {
    1: "on-hook",
    2: "off-hook",
    3: "flash",
    10: "ring-on",
    11: "ring-off",
    14: "pulse-start",
}
_PULSE_DIGIT = 1 << 16


class FxsPort:
    """See the module. Audio is s16le at 8 kHz in blocks of 320 bytes; no method waits but for a hook that rests."""

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.fd = os.open("/dev/dahdi/channel", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._put(SPECIFY, channel)
        self._put(SET_BUFINFO, 0, 0, _BLOCKS, BLOCK, 0, 0)
        self._put(SETLINEAR, 1)
        self._as_usual()

    def _as_usual(self) -> None:
        """Whoever had the line before may have left it reversed."""
        with contextlib.suppress(OSError):  # a span that knows no reversal has none
            self.set_polarity(False)

    def _put(self, request: int, *values: int) -> None:
        try:
            fcntl.ioctl(self.fd, request, array.array("i", values))
        except OSError as error:
            if error.errno != errno.EINPROGRESS:  # what takes time is only begun
                raise

    def _hook(self, state: int) -> None:
        """After a call, also somebody else's before, the battery is gone for a moment: the driver is busy with that."""
        until = time.monotonic() + _RESTS
        while True:
            try:
                return self._put(HOOK, state)
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > until:
                    raise
            time.sleep(0.02)

    def happened(self) -> tuple[Happening, str] | None:
        """Take the oldest event, with its digit; None: there is none."""
        answer = array.array("i", [0])
        fcntl.ioctl(self.fd, GETEVENT, answer)
        number = answer[0]
        if number & _PULSE_DIGIT:
            return "pulse", chr(number & 0xFF)
        return (_EVENTS.get(number, "other"), "") if number else None

    def _params(self) -> array.array[int]:
        params = array.array("i", [0] * PARAMS)
        fcntl.ioctl(self.fd, GET_PARAMS, params)
        return params

    @property
    def loop_closed(self) -> bool:
        """The telephone, which is our gateway, is off-hook."""
        return self._params()[_OFF_HOOK] != 0

    def set_times(self, flash: int, debounce: int) -> None:
        """An open loop is on-hook after ``flash`` ms; after a closing it is not looked at for ``debounce`` ms.

        The driver's own: 1250 and 600.
        """
        params = self._params()
        params[_RX_FLASH_TIME], params[_DEBOUNCE_TIME] = flash, debounce
        fcntl.ioctl(self.fd, SET_PARAMS, params)

    def ring(self, cadence: tuple[int, ...]) -> None:
        """Ring until stopped: ms on and off in turn."""
        self._put(SETCADENCE, *cadence, *[0] * (16 - len(cadence)))
        self._hook(_RING_STATE)

    def stop_ringing(self) -> None:
        self._hook(_RING_OFF_STATE)

    def give_battery(self) -> None:
        """A call is on the line: trips the ring."""
        self._hook(_OFF_HOOK_STATE)

    def drop_battery(self) -> None:
        """Take battery away for half a second (kewlstart) if there was a call, and be idle."""
        self._hook(_ON_HOOK_STATE)

    def set_polarity(self, reversed_: bool) -> None:
        """As on a card; spans joined in the kernel learn it from tests/vm/guest/polarity. Raises OSError else."""
        self._put(SETPOLARITY, int(reversed_))

    def read(self) -> bytes:
        """Return a block, or nothing."""
        try:
            return os.read(self.fd, 2 * BLOCK)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, _ELAST):
                raise
            return b""

    def write(self, block: bytes) -> bool:
        """Send a block; False: not now."""
        try:
            return os.write(self.fd, block) > 0
        except OSError as error:
            if error.errno not in (errno.EAGAIN, _ELAST):
                raise
            return False

    def forget_unsent(self) -> None:
        """Send nothing of what was written and still waits."""
        self._put(FLUSH, _FLUSH_WRITE)

    def close(self) -> None:
        """Let go of the channel."""
        self._as_usual()
        os.close(self.fd)
