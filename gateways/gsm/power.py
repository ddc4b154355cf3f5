"""Resets of modems from outside, for the recovery ladder: asked in the hardware loop, done in a worker's thread."""

from __future__ import annotations

from collections.abc import Callable

from gateways.gsm.discovery import usbpower
from gateways.loop import HardwareLoop

Then = Callable[[str | None], None]


class UsbPower:
    """A ``gateways.gsm.reviver.Power``."""

    def __init__(self, loop: HardwareLoop) -> None:
        self._loop = loop
        self._worker = usbpower.Worker()
        self._cycles: dict[str, bool] = {}

    def can_cycle(self, usb_path: str) -> bool:
        """Say whether the port's power can be switched; False until the hub, asked at the first time, has answered."""
        if usb_path not in self._cycles:
            self._cycles[usb_path] = False
            self._worker.do(lambda: self._ask(usb_path), lambda _: None)
        return self._cycles[usb_path]

    def reauthorise(self, usb_path: str, then: Then) -> None:
        self._worker.do(lambda: usbpower.reauthorise(usb_path), self._in_loop(then))

    def cycle(self, usb_path: str, then: Then) -> None:
        self._worker.do(lambda: usbpower.cycle_port(usb_path), self._in_loop(then))

    def close(self) -> None:
        """Wait for a reset that is under way (some seconds)."""
        self._worker.close()

    def _ask(self, usb_path: str) -> None:
        can = usbpower.why_no_port_power(usb_path) is None
        self._loop.call(lambda: self._cycles.update({usb_path: can}))

    def _in_loop(self, then: Then) -> Callable[[usbpower.PowerError | None], None]:
        return lambda error: self._loop.call(lambda: then(None if error is None else str(error)))
