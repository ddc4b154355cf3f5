"""A pty pair that stands for one USB serial interface of a modem, reached by a symlink with a lasting name.

Both ends are raw. We hold the slave open too, so that a reader that closes its end does not make ours hang up.
`unplug` closes both: the reader sees what a pulled USB plug gives (read returns nothing, write gives EIO).
"""

import fcntl
import os
import struct
import termios
import tty
from pathlib import Path


class Port:
    """One interface. Not thread-safe: the loop's thread owns it."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.place: Path | None = None  # a second link, by USB path and interface; its directory is made and removed
        self._master = self._slave = -1
        self._spare: tuple[int, int] | None = None
        self._open_pair()
        self.publish()

    @property
    def fd(self) -> int:
        """The master side, for epoll. -1 while unplugged."""
        return self._master

    @property
    def plugged(self) -> bool:
        return self._master >= 0

    @property
    def name(self) -> str:
        """The device's present name, e.g. /dev/pts/7."""
        return os.ttyname(self._slave) if self.plugged else ""

    def publish(self) -> None:
        """Set the links to the present device."""
        for link in filter(None, (self.link, self.place)):
            link.parent.mkdir(parents=True, exist_ok=True)
            temporary = link.with_name(f".{link.name}.new")
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(os.ttyname(self._slave))
            temporary.replace(link)

    def unplug(self) -> None:
        for link in filter(None, (self.link, self.place)):
            link.unlink(missing_ok=True)
        if not self.plugged:
            return
        # Linux gives the lowest free pts number: hold a fresh pair before the old goes, so that the
        # interface comes back under another device name, as a re-enumerated ttyUSB does.
        spare = os.openpty()
        self.close()
        self._spare = spare

    def replug(self) -> None:
        """Back with a new device behind the same link."""
        if self.plugged:
            return
        self._open_pair()
        self.publish()

    def close(self) -> None:
        for fd in (self._master, self._slave, *(self._spare or ())):
            if fd >= 0:
                os.close(fd)
        self._master = self._slave = -1
        self._spare = None

    def read(self, limit: int = 65536) -> bytes:
        if not self.plugged:
            return b""
        try:
            return os.read(self._master, limit)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        """Bytes taken; fewer than given when the reader is away and its buffer full."""
        if not self.plugged:
            return 0
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def backlog(self) -> int:
        """Bytes written that the reader has not taken yet (those already in the slave's line discipline)."""
        if not self.plugged:
            return 0
        answer = fcntl.ioctl(self._slave, termios.FIONREAD, b"\0\0\0\0")
        return int(struct.unpack("i", answer)[0])

    def forget_unread(self) -> None:
        """Drop what the reader has left unread."""
        if self.plugged:
            termios.tcflush(self._slave, termios.TCIFLUSH)

    def _open_pair(self) -> None:
        self._master, self._slave = self._spare or os.openpty()
        self._spare = None
        os.set_blocking(self._master, False)
        tty.setraw(self._slave)
