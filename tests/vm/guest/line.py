"""A GSM line with its modem found by discovery, in its loop, and what it told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from gateways.gsm.device import LineSpec
from gateways.gsm.ladder import Pace
from gateways.gsm.modem import Modem
from gateways.gsm.plugs import Plugs
from gateways.gsm.power import UsbPower
from gateways.gsm.recovery import Timings
from gateways.line import LineEvent
from gateways.loop import HardwareLoop

PATIENCE = 60.0
"""Seconds; software emulation is slow."""
SOON = Timings(pace=Pace(reopen=0.5), probe=2.0, probes=3)
Event = TypeVar("Event", bound=LineEvent)


class Line:
    """Line ``gsm-1``, known by its IMEI and the USB port."""

    def __init__(self, loop: HardwareLoop, number: str, imei: str, usb_path: str) -> None:
        self.events: list[LineEvent] = []
        self._news = threading.Condition()
        self._loop = loop
        self._spec = LineSpec("gsm-1", number, "quectel", "", None, imei=imei, usb_path=usb_path)
        self.do(self._begin)

    def _begin(self) -> None:
        self._plugs: Plugs | None = None
        self._power = UsbPower(self._loop)
        self.modem = Modem(self._spec, self._loop, self._tell, SOON, power=self._power)
        self._plugs = Plugs(self._loop, [self._spec], {"gsm-1": self.modem})

    def _tell(self, event: LineEvent) -> None:
        if self._plugs is not None:
            self._plugs.on_line_event(event)
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def do(self, what: Callable[[], None]) -> None:
        """Have something done in the loop's thread, and wait until it is."""
        done = threading.Event()

        def run() -> None:
            try:
                what()
            finally:
                done.set()

        self._loop.call(run)
        assert done.wait(PATIENCE)

    def wait(self, kind: type[Event], since: int = 0) -> Event:
        """Return the first event of the kind from number ``since`` on."""

        def found() -> list[Event]:
            return [event for event in self.events[since:] if isinstance(event, kind)]

        with self._news:
            assert self._news.wait_for(found, PATIENCE), f"no {kind.__name__}: {self.events[since:]}"
            return found()[0]

    def close(self) -> None:
        """Let go of the modem."""
        assert self._plugs is not None
        self.do(self._plugs.close)
        self.do(lambda: self.modem.close("test over"))
        self._power.close()
