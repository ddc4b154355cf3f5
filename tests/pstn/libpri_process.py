"""Runs ``libpri_user`` in a process of its own and talks with it."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.pstn.libpri_user import LIBRARY

AVAILABLE = Path(LIBRARY).exists()


class LibpriUser:
    """libpri as a user of ``switch`` on one end of a D channel, which it takes over."""

    def __init__(self, end: socket.socket, switch: str, log: Path) -> None:
        self._log = log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.pstn.libpri_user", str(end.fileno()), switch],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            pass_fds=[end.fileno()],
            cwd=Path(__file__).parents[2],
        )
        end.close()
        self._lines = b""

    def say(self, *words: object) -> None:
        """Give a command."""
        assert self._process.stdin is not None
        self._process.stdin.write("\t".join(map(str, words)).encode() + b"\n")
        self._process.stdin.flush()

    def wait(self, kind: str, timeout: float = 10.0) -> dict[str, Any]:
        """Return the next event of that kind; others before it are passed over."""
        ends = time.monotonic() + timeout
        seen = []
        while (event := self._next(ends)) is not None:
            if event["event"] == kind:
                return event
            seen.append(event)
        raise AssertionError(f"no {kind} in {timeout} s, but {seen[-9:]}; see {self._log.name}")

    def _next(self, ends: float) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        out = self._process.stdout.fileno()
        while b"\n" not in self._lines:
            ready, _, _ = select.select([out], [], [], max(ends - time.monotonic(), 0.0))
            if not ready or not (got := self._process.stdout.read1(65536)):  # type: ignore[attr-defined]
                return None
            self._lines += got
        line, self._lines = self._lines.split(b"\n", 1)
        event: dict[str, Any] = json.loads(line)
        return event

    def close(self) -> None:
        """Let it end; it does at the end of its input."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
