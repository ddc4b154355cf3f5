"""An FXO line of ours in its loop, on a real channel, and what it told when. On lent audio somebody always talks."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from gateways.line import AudioFlow, AudioStarted, Ended, LineEvent, LineStateChanged
from gateways.loop import HardwareLoop
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.fxo import FxoLine
from gateways.pstn.fxotimings import Timings

PATIENCE = 60.0
FRAME = 320
Told = TypeVar("Told", bound=LineEvent)


class Talker:
    """What the core's side does with lent audio: a frame in and a frame out every 20 ms, whatever comes."""

    def __init__(self, fd: int) -> None:
        self.says = b""
        self.flows = True
        self.heard = bytearray()
        self._fd = fd
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.02):
            with contextlib.suppress(OSError):  # an event waits, or no room
                self.heard += os.read(self._fd, FRAME * 4)
            if self.flows:
                frame, self.says = self.says[:FRAME], self.says[FRAME:]
                self._write(frame.ljust(FRAME, b"\0"))

    def _write(self, frame: bytes) -> None:
        try:
            os.write(self._fd, frame)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, 500):  # ELAST: an event waits
                raise

    def close(self) -> None:
        """Let go of the audio."""
        self._over.set()
        self._thread.join()
        os.close(self._fd)


class Line:
    """See the module. Its methods do what the gateway's threads would."""

    def __init__(self, spec: FxoSpec, timings: Timings | None = None) -> None:
        self.events: list[tuple[float, LineEvent]] = []
        self.talker: Talker | None = None
        self._news = threading.Condition()
        self._loop = HardwareLoop()
        self._thread = threading.Thread(target=self._loop.run, daemon=True)
        self._thread.start()
        self.line = FxoLine(spec, self._loop, self._tell, timings)
        self.do(self.line.start)
        self.wait_state("idle")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(lambda: self.line.close("test over"))
        self._loop.stop()
        self._thread.join()
        self._hush()

    def _tell(self, event: LineEvent) -> None:
        with self._news:
            self.events.append((time.monotonic(), event))
            if isinstance(event, AudioStarted):
                self.talker = Talker(event.fd)
            elif isinstance(event, AudioFlow) and self.talker is not None:
                self.talker.flows = event.ready
            elif isinstance(event, Ended):
                self._hush()
            self._news.notify_all()

    def _hush(self) -> None:
        if self.talker is not None:
            self.talker.close()
            self.talker = None

    def do(self, what: Callable[[], None]) -> None:
        """Have it done in the loop's thread."""
        done = threading.Event()

        def run() -> None:
            try:
                what()
            finally:
                done.set()

        self._loop.call(run)
        assert done.wait(PATIENCE)

    def told(self, kind: type[Told]) -> list[Told]:
        """Return the events of a kind."""
        return [event for _, event in self.events if isinstance(event, kind)]

    def wait(self, kind: type[Told], seconds: float = PATIENCE, count: int = 1) -> Told:
        """Return the event of a kind, or the last of ``count``, once it was told."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.told(kind)) >= count, seconds), f"{kind}: {self.events}"
            return self.told(kind)[count - 1]

    def wait_state(self, state: str, seconds: float = PATIENCE) -> None:
        """Wait until the line is in a state."""

        def holds() -> bool:
            changes = self.told(LineStateChanged)
            return bool(changes) and changes[-1].state == state

        self.until(holds, seconds)

    def until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until the events told are so."""
        with self._news:
            assert self._news.wait_for(holds, seconds), f"still not: {self.events}"

    def when(self, kind: type[LineEvent], count: int = 1) -> float:
        """Return when an event was told."""
        return [at for at, event in self.events if isinstance(event, kind)][count - 1]
