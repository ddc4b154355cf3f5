"""The AT command channel without its input and output: bytes and the time go in, commands and events come out.

Theory of operation (3GPP TS 27.007 §4, ITU-T V.250 §5):

* One command is in flight; the others wait in a queue by priority, so that a hang-up overtakes all that is queued.
* Input is cut into logical lines by ``atlines``: a message's header and its body are one.
* A line is part of the response only when it has a prefix that the command in flight declared. All other lines are
  unsolicited (URCs), wherever they turn up. Call results (BUSY, NO CARRIER …) end a command only if it declared that.
* A message's text goes out when the modem prompts for it. If it is given up in mid-prompt, ESC ends that.
* A hang-up overtakes all that is queued, and cuts short a command in flight that may be (dialling, answering).
* A command without a final result by its deadline is given up; the channel then asks ``AT`` to find its place again.
  Two in a row without answer show in ``misses``: then the port must be reopened.
* After ``PING_AFTER`` seconds of silence the channel asks ``AT`` by itself.

Lines stay bytes: modems send bytes that are no text.
"""

from __future__ import annotations

import heapq
import itertools
import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateways.gsm.atcommand import PING, AtEvent, Command, Final, FinalKind, Finished, Priority, Urc, final_of, show
from gateways.gsm.atlines import LONGEST_LINE, PROMPT, Lines

__all__ = [
    "ABORT_AFTER", "ABORT_WAIT", "HOLD", "LONGEST_LINE", "PING", "PING_AFTER", "QUIET", "AtChannel", "AtEvent",
    "Command", "Final", "FinalKind", "Finished", "Priority", "Urc", "final_of", "show",
]  # fmt: skip
PING_AFTER = 10.0
"""Seconds of silence after which the modem is asked whether it is still there."""
QUIET = 0.1
"""Seconds to let late bytes of a command given up drain before the next command is sent."""
HOLD = 1.0
"""Seconds of silence after which a header without its body is told alone."""
ABORT_AFTER = 0.125
"""Seconds for which a command must not be cut short (V.250 §5.6.1)."""
ABORT_WAIT = 1.0
"""Seconds that a command cut short has for its final result."""
CTRL_Z = b"\x1a"
ESC = b"\x1b"


@dataclass(slots=True)
class _Request:
    command: Command
    then: Callable[[Finished], None] | None
    lines: list[bytes]
    written: bool = False

    def finished(self, final: Final) -> Finished:
        return Finished(self.command, final, tuple(self.lines), self.then, self.written)


class AtChannel:
    """See the module. Drive it with ``feed``, ``tick`` and ``next_write``; ``deadline`` says when to ``tick`` again."""

    def __init__(self, now: float) -> None:
        self._lines = Lines()
        self._queue: list[tuple[int, int, _Request]] = []
        self._order = itertools.count()
        self._flight: _Request | None = None
        self._flight_ends = 0.0
        self._abort_from: float | None = None
        self._owed: bytes | None = None  # to be written while a command is in flight
        self._quiet_until = now
        self._lost_place = False
        self._sent: deque[bytes] = deque(maxlen=8)
        self.heard_at = now
        self.heard_bytes = 0
        self.misses = 0  # commands in a row without an answer
        self.answered = 0  # commands that got one

    def leave_prompt(self) -> bytes:
        """Return what ends a message's prompt that somebody may have left the modem in (TS 27.005 §3.5.1)."""
        self._sent.append(ESC)
        return ESC + b"\r"

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
        """Return the bytes of the next command, or of a message that the modem waits for, if they may be sent now."""
        if self._owed is not None:
            owed, self._owed = self._owed, None
            return owed
        if self._flight is not None:
            return self._cut_short(now)
        request = self._next_request() if now >= self._quiet_until else None
        if request is None:
            return None
        command = request.command
        self._flight = request
        self._flight_ends = now + command.timeout
        self._abort_from = now + ABORT_AFTER if command.abort else None
        # A prompt that comes late would make text of the ping.
        self._lines.prompt = command.payload is not None or self._lost_place
        self._lines.rows = command.prefixes if command.body else ()
        text = command.text.encode("ascii")
        self._sent.append(text)
        return text + b"\r"

    @property
    def _urgent(self) -> bool:
        return bool(self._queue) and self._queue[0][0] == Priority.HANG_UP

    def _cut_short(self, now: float) -> bytes | None:
        if self._abort_from is None or not self._urgent or now < self._abort_from:
            return None
        self._abort_from = None
        self._flight_ends = min(self._flight_ends, now + ABORT_WAIT)
        return b"\r"

    def _next_request(self) -> _Request | None:
        # A hang-up is as good a question as a ping for finding our place again, and it must not wait for one.
        if self._lost_place and not self._urgent:
            return _Request(PING, None, [])
        return heapq.heappop(self._queue)[2] if self._queue else None

    def feed(self, data: bytes, now: float) -> list[AtEvent]:
        """Take bytes read from the modem and return what they mean, in order."""
        if data:
            self.heard_at = now
            self.heard_bytes += len(data)
        self._lines.put(data)
        return self._drain(now)

    def _drain(self, now: float) -> list[AtEvent]:
        events: list[AtEvent] = []
        while (line := self._lines.take()) is not None:
            event = self._take(line, now)
            if event is not None:
                events.append(event)
        return events

    def _take(self, line: bytes, now: float) -> AtEvent | None:
        flight = self._flight
        if line.rstrip(b" " + CTRL_Z) in self._sent:
            return None  # the echo, before ATE0 took effect; also that of a command given up
        payload = flight.command.payload if flight is not None else None
        if line == PROMPT and (payload is not None or self._lost_place):
            self._prompted(flight, payload)
            return None
        if flight is None:
            return Urc(line)
        command = flight.command
        # Final codes carry no blanks in V.250, but some firmwares add one.
        final = final_of(line.strip(), command.call_results)
        if final is not None:
            return self._ended(flight, final, now)
        # ZTE's whole answer to a voice call's ATD (V.250 §5.7.1)
        if command.call_results and line.strip() == b"CONNECT":
            flight.lines.append(line)
            return self._ended(flight, Final("OK", text="CONNECT"), now)
        if line.startswith(command.prefixes) or (command.bare and re.fullmatch(command.bare, line)):
            flight.lines.append(line)
            return None
        return None if _part_of_echo(line, command.text) else Urc(line)

    def _prompted(self, flight: _Request | None, payload: bytes | None) -> None:
        self._owed = ESC if payload is None else payload + CTRL_Z
        if flight is not None and payload is not None:
            self._sent.append(payload)
            flight.written = True

    def _ended(self, flight: _Request, final: Final, now: float) -> Finished:
        if flight.command.payload is not None and self._owed is not None:
            self._owed, flight.written = None, False  # refused in the same breath as it was asked for
        self._flight = None
        self._lines.prompt, self._lines.rows = False, ()
        self.misses = 0
        self.answered += 1
        if self._lost_place:
            self._lost_place = False
            self._quiet_until = now + QUIET
        return flight.finished(final)

    def deadline(self) -> float:
        """Return the time at which ``tick`` (or ``next_write``) has something to do."""
        held = self.heard_at + HOLD if self._lines.holding else math.inf
        if self._flight is not None:
            abort = self._abort_from if self._abort_from is not None and self._urgent else math.inf
            return min(held, abort, self._flight_ends)
        if self._queue or self._lost_place:
            return min(held, self._quiet_until)
        return min(held, self.heard_at + PING_AFTER)

    def tick(self, now: float) -> list[AtEvent]:
        """Give up what is overdue, and ping after silence."""
        flight = self._flight
        overdue = flight is not None and now >= self._flight_ends
        events: list[AtEvent] = []
        if self._lines.holding and (overdue or now >= self.heard_at + HOLD):
            self._lines.let_go()
            events = self._drain(now)
        if flight is not None and overdue:
            return [*events, self._give_up(flight, now)]
        if self.idle and not self._lost_place and now >= self.heard_at + PING_AFTER:
            self.send(PING)
        return events

    def _give_up(self, flight: _Request, now: float) -> Finished:
        self._flight = None
        self._lines.rows = ()
        self._owed = ESC if flight.command.payload is not None else None
        # Between two AT there is no place to lose.
        self._lost_place = self._lost_place or flight.command.text != PING.text
        self._quiet_until = now + QUIET
        self.misses += 1
        return flight.finished(Final("TIMEOUT"))


def _part_of_echo(line: bytes, text: str) -> bool:
    """Whether a line is one end of the command that was sent, the rest of whose echo was lost or cut off."""
    sent = text.encode("ascii")
    return len(line) > 1 and (sent.endswith(line) or (line[:2].upper() == b"AT" and sent.startswith(line)))
