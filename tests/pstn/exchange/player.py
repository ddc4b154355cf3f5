"""Numbered blocks out and in on many B channels at once, each side's counted: what a call's audio is tried with."""

from __future__ import annotations

import socket
import threading
import time
from typing import Protocol

from tests.pstn.exchange.bearer import Law
from tests.pstn.exchange.blocks import BLOCK, Listener, Tally, block

SILENCE: dict[Law, int] = {"alaw": 0xD5, "ulaw": 0xFF}
"""The byte of no sound (ITU-T G.711)."""


class Carrier(Protocol):
    """A B channel: digital.BearerChannel, or ``SocketBearer``; ``unit`` is how many blocks it is given at once."""

    unit: int

    def fileno(self) -> int: ...
    def read(self) -> bytes: ...
    def write(self, blocks: bytes) -> bool: ...


class Talk:
    """One call's audio: says numbered blocks as ``number``, listens to those of ``other``; or sends back all it hears.

    ``sent`` is how many blocks were taken by the channel. With ``lead`` it is that many blocks ahead of what it has
    read, so that the wire's own clock paces it, however late this thread is (an echo is that much later); without, the
    channel says when.
    """

    def __init__(
        self, carrier: Carrier, law: Law, number: int, other: int, echo: bool = False, lead: int | None = None
    ) -> None:
        self.carrier, self.number = carrier, number
        self.sent = 0
        self._lead, self._read = lead, 0
        self.listener = Listener(other, law)
        self._law, self._echo = law, echo
        self._back = bytes([SILENCE[law]]) * BLOCK * (lead or 0)

    @property
    def tally(self) -> Tally:
        return self.listener.tally

    def move(self) -> None:
        """Take what came and give what the channel takes."""
        while piece := self.carrier.read():
            self._read += len(piece)
            if self._echo:
                self._back += piece
            else:
                self.listener.hear(piece)
        while self._lead is None or self.sent < self._lead + self._read // BLOCK:
            blocks = self._next()
            if not blocks or not self.carrier.write(blocks):
                break
            self.sent += self.carrier.unit
            self._back = self._back[len(blocks) :]

    def _next(self) -> bytes:
        unit = self.carrier.unit
        if self._echo:
            return self._back[: unit * BLOCK] if len(self._back) >= unit * BLOCK else b""
        return b"".join(block(self.number, self.sent + index, self._law) for index in range(unit))


class Player:
    """Moves the audio of all its talks in a thread of its own, every ``period`` seconds.

    ``longest`` is the longest time in seconds between two turns: how late it was itself.
    """

    def __init__(self, period: float = 0.02) -> None:
        self._talks: dict[int, Talk] = {}
        self._period = period
        self.longest = 0.0
        self._lock = threading.Lock()
        self._running = True
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    def begin(self, talk: Talk) -> Talk:
        with self._lock:
            self._talks[talk.carrier.fileno()] = talk
        return talk

    def end(self, talk: Talk) -> Tally:
        """Stop it, and return what was heard. The channel stays open."""
        with self._lock:
            self._talks.pop(talk.carrier.fileno(), None)
        return talk.tally

    def close(self) -> None:
        self._running = False
        self._thread.join(5)

    def _run(self) -> None:
        last = time.monotonic()
        while self._running:
            time.sleep(max(last + self._period - time.monotonic(), 0.0))
            now = time.monotonic()
            self.longest, last = max(self.longest, now - last), now
            with self._lock:
                for talk in self._talks.values():
                    talk.move()


class SocketBearer:
    """A B channel on a packet or datagram socket, for the host: a block each packet, 50 a second as the wire has it."""

    unit = 1

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end
        self._due = time.monotonic()

    def fileno(self) -> int:
        return self._end.fileno()

    def read(self) -> bytes:
        """Return a block, or b"" when none came."""
        try:
            return self._end.recv(BLOCK * 8)
        except BlockingIOError:
            return b""

    def write(self, blocks: bytes) -> bool:
        """Send a block; False: it is not time yet, or the other side does not read."""
        if time.monotonic() < self._due:
            return False
        try:
            self._end.send(blocks)
        except BlockingIOError:
            return False
        self._due += len(blocks) / 8000
        return True

    def close(self) -> None:
        self._end.close()
