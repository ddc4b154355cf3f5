"""The signalling that a span has, alone or with the spans of its NFAS group (ANSI T1.607 §4.5.13).

A group has one D channel for all of its spans, or two: then calls go by the first that is up, and outlive the loss of
one. What comes in is given to the span whose it is.
"""

from __future__ import annotations

from typing import Protocol

from gateways.loop import HardwareLoop
from gateways.pstn import libpri_h as h
from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.dlink import DLink
from gateways.pstn.libpri import Pri
from gateways.pstn.prievents import (
    Call,
    Disconnecting,
    LinkDown,
    LinkUp,
    Misconfigured,
    PriEvent,
    RestartAcknowledged,
    Restarted,
    Ring,
    Service,
)
from gateways.pstn.spanhardware import Hardware


class Member(Protocol):
    """A span that signals by these links."""

    def has(self, call: Call) -> bool:
        """The call is on one of its channels, or was."""

    def heard(self, pri: Pri, event: PriEvent) -> None: ...
    def lost(self, reason: str) -> None: ...


class SpanLinks:
    """For the loop's thread only. ``spec`` is that of any span of the group: they agree in what matters here."""

    def __init__(self, spec: SpanSpec, loop: HardwareLoop) -> None:
        self._spec, self._loop = spec, loop
        numbers = [spec.d_channel] if spec.backup_d_channel is None else [spec.d_channel, spec.backup_d_channel]
        self._links = [DLink(number, spec, loop, self._heard, self._port_lost) for number in numbers]
        self._members: dict[int, Member] = {}  # by interface
        self._using: set[int] = set()
        self._enslaved = False
        loop.add(self)

    def join(self, member: Member, interface: int) -> None:
        """Have a span's events given to it; ``interface`` is its number in the group, 0 when it is alone."""
        self._members[interface] = member

    def open(self, interface: int, hardware: Hardware) -> None:
        """For a span: the D channels, unless another of the group has opened them. Raises DahdiError or PriError."""
        if not self._using:
            try:
                for link in self._links:
                    link.take_port(hardware.signalling(link.number))
            except BaseException:
                self._close_ports()
                raise
            self._join_links()
        self._using.add(interface)

    def _join_links(self) -> None:
        first = self._links[0].pri
        for link in self._links[1:]:
            if not self._enslaved and first is not None and link.pri is not None:
                first.enslave(link.pri)
        self._enslaved = True

    def close(self, interface: int) -> None:
        """A span lets go; with the last, the D channels are closed."""
        self._using.discard(interface)
        if not self._using:
            self._close_ports()

    def _close_ports(self) -> None:
        for link in self._links:
            link.drop_port()

    def _port_lost(self, reason: str) -> None:
        """Soon: whoever tells it is not done yet."""
        self._loop.call(lambda: self._lost(reason))

    def _lost(self, reason: str) -> None:
        for interface in list(self._using):
            self._members[interface].lost(reason)

    # What there is

    @property
    def first(self) -> DLink:
        return self._links[0]

    @property
    def up(self) -> bool:
        """Layer 2 is established."""
        return any(link.up for link in self._links)

    @property
    def pri(self) -> Pri | None:
        """The D channel to use: the first that is up, else the first there is."""
        made = [link for link in self._links if link.pri is not None]
        return next((link.pri for link in made if link.up), made[0].pri if made else None)

    @property
    def errors(self) -> int:
        return sum(link.errors for link in self._links)

    @property
    def drops(self) -> int:
        return sum(link.drops for link in self._links)

    def service(self, slot: int, status: int) -> None:
        """Tell the network of a channel in or out of service, where the switch type has words for it."""
        if self._spec.switch in h.WITH_SERVICE and self.pri is not None and self.up:
            self.pri.service(slot, status)

    def trace(self, wanted: bool) -> None:
        """Log every message of Q.931."""
        for link in self._links:
            if link.pri is not None:
                link.pri.trace(wanted)

    # What comes in

    def _heard(self, pri: Pri, event: PriEvent) -> None:
        meant = self._meant(event)
        for member in meant:
            member.heard(pri, event)
        if not meant and isinstance(event, Disconnecting):
            pri.hang_up(event.call, event.cause)  # a call that nobody knows any more

    def _meant(self, event: PriEvent) -> list[Member]:
        """Return the spans that an event is for; a call for whichever channel goes to the first."""
        everybody = list(self._members.values())
        match event:
            case LinkUp() | LinkDown() | Misconfigured() | RestartAcknowledged() | Restarted(()):
                return everybody
            case Restarted((slot, *_)) | Ring(slot=int(slot)) | Service(slot=slot):
                return [self._members.get(slot >> 8, everybody[0])]
            case Ring():
                return everybody[:1]
        call = getattr(event, "call", None)
        return [member for member in everybody if call is not None and member.has(call)]

    # Time

    def deadline(self) -> float | None:
        return min((at for link in self._links if (at := link.deadline()) is not None), default=None)

    def tick(self, now: float) -> None:
        for link in self._links:
            if (at := link.deadline()) is not None and at <= now:
                link.tick()
