"""Calls that a technician makes to try a line: one without an agent, and the audio self-test (see ``loopback``)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict

from appliance.bus import Reply
from appliance.numbers import same_number
from gateways.line import Answered, AudioStarted, DialRefused, Ended, IncomingCall, Line, LineEvent, LineStateChanged
from gateways.loopback import Exchange, Result
from gateways.sip import SipAgent
from gateways.trunk import Trunk

TRIAL_SECONDS = 120.0
"""After which a trial call that nobody ended is ended."""
ANSWERED_WITHIN = 45.0


class LineTests:
    """``post`` has something done in the thread that drives a line; ``dial`` and ``loopback`` are for any thread."""

    def __init__(
        self,
        agent: SipAgent,
        trunk: Trunk,
        post: Callable[[str, Callable[[], None]], None],
        lines: Mapping[str, Line],
    ) -> None:
        self._agent = agent
        self._trunk = trunk
        self._post = post
        self._lines = lines

    def dial(self, line: str, number: str, reply: Reply) -> None:
        """Make a call whose audio nobody hears."""
        self._agent.submit(lambda: self._begin_trial(line, number, reply))

    def _begin_trial(self, line: str, number: str, reply: Reply) -> None:
        trial = Trial(self, line, number, reply)
        if self._trunk.borrow(line, trial.heard):
            self.do(line, lambda one: one.dial(number))
            self._later(TRIAL_SECONDS, lambda: self._agent.submit(trial.too_late))
        else:
            reply.refuse("busy", f"{line} is not idle")

    def loopback(self, line: str, to: str | None, reply: Reply) -> None:
        """Measure the way of the audio to an echo service, or to another idle line of ours."""
        self._agent.submit(lambda: self._begin(line, to, reply))

    def _begin(self, line: str, to: str | None, reply: Reply) -> None:
        other = None if to else next((name for name in self._lines if name != line and self._usable(name)), None)
        if to is None and other is None:
            reply.refuse("no-second-line", "no other line with a number is idle: name an echo service with --to")
            return
        test = Loopback(self, line, other, reply)
        if not self._trunk.borrow(line, test.heard):
            reply.refuse("busy", f"{line} is not idle")
            return
        if other is not None and not self._trunk.borrow(other, test.heard):
            self._trunk.give_back(line)
            reply.refuse("busy", f"{other} is not idle any more: try again")
            return
        number = to or self._lines[other or ""].number or ""
        self.do(line, lambda one: one.dial(number))
        self._later(ANSWERED_WITHIN, lambda: self._agent.submit(test.too_late))

    def _usable(self, name: str) -> bool:
        return self._lines[name].number is not None and self._trunk.is_free(name)

    def do(self, line: str, what: Callable[[Line], None]) -> None:
        """Have something done with a line in the hardware loop."""
        self._post(line, lambda: what(self._lines[line]))

    def in_sip_thread(self, what: Callable[[], None]) -> None:
        self._agent.submit(what)

    def give_back(self, line: str) -> None:
        self._trunk.give_back(line)

    def number(self, line: str) -> str | None:
        return self._lines[line].number

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, what)
        timer.daemon = True  # a stop of the gateway need not wait for it
        timer.start()


class Trial:
    """One call without an agent; runs in the SIP thread. ``heard`` is False of an event that is the trunk's."""

    def __init__(self, tests: LineTests, line: str, number: str, reply: Reply) -> None:
        self._tests = tests
        self._line, self._number = line, number
        self._reply: Reply | None = reply
        self._over = False

    def heard(self, event: LineEvent) -> bool:
        """Take an event of the line."""
        if isinstance(event, IncomingCall):
            self._end("a call came in meanwhile: try again")
            return False
        if isinstance(event, AudioStarted):
            os.close(event.fd)
        elif isinstance(event, LineStateChanged) and event.state == "dialling":
            self._dialling()
        elif isinstance(event, DialRefused | Ended):
            self._end(event.text)
        return True

    def _dialling(self) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            reply({"line": self._line, "number": self._number, "state": "dialling"})

    def too_late(self) -> None:
        """Nobody ended it."""
        if self._reply is not None:
            self._end("the line did not dial: see the gateway's log")
        elif not self._over:
            self._tests.do(self._line, lambda one: one.hang_up())

    def _end(self, why: str) -> None:
        self._over = True
        self._tests.give_back(self._line)
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.refuse("not-dialled", why)


class Loopback:
    """One self-test; all but the measuring runs in the SIP thread. ``other`` None: an echo service answers."""

    def __init__(self, tests: LineTests, line: str, other: str | None, reply: Reply) -> None:
        self._tests = tests
        self._line, self._other = line, other
        self._reply = reply
        self._fds: dict[str, int] = {}
        self._answered: set[str] = set()
        self._results: dict[str, Result] = {}
        self._measuring = self._over = False
        self._running: Exchange | None = None

    def heard(self, event: LineEvent) -> bool:
        """Take an event of one of the test's lines; False of one that is the trunk's."""
        if isinstance(event, IncomingCall) and not self._is_ours(event):
            self._end("a call came in meanwhile: try again", spared=event.line)
            return False
        self._take(event)
        if not self._measuring and not self._over:
            self._measure()
        return True

    def _is_ours(self, call: IncomingCall) -> bool:
        """Whether it is the test's own call: where no number is shown, it is taken to be."""
        ours = self._tests.number(self._line)
        unknown = call.number is None or ours is None
        return call.line == self._other and (unknown or same_number(call.number or "", ours or ""))

    def _take(self, event: LineEvent) -> None:
        if isinstance(event, AudioStarted):
            if self._over or event.line in self._fds:
                os.close(event.fd)
            else:
                self._fds[event.line] = event.fd
        elif isinstance(event, IncomingCall):
            self._tests.do(event.line, lambda one: one.answer())
        elif isinstance(event, Answered):
            self._answered.add(event.line)
        elif isinstance(event, DialRefused):
            self._end(event.text)
        elif isinstance(event, Ended):
            self._end(f"the call on {event.line} ended, cause {event.cause} {event.text}".rstrip())

    def too_late(self) -> None:
        """Nobody answered."""
        if not self._measuring:
            self._end("the call was not answered in time")

    def _measure(self) -> None:
        lines = {self._line, self._other or self._line}
        if lines <= self._answered and lines <= set(self._fds):
            self._measuring = True
            self._exchange(self._line, self._other or self._line)

    def _exchange(self, mouth: str, ear: str) -> None:
        fds = {name: os.dup(self._fds[name]) for name in {mouth, ear}}
        way = "round trip" if mouth == ear else f"{mouth} to {ear}"

        def done(result: Result) -> None:
            self._tests.in_sip_thread(lambda: self._measured(way, result))

        self._running = Exchange(fds[mouth], fds[ear], done)

    def _measured(self, way: str, result: Result) -> None:
        self._results[way] = result
        if self._over:
            return
        if self._other is not None and len(self._results) == 1:
            self._exchange(self._other, self._line)
        else:
            self._end(None)

    def _end(self, why: str | None, spared: str | None = None) -> None:
        """Hang up, but not on ``spared``, give the lines back and answer; ``why``: it came to nothing."""
        if self._over:
            return
        self._over = True
        if self._running is not None:
            self._running.stop()  # else it would be heard in the line's next call
        for fd in self._fds.values():
            os.close(fd)
        for line in filter(None, (self._line, self._other)):
            if line != spared:
                self._tests.do(line, lambda one: one.hang_up())
            self._tests.give_back(line)
        if why is not None:
            self._reply.refuse("loopback-failed", why)
        else:
            self._reply({way: asdict(result) for way, result in self._results.items()})
