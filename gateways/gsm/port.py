"""Ports: non-blocking descriptors of the modem's ttys, opened for us alone; bytes in, bytes out, loss said aloud.

pyserial opens the AT port and sets it raw; it is read and written through its descriptor in the hardware loop.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import termios
import tty
from pathlib import Path

import serial

_GONE = {errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO}
_BUSY = {errno.EWOULDBLOCK, errno.EBUSY}
_PTS_MAJORS = range(136, 144)  # Linux Documentation/admin-guide/devices.txt: Unix98 pseudo-tty slaves
READ_SIZE = 4096
OUT_LIMIT = 16384
"""Bytes; a modem that takes no more than this has stopped reading."""


class PortAbsentError(Exception):
    """There is no such device (now)."""


class PortRefusedError(Exception):
    """The device is there but cannot be used; the text says why and what to do."""


class PortLostError(Exception):
    """The device has gone while it was open."""


def _refusal(path: str, error: OSError) -> PortAbsentError | PortRefusedError:
    # pyserial raises SerialException (an OSError) without errno when its lock is refused.
    if error.errno in _GONE:
        return PortAbsentError(f"{path} is not there")
    if error.errno in _BUSY or "lock" in str(error).lower():
        return PortRefusedError(f"{path} is in use by another program: end it (ModemManager must be masked)")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return PortRefusedError(f"{path} may not be opened: give the service's user access (group dialout)")
    return PortRefusedError(f"{path} cannot be opened ({error}): check that it is a modem's tty")


def _exclusive(fd: int) -> None:
    """Keep other programs out. A pty keeps TIOCEXCL after we are killed, which would lock ourselves out."""
    if os.major(os.fstat(fd).st_rdev) not in _PTS_MAJORS:
        fcntl.ioctl(fd, termios.TIOCEXCL)


def usb_path_of(device: str) -> str | None:
    """Return the place of a tty's USB device as the kernel writes it (``1-1.4.2``); None: not a USB tty."""
    name = Path(device).resolve().name
    try:
        place = (Path("/sys/class/tty") / name / "device").resolve(strict=True)
    except OSError:
        return None
    # …/1-1.4.2/1-1.4.2:1.3/ttyUSB2: the interface's folder is named after its device.
    paths = (part.partition(":")[0] for part in reversed(place.parts) if re.fullmatch(r"[0-9]+-[0-9.]+:[0-9.]+", part))
    return next(paths, None)


def is_plugged(usb_path: str) -> bool:
    """Say whether any device is at a place of the USB tree."""
    return Path("/sys/bus/usb/devices", usb_path).exists()


class AtPort:
    """The tty that carries AT commands."""

    def __init__(self, path: str) -> None:
        """Open, or raise PortAbsentError or PortRefusedError."""
        self.path = path
        self._out = bytearray()
        try:
            # dsrdtr: pyserial leaves DTR alone, which some modems' firmware answers with an error (EPIPE).
            self._serial = serial.Serial(
                path, 115200, timeout=0, write_timeout=0, rtscts=True, dsrdtr=True, exclusive=True
            )
        except OSError as error:
            raise _refusal(path, error) from error
        except (ValueError, termios.error) as error:
            raise PortRefusedError(f"{path} is not a tty ({error}): correct the line's at_port") from error
        try:
            _exclusive(self.fileno())
            termios.tcflush(self.fileno(), termios.TCIOFLUSH)  # what the modem told an earlier reader
        except (OSError, termios.error) as error:
            self.close()
            raise PortAbsentError(f"{path} has gone") from error

    def fileno(self) -> int:
        return int(self._serial.fileno())

    def read(self) -> bytes:
        """Return what has come, maybe nothing; PortLostError when the device has gone."""
        try:
            data = os.read(self.fileno(), READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise PortLostError(f"{self.path} has gone ({error.strerror})") from error
        if not data:
            raise PortLostError(f"{self.path} has gone (end of file)")
        return data

    def write(self, data: bytes = b"") -> bool:
        """Send as much as goes now; True when all has gone. Call again when the descriptor is writable."""
        self._out += data
        if len(self._out) > OUT_LIMIT:
            raise PortLostError(f"{self.path} takes no more bytes")
        while self._out:
            try:
                sent = os.write(self.fileno(), self._out)
            except BlockingIOError:
                return False
            except OSError as error:
                raise PortLostError(f"{self.path} has gone ({error.strerror})") from error
            del self._out[:sent]
        return True

    def close(self) -> None:
        forget_unsent(self.fileno())
        self._serial.close()


def forget_unsent(fd: int) -> None:
    """Throw away what a modem has not taken: closing a USB tty waits for it, up to 30 s (closing_wait)."""
    with contextlib.suppress(OSError, termios.error):  # the device may have gone
        termios.tcflush(fd, termios.TCOFLUSH)


def release(fd: int) -> None:
    """Undo the exclusive opening, which duplicates of the descriptor would keep up."""
    forget_unsent(fd)
    with contextlib.suppress(OSError):  # the device may have gone
        fcntl.ioctl(fd, termios.TIOCNXCL)
        fcntl.flock(fd, fcntl.LOCK_UN)


def open_pcm(path: str) -> int:
    """Open a tty that carries samples: raw, non-blocking, for us alone; or raise as ``AtPort`` does."""
    fd = -1
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        if not stat.S_ISCHR(os.fstat(fd).st_mode):
            raise PortRefusedError(f"{path} is not a tty: correct the line's pcm_port")
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        tty.setraw(fd, termios.TCSANOW)  # the default waits for what is still to go out, on a hung modem for ever
        _exclusive(fd)
    except PortRefusedError:
        os.close(fd)
        raise
    except (OSError, termios.error) as error:
        if fd >= 0:
            os.close(fd)
        if isinstance(error, OSError):
            raise _refusal(path, error) from error
        raise PortRefusedError(f"{path} is not a tty ({error}): correct the line's pcm_port") from error
    return fd
