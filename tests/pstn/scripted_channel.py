"""An FXO port without DAHDI, at the interface of ``dahdi.Channel`` and ``dahdi.Monitor``: the test plays the line."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections import deque

from gateways.pstn.dahdi import ChannelInfo, DahdiError, Event, HardwareEvent, Tone

GONE = DahdiError(errno.ENODEV, "its card or span is gone")


def pair_with_urgent_data() -> tuple[socket.socket, socket.socket]:
    """TCP's urgent data show as EPOLLPRI, as events of a channel do."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    return near, far


class Wire:
    """The hardware, which is there before and after a channel is opened. ``done``: what was asked of it, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.off_hook = False
        self.alarms: frozenset[str] = frozenset()
        self.signalling = "fxsks"
        self.there = True
        self.deaf = False
        self.battery = True
        self.channel: ScriptedChannel | None = None
        self.source: ScriptedSource | None = None

    def loop_closed(self) -> bool:
        return self.off_hook

    def open_channel(self, number: int) -> ScriptedChannel:
        if not self.there:
            raise DahdiError(errno.ENODEV, "the dahdi driver is not loaded: run `modprobe dahdi`")
        self.channel = ScriptedChannel(self, number)
        return self.channel

    def open_source(self, number: int) -> ScriptedSource:
        assert self.channel is not None, "audio must flow before it can be monitored"
        if self.deaf:
            raise DahdiError(errno.EACCES, "/dev/dahdi/pseudo: not permitted")
        self.source = ScriptedSource(self)
        return self.source

    def happens(self, kind: Event) -> None:
        """The driver tells of an event."""
        assert self.channel is not None
        self.channel.queue(HardwareEvent(kind))

    def sounds(self, samples: bytes) -> None:
        """The line sounds like this, if anybody listens."""
        if self.source is not None:
            self.source.sounds(samples)


class ScriptedChannel:
    """See the module."""

    def __init__(self, wire: Wire, number: int) -> None:
        self._wire = wire
        self._number = number
        self._socket, self._far = pair_with_urgent_data()
        self._audio, self.far_audio = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._events: deque[HardwareEvent] = deque()
        self.fd = self._socket.fileno()

    def queue(self, event: HardwareEvent) -> None:
        self._events.append(event)
        if len(self._events) == 1:
            self._far.send(b"!", socket.MSG_OOB)

    def event(self) -> HardwareEvent | None:
        self._check()
        if not self._events:
            return None
        if len(self._events) == 1:
            self._socket.recv(1, socket.MSG_OOB)
        return self._events.popleft()

    def info(self) -> ChannelInfo:
        self._check()
        wire = self._wire
        return ChannelInfo(self._number, "test", 1, 1, wire.signalling, False, "ulaw", wire.alarms, wire.battery)

    def _do(self, what: str) -> None:
        self._check()
        self._wire.done.append(what)

    def _check(self) -> None:
        if not self._wire.there:
            raise GONE

    def off_hook(self) -> None:
        self._do("off-hook")
        self._wire.off_hook = True

    def on_hook(self) -> None:
        self._do("on-hook")
        self._wire.off_hook = False

    def ring(self) -> None:
        self._do("start")
        self._wire.off_hook = True

    def dial(self, digits: str, pulse: bool = False) -> None:
        self._do(f"dial {digits}{' by pulses' if pulse else ''}")

    def tone(self, name: Tone | None) -> None:
        self._do(f"tone {name}")

    def set_zone(self, zone: str) -> None:
        if zone == "moon":
            raise ValueError("no tone zone 'moon'")
        self._do(f"zone {zone}")

    def set_gains(self, rx_db: float, tx_db: float) -> None:
        self._do(f"gains {rx_db} {tx_db}")

    def echo_cancel(self, taps: int) -> None:
        self._do(f"echo {taps}")

    def flush(self) -> None:
        self._do("flush")

    def duplicate(self) -> int:
        self._check()
        return os.dup(self._audio.fileno())

    def close(self) -> None:
        with contextlib.suppress(DahdiError):
            self.on_hook()
        for one in (self._socket, self._far, self._audio, self.far_audio):
            one.close()
        self._wire.channel = None


class ScriptedSource:
    """Hears what the wire sounds like."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        self.fd = self._near.fileno()

    def sounds(self, samples: bytes) -> None:
        self._far.sendall(samples)

    def read(self) -> bytes:
        heard = b""
        with contextlib.suppress(BlockingIOError):
            while block := self._near.recv(1 << 16):
                heard += block
        return heard

    def close(self) -> None:
        self._near.close()
        self._far.close()
        self._wire.source = None
