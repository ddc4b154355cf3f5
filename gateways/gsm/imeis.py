"""Asks modems that no line has for their IMEI, which may tell whose they are. Runs in the hardware loop's thread."""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable
from dataclasses import replace

from gateways.gsm.at import PING, AtChannel, AtEvent, Command, Finished
from gateways.gsm.dialects import Identity, dialect
from gateways.gsm.discovery.found import FoundModem
from gateways.gsm.port import AtPort, PortAbsentError, PortLostError, PortRefusedError
from gateways.loop import HardwareLoop

log = logging.getLogger(__name__)
WITHIN = 60.0
"""Seconds that a modem has to tell its IMEI: it boots for some 12 s after it was plugged in."""
MOST_REFUSALS = 3
_PROBE = replace(PING, timeout=1.0)
Told = Callable[[FoundModem, str | None], None]


class _Question:
    """One modem that is asked. ``imei`` is what it told, ``over`` when there is no more to wait for."""

    def __init__(self, modem: FoundModem, loop: HardwareLoop, heard: Callable[[], None]) -> None:
        """Open its AT port, or raise PortAbsentError or PortRefusedError."""
        self.modem = modem
        self.imei: str | None = None
        self.over = False
        self._dialect = dialect(modem.family or "generic")
        self._loop = loop
        self._heard = heard
        self._channel = AtChannel(time.monotonic())
        self._ends = time.monotonic() + WITHIN
        self._left: list[Command] = []
        self._refusals = 0
        self._port = AtPort(modem.at_port or "")
        loop.watch(self._port.fileno(), select.EPOLLIN, self._read)
        self._channel.send(_PROBE, self._answered)
        self._write()

    def close(self) -> None:
        self._loop.unwatch(self._port.fileno())
        self._port.close()

    def deadline(self) -> float:
        return min(self._channel.deadline(), self._ends)

    def tick(self, now: float) -> None:
        self.over = self.over or now >= self._ends
        self._take(self._channel.tick(now))

    def _read(self, _bits: int) -> None:
        try:
            data = self._port.read()
        except PortLostError:
            self.over = True
        else:
            self._take(self._channel.feed(data, time.monotonic()))
        if self.over:
            self._heard()

    def _take(self, events: list[AtEvent]) -> None:
        for event in events:
            if isinstance(event, Finished) and event.then is not None:
                event.then(event)
        self._write()

    def _write(self) -> None:
        try:
            while not self.over and (data := self._channel.next_write(time.monotonic())) is not None:
                self._port.write(data)
        except PortLostError:
            self.over = True

    def _answered(self, answer: Finished) -> None:
        for line in answer.lines:
            event = self._dialect.parse(line, answer.command.text)
            if isinstance(event, Identity) and event.kind == "imei":
                self.imei, self.over = event.value, True
                return
        if answer.command.text == PING.text:
            self._left = [Command("ATE0"), *self._dialect.identity()] if answer.final.ok else self._once_more(answer)
        if self._left:
            self._channel.send(self._left.pop(0), self._answered)
        else:
            self.over = True

    def _once_more(self, answer: Finished) -> list[Command]:
        """One ERROR follows what was typed before us; a modem that obeys nothing would be asked without end."""
        self._refusals += answer.final.kind != "TIMEOUT"
        return [_PROBE] if self._refusals < MOST_REFUSALS else []


class Imeis:
    """``told`` gets each modem that was asked, with its IMEI or None."""

    def __init__(self, loop: HardwareLoop, told: Told) -> None:
        self._loop = loop
        self._told = told
        self._questions: dict[str, _Question] = {}  # by USB path
        loop.add(self)

    def ask(self, modem: FoundModem) -> None:
        """Ask, unless it is being asked."""
        if modem.usb_path in self._questions:
            return
        try:
            self._questions[modem.usb_path] = _Question(modem, self._loop, self._look)
        except (PortAbsentError, PortRefusedError) as error:
            log.info("the modem at USB %s cannot be asked for its IMEI: %s", modem.usb_path, error)
            self._told(modem, None)

    def keep(self, found: list[FoundModem]) -> None:
        """Forget those that are not plugged in any more, as they were."""
        for path, question in list(self._questions.items()):
            if question.modem not in found:
                self._questions.pop(path).close()

    def close(self) -> None:
        self.keep([])

    def deadline(self) -> float | None:
        return min((question.deadline() for question in self._questions.values()), default=None)

    def tick(self, now: float) -> None:
        for question in list(self._questions.values()):
            question.tick(now)
        self._look()

    def _look(self) -> None:
        for path, question in list(self._questions.items()):
            if question.over:
                self._questions.pop(path).close()
                self._told(question.modem, question.imei)
