"""A span of ours and the exchange, joined on the host. The test's thread turns our loop; the exchange has its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from gateways.line import AudioStarted, LineEvent
from gateways.loop import HardwareLoop
from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.spec import SpanSpec, Switch
from gateways.pstn.dahdievents import Event, HardwareEvent
from gateways.pstn.dlink import DLink
from gateways.pstn.libpri import Pri
from gateways.pstn.span import PriSpan
from gateways.pstn.spanstatus import SpanStatus
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.calltypes import CallTimers
from tests.pstn.exchange.exchangespan import ExchangeSpan
from tests.pstn.exchange.lapdevents import LinkTimers
from tests.pstn.exchange.ports import socket_pair
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import e1, t1
from tests.pstn.priports import PRIORITY, HostHardware

E = TypeVar("E", bound=LineEvent)
D_CHANNEL = 64
TOKYO = "+81312345678"
QUICK = LinkTimers(t200=0.2, t203=1.0)
"""Timers of layer 2 for tests of its loss: see ``Rig.quick``."""


def spec_for(switch: Switch, **changes: Any) -> SpanSpec:
    """Return a span in Japan: an E1, or a T1 for the switches of North America."""
    small = switch not in ("euroisdn", "qsig")
    slots = list(range(1, 24)) if small else [*range(1, 16), *range(17, 32)]
    name = "t1-1" if small else "e1-1"
    spec = SpanSpec(
        name,
        "t1" if small else "e1",
        D_CHANNEL,
        tuple(range(1000, 1000 + len(slots))),
        {slot: f"{name}.{slot:02}" for slot in slots},
        switch,
        number="+81355550000",
        country="JP",
        law="ulaw" if small else "alaw",
    )
    return replace(spec, **changes)


class Turned:
    """A span of ours in a loop that the test's thread turns, and what it told."""

    span: PriSpan

    def __init__(self) -> None:
        self.loop = HardwareLoop()
        self.events: list[LineEvent] = []
        self.fds: dict[str, int] = {}

    def heard(self, event: LineEvent) -> None:
        self.events.append(event)
        if isinstance(event, AudioStarted):
            self.drop_audio(event.line)
            self.fds[event.line] = event.fd

    def drop_audio(self, line: str | None = None) -> None:
        """Close the audio of a line, or of all."""
        for name in [line] if line is not None else list(self.fds):
            if name in self.fds:
                os.close(self.fds.pop(name))

    def until(self, holds: Callable[[], object], timeout: float = 5.0) -> None:
        """Turn the loop until ``holds``."""
        ends = time.monotonic() + timeout
        while not holds():
            assert time.monotonic() < ends, f"not in {timeout} s; {self.events[-12:]}; {self.span.status}"
            self.loop.turn(0.01)

    def turn(self, seconds: float) -> None:
        """Turn the loop for so long."""
        ends = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= ends, seconds + 5)

    def up(self, timeout: float = 5.0) -> None:
        """Start, until every line is idle."""
        self.span.start()
        self.until(lambda: all(line.state == "idle" for line in self.span.lines.values()), timeout)

    def line(self, slot: int = 1) -> BChannel:
        return self.span.lines[self.span.spec.lines[slot]]

    @property
    def link(self) -> DLink:
        return self.span.links.first

    @property
    def pri(self) -> Pri:
        """Our libpri."""
        assert self.link.pri is not None
        return self.link.pri

    def of(self, kind: type[E], line: str | None = None) -> list[E]:
        """Return the events of a kind, of a line."""
        return [event for event in self.events if isinstance(event, kind) and line in (None, event.line)]

    def wait(self, kind: type[E], line: str | None = None, timeout: float = 5.0) -> E:
        """Return the last event of a kind once there is one."""
        self.until(lambda: self.of(kind, line), timeout)
        return self.of(kind, line)[-1]


class Rig(Turned):
    """``far`` is the exchange's end of the span."""

    def __init__(self, exchange: Exchange, spec: SpanSpec, listen: float = 0.0) -> None:
        super().__init__()
        port, theirs = socket_pair()
        plan = (e1 if spec.kind == "e1" else t1)(spec.name, spec.switch, "user" if spec.role == "net" else "network")
        self.exchange = exchange
        self.far: ExchangeSpan = exchange.add_span(plan, port)
        self.hardware = HostHardware({spec.d_channel: theirs})
        self.statuses: list[SpanStatus] = []
        self.span = PriSpan(spec, self.loop, self.heard, self.statuses.append, self.hardware, listen)

    def up(self, timeout: float = 5.0) -> None:
        super().up(timeout)
        self.until(lambda: self.far.up)

    def answered(self, call: Call) -> None:
        """Until the exchange has our CONNECT, and we its acknowledgement."""
        self.until(lambda: any(event.what == "connect" for event in call.history))
        self.turn(0.1)

    def quiet(self, timeout: float = 5.0) -> None:
        """Until no call is left on either side."""
        self.until(lambda: self.span.idle and self.exchange.open_calls == 0, timeout)

    def sound(self) -> None:
        """Nobody has anything to complain of, and nothing is left."""
        self.quiet()
        assert self.exchange.violations == []
        assert self.exchange.complaints == []

    def quick(self) -> None:
        """Make our timers of layer 2 as short as ``QUICK``."""
        self.pri.set_timer("T200", 200)
        self.pri.set_timer("T203", 1000)

    def talking(self, slot: int) -> None:
        """Have a call on a channel."""
        self.exchange.subscriber(TOKYO)
        self.line(slot).dial(TOKYO)
        self.until(lambda: self.line(slot).state == "active")

    def happen(self, *kinds: Event) -> None:
        """Have the D channel's driver tell events."""
        port = self.hardware.d[D_CHANNEL]
        port.events += [HardwareEvent(kind) for kind in kinds]
        self.link.ready(PRIORITY)

    def alarm(self, *alarms: str) -> None:
        """Layer 1 has these alarms from now on."""
        for channel, number in zip(self.span.lines.values(), self.span.spec.b_channels, strict=True):
            port = self.hardware.b[number]
            port.now = frozenset(alarms)
            port.events.append(HardwareEvent(Event.ALARM if alarms else Event.NOALARM))
            channel.ready(PRIORITY)

    def close(self) -> None:
        self.span.close("the test is over")
        self.drop_audio()
        self.hardware.close()


@contextmanager
def rig(
    switch: Switch = "euroisdn",
    timers: CallTimers | None = None,
    link: LinkTimers | None = None,
    listen: float = 0.0,
    **changes: Any,
) -> Iterator[Rig]:
    """Give a rig that is not started, and close it."""
    with Exchange(timers=timers, link=link) as exchange:
        made = Rig(exchange, spec_for(switch, **changes), listen)
        try:
            yield made
        finally:
            made.close()
