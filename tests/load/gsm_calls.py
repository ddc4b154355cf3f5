"""Calls both ways through a bank of simulated modems, each with a number of its own: so its ledger row is known."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateways.gsm.simulator import Manner, Present, State, SubscriberCall
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone, PhoneEvent
from tests.fakes.speech import speech

PATIENCE = 25.0  # seconds a caller waits for an agent
MANNERS = (*[Manner.ANSWERS] * 7, Manner.BUSY, Manner.REJECTS, Manner.ABSENT, Manner.RINGS)


def monotonic(at: datetime) -> float:
    """The same moment as seconds of ``time.monotonic``."""
    return time.monotonic() - (datetime.now(UTC) - at).total_seconds()


@dataclass
class Trip:
    """One call as its caller saw it. Times are of ``time.monotonic``.

    ``line``: dialled, or (of a call to the outside) the line that it came over, if any. ``rang``: the network had it
    ring; ``offers``: how often a called subscriber was rung.
    """

    direction: str
    number: str
    line: str | None
    began: float
    shown: bool = True
    ended: float = 0.0
    rang: bool = False
    answered: float | None = None
    over: float | None = None  # the network ended it
    talked: float = 0.0  # seconds of talk as the caller heard it
    offers: int = 0
    cause: int | None = None
    code: int | None = None  # the phone's last status
    notes: list[str] = field(default_factory=list)


class Calls:
    """Makes calls, at most ``limit`` at once, one every ``every`` seconds."""

    def __init__(self, stack: Stack, chance: random.Random, every: float, limit: int, desks: list[Phone]) -> None:
        self._stack, self._chance, self._every, self._limit = stack, chance, every, limit
        self._desks = desks  # phones that call out
        self._busy_desks: set[str] = set()
        self._in_use: set[str] = set()
        self._speech = speech("caller", 12).tobytes()
        self._threads: list[threading.Thread] = []
        self._stop = threading.Event()
        self._main = threading.Thread(target=self._run, name="calls", daemon=True)
        self.trips: list[Trip] = []
        self.skipped = 0

    def start(self) -> None:
        self._main.start()

    def stop(self) -> None:
        """Make no more, and wait for those that are."""
        self._stop.set()
        self._main.join(10)
        for thread in self._threads:
            thread.join(90)

    @property
    def alive(self) -> int:
        """How many calls there are now."""
        return sum(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        serial = 0
        while not self._stop.wait(self._every * self._chance.uniform(0.5, 1.5)):
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            if len(self._threads) >= self._limit:
                self.skipped += 1
                continue
            serial += 1
            desk = next((one for one in self._desks if one.number not in self._busy_desks), None)
            if desk is not None and self._chance.random() < 0.4:
                self._busy_desks.add(desk.number)
                self._begin(self._outbound, serial, desk)
            elif (line := self._line()) is not None:
                self._in_use.add(line)
                self._begin(self._inbound, serial, line)

    def _begin(self, make: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=make, args=arguments, name=f"call-{arguments[0]}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _line(self) -> str | None:
        lines = [line for line in self._stack.lines if line not in self._in_use]
        idle = [line for line in lines if self._stack.watch.state("line", line) == "idle"]
        of = idle if idle and self._chance.random() < 0.9 else lines
        return self._chance.choice(of) if of else None

    def _inbound(self, serial: int, line: str) -> None:
        number = f"+8190{10_000_000 + serial}"
        who = self._stack.bank.subscriber(number)
        who.present = self._chance.choice([*[Present.INTERNATIONAL] * 8, Present.NATIONAL, Present.WITHHELD])
        trip = Trip("inbound", number, line, time.monotonic(), shown=who.present is not Present.WITHHELD)
        self.trips.append(trip)
        try:
            call = who.dial(self._stack.number(line))
            if self._chance.random() < 0.08:  # changes his mind
                call.wait_alerting(5)
                time.sleep(self._chance.uniform(0, 2))
            elif call.wait_answered(30):
                self._speak(call)
            call.hang_up()
            _note(trip, call)
        except (RuntimeError, TimeoutError) as error:
            trip.notes.append(f"{type(error).__name__}: {error}")
        finally:
            trip.ended = time.monotonic()
            self._in_use.discard(line)

    def _speak(self, call: SubscriberCall) -> None:
        time.sleep(0.6)
        call.send_digits("1")
        call.play(self._speech)
        call.wait_ended(self._chance.uniform(5, 14))

    def _outbound(self, serial: int, desk: Phone) -> None:
        number = f"90{70_000_000 + serial}"
        callee = self._stack.bank.subscriber(f"+81{number}")
        manner = self._chance.choice(MANNERS)
        callee.behaves(manner, after=self._chance.uniform(0.2, 2.0))
        calls: list[SubscriberCall] = []
        callee.on_call = calls.append
        trip = Trip("outbound", f"+81{number}", None, time.monotonic())
        trip.notes.append(str(manner))
        self.trips.append(trip)
        try:
            desk.forget()
            seen = len(desk.events)
            desk.tell("dial", target=f"0{number}")
            first = _either(desk, seen, ("connected", "ended"), 8 if manner is Manner.RINGS else 45)
            if first is not None and first.kind == "connected":
                self._talk(desk, seen, calls, trip)
            elif first is None:
                desk.tell("hangup")
            last = _either(desk, seen, ("ended",), 20)
            if last is None:
                trip.notes.append("the phone's call did not end")
            else:
                trip.code = last.data["code"]
        finally:
            trip.offers = len(calls)
            if calls:
                trip.line = _line_of(calls[-1])
                calls[-1].wait_ended(10)
                _note(trip, calls[-1])
            trip.ended = time.monotonic()
            self._busy_desks.discard(desk.number)

    def _talk(self, desk: Phone, seen: int, calls: list[SubscriberCall], trip: Trip) -> None:
        began = time.monotonic()
        if calls:
            calls[-1].play(self._speech)
        _either(desk, seen, ("ended",), self._chance.uniform(3, 10))
        trip.talked = time.monotonic() - began
        if calls and self._chance.random() < 0.5:
            calls[-1].hang_up()
            _either(desk, seen, ("ended",), 5)
        desk.tell("hangup")


def _either(phone: Phone, seen: int, kinds: tuple[str, ...], timeout: float) -> PhoneEvent | None:
    until = time.monotonic() + timeout
    while True:
        found = next((event for event in phone.events[seen:] if event.kind in kinds), None)
        if found is not None or time.monotonic() >= until:
            return found
        time.sleep(0.05)


def _line_of(call: SubscriberCall) -> str | None:
    caller = call.network_call.caller if call.network_call is not None else None
    identity = getattr(caller, "identity", None)
    return identity.name if identity is not None else None


def _note(trip: Trip, call: SubscriberCall) -> None:
    """Write down what the network had of it; its sound is not needed any more."""
    times = call.times
    trip.rang = State.ALERTING in times or State.ACTIVE in times
    trip.answered = times[State.ACTIVE] / 1e9 if State.ACTIVE in times else None
    trip.over = times[State.ENDED] / 1e9 if State.ENDED in times else None
    trip.cause = None if call.cause is None else int(call.cause)
    call.forget_sound()


def sweep(_: str, event: PhoneEvent) -> None:
    """Remove the packet log of a call that has ended."""
    if event.kind == "ended":
        Path(event.data["tap"]).unlink(missing_ok=True)
