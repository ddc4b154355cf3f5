"""One started program with a log file; ended by its own process group, never by name."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path


class Program:
    """A program that can be started, killed and started again. Its output is appended to ``log``."""

    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.name, self.command, self.log = name, command, log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id; 0 when it was not started or has been ended."""
        return self._process.pid if self._process is not None else 0

    @property
    def running(self) -> bool:
        """Is it alive?"""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own; it gets SIGTERM should the thread that starts it die."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *self.command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=self._environment,
            )  # fmt: skip

    def signal(self, number: int) -> None:
        """Send a signal to the program alone, not to its children."""
        if self._process is not None and self.running:
            self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL to the program and all it started: a crash."""
        if self._process is not None:
            self._kill_group()
            self._process.wait(5)

    def stop(self, patience: float = 8.0) -> int | None:
        """End it by SIGTERM, after ``patience`` seconds by force; return its exit status (negative: the signal)."""
        if self._process is None:
            return None
        self.signal(signal.SIGTERM)
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._kill_group()
            status = self._process.wait(5)
        self._kill_group()  # children that outlived it
        self._process = None
        return status

    def last_lines(self, count: int = 8) -> str:
        """The end of its log, for an error message."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {self.name}: {line}" for line in lines[-count:])

    def _kill_group(self) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def wait_until(condition: object, seconds: float, what: str, step: float = 0.03) -> None:
    """Wait until ``condition()`` is true. Raises TimeoutError that says what did not happen."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(step)
