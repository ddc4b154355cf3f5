"""An E1 or T1 with ISDN: its D channel, its B channels as lines, its health. For the PRI loop's thread only.

Theory of operation. The span opens its channels, again every few seconds while it cannot. Lines are idle while layer 1
has no alarm and layer 2 is up; else they show why, are not dialled on, and established calls are given up after T309.
When layer 2 is up again after calls were given up, idle channels are restarted (Q.931 §5.5) before they are used.

Events and commands move the lines' state machines at once; what follows for the other lines and the status is settled
in the loop's next turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from appliance.bus_payloads import LineStateName
from gateways.line import LineEvent
from gateways.loop import HardwareLoop
from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.libpri import Pri
from gateways.pstn.libprilibrary import PriError
from gateways.pstn.prievents import (
    Call,
    LinkDown,
    LinkUp,
    Misconfigured,
    PriEvent,
    RestartAcknowledged,
    Restarted,
    Service,
)
from gateways.pstn.restarts import Restarts
from gateways.pstn.spancalls import SpanCalls
from gateways.pstn.spanhardware import DahdiError, Hardware
from gateways.pstn.spanhealth import SpanHealth
from gateways.pstn.spanlinks import SpanLinks
from gateways.pstn.spanports import SpanPorts
from gateways.pstn.spanservice import ChannelService
from gateways.pstn.spansignals import SpanSignals
from gateways.pstn.spanstatus import SpanStatus, StatusTeller

log = logging.getLogger(__name__)
RETRY_EVERY = 5.0


class PriSpan:
    """See the module. ``lines`` by name; ``tell`` gets their events, ``told`` the span's status when it changes.

    ``listen``: seconds that an announcement in a DISCONNECT is let through before the call ends. ``links`` is shared by
    the spans of an NFAS group.
    """

    def __init__(
        self,
        spec: SpanSpec,
        loop: HardwareLoop,
        tell: Callable[[LineEvent], None],
        told: Callable[[SpanStatus], None],
        hardware: Hardware | None = None,
        listen: float = 0.0,
        links: SpanLinks | None = None,
    ) -> None:
        self.spec = spec
        self._loop, self._tell_line = loop, tell
        self._teller = StatusTeller(told)
        self._health = SpanHealth(spec.layer2_hold)
        self._restarts = Restarts(spec.restart_interval)
        interface = spec.interface or 0
        self.links = links or SpanLinks(spec, loop)
        self.links.join(self, interface)
        signals = SpanSignals(spec, loop, self.links, self._alarmed, self.lost)
        self.lines = {
            name: BChannel(name, interface << 8 | slot, spec, loop, signals, self._line_told, listen)
            for slot, name in spec.lines.items()
        }
        self._ports = SpanPorts(spec, self.lines, self.links, hardware)
        self._calls = SpanCalls(spec, self.lines, lambda: self._serving, self._free)
        signals.began, signals.over = self._calls.began, self._calls.forget
        self._service = ChannelService(self.lines, self.links)
        self._running = self._winding = False
        self._dirty = True
        self._to_restart = False  # the network may know of calls that we have given up
        self._retry_at: float | None = None
        loop.add(self)

    @property
    def _serving(self) -> bool:
        """New calls may come and go."""
        return self._health.state == "up" and not self._winding

    def _line_told(self, event: LineEvent) -> None:
        self._dirty = True
        self._tell_line(event)

    # Coming and going

    def start(self) -> None:
        """Open the channels; again until that succeeds."""
        self._running, self._winding = True, False
        self._try()

    def _try(self) -> None:
        now = self._loop.now()
        self._retry_at = None
        try:
            alarms = self._ports.open(now)
        except (DahdiError, PriError) as error:
            self._closed(str(error), now)
            self._retry_at = now + RETRY_EVERY
            return
        log.info("%s: open, %d channels", self.spec.name, len(self.lines))
        self._to_restart = True
        self._health.opened(alarms, now)
        self._health.layer2_is(self.links.up, now)
        self._dirty = True

    def lost(self, reason: str) -> None:
        """A port does not work any more: give up all calls and begin anew."""
        if not self._running or self._retry_at is not None:
            return
        log.error("%s: %s", self.spec.name, reason)
        now = self._loop.now()
        self._calls.give_up("the span's hardware was lost", False, now)
        self._closed(reason, now)
        self._retry_at = now + RETRY_EVERY

    def _closed(self, reason: str, now: float) -> None:
        """Let go of what is open; the lines say why."""
        self._ports.close()
        self._health.closed(reason, now)
        self._settle(now)

    def wind_down(self, cause: int = 41) -> None:
        """Hang up every call and take no new one."""
        self._winding = True
        for channel in self.lines.values():
            channel.hang_up(cause)
        self._settle(self._loop.now())

    @property
    def idle(self) -> bool:
        """No call is left, nor one that the network has yet to release."""
        return all(channel.idle for channel in self.lines.values()) and not self._calls.leaving

    def close(self, reason: str) -> None:
        """End what is left of calls, and let go of the channels."""
        now = self._loop.now()
        self._running, self._retry_at = False, None
        for channel in self.lines.values():
            channel.apply(channel.machine.lost(41, reason, clear=True, now=now))
            channel.apply(channel.machine.lost(41, reason, clear=False, now=now))
        self._closed(reason, now)

    # What the D channel and the driver tell

    def has(self, call: Call) -> bool:
        return self._calls.has(call)

    def heard(self, pri: Pri, event: PriEvent) -> None:
        now = self._loop.now()
        self._dirty = True
        match event:
            case LinkUp() | LinkDown():
                log.info("%s: layer 2 is %s", self.spec.name, "up" if self.links.up else "down")
                self._health.layer2_is(self.links.up, now)
            case Misconfigured(text):
                right = "net" if self.spec.role == "cpe" else "cpe"
                self._health.complain(f"{text} Set the role of the span to {right}, or end a loopback.")
            case Restarted(slots):
                self._calls.restarted(slots, now)
            case RestartAcknowledged(slot):
                self._restarts.acknowledged(slot)
            case Service(slot, status, False):
                self._service.told(self._calls.at(slot), status)
            case _:
                self._calls.heard(pri, event, self._health.layer2, now)

    def _alarmed(self) -> None:
        self._ports.look_at = self._loop.now()

    def _look(self, now: float) -> None:
        """See what the alarms are."""
        try:
            alarms = self._ports.look(now)
        except DahdiError as error:
            self.lost(str(error))
            return
        if alarms != self._health.alarms:
            said = f"alarms: {', '.join(sorted(alarms))}" if alarms else "no alarm any more"
            log.warning("%s: %s", self.spec.name, said)
            self._health.alarms_are(alarms, now)

    # Maintenance

    def take_out(self, line: str) -> None:
        """Take a line out of service; a call on it goes on to its end."""
        self._service.take_out(line)
        self._dirty = True

    def put_back(self, line: str) -> None:
        """Put a line back into service, also one that the network took out."""
        self._service.put_back(line)
        self._dirty = True

    def trace(self, on: bool) -> None:
        """Log every message of Q.931."""
        self.links.trace(on)

    # What follows from all that

    def _free(self, channel: BChannel) -> bool:
        """The network may call on this channel."""
        return channel.idle and channel.has_port and self._service.why_out(channel.name) is None

    def _settle(self, now: float) -> None:
        """Bring the lines, restarts and the status into line with what has happened."""
        self._dirty = False
        self._calls.go_home()
        self._restart(now)
        shared = self._health.lines(now)
        for channel in self.lines.values():
            channel.apply(channel.machine.serve(*self._state_of(channel, shared)))
        self._dirty = False  # of these events nothing more follows
        self._teller.tell(self.status, now)

    def _state_of(
        self, channel: BChannel, shared: tuple[LineStateName, str | None]
    ) -> tuple[LineStateName, str | None]:
        if shared[0] != "idle":
            return shared
        if self._winding:
            return "absent", "the gateway is stopping"
        if (reason := self._service.why_out(channel.name)) is not None:
            return "fault", reason
        return ("booting", None) if self._restarts.held(channel.slot) else shared

    def _restart(self, now: float) -> None:
        pri = self.links.pri
        if self._health.state != "up" or pri is None:
            self._restarts.stop()
            return
        if self._to_restart:
            self._to_restart = False
            self._restarts.begin(channel.slot for channel in self.lines.values() if channel.idle)
        free = [channel.slot for channel in self.lines.values() if self._free(channel)]
        slot = self._restarts.next(now, free)
        if slot is not None:
            pri.restart(slot)
        if self._restarts.gave_up:
            log.warning("%s: the network does not acknowledge RESTART: no more are sent", self.spec.name)

    @property
    def status(self) -> SpanStatus:
        """How it is now; ``since`` is only in what ``told`` gets."""
        health, links = self._health, self.links
        return SpanStatus(
            self.spec.name,
            self.spec.kind,
            health.state,
            len(self.lines),
            health.alarms,
            health.layer2,
            sum(channel.in_call for channel in self.lines.values()),
            links.errors,
            links.drops,
            health.reason,
        )

    # Time

    def deadline(self) -> float | None:
        if self._dirty:
            return 0.0
        health = self._health
        times = [channel.deadline() for channel in self.lines.values()]
        times += [self._calls.deadline(), self._retry_at, self._ports.look_at, self._restarts.deadline()]
        times.append(health.deadline(self._loop.now()))
        if health.calls_end_at is not None and not self.idle:
            times.append(health.calls_end_at)
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float) -> None:
        if self._retry_at is not None and now >= self._retry_at:
            self._try()
        if self._ports.look_at is not None and now >= self._ports.look_at:
            self._look(now)
        for channel in self.lines.values():
            channel.tick(now)
        self._calls.tick(self.links.pri, now)
        if self._health.calls_end_at is not None and now >= self._health.calls_end_at:
            text = self._health.reason or "the span is down"
            self._to_restart = self._calls.give_up(text, self._health.layer2, now) or self._to_restart
        self._settle(now)
