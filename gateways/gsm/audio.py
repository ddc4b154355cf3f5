"""A line's audio on the modem's PCM tty: s16le, 8 kHz, mono, 320 bytes each 20 ms, both ways.

Frames never pass through Python: the descriptor goes to the media side, which paces it. Here it is only opened, watched
for loss, emptied of the samples of an earlier call, and lent out.
"""

from __future__ import annotations

import os
import termios

from gateways.gsm.port import PortLostError, open_pcm, release


class PcmTty:
    """The PCM tty of one modem, open as long as its AT port is."""

    def __init__(self, path: str) -> None:
        """Open, or raise PortAbsentError or PortRefusedError."""
        self.path = path
        self._fd = open_pcm(path)

    def fileno(self) -> int:
        return self._fd

    def lend(self) -> int:
        """Return a duplicate for one call, with nothing of an earlier call waiting on it. The borrower closes it."""
        try:
            termios.tcflush(self._fd, termios.TCIOFLUSH)
            return os.dup(self._fd)
        except (OSError, termios.error) as error:
            raise PortLostError(f"{self.path} has gone ({error})") from error

    def close(self) -> None:
        release(self._fd)  # a call may hold a duplicate a moment longer
        os.close(self._fd)
