"""Discovery: udev's list of devices at the start, its events after that, through pyudev (libudev)."""

from __future__ import annotations

import contextlib
import logging
import select
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyudev

from gateways.gsm.discovery.found import FoundModem
from gateways.gsm.discovery.settle import Settled
from gateways.gsm.discovery.tree import Entry, Tree
from gateways.loop import HardwareLoop

log = logging.getLogger(__name__)
_SUBSYSTEMS = ("usb", "tty", "sound")
_BUFFER = 16 * 1024 * 1024
"""Bytes for events that wait: a bank of 64 modems that gets its power back sends some thousands at once."""
QUIET = 0.3
"""Seconds without news of a modem after which it is taken to be complete; a tty takes the kernel some 10 ms."""
_AT_ONCE = 64
"""Events read in one go; the hardware loop comes back for the rest after it has seen to the lines."""


class Discovery:
    """Watches USB; ``on_change`` gets all modems each time that anything about one of them has changed.

    With a loop it watches and adds itself, and tells of a modem once its ports have come (``settle.Settled``). Without
    one, give ``fileno`` and ``ready`` to whoever waits; then each step of a modem's appearing is told. All methods must
    be called from one thread; none of them waits.
    """

    def __init__(self, on_change: Callable[[list[FoundModem]], None], loop: HardwareLoop | None = None) -> None:
        """Begin to listen and read what is there (some 10 ms for a large bank); ``on_change`` is not called yet."""
        self._on_change = on_change
        self._loop = loop
        self._context = pyudev.Context()
        self._monitor = pyudev.Monitor.from_netlink(self._context, source="udev")
        for subsystem in _SUBSYSTEMS:
            self._monitor.filter_by(subsystem)
        with contextlib.suppress(OSError):  # more than the system's limit takes CAP_NET_ADMIN
            self._monitor.set_receive_buffer_size(_BUFFER)
        self._monitor.start()  # before the list is read, so that nothing falls in between
        self._tree = self._read_all()
        # What is there at the start may be complete or not; it is told of as it is, and again when it has grown.
        self._settled = Settled(0.0)
        self._told = self._settled.see(self._tree.modems(), time.monotonic())
        if loop is not None:
            self._settled.quiet = QUIET
            loop.watch(self.fileno(), select.EPOLLIN, self.ready)
            loop.add(self)

    def fileno(self) -> int:
        """Return the descriptor that is readable when there are events."""
        return int(self._monitor.fileno())

    def snapshot(self) -> list[FoundModem]:
        """Return the modems that were told of last."""
        return list(self._told)

    def ready(self, _bits: int = 0) -> None:
        """Take in the events that wait and tell what changed."""
        try:
            for action, entry in self._events():
                if action in {"remove", "offline"}:
                    self._tree.remove(entry)
                else:
                    self._tree.put(entry)
        except OSError as error:  # ENOBUFS: more events than the buffer holds; those are lost
            log.warning("events of USB were lost (%s): reading all devices again", error.strerror)
            self._tree = self._read_all()
        self.tick(time.monotonic())

    def deadline(self) -> float | None:
        """Return when to ``tick``, None: nothing waits."""
        return self._settled.deadline()

    def tick(self, now: float) -> None:
        """Tell what has changed and settled."""
        told = self._settled.see(self._tree.modems(), now)
        if told != self._told:
            self._told = told
            self._on_change(list(told))

    def close(self) -> None:
        """Stop listening."""
        if self._loop is not None:
            self._loop.unwatch(self.fileno())
        self._settled = Settled(0.0)  # the loop goes on asking for a deadline
        # pyudev has no method for it; dropping the last reference closes the socket.
        del self._monitor

    def _events(self) -> Iterator[tuple[str, Entry]]:
        for _ in range(_AT_ONCE):
            device = self._monitor.poll(timeout=0)
            if device is None:
                return
            yield str(device.action), _entry(device)

    def _read_all(self) -> Tree:
        tree = Tree()
        for subsystem in _SUBSYSTEMS:
            for device in self._context.list_devices(subsystem=subsystem):
                with contextlib.suppress(pyudev.DeviceNotFoundError):  # gone since it was listed
                    tree.put(_entry(device))
        return tree


def _entry(device: Any) -> Entry:
    return Entry(str(device.device_path), str(device.subsystem), dict(device.properties))
