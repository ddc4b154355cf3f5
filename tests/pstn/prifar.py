"""libpri as the network at the far end of a span of ours: quick, and as odd as a test wants it, but no judge."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateways.line import LineEvent
from gateways.loop import HardwareLoop
from gateways.pstn.config.spec import Switch
from gateways.pstn.libpri import Pri
from gateways.pstn.prievents import Party, PriEvent, Setup
from gateways.pstn.q931frame import FCS
from gateways.pstn.span import PriSpan
from gateways.pstn.spanstatus import SpanStatus
from tests.pstn.priports import HostHardware
from tests.pstn.pririg import Turned, spec_for

Answer = Callable[[Pri, PriEvent], None]


class Far:
    """A member of the loop. ``answer`` is called with each event; ``heard`` has them all."""

    def __init__(self, loop: HardwareLoop, end: socket.socket, switch: Switch) -> None:
        end.setblocking(False)
        self._end = end
        self.heard: list[PriEvent] = []
        self.answer: Answer = lambda _pri, _event: None
        self.pri = Pri("far", switch, "net", self._send)
        loop.watch(end.fileno(), select.EPOLLIN, self._ready)
        loop.add(self)

    def _send(self, frame: bytes) -> None:
        self._end.send(frame + FCS)

    def send_layer3(self, octets: bytes, ns: int, nr: int) -> None:
        """Put any octets into an information frame; the caller counts."""
        self._send(bytes((2, 1, ns << 1, nr << 1)) + octets)

    def _ready(self, _bits: int) -> None:
        try:
            while True:
                self._take(self.pri.receive(self._end.recv(2048)[: -len(FCS)]))
        except BlockingIOError:
            pass

    def _take(self, events: list[PriEvent]) -> None:
        for event in events:
            self.heard.append(event)
            self.answer(self.pri, event)

    def deadline(self) -> float | None:
        return self.pri.deadline()

    def tick(self, _now: float) -> None:
        self._take(self.pri.run())

    def call(self, slot: int, called: str = "0398765432", exclusive: bool = True) -> Any:
        """Call the span; return the call's handle."""
        return self.pri.setup(Setup(slot, Party(called, 1), exclusive, Party("9012345678", 0x21)))


class FarRig(Turned):
    """``span`` is ours, ``far`` libpri's network side."""

    def __init__(self, switch: Switch, **changes: Any) -> None:
        super().__init__()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ends = ours, theirs
        spec = spec_for(switch, **changes)
        self.statuses: list[SpanStatus] = []
        self.hardware = HostHardware({spec.d_channel: ours})
        self.span = PriSpan(spec, self.loop, self.heard, self.statuses.append, self.hardware)
        self.far = Far(self.loop, theirs, switch)

    def close(self) -> None:
        self.span.close("the test is over")
        self.drop_audio()
        self.hardware.close()
        self._ends[1].close()


@contextmanager
def far_rig(switch: Switch = "euroisdn", **changes: Any) -> Iterator[FarRig]:
    """Give a rig whose span is up."""
    made = FarRig(switch, **changes)
    try:
        made.up()
        yield made
    finally:
        made.close()


__all__ = ["Far", "FarRig", "LineEvent", "far_rig"]
