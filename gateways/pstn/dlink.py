"""One D channel: a port that carries frames, and libpri that makes sense of them."""

from __future__ import annotations

import logging
import select
from collections.abc import Callable

from gateways.loop import HardwareLoop
from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.dahdievents import Event
from gateways.pstn.libpri import Pri
from gateways.pstn.prievents import LinkDown, LinkUp, PriEvent
from gateways.pstn.q931frame import FCS
from gateways.pstn.spanhardware import DahdiError, SignallingPort

log = logging.getLogger(__name__)
FRAMES_AT_ONCE = 32
LIBPRI_HOLD = 30
"""Seconds more than the span that libpri holds calls while layer 2 is down: the span decides."""
DAMAGED = frozenset({Event.ABORT, Event.OVERRUN, Event.BADFCS})


class DLink:
    """``heard`` gets libpri's events; ``lost`` is told why the port does not work any more.

    For the loop's thread only. ``pri`` is made with the first port and stays: libpri cannot free it.
    """

    def __init__(
        self,
        number: int,
        spec: SpanSpec,
        loop: HardwareLoop,
        heard: Callable[[Pri, PriEvent], None],
        lost: Callable[[str], None],
    ) -> None:
        self.number = number
        self._spec, self._loop = spec, loop
        self._heard, self._lost = heard, lost
        self._port: SignallingPort | None = None
        self.pri: Pri | None = None
        self.up = False
        self.errors = self.drops = 0

    def take_port(self, port: SignallingPort) -> None:
        """Use an open port from now on. Raises PriError; the port is closed with the link."""
        self._port = port
        if self.pri is None:
            self.pri = self._make()
        else:
            self._hear(self.pri, self.pri.establish_anew())
        self._loop.watch(port.fd, select.EPOLLIN | select.EPOLLPRI, self.ready)

    def _make(self) -> Pri:
        spec = self._spec
        pri = Pri(spec.name, spec.switch, spec.role, self._write)
        pri.set_timer("T309", (spec.layer2_hold + LIBPRI_HOLD) * 1000)
        pri.set_overlap(spec.overlap)
        return pri

    def drop_port(self) -> None:
        """Close the port."""
        if self._port is not None:
            self._loop.unwatch(self._port.fd)
            self._port.close()
            self._port = None
        self.up = False

    # Frames

    def _write(self, frame: bytes) -> None:
        """Send a frame; one that cannot be is sent anew by Q.921's timers."""
        if self._port is None:
            return
        try:
            if not self._port.write(frame + FCS):
                log.debug("%s: no room for a frame", self._spec.name)
        except DahdiError as error:
            self._lost(str(error))

    def ready(self, bits: int) -> None:
        """The port has frames, or an event."""
        try:
            if bits & ~select.EPOLLIN:
                self._take_events()
            self._read()
        except DahdiError as error:
            self._lost(str(error))

    def _take_events(self) -> None:
        while self._port is not None and (event := self._port.event()) is not None:
            if event.kind in DAMAGED:
                self.errors += 1
            elif event.kind is Event.REMOVED:
                self._lost("its card was taken out: put it back, or look at `callfloor pstn scan`")

    def _read(self) -> None:
        for _ in range(FRAMES_AT_ONCE):
            if self._port is None or self.pri is None:
                return
            frame = self._port.read()
            if not frame:
                return
            self._hear(self.pri, self.pri.receive(frame[: -len(FCS)]))

    def _hear(self, pri: Pri, events: list[PriEvent]) -> None:
        for event in events:
            if isinstance(event, LinkUp | LinkDown):
                self.drops += self.up and isinstance(event, LinkDown)
                self.up = isinstance(event, LinkUp)
            self._heard(pri, event)

    # Time

    def deadline(self) -> float | None:
        return None if self._port is None or self.pri is None else self.pri.deadline()

    def tick(self) -> None:
        if self._port is not None and self.pri is not None:
            self._hear(self.pri, self.pri.run())
