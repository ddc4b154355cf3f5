"""An FXO line in its loop on a scripted wire; the test turns the loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from gateways.line import (
    AudioStarted,
    Ended,
    LineEvent,
)
from gateways.loop import HardwareLoop
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.dahdi import Event
from gateways.pstn.fxo import FxoLine
from gateways.pstn.fxotimings import Timings
from tests.pstn.exchange import progresstones
from tests.pstn.exchange.progresstones import Name
from tests.pstn.scripted_channel import Wire

SPEC = FxoSpec("fxo-1", 159, number="+81312345678", country="JP", zone="jp", caller_id="none", rx_gain=1.5)
SOON = Timings(cooling=0.05, caller_id=0.3, retry=0.1, blind=0.05, digits_guard=0.02, dialling_slack=0.3)
PATIENCE = 5.0
Kind = TypeVar("Kind", bound=LineEvent)


class Rig:
    """A line on a wire; the loop is turned by the test."""

    def __init__(self, spec: FxoSpec = SPEC) -> None:
        self.wire = Wire()
        self.loop = HardwareLoop()
        self.events: list[LineEvent] = []
        self.line = FxoLine(spec, self.loop, self.events.append, SOON, self.wire.open_channel, self.wire.open_source)

    def until(self, holds: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < ends, f"{self.line.state}: {self.events}, {self.wire.done}"
            self.loop.turn(0.02)

    def turn(self, seconds: float = 0.0) -> None:
        ends = time.monotonic() + seconds
        self.loop.turn(0.0)
        while time.monotonic() < ends:
            self.loop.turn(0.01)

    def happens(self, *kinds: Event) -> None:
        for kind in kinds:
            self.wire.happens(kind)
            self.turn(0.01)

    def sounds(self, samples: bytes) -> None:
        """Let the line sound, a fifth of a second at a time as the driver would, but sooner."""
        for at in range(0, len(samples), 3200):
            self.wire.sounds(samples[at : at + 3200])
            self.turn()

    def tone(self, name: Name, seconds: float) -> None:
        self.sounds(progresstones.seconds("jp", name, seconds))

    def told(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    def wait(self, kind: type[Kind]) -> Kind:
        self.until(lambda: self.told(kind))
        return self.told(kind)[0]

    def talking(self) -> None:
        self.happens(Event.RINGBEGIN)
        self.line.answer()
        assert self.line.state == "active"

    def dialled(self, number: str = "0398765432") -> None:
        self.line.dial(number)
        self.tone("dial", 1.5)
        assert f"dial {number}" in self.wire.done
        self.happens(Event.DIALCOMPLETE)

    def end(self) -> Ended:
        (ended,) = self.told(Ended)
        return ended


Make = Callable[[FxoSpec], Rig]


@pytest.fixture(name="make")
def make_fixture() -> Iterator[Make]:
    """Makes lines; none is started yet."""
    rigs: list[Rig] = []

    def make(spec: FxoSpec) -> Rig:
        rigs.append(Rig(spec))
        return rigs[-1]

    yield make
    for rig in rigs:
        for audio in rig.told(AudioStarted):
            os.close(audio.fd)
        rig.line.close("test over")
        rig.loop.stop()
        rig.loop.run()


@pytest.fixture(name="started")
def started_fixture(make: Make) -> Make:
    """Makes lines that are idle."""

    def started(spec: FxoSpec) -> Rig:
        rig = make(spec)
        rig.line.start()
        rig.until(lambda: rig.line.state == "idle")
        return rig

    return started


@pytest.fixture(name="rig")
def rig_fixture(started: Make) -> Rig:
    return started(SPEC)
