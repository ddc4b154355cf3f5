"""A line's audio: s16le, 8 kHz, mono, 320 bytes each 20 ms, both ways, on one descriptor for the media side.

A PCM tty's frames never pass through Python: its descriptor goes to the media side, which paces it. Here it is only
opened, watched for loss, emptied of the samples of an earlier call, and lent out. A sound card (``alsa``) is served by
a thread of its own behind a socket.
"""

from __future__ import annotations

import os
import termios
from typing import Protocol

from gateways.gsm.port import PortLostError, open_pcm, release

ALSA = "alsa:"
"""What begins a ``pcm_port`` that names an ALSA PCM (``alsa:plughw:CARD=Android``)."""


class Audio(Protocol):
    """A line's audio device, open as long as its AT port is."""

    def fileno(self) -> int:
        """Return a descriptor that hangs up when the device goes."""

    def lend(self) -> int:
        """Return a descriptor for one call, with nothing of an earlier call waiting on it. The borrower closes it."""

    def close(self) -> None: ...


def open_audio(port: str) -> Audio:
    """Open a line's ``pcm_port``; PortAbsentError or PortRefusedError."""
    if port.startswith(ALSA):
        from gateways.gsm.alsa import AlsaCard  # a bank without sound cards needs no ALSA library

        return AlsaCard(port.removeprefix(ALSA))
    return PcmTty(port)


class PcmTty:
    """The PCM tty of one modem, open as long as its AT port is."""

    def __init__(self, path: str) -> None:
        """Open, or raise PortAbsentError or PortRefusedError."""
        self.path = path
        self._fd = open_pcm(path)

    def fileno(self) -> int:
        return self._fd

    def lend(self) -> int:
        """Return a duplicate; see ``Audio``."""
        try:
            termios.tcflush(self._fd, termios.TCIOFLUSH)
            return os.dup(self._fd)
        except (OSError, termios.error) as error:
            raise PortLostError(f"{self.path} has gone ({error})") from error

    def close(self) -> None:
        release(self._fd)  # a call may hold a duplicate a moment longer
        os.close(self._fd)
