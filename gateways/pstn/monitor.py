"""Hearing what comes in on a channel while somebody else reads it."""

from __future__ import annotations

from gateways.pstn import ioctl
from gateways.pstn.channel import LAWS
from gateways.pstn.handle import Handle
from gateways.pstn.info import channel_info

DEVICE = "/dev/dahdi/pseudo"
_MOST_BLOCKS = 200
"""The driver's DAHDI_MAX_BUF_SPACE in blocks of 160, so that a loop that reads them can end."""


class Monitor(Handle):
    """A pseudo channel that hears what channel ``number`` hears, after its echo canceller and gain, to the bit.

    The driver copies the samples (DAHDI_CONF_MONITOR): who reads the channel itself loses none. Audio must flow on it:
    one that is not open may give its last millisecond again and again. While the channel dials there is silence.
    ``fd`` is readable when ``block`` samples are there; 32 blocks wait at most, what comes then is lost.
    """

    def __init__(self, number: int, *, block: int = 160) -> None:
        self._block = block
        self._law = channel_info(number).law
        super().__init__(number, DEVICE)

    def _prepare(self) -> None:
        # As the channel's own law, so that what is copied is companded and expanded back to the same.
        self._put("law", ioctl.SETLAW, LAWS[self._law])
        self._put("linear mode", ioctl.SETLINEAR, 1)
        self._set_buffers(self._block, ioctl.MAX_BUFFERS)
        with self._told("monitor"):
            ioctl.call(self.fd, ioctl.SETCONF, ioctl.Conference(0, self.number, ioctl.CONF_MONITOR))

    def read(self) -> bytes:
        """Return all that was heard since, s16le at 8 kHz; nothing when there is none."""
        heard = bytearray()
        for _ in range(_MOST_BLOCKS):
            block = super().read()
            if not block:
                break
            heard += block
        return bytes(heard)
