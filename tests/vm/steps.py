"""Long commands of the image's build: a line when one begins, a sign of life now and then, an end in time, a log."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

SIGN_OF_LIFE = 20.0
"""Seconds between two lines of progress."""
TAIL = 25


class ImageError(Exception):
    """There is no image; the text says what to do."""


def run(title: str, command: list[str], log: Path, longest: float) -> None:
    """Run a command with its output in ``log``; raise ImageError with the log's end on failure or after ``longest`` s.

    A new session, so that all it started can be ended with it.
    """
    began = time.monotonic()
    print(f"vm: {title} …", flush=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(process, title, log, longest)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        raise ImageError(f"{tail(log)}\n{title} failed ({process.returncode}); to see it again: {' '.join(command)}")
    print(f"vm: {title}: {time.monotonic() - began:.0f} s", flush=True)


def tail(log: Path) -> str:
    """The end of a log."""
    text = log.read_text(errors="replace").replace("\r", "\n") if log.exists() else ""
    return "\n".join([line for line in text.splitlines() if line.strip()][-TAIL:])


def _wait(process: subprocess.Popen[bytes], title: str, log: Path, longest: float) -> None:
    began = time.monotonic()
    while True:
        try:
            process.wait(SIGN_OF_LIFE)
        except subprocess.TimeoutExpired:
            took = time.monotonic() - began
            last = tail(log).rsplit("\n", 1)[-1].strip()
            if took > longest:
                raise ImageError(f"{tail(log)}\n{title} was not done after {longest:.0f} s") from None
            print(f"vm:   {took:.0f} s: {last[:100]}", flush=True)
        else:
            return
