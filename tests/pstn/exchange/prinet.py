"""The exchange: spans, subscribers and callers, in a thread of its own. See ``Exchange``."""

from __future__ import annotations

import functools
import logging
import os
import select
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from tests.pstn.exchange.bearer import ChannelId
from tests.pstn.exchange.behaviour import Offer
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.callcontrol import CallControl
from tests.pstn.exchange.called import Called, Subscriber
from tests.pstn.exchange.caller import Caller
from tests.pstn.exchange.calltypes import CallTimers
from tests.pstn.exchange.exchangespan import ExchangeSpan
from tests.pstn.exchange.lapdevents import LinkTimers
from tests.pstn.exchange.numbering import Numbering
from tests.pstn.exchange.party import CallingNumber
from tests.pstn.exchange.ports import Port
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.q931 import Message
from tests.pstn.exchange.record import Seen
from tests.pstn.exchange.spancontrol import SpanControl
from tests.pstn.exchange.timetable import Timetable

log = logging.getLogger(__name__)


class Exchange:
    """An ISDN exchange, network side. ``with Exchange() as exchange: span = exchange.add_span(e1("e1-1"), port)``.

    All methods may be used from any thread. What the gateway did wrong is in ``violations``: a test that does not
    expect any asserts that it is empty; what the gateway found wrong with us is in ``complaints``.
    """

    def __init__(
        self,
        numbering: Numbering | None = None,
        timers: CallTimers | None = None,
        link: LinkTimers | None = None,
        threaded: bool = True,
    ) -> None:
        self.numbering = numbering or Numbering()
        self.calls: list[Call] = []
        self.clock = Timetable()
        self._timers, self._link_timers = timers, link
        self._lock = threading.Condition(threading.RLock())
        self._spans: list[ExchangeSpan] = []
        self._directory: dict[str, Subscriber] = {}
        self._given = 0
        self._glare: list[tuple[Call, Offer]] = []
        self._epoll, self._wake = select.epoll(), os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._running = True
        self._thread = threading.Thread(target=self._run, name="exchange", daemon=True)
        if threaded:
            self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the thread and close the D channels, without a word to the gateway."""
        with self._lock:
            self._running = False
            os.eventfd_write(self._wake, 1)
        if self._thread.is_alive():
            self._thread.join(5)
        for span in self._spans:
            span.unplug()
        self._epoll.close()
        os.close(self._wake)

    # Spans

    def add_span(self, plan: SpanPlan, port: Port) -> ExchangeSpan:
        """Connect a D channel; the link is established when the gateway asks, or by ``span.establish()``."""
        with self._lock:
            made = functools.partial(self._control, plan)
            span = ExchangeSpan(self, made, port)
            self._spans.append(span)
        self.act(lambda: None)
        return span

    def _control(self, plan: SpanPlan, transmit: Callable[[bytes], None]) -> SpanControl:
        def on_call(control: CallControl, setup: Message) -> None:
            self._on_setup(made, control, setup)

        made = SpanControl(plan, self.clock, transmit, on_call, self._timers, self._link_timers)
        return made

    @property
    def spans(self) -> list[ExchangeSpan]:
        return list(self._spans)

    # Subscribers and calls

    def subscriber(self, number: str) -> Subscriber:
        """Return the subscriber with that number (E.164 or a short one); "*" is whoever is not in the directory."""
        with self._lock:
            return self._directory.setdefault(number, Subscriber(number))

    def call(self, to: str, span: int = 0, **offer: Any) -> Call:
        """Call the gateway; ``offer`` are fields of behaviour.Offer. Returns at once."""
        call = self._new_call()
        wanted = Offer(to, **offer)

        def act() -> None:
            Caller(call, self._spans[span].control, wanted, self.numbering).begin()

        self.act(act)
        return call

    def glare_next(self, to: str, **offer: Any) -> Call:
        """When the gateway next calls, call it at the same moment on the channel it chose, and refuse its call (44).

        Q.931 §5.7: the network's call goes first. The call returned begins only then.
        """
        call = self._new_call()
        with self._lock:
            self._glare.append((call, Offer(to, **offer)))
        return call

    def wait_call(self, timeout: float = 5.0) -> Call:
        """Return the next call of the gateway's that this did not return yet."""
        with self._lock:
            self._lock.wait_for(lambda: len(self.calls) > self._given, timeout)
            assert len(self.calls) > self._given, f"no call from the gateway in {timeout} s"
            self._given += 1
            return self.calls[self._given - 1]

    def seen(self, call: Call) -> list[Seen]:
        """All messages of a call, both ways."""
        return call.seen

    def _new_call(self) -> Call:
        return Call(self._lock, self.act)

    def _on_setup(self, span: SpanControl, control: CallControl, setup: Message) -> None:
        """The gateway calls."""
        call = self._new_call()
        call.attach(control, span)
        call.setup = setup
        number = setup.get(CallingNumber)
        call.number = self.numbering.e164(number.digits, number.kind) if number and number.digits else None
        call.name = setup.name
        self.calls.append(call)
        called = Called(call, span, self._directory, self.numbering)
        said = setup.get(ChannelId)
        if self._glare and said is not None and said.channels:
            self._collide(span, control, said.channels[0])
        elif self._take_channel(span, control, said):
            called.begin(setup)

    def _collide(self, span: SpanControl, control: CallControl, channel: int) -> None:
        call, offer = self._glare.pop(0)
        caller = Caller(call, span, replace(offer, channel=channel, choice="exclusive"), self.numbering)
        caller.begin()
        control.refuse(44)

    @staticmethod
    def _take_channel(span: SpanControl, control: CallControl, said: ChannelId | None) -> bool:
        """§5.1.2: the channel asked for, another when it is only preferred; 44, or 34 when there is none at all."""
        wanted = said.channels[0] if said is not None and said.channels else None
        if wanted is not None and span.channels.is_free(wanted) and span.channels.take(wanted, control):
            return True
        other = None if said is not None and said.exclusive and wanted is not None else span.channels.free()
        if other is not None and span.channels.take(other, control):
            return True
        control.refuse(44 if wanted is not None else 34)
        return False

    # What went over the wire

    @property
    def wire(self) -> list[Seen]:
        """All messages on all spans by time."""
        with self._lock:
            return sorted((seen for span in self._spans for seen in span.record.messages), key=lambda seen: seen.at)

    @property
    def violations(self) -> list[str]:
        """What the gateway did wrong, in all spans."""
        with self._lock:
            return [text for span in self._spans for text in span.record.violations]

    @property
    def complaints(self) -> list[str]:
        """STATUS messages in which the gateway says that we are wrong."""
        with self._lock:
            return [text for span in self._spans for text in span.record.complaints]

    @property
    def open_calls(self) -> int:
        """Call references in use."""
        with self._lock:
            return sum(len(span.control.calls) for span in self._spans)

    def wait_idle(self, timeout: float = 5.0) -> None:
        """Until no call reference is in use."""
        self.wait_for(lambda: self.open_calls == 0, timeout, "calls are still open")

    def wait_for(self, holds: Callable[[], bool], timeout: float, otherwise: str) -> None:
        """Until ``holds``, asked after each thing that happens; fails with ``otherwise``."""
        with self._lock:
            assert self._lock.wait_for(holds, timeout), f"{otherwise}, after {timeout} s"

    # The thread

    def act(self, what: Callable[[], None]) -> None:
        """Have ``what`` done at once, with the clock right and the thread told; it may be the thread itself."""
        with self._lock:
            self.clock.now = time.monotonic()
            what()
            self._lock.notify_all()
            if threading.current_thread() is not self._thread:
                os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        while self._running:
            self._epoll_once(self.pause())

    def _epoll_once(self, pause: float) -> None:
        ready = self._epoll.poll(pause)
        with self._lock:
            self.clock.now = time.monotonic()
            for fd, _ in ready:
                self._read(fd)
            self.clock.run()
            for span in self._spans:
                span.control.tick()
            self._lock.notify_all()

    def pause(self) -> float:
        """How many seconds the exchange can wait, without frames."""
        with self._lock:
            return self._pause()

    def turn(self) -> None:
        """Without a thread: take what came and do what is due. ``fileno`` becomes readable, ``pause`` passes."""
        self._epoll_once(0.0)

    def fileno(self) -> int:
        """Readable when there is something to do."""
        return self._epoll.fileno()

    def _pause(self) -> float:
        times = [self.clock.deadline(), *(span.control.link.deadline() for span in self._spans)]
        soonest = min((at for at in times if at is not None), default=time.monotonic() + 1.0)
        return min(max(soonest - time.monotonic(), 0.0) + 0.0005, 1.0)

    def _read(self, fd: int) -> None:
        if fd == self._wake:
            os.eventfd_read(self._wake)
        for span in self._spans:
            span.read(fd)

    def watch(self, port: Port, on: bool) -> None:
        """For spans: have ``read`` called when the port has frames."""
        if on:
            self._epoll.register(port.fileno(), select.EPOLLIN)
        else:
            self._epoll.unregister(port.fileno())
