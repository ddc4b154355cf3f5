"""Audio of an exchange line: what is to be played next, what was heard."""

from __future__ import annotations

import time

from tests.pstn.exchange.dtmfreceiver import DtmfReceiver
from tests.pstn.exchange.fxsport import BLOCK, FxsPort

BYTES = 2 * BLOCK
AHEAD = 25
"""Blocks given to the driver before it needs them, so that a busy machine makes no holes; what changes goes at once."""


class FxsAudio:
    """Plays audio once, else a turn of a tone again and again, else nothing. Not for two threads at once."""

    def __init__(self, port: FxsPort) -> None:
        self.heard: bytearray | None = None
        self._port = port
        self._turn = b""
        self._once = bytearray()
        self._later: list[tuple[float, bytes]] = []
        self._receiver: DtmfReceiver | None = None
        self._ahead = 0

    @property
    def played(self) -> bool:
        """All that was to be played once has been sent."""
        return not self._once and not self._later and not self._ahead

    def repeat(self, turn: bytes) -> None:
        """Give ``turn`` again and again."""
        while turn and len(turn) < BYTES:
            turn *= 2
        self._silence()
        self._turn = turn
        self._once.clear()

    def play(self, audio: bytes, after: float = 0.0) -> None:
        """Give ``audio`` in place of a tone, ``after`` seconds."""
        if self._turn:
            self._silence()
        self._later.append((time.monotonic() + after, audio))

    def stop(self) -> None:
        """Give nothing more."""
        self._silence()
        self._once.clear()
        self._later.clear()

    def collect(self, wanted: bool) -> None:
        """Hear digits."""
        self._receiver = DtmfReceiver() if wanted else None

    @property
    def collecting(self) -> bool:
        return self._receiver is not None

    def move(self) -> str:
        """Take what came, give what is due; return the digits heard."""
        digits = ""
        while block := self._port.read():
            self._ahead = max(self._ahead - 1, 0)
            if self.heard is not None:
                self.heard += block
            if self._receiver is not None:
                digits += self._receiver.hear(block)
        while self._later and self._later[0][0] <= time.monotonic():
            self._once += self._later.pop(0)[1]
        if digits and self._turn:
            self._silence()
        while self._ahead < AHEAD and (block := self._next()) and self._port.write(block):
            self._ahead += 1
            self._sent(block)
        return digits

    def _silence(self) -> None:
        self._turn, self._ahead = b"", 0
        self._port.forget_unsent()

    def _next(self) -> bytes:
        return bytes(self._once[:BYTES]).ljust(BYTES, b"\0") if self._once else self._turn[:BYTES]

    def _sent(self, block: bytes) -> None:
        if self._once:
            del self._once[:BYTES]
        else:
            self._turn = self._turn[BYTES:] + block
