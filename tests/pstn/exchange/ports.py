"""Where the frames of a D channel go in and out: here a socket, for the host; in ``digital`` a DAHDI channel."""

from __future__ import annotations

import contextlib
import socket
from typing import Protocol

FCS = 2
LONGEST = 300
"""Octets read at once: N201 is 260, and four of address and control and two of FCS are added."""


class Port(Protocol):
    """A D channel's end. Frames are without flags and without FCS."""

    def fileno(self) -> int: ...
    def read(self) -> list[bytes]:
        """Return the frames that came, [] when none did. Raises OSError when the other side is gone."""

    def write(self, frame: bytes) -> None: ...
    def close(self) -> None: ...


class SocketPort:
    """A SOCK_SEQPACKET socket, a frame each packet; ``fcs``: with two octets at the end that nobody looks at.

    libpri reads and writes frames with room for the FCS, as DAHDI's HDLC channels have it.
    """

    def __init__(self, end: socket.socket, fcs: bool = True) -> None:
        end.setblocking(False)
        self._end, self._fcs = end, fcs

    def fileno(self) -> int:
        return self._end.fileno()

    def read(self) -> list[bytes]:
        found = []
        with contextlib.suppress(BlockingIOError):
            while packet := self._end.recv(LONGEST):
                found.append(packet[:-FCS] if self._fcs else packet)
            raise ConnectionResetError("the other end of the D channel is closed")
        return found

    def write(self, frame: bytes) -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):  # as a line that is cut
            self._end.send(frame + bytes(FCS) if self._fcs else frame)

    def close(self) -> None:
        self._end.close()


def socket_pair(fcs: bool = True) -> tuple[SocketPort, socket.socket]:
    """Return the exchange's port and the socket for the other side."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return SocketPort(ours, fcs), theirs
