"""Called subscribers: each plays its behaviour on the gateway's call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.pstn.exchange.behaviour import ANSWERS, UNKNOWN_NUMBER, Behaviour
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.callcontrol import CallControl
from tests.pstn.exchange.elements import Typed
from tests.pstn.exchange.numbering import Numbering, screened_by
from tests.pstn.exchange.party import (
    CalledNumber,
    ConnectedNumber,
    Display,
    Plan,
    Presentation,
)
from tests.pstn.exchange.progress import INBAND, ProgressIndicator
from tests.pstn.exchange.q931 import Message
from tests.pstn.exchange.rules import CallState
from tests.pstn.exchange.spancontrol import SpanControl

Step = Callable[[], None]


class Subscriber:
    """A number at the exchange; it answers calls unless told otherwise."""

    def __init__(self, number: str, behaviour: Behaviour = ANSWERS) -> None:
        self.number = number
        self.behaviour = behaviour

    def behaves(self, how: Behaviour | None = None, **changes: Any) -> Subscriber:
        """Do that from the next call on: ``how``, or the standing behaviour, with ``changes``."""
        self.behaviour = replace(how or self.behaviour, **changes)
        return self


class Called:
    """The far end of a call that the gateway makes: collects digits, then plays the subscriber's behaviour."""

    def __init__(self, call: Call, span: SpanControl, directory: dict[str, Subscriber], numbering: Numbering) -> None:
        self._call, self._span, self._directory, self._numbering = call, span, directory, numbering
        self._number = CalledNumber("")
        self._how = ANSWERS
        call.follow(self._event)

    @property
    def _control(self) -> CallControl:
        assert self._call.control is not None
        return self._call.control

    def begin(self, setup: Message) -> None:
        """The gateway's SETUP came, and it has its channel."""
        number = setup.get(CalledNumber)
        self._number = replace(number or CalledNumber(""), digits=setup.called)
        self._route(complete=setup.has(0xA1))

    def _route(self, complete: bool) -> None:
        wanted = self._numbering.e164(self._number.digits, self._number.kind)
        self._call.to = wanted
        found = self._directory.get(wanted)
        more = any(number.startswith(wanted) for number in self._directory) or not self._number.digits
        if found is not None:
            self._play(found.behaviour)
        elif more and not complete and self._span.plan.profile.overlap:
            if self._control.state is CallState.INITIATED:
                self._control.acknowledge_setup()
        else:
            self._play(self._directory["*"].behaviour if "*" in self._directory else UNKNOWN_NUMBER)

    def _event(self, what: str, of: Message | None) -> None:
        if what == "information" and of is not None and self._control.state is CallState.OVERLAP_SENDING:
            self._number = replace(self._number, digits=self._number.digits + of.called)
            self._route(complete=of.has(0xA1))

    def _play(self, how: Behaviour) -> None:
        self._how = how
        if how.silent:
            return
        if how.channel is not None:
            self._span.channels.take(how.channel, self._control)
        if how.acknowledges and self._control.state is CallState.INITIATED:
            self._control.acknowledge_setup()
        self._after(how.proceeds_after, self._proceed, otherwise=self._alert_later)

    def _after(self, seconds: float | None, step: Step, otherwise: Step | None = None) -> None:
        def act() -> None:
            if self._control.end is None and self._control.state < CallState.ACTIVE:
                step()

        if seconds is None:
            if otherwise is not None:
                otherwise()
        elif seconds == 0.0:
            act()
        else:
            self._span.clock.after(seconds, act)

    def _proceed(self) -> None:
        self._control.proceed(self._progress(self._how.progress) if self._how.progress is not None else None)
        self._alert_later()

    def _alert_later(self) -> None:
        self._after(self._how.alerts_after, self._alert, otherwise=self._unalerted)

    def _unalerted(self) -> None:
        if self._how.inband and self._how.refuses is None:
            self._control.progress(self._progress(INBAND))
        self._decide_later()

    def _alert(self) -> None:
        self._control.alert(self._inband)
        self._call.on_event("alerting", None)
        self._decide_later()

    def _decide_later(self) -> None:
        self._after(self._how.answers_after, self._decide)

    def _decide(self) -> None:
        how = self._how
        if how.refuses is not None and how.refuses_by == "RELEASE COMPLETE":
            self._control.refuse(how.refuses)
        elif how.refuses is not None and how.refuses_by == "RELEASE":
            self._control.release(how.refuses)
        elif how.refuses is not None:
            self._control.disconnect(how.refuses, self._inband)
        else:
            self._answer()

    def _answer(self) -> None:
        how, profile = self._how, self._span.plan.profile
        shown: list[Typed] = []
        if how.connected is not None:
            digits, kind = self._numbering.split(how.connected)
            shown.append(ConnectedNumber(digits, kind, Plan.ISDN, Presentation.ALLOWED, screened_by(self._span.plan)))
        if how.connected_name is not None:
            shown.append(Display(how.connected_name, profile.display_mark))
        self._control.connect(*shown)
        self._call.on_event("connect", None)
        if how.hangs_up_after is not None:
            self._span.clock.after(how.hangs_up_after, lambda: self._control.disconnect(how.cause))

    def _progress(self, description: int) -> ProgressIndicator:
        return ProgressIndicator(description, self._span.plan.location)

    @property
    def _inband(self) -> ProgressIndicator | None:
        return self._progress(INBAND) if self._how.inband else None
