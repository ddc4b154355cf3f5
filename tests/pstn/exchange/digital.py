"""Digital DAHDI channels of the exchange: a D channel with HDLC and FCS, a B channel with companded blocks."""

from __future__ import annotations

import array
import errno
import fcntl
import os
from collections import deque

from tests.pstn.exchange.blocks import BLOCK
from tests.pstn.exchange.fxsport import GETEVENT, SET_BUFINFO, SETLINEAR, SPECIFY
from tests.pstn.exchange.ports import FCS

AUDIOMODE = 0x40040000 | 0xDA << 8 | 32
"""DAHDI_AUDIOMODE: bytes of a B channel pass as they are, with idle sound where there are none."""
ELAST = 500
"""DAHDI's errno for "an event waits"; until it is taken nothing is read or written."""
_FRAME, _FRAMES = 1024, 32
_IMMEDIATE = 0
"""DAHDI_POLICY_IMMEDIATE: the driver begins with the first buffer."""


class Channel:
    """An open DAHDI channel; ``read`` and ``write`` do not wait. Raises OSError."""

    def __init__(self, number: int, size: int, buffers: int) -> None:
        self._fd = os.open("/dev/dahdi/channel", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._size = size
        self.events = 0
        self._put(SPECIFY, number)
        self._put(SET_BUFINFO, _IMMEDIATE, _IMMEDIATE, buffers, size, 0, 0)

    def _put(self, request: int, *values: int) -> None:
        try:
            fcntl.ioctl(self._fd, request, array.array("i", values))
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise

    def fileno(self) -> int:
        return self._fd

    def _get(self) -> bytes:
        while True:
            try:
                return os.read(self._fd, self._size)
            except OSError as error:
                if not self._again(error):
                    return b""

    def _give(self, data: bytes) -> bool:
        while True:
            try:
                return os.write(self._fd, data) > 0
            except OSError as error:
                if not self._again(error):
                    return False

    def _again(self, error: OSError) -> bool:
        """Take an event that is in the way (True: try again); False: nothing to be had now."""
        if error.errno == ELAST:
            fcntl.ioctl(self._fd, GETEVENT, array.array("i", [0]))
            self.events += 1
            return True
        if error.errno != errno.EAGAIN:
            raise error
        return False

    def close(self) -> None:
        os.close(self._fd)


class DahdiPort(Channel):
    """A D channel, as ``dchan=`` makes it: each read a frame and its FCS, each write a frame and room for one."""

    def __init__(self, number: int) -> None:
        super().__init__(number, _FRAME, _FRAMES)
        self._unsent: deque[bytes] = deque()

    def read(self) -> list[bytes]:
        """See ports.Port."""
        self._flush()
        found = []
        while packet := self._get():
            found.append(packet[:-FCS])
        return found

    def write(self, frame: bytes) -> None:
        self._unsent.append(frame)
        self._flush()

    def _flush(self) -> None:
        while self._unsent and self._give(self._unsent[0] + bytes(FCS)):
            self._unsent.popleft()


def d_channel(number: int) -> DahdiPort:
    """Open the D channel of that DAHDI number. Raises OSError."""
    return DahdiPort(number)


class BearerChannel(Channel):
    """A B channel in the span's law, 8000 bytes a second: the driver keeps 32 buffers of ``unit`` blocks each way."""

    def __init__(self, number: int, unit: int = 1) -> None:
        self.unit = unit
        super().__init__(number, unit * BLOCK, 32)
        self._put(AUDIOMODE, 1)
        self._put(SETLINEAR, 0)

    def read(self) -> bytes:
        """Return what came, up to a buffer; b"" when none is full."""
        return self._get()

    def write(self, blocks: bytes) -> bool:
        """Send up to a buffer; False: not now."""
        return self._give(blocks)
