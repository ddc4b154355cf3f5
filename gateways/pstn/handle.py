"""An open DAHDI channel of any kind: its descriptor, events, blocks in and out."""

from __future__ import annotations

import errno
import os
from contextlib import AbstractContextManager
from typing import Final

from gateways.pstn import ioctl
from gateways.pstn.dahdierror import WHO_HAS_IT, opening, told
from gateways.pstn.dahdievents import HardwareEvent, decoded
from gateways.pstn.info import NO_SUCH_CHANNEL, ChannelInfo, read_info

CHANNEL = "/dev/dahdi/channel"
NOTHING_NOW: Final = (errno.EAGAIN, ioctl.ELAST)
"""What read and write fail with when there is nothing, no room, or an event that waits."""
_SPECIFY = {
    errno.EINVAL: NO_SUCH_CHANNEL,
    errno.ENXIO: "it has no signalling: name it in /etc/dahdi/system.conf and run `dahdi_cfg`",
    errno.EBUSY: f"another program has it: `{WHO_HAS_IT}` lists those that have any",
}


class Handle:
    """See the module. No method waits; each raises DahdiError. ``fd`` is -1 once closed.

    Watch ``fd`` with EPOLLPRI for events; EPOLLIN and EPOLLOUT tell of blocks.
    """

    def __init__(self, number: int, device: str = CHANNEL) -> None:
        self.number = number
        with opening(device):
            self.fd = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._most = 0
        try:
            if device == CHANNEL:
                with self._told("open", _SPECIFY):
                    ioctl.put(self.fd, ioctl.SPECIFY, number)
                self.report_losses(False)  # the driver does not forget it with the close
            self._prepare()
        except BaseException:
            os.close(self.fd)
            self.fd = -1
            raise

    def _prepare(self) -> None:
        """Bring the channel, just opened, into its mode."""

    def _set_buffers(self, block: int, buffers: int) -> None:
        asked = ioctl.BufferInfo(tx_policy=ioctl.POLICY_IMMEDIATE, number=buffers, size=block)
        limit = f"at most {ioctl.MAX_BUFFER_SPACE} in all, {ioctl.MIN_BLOCK} to {ioctl.MAX_BLOCK} a block"
        with self._told(f"{buffers} blocks of {block}", {errno.EINVAL: limit}):
            ioctl.call(self.fd, ioctl.SET_BUFINFO, asked)
        self._most = block * 2

    def info(self) -> ChannelInfo:
        """Return what the driver knows of the channel now."""
        with self._told("information"):
            return read_info(self.fd)

    def event(self) -> HardwareEvent | None:
        """Take the oldest event that waits, if any. While one does, nothing can be read or written."""
        with self._told("event"):
            return decoded(ioctl.get(self.fd, ioctl.GETEVENT))

    def report_losses(self, wanted: bool = True) -> None:
        """Have READ_OVERRUN and WRITE_UNDERRUN told from now on."""
        self._put("buffer events", ioctl.BUFFER_EVENTS, int(wanted))

    def read(self) -> bytes:
        """Return the oldest block heard; nothing when there is none, or an event waits."""
        try:
            return os.read(self.fd, self._most)
        except OSError as error:
            if error.errno in NOTHING_NOW:
                return b""
            with self._told("read"):
                raise

    def write(self, data: bytes) -> int:
        """Return how many of the bytes were taken: a block at most, none while there is no room or an event waits.

        Ends a tone and dialling.
        """
        try:
            return os.write(self.fd, data) if data else 0
        except OSError as error:
            if error.errno in NOTHING_NOW:
                return 0
            with self._told("write"):
                raise

    def flush(self, reading: bool = True, writing: bool = True) -> None:
        """Forget what was heard, or what waits to be sent."""
        self._put("flush", ioctl.FLUSH, reading * ioctl.FLUSH_READ | writing * ioctl.FLUSH_WRITE)

    def duplicate(self) -> int:
        """Return another descriptor of the channel, which the caller must close: the last one closes the channel."""
        with self._told("duplicate"):
            return os.dup(self.fd)

    def close(self) -> None:
        """Let go, once; the channel stays open for who has a duplicate."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _told(self, what: str, cures: dict[int, str] | None = None) -> AbstractContextManager[None]:
        return told(f"DAHDI channel {self.number}: {what}", cures)

    def _put(self, what: str, request: int, value: int, cures: dict[int, str] | None = None) -> None:
        with self._told(what, cures):
            ioctl.put(self.fd, request, value)
