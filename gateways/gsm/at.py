"""The AT command channel without its input and output: bytes and the time go in, commands and events come out.

Theory of operation (3GPP TS 27.007 §4, ITU-T V.250 §5):

* One command is in flight; the others wait in a queue by priority, so that a hang-up overtakes all that is queued.
* Input is cut at CR or LF and empty lines are dropped: CR LF, CR CR LF, split and glued reads all give the same lines.
* A line is part of the response only when it has a prefix that the command in flight declared. All other lines are
  unsolicited (URCs), wherever they turn up. Call results (BUSY, NO CARRIER …) end a command only if it declared that.
* A command without a final result by its deadline is given up; the channel then asks ``AT`` to find its place again.
  Two in a row without answer show in ``misses``: then the port must be reopened.
* After ``PING_AFTER`` seconds of silence the channel asks ``AT`` by itself.

Lines stay bytes: modems send bytes that are no text.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

PING_AFTER = 10.0
"""Seconds of silence after which the modem is asked whether it is still there."""
QUIET = 0.1
"""Seconds to let late bytes of a command given up drain before the next command is sent."""
LONGEST_LINE = 4096
"""Bytes; a modem that sends more without CR or LF sends garbage, which is cut here."""


class Priority(IntEnum):
    """Order of the queue; smaller goes first."""

    HANG_UP = 0
    CALL = 1
    NORMAL = 2
    POLL = 3


@dataclass(frozen=True, slots=True)
class Command:
    """One command line. ``prefixes`` start its information lines (``+CSQ:``), ``bare`` is a pattern for those without
    prefix (AT+CGSN answers digits only), ``timeout`` is in seconds, ``call_results``: NO CARRIER and its like end it.
    """

    text: str
    prefixes: tuple[bytes, ...] = ()
    bare: bytes | None = None
    timeout: float = 5.0
    priority: Priority = Priority.NORMAL
    call_results: bool = False


FinalKind = Literal[
    "OK", "ERROR", "CME", "CMS", "BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE", "TIMEOUT", "DROPPED"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Final:
    """How a command ended. ``code`` is the number of +CME/+CMS ERROR if numeric; DROPPED: it was never sent."""

    kind: FinalKind
    code: int | None = None
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.kind == "OK"

    def __str__(self) -> str:
        return self.text or self.kind


@dataclass(frozen=True, slots=True)
class Finished:
    """A command has ended; ``then`` is what its sender wanted called with this."""

    command: Command
    final: Final
    lines: tuple[bytes, ...] = ()
    then: Callable[[Finished], None] | None = None


@dataclass(frozen=True, slots=True)
class Urc:
    """A line that belongs to no command."""

    line: bytes


AtEvent = Finished | Urc
PING = Command("AT", timeout=3.0, priority=Priority.POLL)

_CALL_RESULTS: dict[bytes, FinalKind] = {
    b"BUSY": "BUSY",
    b"NO CARRIER": "NO CARRIER",
    b"NO ANSWER": "NO ANSWER",
    b"NO DIALTONE": "NO DIALTONE",
    b"NO DIAL TONE": "NO DIALTONE",
}
_NUMBERED = re.compile(rb"\+(CME|CMS) ERROR: ?(.*)")


def show(data: bytes) -> str:
    """Return bytes as ASCII text with all else escaped: for logs and for fields that must be text."""
    return data.decode("ascii", "backslashreplace")


def final_of(line: bytes, call_results: bool) -> Final | None:
    """Return the final result code a line is, or None (V.250 §5.7.1, TS 27.007 §9.2, TS 27.005 §3.2.5)."""
    if line == b"OK":
        return Final("OK")
    if line == b"ERROR" or line.startswith(b"COMMAND NOT SUPPORT"):
        return Final("ERROR", text=show(line))
    if call_results and line in _CALL_RESULTS:
        return Final(_CALL_RESULTS[line])
    if match := _NUMBERED.fullmatch(line):
        code = match[2].strip()
        kind: FinalKind = "CME" if match[1] == b"CME" else "CMS"
        return Final(kind, int(code) if code.isdigit() else None, show(line))
    return None


@dataclass(slots=True)
class _Request:
    command: Command
    then: Callable[[Finished], None] | None
    lines: list[bytes]

    def finished(self, final: Final) -> Finished:
        return Finished(self.command, final, tuple(self.lines), self.then)


class AtChannel:
    """See the module. Drive it with ``feed``, ``tick`` and ``next_write``; ``deadline`` says when to ``tick`` again."""

    def __init__(self, now: float) -> None:
        self._buffer = bytearray()
        self._queue: list[tuple[int, int, _Request]] = []
        self._order = itertools.count()
        self._flight: _Request | None = None
        self._flight_ends = 0.0
        self._quiet_until = now
        self._lost_place = False
        self._sent: deque[bytes] = deque(maxlen=8)
        self.heard_at = now
        self.heard_bytes = 0
        self.misses = 0  # commands in a row without an answer
        self.answered = 0  # commands that got one

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        """Queue a command; ``then`` is handed back in its ``Finished``."""
        heapq.heappush(self._queue, (command.priority, next(self._order), _Request(command, then, [])))

    def cancel(self, priority: Priority) -> list[Finished]:
        """Drop the queued commands of a priority (not the one in flight) and return how they ended."""
        dropped = sorted(entry for entry in self._queue if entry[0] == priority)
        self._queue = [entry for entry in self._queue if entry[0] != priority]
        heapq.heapify(self._queue)
        return [request.finished(Final("DROPPED")) for _, _, request in dropped]

    @property
    def idle(self) -> bool:
        """True when nothing is queued or in flight."""
        return self._flight is None and not self._queue

    def next_write(self, now: float) -> bytes | None:
        """Return the bytes of the next command if it may be sent now."""
        if self._flight is not None or now < self._quiet_until:
            return None
        request = self._next_request()
        if request is None:
            return None
        self._flight = request
        self._flight_ends = now + request.command.timeout
        text = request.command.text.encode("ascii")
        self._sent.append(text)
        return text + b"\r"

    def _next_request(self) -> _Request | None:
        # A hang-up is as good a question as a ping for finding our place again, and it must not wait for one.
        urgent = bool(self._queue) and self._queue[0][0] == Priority.HANG_UP
        if self._lost_place and not urgent:
            return _Request(PING, None, [])
        return heapq.heappop(self._queue)[2] if self._queue else None

    def feed(self, data: bytes, now: float) -> list[AtEvent]:
        """Take bytes read from the modem and return what they mean, in order."""
        if data:
            self.heard_at = now
            self.heard_bytes += len(data)
        self._buffer += data
        events: list[AtEvent] = []
        while (line := self._cut()) is not None:
            event = self._take(line, now) if line else None
            if event is not None:
                events.append(event)
        return events

    def _cut(self) -> bytes | None:
        head = self._buffer[:LONGEST_LINE]
        end = min((at for at in (head.find(b"\r"), head.find(b"\n")) if at >= 0), default=-1)
        if end < 0:
            if len(head) < LONGEST_LINE:
                return None
            del self._buffer[:LONGEST_LINE]
            return bytes(head)
        line = bytes(head[:end])
        del self._buffer[: end + 1]
        return line

    def _take(self, line: bytes, now: float) -> AtEvent | None:
        flight = self._flight
        if line.rstrip() in self._sent:
            return None  # the echo, before ATE0 took effect; also that of a command given up
        if flight is None:
            return Urc(line)
        command = flight.command
        # Final codes carry no trailing blanks in V.250, but some firmwares add one.
        final = final_of(line.rstrip(), command.call_results)
        if final is not None:
            self._flight = None
            self.misses = 0
            self.answered += 1
            if self._lost_place:
                self._lost_place = False
                self._quiet_until = now + QUIET
            return flight.finished(final)
        if line.startswith(command.prefixes) or (command.bare and re.fullmatch(command.bare, line)):
            flight.lines.append(line)
            return None
        return Urc(line)

    def deadline(self) -> float:
        """Return the time at which ``tick`` (or ``next_write``) has something to do."""
        if self._flight is not None:
            return self._flight_ends
        if self._queue or self._lost_place:
            return self._quiet_until
        return self.heard_at + PING_AFTER

    def tick(self, now: float) -> list[AtEvent]:
        """Give up what is overdue, and ping after silence."""
        flight = self._flight
        if flight is not None:
            if now < self._flight_ends:
                return []
            self._flight = None
            # Between two AT there is no place to lose.
            self._lost_place = self._lost_place or flight.command.text != PING.text
            self._quiet_until = now + QUIET
            self.misses += 1
            return [flight.finished(Final("TIMEOUT"))]
        if not self._queue and not self._lost_place and now >= self.heard_at + PING_AFTER:
            self.send(PING)
        return []
