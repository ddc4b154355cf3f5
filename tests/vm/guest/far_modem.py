"""A simulated modem behind a gadget: the host sees a USB device under the kernel's drivers, the simulator a host."""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from pathlib import Path

from gateways.gsm.simulator import Bank
from tests.vm.guest.gadget import Gadget

AT, PCM = 2, 1
"""The interfaces of a Quectel that carry AT and PCM."""


class FarModem:
    """Line ``name`` of a bank behind a gadget's serial ports, plugged in and pulled as one."""

    def __init__(self, gadget: Gadget, bank: Bank, name: str) -> None:
        self._gadget, self._bank, self._name = gadget, bank, name
        self._thread: threading.Thread | None = None
        self._stop = -1

    def plug(self) -> None:
        self._bank.clear_faults(self._name, "vanish")
        self._gadget.plug()
        self._connect()

    def unplug(self) -> None:
        """Pull it: bus-powered, so its call ends too."""
        self._gadget.unplug()
        self._bank.fault(self._name, "vanish")
        self._disconnect()

    def was_reauthorised(self) -> None:
        """The host took the device and gave it back: the simulated modem learns of it, and its ports are new."""
        self._disconnect()
        self._bank.reauthorise(self._name)
        self._connect()

    def _connect(self) -> None:
        # The simulator's first: a gadget cannot be taken apart while somebody holds its far side open.
        near = [open_raw(path(self._name)) for path in (self._bank.at_path, self._bank.pcm_path)]
        far = [open_raw(self._gadget.far_ports[interface]) for interface in (AT, PCM)]
        ends, self._stop = os.pipe()
        self._thread = threading.Thread(target=carry, args=(list(zip(far, near, strict=True)), ends))
        self._thread.start()

    def _disconnect(self) -> None:
        if self._thread is not None:
            os.close(self._stop)
            self._thread.join(10)
            self._thread = None


def open_raw(path: Path) -> int:
    """Open a tty raw and non-blocking, once it is there."""
    ends = time.monotonic() + 10
    while not path.exists() and time.monotonic() < ends:
        time.sleep(0.05)
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(fd)
    return fd


def carry(pairs: list[tuple[int, int]], stop: int) -> None:
    """Carry bytes between the ends of each pair until ``stop`` hangs up, or an end does; then close them all."""
    other = {end: far for pair in pairs for end, far in (pair, pair[::-1])}
    with select.epoll() as poller:
        for end in (*other, stop):
            poller.register(end, select.EPOLLIN)
        while _carried(poller.poll(), other):
            pass
    for end in (*other, stop):
        os.close(end)


def _carried(ready: list[tuple[int, int]], other: dict[int, int]) -> bool:
    for end, bits in ready:
        if bits & (select.EPOLLHUP | select.EPOLLERR):
            return False
        try:
            os.write(other[end], os.read(end, 4096))  # what does not fit is lost, as where a host does not read
        except BlockingIOError:
            continue
        except OSError:
            return False
    return True
