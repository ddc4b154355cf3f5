"""Calls of a span and the B channels they are on: who gets an incoming call, and what each message means for it.

Channel negotiation (ITU-T Q.931 §5.1.2, §5.2.3) and collision (§5.7: the network's call comes first).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from gateways.line import IncomingCall, Who
from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.libpri import Pri
from gateways.pstn.prievents import (
    Call,
    CallerNamed,
    Connected,
    Digits,
    Disconnecting,
    Gone,
    PriEvent,
    Proceeding,
    Progress,
    Ring,
    Ringing,
    SetupAcknowledged,
)
from gateways.pstn.prinumbers import read
from gateways.pstn.pristate import GONE_WITHIN

log = logging.getLogger(__name__)
NO_CIRCUIT, NOT_AVAILABLE, NO_SUCH_CHANNEL, INCOMPATIBLE, NOT_IMPLEMENTED = 34, 44, 82, 88, 69
"""Causes with which libpri answers a SETUP by RELEASE COMPLETE; with others it says nothing before PROCEEDING."""

OUT_OF_ORDER = 27
"""The cause of calls that layer 1 or 2 has left: destination out of order."""


class SpanCalls:
    """``accepts``: may the network call now; ``free``: is a channel, which it calls on, without a call and in use."""

    def __init__(
        self,
        spec: SpanSpec,
        channels: Mapping[str, BChannel],
        accepts: Callable[[], bool],
        free: Callable[[BChannel], bool],
    ) -> None:
        self._spec, self._channels = spec, channels
        self._accepts, self._free = accepts, free
        self._home = {name: channel.slot for name, channel in channels.items()}
        self._on: dict[Call, BChannel] = {}
        self._leaving: dict[Call, float] = {}  # calls without a channel, until when they may take to be released

    def began(self, call: Call, channel: BChannel) -> None:
        """A SETUP was sent."""
        self._on[call] = channel

    def has(self, call: Call) -> bool:
        """The call is ours, or was and is being released."""
        return call in self._on or call in self._leaving

    def forget(self, call: Call) -> None:
        """A call is over."""
        self._on.pop(call, None)

    @property
    def leaving(self) -> bool:
        """Calls without a line are still being released."""
        return bool(self._leaving)

    def heard(self, pri: Pri, event: PriEvent, layer2: bool, now: float) -> None:
        """Take an event of a call."""
        if isinstance(event, Ring):
            self._ring(pri, event, now)
            return
        call = getattr(event, "call", None)
        if call is None:
            return
        if isinstance(event, Gone) and self._leaving.pop(call, None) is not None:
            return
        channel = self._on.get(call)
        if channel is None or channel.call is not call:
            if isinstance(event, Disconnecting):
                pri.hang_up(call, event.cause)
            return
        self._of_call(pri, channel, event, layer2, now)

    def _of_call(self, pri: Pri, channel: BChannel, event: PriEvent, layer2: bool, now: float) -> None:
        machine = channel.machine
        match event:
            case SetupAcknowledged() | Proceeding() | Ringing() | Connected():
                if machine.outgoing and self._agreed(channel, event.slot, now):
                    self._goes_on(channel, event, now)
            case Progress(_, inband):
                channel.apply(machine.progress(inband, now))
            case Digits(_, digits, complete):
                whole = 0 < self._spec.did_digits <= machine.collected + len(digits)
                channel.apply(machine.digits(digits, complete or whole, now))
            case CallerNamed(_, name):
                channel.apply(machine.named(name, now))
            case Disconnecting(_, cause, inband):
                self._disconnecting(pri, channel, cause, inband, now)
            case Gone(call, cause):
                self._gone(channel, call, cause, "far" if layer2 else "line")

    def _goes_on(
        self, channel: BChannel, event: SetupAcknowledged | Proceeding | Ringing | Connected, now: float
    ) -> None:
        machine = channel.machine
        match event:
            case SetupAcknowledged(_, _, inband):
                channel.apply(machine.acknowledged(inband, now))
            case Proceeding(_, _, inband):
                channel.apply(machine.proceeding(inband, now))
            case Ringing(_, _, inband):
                channel.apply(machine.ringing(inband, now))
            case Connected():
                channel.apply(machine.connected())

    def _disconnecting(self, pri: Pri, channel: BChannel, cause: int, inband: bool, now: float) -> None:
        call = channel.call
        if channel.in_call:
            channel.apply(channel.machine.disconnecting(cause, inband, now))
        elif call is not None and pri.hang_up(call, cause):
            self._gone(channel, call, cause, "far")

    def _gone(self, channel: BChannel, call: Call, cause: int, who: Who) -> None:
        self.forget(call)
        channel.call = None
        channel.apply(channel.machine.gone(cause, who))

    # The network calls

    def _ring(self, pri: Pri, ring: Ring, now: float) -> None:
        channel, cause = self._channel_for(ring)
        if channel is None:
            log.info("%s: a call of %s is refused, cause %d", self._spec.name, ring.called or "nobody", cause)
            if not pri.hang_up(ring.call, cause):
                self._leaving[ring.call] = now + GONE_WITHIN
            return
        if channel.in_call:
            log.info("%s: the network calls on the channel that we call on: its call goes first", channel.name)
            left = channel.give_way()
            if left is not None:
                self._on.pop(left, None)
                self._leaving[left] = now + GONE_WITHIN
        channel.call = ring.call
        self._on[ring.call] = channel
        more = self._spec.overlap and not ring.complete
        if more and self._spec.did_digits:
            more = len(ring.called) < self._spec.did_digits
        done = pri.ask_digits(ring.call, channel.slot) if more else pri.proceed(ring.call, channel.slot)
        if not done:
            log.warning("%s: libpri would not answer the SETUP", channel.name)
        told = IncomingCall(
            channel.name,
            read(ring.caller),
            ring.called or None,
            ring.caller.name if ring.caller is not None and not ring.caller.withheld else None,
            read(ring.redirecting),
        )
        channel.apply(channel.machine.ring(told, now, collecting=more, name_follows=ring.name_follows))

    def _channel_for(self, ring: Ring) -> tuple[BChannel | None, int]:
        """Return the channel to take a call, or None and the cause to refuse it with."""
        if ring.signalling:
            return None, NOT_IMPLEMENTED
        if not ring.audio:
            return None, INCOMPATIBLE
        if not self._accepts():
            return None, NO_CIRCUIT
        named = self.at(ring.slot) if ring.slot is not None else None
        if named is not None and self._free(named):
            return named, 0
        if ring.slot is None or not ring.exclusive:
            other = next((channel for channel in reversed(list(self._channels.values())) if self._free(channel)), None)
            if other is not None:
                return other, 0
        if named is not None and self._spec.role == "cpe" and named.machine.asking:
            return named, 0
        if ring.slot is None:
            return None, NO_CIRCUIT
        return None, NO_SUCH_CHANNEL if named is None else NOT_AVAILABLE

    def at(self, slot: int) -> BChannel | None:
        """Return the channel whose calls are on a slot."""
        wanted = slot if self._spec.interface is not None else slot & 0xFF
        return next((channel for channel in self._channels.values() if channel.slot == wanted), None)

    # We call

    def _agreed(self, channel: BChannel, slot: int | None, now: float) -> bool:
        """See that a call is on the channel that the network says; False when it cannot be, and was ended."""
        other = channel if slot is None else self.at(slot)
        if other is channel:
            return True
        if other is not None and channel.machine.asking and other.idle and self._free(other):
            channel.trade(other)
            return True
        log.warning("%s: the network put our call on channel %d, which we cannot use", channel.name, (slot or 0) & 0xFF)
        channel.apply(channel.machine.lost(NOT_AVAILABLE, "the network chose another channel", clear=True, now=now))
        return False

    # What ends calls without a message of theirs

    def restarted(self, slots: tuple[int, ...], now: float) -> None:
        """The network restarted these slots; all, if it named none."""
        meant = [self.at(slot) for slot in slots] if slots else list(self._channels.values())
        for channel in meant:
            if channel is not None:
                channel.apply(channel.machine.lost(41, "the network restarted the channel", clear=False, now=now))

    def give_up(self, text: str, clear: bool, now: float) -> bool:
        """End all calls; ``clear``: the network can be told. True: there were any."""
        busy = [channel for channel in self._channels.values() if not channel.idle]
        for channel in busy:
            channel.apply(channel.machine.lost(OUT_OF_ORDER, text, clear=clear, now=now))
        return bool(busy)

    def go_home(self) -> None:
        """Give traded channels back when there are no calls on them."""
        for channel in self._channels.values():
            home = self._home[channel.name]
            if channel.slot != home and channel.idle:
                other = self.at(home)
                if other is not None and other.idle:
                    channel.trade(other)

    # Time

    def deadline(self) -> float | None:
        return min(self._leaving.values(), default=None)

    def tick(self, pri: Pri | None, now: float) -> None:
        """Forget calls that do not end."""
        for call, until in list(self._leaving.items()):
            if now >= until:
                del self._leaving[call]
                if pri is not None:
                    pri.drop(call)
