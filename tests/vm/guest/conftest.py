"""Gadgets, and discovery that watches them in a hardware loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from gateways.gsm.discovery import FoundModem
from gateways.gsm.discovery.sysfs import Discovery
from gateways.loop import HardwareLoop
from tests.vm.guest import gadget
from tests.vm.guest.gadget import Gadget
from tests.vm.guest.line import PATIENCE

Make = Callable[..., Gadget]


class Watch:
    """Discovery in its loop, and what it told last."""

    def __init__(self, loop: HardwareLoop) -> None:
        self._news = threading.Condition()
        self._discovery = Discovery(self._told, loop)
        self.modems = self._discovery.snapshot()
        self.history = [self.modems]

    def _told(self, modems: list[FoundModem]) -> None:
        with self._news:
            self.modems = modems
            self.history.append(modems)
            self._news.notify_all()

    def wait(self, holds: Callable[[list[FoundModem]], bool]) -> list[FoundModem]:
        """Return the modems once ``holds`` does."""
        with self._news:
            assert self._news.wait_for(lambda: holds(self.modems), PATIENCE), f"still {self.modems}"
            return self.modems

    def close(self) -> None:
        self._discovery.close()

    def served(self) -> FoundModem:
        """Return the only modem, once it has its AT port and all the ports that a gadget of ours has."""
        (modem,) = self.wait(lambda modems: len(modems) == 1 and len(modems[0].ports) == 4)
        assert modem.at_port is not None
        return modem


@pytest.fixture(name="loop")
def loop_fixture() -> Iterator[HardwareLoop]:
    loop = HardwareLoop()
    thread = threading.Thread(target=loop.run)
    thread.start()
    yield loop
    loop.stop()
    thread.join(5)


@pytest.fixture(name="watch")
def watch_fixture(loop: HardwareLoop) -> Iterator[Watch]:
    made: list[Watch] = []
    done = threading.Event()

    def make() -> None:
        made.append(Watch(loop))
        done.set()

    loop.call(make)
    assert done.wait(PATIENCE)
    yield made[0]
    loop.call(made[0].close)


@pytest.fixture(name="make")
def make_fixture() -> Iterator[Make]:
    """Makes gadgets, and takes them apart at the end."""
    gadget.load()
    made: list[Gadget] = []

    def make(usb_id: str = "2c7c:0125", serial_ports: int = 4, controller: int = 0) -> Gadget:
        made.append(Gadget(usb_id, serial_ports, controller))
        return made[-1]

    yield make
    for one in made:
        one.destroy()
