"""Prints what happens, as it happens, in seconds since the subscriber dialled."""

from __future__ import annotations

import threading
import time
from typing import Any

from tests.call_path.watch import Happened
from tests.fakes.phone import PhoneEvent

QUIET = {"unregistered", "digit"}  # phone events that say nothing to a reader


class Timeline:
    """One line an event; safe from any thread."""

    def __init__(self) -> None:
        self._zero_ns: int | None = None
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def step(self, text: str) -> None:
        """A step of the set-up, with the seconds since the one before."""
        now = time.monotonic()
        with self._lock:
            print(f"  {now - self._began:6.2f} s  {text}", flush=True)
        self._began = now

    def dialled(self) -> None:
        """The call begins now: times count from here."""
        self._zero_ns = time.monotonic_ns()

    def say(self, who: str, text: str, at_ns: int | None = None) -> None:
        """One event."""
        if self._zero_ns is None:
            return
        seconds = ((at_ns or time.monotonic_ns()) - self._zero_ns) / 1e9
        with self._lock:
            print(f"  {seconds:+8.3f} s  {who:<12} {text}", flush=True)

    def call_event(self, happened: Happened) -> None:
        """An event of the bus's ``callfloor/event/call``."""
        self.say("core", f"{happened.event.kind} {_words(happened.event.data)}".rstrip(), happened.at_ns)

    def phone_event(self, number: str, event: PhoneEvent) -> None:
        """An event of a measuring phone."""
        if event.kind not in QUIET:
            data = {key: value for key, value in event.data.items() if key != "tap"}
            self.say(f"phone {number}", f"{event.kind} {_words(data)}".rstrip(), event.at_ns)


def _words(data: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in data.items() if value not in (None, ""))
