"""Ports for a span on the host: the D channel is a socket, a B channel a pair of them. No DAHDI."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable

from gateways.pstn.dahdierror import DahdiError
from gateways.pstn.dahdievents import Event, HardwareEvent
from gateways.pstn.g711 import Law
from gateways.pstn.spanhardware import AudioPort, SignallingPort

LONGEST = 2048


class SocketSignalling:
    """A D channel. ``happen`` lets it tell an event, which a socket cannot do by EPOLLPRI: call it in the loop."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end
        self.fd = end.fileno()
        self.events: list[HardwareEvent] = []
        self.broken: DahdiError | None = None

    def read(self) -> bytes:
        if self.broken is not None:
            raise self.broken
        try:
            return self._end.recv(LONGEST)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        if self.broken is not None:
            raise self.broken
        try:
            return self._end.send(data)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            return 0

    def event(self) -> HardwareEvent | None:
        return self.events.pop(0) if self.events else None

    def close(self) -> None:
        """The wire stays: the port may be opened again."""


class SocketAudio:
    """A B channel: ``far`` is what the network hears and says, blocks of s16le. ``done`` lists what was asked of it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._near, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.far.setblocking(False)
        self._near.setblocking(False)
        self.fd = self._near.fileno()
        self.done: list[str] = []
        self.events: list[HardwareEvent] = []
        self.taps = 0
        self.now: frozenset[str] = frozenset()

    def alarms(self) -> frozenset[str]:
        return self.now

    def set_law(self, law: Law) -> None:
        self.done.append(f"law {law}")

    def set_linear(self, linear: bool) -> None:
        self.done.append(f"linear {linear}")

    def echo_cancel(self, taps: int) -> None:
        self.taps = taps

    def dial(self, digits: str, pulse: bool = False) -> None:
        self.done.append(f"dial {digits}")

    def flush(self, reading: bool = True, writing: bool = True) -> None:
        self.done.append("flush")

    def duplicate(self) -> int:
        return os.dup(self.fd)

    def event(self) -> HardwareEvent | None:
        return self.events.pop(0) if self.events else None

    def close(self) -> None:
        self._near.close()
        self.far.close()


class HostHardware:
    """``gateways.pstn.spanhardware.Hardware``. ``missing`` is what opening fails with, if set."""

    def __init__(self, wires: dict[int, socket.socket]) -> None:
        self.wires = wires
        self.missing: str | None = None
        self.d: dict[int, SocketSignalling] = {}
        self.b: dict[int, SocketAudio] = {}

    def signalling(self, number: int) -> SignallingPort:
        self._check()
        self.d[number] = SocketSignalling(self.wires[number])
        return self.d[number]

    def audio(self, number: int) -> AudioPort:
        self._check()
        self.b[number] = SocketAudio(number)
        return self.b[number]

    def _check(self) -> None:
        if self.missing is not None:
            raise DahdiError(6, self.missing)

    def close(self) -> None:
        for wire in self.wires.values():
            wire.close()
        for port in self.b.values():
            port.close()


Ready = Callable[[int], None]
PRIORITY = select.EPOLLPRI
__all__ = ["PRIORITY", "Event", "HardwareEvent", "HostHardware", "Ready", "SocketAudio", "SocketSignalling"]
