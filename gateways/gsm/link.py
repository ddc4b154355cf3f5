"""An open modem's AT channel joined to its port: what is written, what is read, and when the port has gone."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from gateways.gsm.at import AtChannel, AtEvent, Command, Finished, Priority, Urc, show
from gateways.gsm.device import Device, LineSpec
from gateways.gsm.port import PortLostError
from gateways.loop import HardwareLoop

_PIN = re.compile(rb"(\+CPIN=).*", re.DOTALL)


class Link:
    """See the module. ``heard`` gets each unsolicited line, ``lost`` is told when the modem has gone."""

    def __init__(
        self, loop: HardwareLoop, log: logging.Logger, heard: Callable[[bytes], None], lost: Callable[[str], None]
    ) -> None:
        self._loop = loop
        self._log = log
        self._heard = heard
        self._lost = lost
        self._device: Device | None = None
        self.channel = AtChannel(time.monotonic())

    @property
    def open(self) -> bool:
        return self._device is not None

    def connect(self, spec: LineSpec) -> None:
        """Open the device; PortAbsentError or PortRefusedError."""
        self._device = Device(spec, self._loop, self._read, self._gone)
        self.forget()
        self._device.write(self.channel.leave_prompt())

    def forget(self) -> None:
        """Begin a new conversation: the modem has forgotten the last one."""
        self.channel = AtChannel(time.monotonic())

    def close(self) -> None:
        if self._device is not None:
            self._device.close()
        self._device = None

    def lend_audio(self) -> int:
        """Return a descriptor of the call's audio, the borrower's to close; PortLostError when it has gone."""
        if self._device is None:
            raise PortLostError("the modem has gone")
        return self._device.lend_audio()

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        self.channel.send(command, then)

    def cancel(self, priority: Priority) -> None:
        self._take(list(self.channel.cancel(priority)))

    def pump(self) -> None:
        """Send what may be sent now."""
        while self._device is not None and (data := self.channel.next_write(time.monotonic())) is not None:
            self._log.debug("-> %s", show(_PIN.sub(rb"\1(secret)", data)))
            self._device.write(data)

    def tick(self, now: float) -> None:
        self._take(self.channel.tick(now))

    def _read(self, data: bytes) -> None:
        self._take(self.channel.feed(data, time.monotonic()))
        self.pump()

    def _gone(self, error: PortLostError) -> None:
        self._lost(str(error))

    def _take(self, events: list[AtEvent]) -> None:
        for event in events:
            try:
                if isinstance(event, Urc):
                    self._log.debug("<- %s", show(event.line))
                    self._heard(event.line)
                elif event.then is not None:
                    event.then(event)
            except PortLostError as error:
                self._gone(error)
