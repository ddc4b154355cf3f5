"""A call as a test holds it: what happened on it, waiting for what is to happen, and what the far party does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tests.pstn.exchange.callcontrol import CallControl
from tests.pstn.exchange.calltypes import End
from tests.pstn.exchange.elements import Typed
from tests.pstn.exchange.facility import calling_name
from tests.pstn.exchange.party import CalledNumber, Display
from tests.pstn.exchange.progress import INBAND, ProgressIndicator
from tests.pstn.exchange.q931 import Message
from tests.pstn.exchange.record import Seen
from tests.pstn.exchange.rules import CallState
from tests.pstn.exchange.spancontrol import SpanControl

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the call: its word (callcontrol.Listener), the message it came with, the clock's seconds."""

    what: str
    message: Message | None
    at: float


class Call:
    """Use from any thread. ``number`` and ``to`` are E.164 where they can be: the caller's and the called party's."""

    def __init__(self, lock: threading.Condition, act: Callable[[Callable[[], None]], None]) -> None:
        self.number: str | None = None
        self.name: str | None = None
        self.to = ""
        self.history: list[Happened] = []
        self.control: CallControl | None = None
        self.span: SpanControl | None = None
        self.setup: Message | None = None
        self._lock, self._act = lock, act
        self._first = 0
        self._follow: list[Callable[[str, Message | None], None]] = []

    # For the exchange, with the lock held

    def attach(self, control: CallControl, span: SpanControl) -> None:
        """Follow that call reference from here on."""
        self.control, self.span = control, span
        self._first = max(len(span.record.messages) - 1, 0)
        control.listener = self

    def follow(self, what: Callable[[str, Message | None], None]) -> None:
        """Have ``what`` called with each event, in the exchange's thread."""
        self._follow.append(what)

    def on_event(self, what: str, of: Message | None) -> None:
        """See callcontrol.Listener."""
        assert self.span is not None
        self.history.append(Happened(what, of, self.span.clock.now))
        for each in self._follow:
            each(what, of)

    # What the far party does

    def hang_up(self, cause: int = 16, inband: bool = False) -> None:
        """End the call; ``inband``: with a tone in the B channel, so progress indicator 8."""
        said = (self._progress(INBAND),) if inband else ()
        self._do(lambda control: control.disconnect(cause, *said))

    def refuse(self, cause: int) -> None:
        """RELEASE COMPLETE to the gateway's SETUP."""
        self._do(lambda control: control.refuse(cause))

    def alert(self, inband: bool = False) -> None:
        self._do(lambda control: control.alert(self._progress(INBAND) if inband else None))

    def answer(self, *said: Typed) -> None:
        self._do(lambda control: control.connect(*said))

    def progress(self, description: int = INBAND) -> None:
        self._do(lambda control: control.progress(self._progress(description)))

    def send_digits(self, digits: str) -> None:
        """More digits of the called number, in INFORMATION."""
        self._do(lambda control: control.say("INFORMATION", CalledNumber(digits)))

    def send_name(self, name: str) -> None:
        """The caller's name, late: in FACILITY, or INFORMATION with Display where the switch has no such facility."""
        assert self.span is not None
        profile = self.span.plan.profile
        if profile.names == "facility":
            style = "qsig" if profile.name == "qsig" else "ni2"
            self._do(lambda control: control.say("FACILITY", calling_name(name, style)))  # type: ignore[arg-type]
        else:
            self._do(lambda control: control.say("INFORMATION", Display(name, profile.display_mark)))

    def enquire(self) -> None:
        """STATUS ENQUIRY: the gateway must answer."""
        self._do(lambda control: control.enquire())

    def say(self, kind: str, *said: Typed) -> None:
        """Send any message at all within this call, right or wrong."""
        self._do(lambda control: control.say(kind, *said))

    def _progress(self, description: int) -> ProgressIndicator:
        assert self.span is not None
        return ProgressIndicator(description, self.span.plan.location)

    def _do(self, what: Callable[[CallControl], None]) -> None:
        def act() -> None:
            assert self.control is not None, "the call has not begun"
            if self.control.end is None:
                what(self.control)

        self._act(act)

    # What a test asks

    @property
    def channel(self) -> int | None:
        """The channel (time slot) that the call has, or had."""
        return self.control.channel if self.control is not None else None

    @property
    def state(self) -> CallState:
        return self.control.state if self.control is not None else CallState.NULL

    @property
    def end(self) -> End | None:
        """How it ended; None while it is up."""
        return self.control.end if self.control is not None else None

    @property
    def seen(self) -> list[Seen]:
        """All messages of this call, both ways, in order."""
        with self._lock:
            return list(self._own())

    def _own(self) -> Iterable[Seen]:
        if self.span is None or self.control is None:
            return
        setups = 0
        for seen in self.span.record.messages[self._first :]:
            ours = seen.message.to_originator == (self.control.from_gateway == (seen.way == "out"))
            if seen.message.reference != self.control.reference or not ours or seen.message.discriminator != 8:
                continue
            setups += seen.message.kind == "SETUP" and seen.way == ("in" if self.control.from_gateway else "out")
            if setups > 1 and self.control.from_gateway:
                return  # the reference is used again
            yield seen

    def got(self, kind: str) -> Message:
        """Return the first message of that kind that the gateway sent; fails when there was none."""
        found = [seen.message for seen in self.seen if seen.way == "in" and seen.message.kind == kind]
        assert found, f"no {kind} among {self._kinds()}"
        return found[0]

    def _kinds(self) -> list[str]:
        return [f"{'<' if seen.way == 'in' else '>'}{seen.message.kind}" for seen in self._own()]

    def wait(self, what: str, timeout: float = 5.0) -> Happened:
        """Return the first event of that name once it has come; fails when it does not, or the call ends before."""
        found: list[Happened] = []

        def come() -> bool:
            found[:] = [event for event in self.history if event.what == what]
            return bool(found) or self.end is not None

        with self._lock:
            self._lock.wait_for(come, timeout)
            assert found, f"no {what!r} in {timeout} s; wire: {self._kinds()}; end: {self.end}"
            return found[0]

    def wait_alerting(self, timeout: float = 5.0) -> Happened:
        return self.wait("alerting", timeout)

    def wait_answered(self, timeout: float = 5.0) -> Happened:
        """Until the call is through: the gateway answers, or our subscriber does."""
        return self.wait("connect", timeout)

    def wait_ended(self, timeout: float = 5.0) -> End:
        """Until reference and channel are free again."""
        with self._lock:
            self._lock.wait_for(lambda: self.end is not None, timeout)
            assert self.end is not None, f"not ended in {timeout} s; state {self.state}; wire: {self._kinds()}"
            return self.end
