"""A span of the exchange: the network's end of the interface, on a port, with whatever faults a test wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tests.pstn.exchange.bearer import ServiceStatus
from tests.pstn.exchange.callcontrol import CallControl
from tests.pstn.exchange.faults import Faults
from tests.pstn.exchange.ports import Port
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.q931 import Message
from tests.pstn.exchange.record import Record
from tests.pstn.exchange.spancontrol import SpanControl
from tests.pstn.exchange.timetable import Timetable


class Owner(Protocol):
    """What a span needs of the exchange."""

    clock: Timetable

    def act(self, what: Callable[[], None]) -> None: ...
    def wait_for(self, holds: Callable[[], bool], timeout: float, otherwise: str) -> None: ...
    def watch(self, port: Port, on: bool) -> None: ...


class ExchangeSpan:
    """Use from any thread; ``control`` is for the exchange's. ``faults`` may be set at any time."""

    def __init__(self, owner: Owner, control: Callable[[Callable[[bytes], None]], SpanControl], port: Port) -> None:
        self.faults = Faults()
        self.control = control(self._transmit)
        self._owner, self._port = owner, port
        self._plugged = True
        owner.watch(port, True)

    # The link

    @property
    def plan(self) -> SpanPlan:
        return self.control.plan

    @property
    def up(self) -> bool:
        """Is the link established?"""
        return self.control.up

    def establish(self) -> None:
        """Send SABME."""
        self._owner.act(self.control.establish)

    def wait_up(self, timeout: float = 5.0) -> None:
        self._owner.wait_for(lambda: self.control.up, timeout, f"{self.plan.name}: the link is not up")

    def wait_down(self, timeout: float = 15.0) -> None:
        self._owner.wait_for(lambda: not self.control.up, timeout, f"{self.plan.name}: the link is not down")

    def drop(self, quietly: bool = False) -> None:
        """Release the link with DISC, or ``quietly``: forget it and its calls as an exchange does that restarts."""
        self._owner.act(lambda: self.control.drop_link(quietly))

    def cut(self, on: bool = True) -> None:
        """Nothing passes any more, either way, as when the cable is pulled but no alarm tells; or again."""
        self._owner.act(lambda: setattr(self.faults, "cut", on))

    def unplug(self) -> None:
        """Close the port."""
        if self._plugged:
            self._plugged = False
            self._owner.watch(self._port, False)
            self._port.close()

    def read(self, fd: int) -> None:
        """For the exchange's thread: the port may have frames."""
        if not self._plugged or self._port.fileno() != fd:
            return
        try:
            frames = self._port.read()
        except OSError:
            self.unplug()
            self.control.drop_link(quietly=True)
            return
        for frame in frames:
            for passed in self.faults.passed(frame, "in"):
                self.control.receive(passed)

    def _transmit(self, frame: bytes) -> None:
        for passed in self.faults.passed(frame, "out"):
            if self._plugged:
                self._port.write(passed)

    # Channels

    def restart(self, *channels: int) -> None:
        """Restart channels, one RESTART each; the whole interface when none is named."""
        self._owner.act(lambda: self.control.maintenance.restart(*channels))

    def wait_restarted(self, *channels: int, timeout: float = 5.0) -> None:
        """Until each of the channels was restarted, by either side, since the exchange began."""
        wanted = set(channels or self.plan.channels)
        text = f"{self.plan.name}: channels not restarted"
        self._owner.wait_for(lambda: wanted <= set(self.control.maintenance.done), timeout, text)

    def change_service(self, channel: int, status: ServiceStatus) -> None:
        """SERVICE: put a channel out of service, into maintenance, or back."""
        self._owner.act(lambda: self.control.maintenance.change_service(channel, status))

    def status(self, channel: int) -> ServiceStatus:
        """In or out of service, as either side last said."""
        return self.control.channels.service[channel]

    def busy_channels(self) -> set[int]:
        """Channels that have a call."""
        return set(self.control.channels.users)

    # Trouble on purpose

    def send_octets(self, octets: bytes) -> None:
        """Send a layer 3 message of any octets at all, in an I frame."""

        def act() -> None:
            self.control.link.send(octets, self._owner.clock.now)
            self.control.flush()

        self._owner.act(act)

    def send_frame(self, frame: bytes) -> None:
        """Put any octets on the D channel as a frame."""
        self._owner.act(lambda: self._transmit(frame))

    def acknowledge_maintenance(self, on: bool) -> None:
        """Off: RESTART and SERVICE of the gateway get no answer any more."""
        self._owner.act(lambda: setattr(self.control.maintenance, "deaf", not on))

    @property
    def record(self) -> Record:
        """Messages, frames, violations, the link's troubles."""
        return self.control.record

    def send(self, what: Message) -> None:
        """Send any message, of a call or of none."""
        self._owner.act(lambda: self.control.send(what))

    def calls(self) -> list[CallControl]:
        """Calls that are up."""
        return list(self.control.calls.values())
