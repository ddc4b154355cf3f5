"""Resets of a modem from outside: re-authorise it, or switch off the power of its hub's port. Slow: use ``Worker``.

Both go through the kernel's own files in sysfs (Documentation/ABI/testing/sysfs-bus-usb: ``authorized``, and
``<hub port>/disable`` from Linux 6.0 on), so no program besides is needed.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gateways.gsm.discovery.sequence import hub_of

log = logging.getLogger(__name__)
USB = Path("/sys/bus/usb/devices")
TRIES, PAUSE_SECONDS = 4, 0.5
"""Of giving a device back: the kernel leaves one out that does not answer just then (usb_authorize_device)."""
OFF_SECONDS = 3.0
"""How long a port stays without power: the capacitors of a modem board hold it up for a second or two."""
_GET_HUB_DESCRIPTOR = (0xA0, 0x06)  # USB 2.0 §11.24.2.5: bmRequestType, bRequest
_HUB_DESCRIPTOR_TYPES = (0x2900, 0x2A00)  # USB 2.0, USB 3.x
_SWITCHED_EACH = 0b01  # USB 2.0 table 11-13, wHubCharacteristics bits 1..0: individual port power switching


class PowerError(Exception):
    """The reset could not be done; the text says why and what to do."""


class _Control(ctypes.Structure):
    """struct usbdevfs_ctrltransfer, linux/usbdevice_fs.h."""

    _fields_ = (
        ("request_type", ctypes.c_uint8),
        ("request", ctypes.c_uint8),
        ("value", ctypes.c_uint16),
        ("index", ctypes.c_uint16),
        ("length", ctypes.c_uint16),
        ("timeout_ms", ctypes.c_uint32),
        ("data", ctypes.c_void_p),
    )


_USBDEVFS_CONTROL = (3 << 30) | (ctypes.sizeof(_Control) << 16) | (ord("U") << 8) | 0


def reauthorise(usb_path: str) -> None:
    """Take the device from its drivers and give it back: all its ttys go and come. Up to some seconds; PowerError."""
    switch = USB / usb_path / "authorized"
    _write(switch, "0")
    for left in reversed(range(TRIES)):
        time.sleep(PAUSE_SECONDS)
        try:
            _write(switch, "1")
        except PowerError:
            if not left:
                raise
        else:
            return


def cycle_port(usb_path: str) -> None:
    """Switch the port's power off and on. Takes some seconds; PowerError, also when the hub has no such switch."""
    reason = why_no_port_power(usb_path)
    if reason is not None:
        raise PowerError(reason)
    switch = port_switch(usb_path)
    _write(switch, "1")
    try:
        time.sleep(OFF_SECONDS)
    finally:
        _write(switch, "0")


def ask_mode_switch(usb_path: str) -> None:
    """Have udev run usb_modeswitch's rule once more for a modem that is still a disc. PowerError."""
    for file in sorted(USB.glob(f"{usb_path}/{usb_path}:*/uevent")):
        _write(file, "add")
    _write(USB / usb_path / "uevent", "add")


def port_switch(usb_path: str) -> Path:
    """Return the file that switches the port's power: ``1-1.4.2`` → ``1-1.4:1.0/1-1.4-port2/disable``."""
    hub = hub_of(usb_path)
    port = usb_path.rpartition("." if "." in usb_path else "-")[2]
    interface = f"{hub[3:]}-0:1.0" if hub.startswith("usb") else f"{hub}:1.0"
    return USB / interface / f"{hub}-port{port}" / "disable"


def why_no_port_power(usb_path: str) -> str | None:
    """Return why the power of this port cannot be switched, None when it can. Asks the hub: up to a second."""
    switch = port_switch(usb_path)
    if not switch.exists():
        return f"{switch} is not there: the hub is gone, or the kernel is older than 6.0"
    if not os.access(switch, os.W_OK):
        return f"{switch} may not be written: run as root, or install image/udev/77-callfloor-modems.rules"
    hub = USB / hub_of(usb_path)
    try:
        numbers = [int((hub / name).read_text()) for name in ("busnum", "devnum")]
        kind = _hub_characteristics(Path(f"/dev/bus/usb/{numbers[0]:03}/{numbers[1]:03}")) & 0b11
    except OSError as error:
        return f"the hub {hub.name} does not say whether it switches power ({error.strerror}): use another hub"
    if kind != _SWITCHED_EACH:
        return f"the hub {hub.name} does not switch the power of single ports: use one that does (list of uhubctl)"
    return None


def _hub_characteristics(node: Path) -> int:
    """Return wHubCharacteristics, bytes 3 and 4 of the hub descriptor (USB 2.0 §11.23.2.1); OSError."""
    data = ctypes.create_string_buffer(71)
    fd = os.open(node, os.O_RDWR | os.O_CLOEXEC)
    try:
        for kind in _HUB_DESCRIPTOR_TYPES:
            ask = _Control(*_GET_HUB_DESCRIPTOR, kind, 0, len(data), 1000, ctypes.addressof(data))
            try:
                if fcntl.ioctl(fd, _USBDEVFS_CONTROL, ask) >= 5:
                    return int.from_bytes(data.raw[3:5], "little")
            except OSError as error:
                if error.errno != errno.EPIPE:  # a stall: the hub is of the other kind
                    raise
    finally:
        os.close(fd)
    raise OSError(errno.EPIPE, "no hub descriptor")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except FileNotFoundError:
        raise PowerError(f"{path} is not there: plug the modem in again") from None
    except PermissionError:
        raise PowerError(
            f"{path} may not be written: run as root, or install image/udev/77-callfloor-modems.rules"
        ) from None
    except OSError as error:
        raise PowerError(f"{path}: {error.strerror}: power the modem off and on by hand") from error


class Worker:
    """Does resets one after the other in a thread of its own; ``then`` gets None or the PowerError, in that thread.

    ``do`` and ``close`` are one thread's to call.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None], Callable[[PowerError | None], None]] | None]
        self._jobs = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="usb-power")  # begins with the first job

    def do(self, what: Callable[[], None], then: Callable[[PowerError | None], None]) -> None:
        """Have ``what`` done: ``worker.do(lambda: cycle_port("1-1.2"), …)``. Returns at once."""
        self._jobs.put((what, then))
        if self._thread.ident is None:
            self._thread.start()

    def close(self) -> None:
        """Do what was asked for, then end (some seconds)."""
        self._jobs.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            what, then = job
            error = None
            try:
                what()
            except PowerError as refused:
                error = refused
            except Exception as fault:
                log.exception("a fault in a reset of USB")
                error = PowerError(f"the reset failed ({fault}): see the log")
            then(error)
