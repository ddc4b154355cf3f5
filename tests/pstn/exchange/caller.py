"""The far end of a call to the gateway: SETUP, digits one by one, the name when it is looked up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.pstn.exchange.bearer import Bearer, ChannelId
from tests.pstn.exchange.behaviour import Offer
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.calltypes import End
from tests.pstn.exchange.elements import Element, Typed
from tests.pstn.exchange.facility import calling_name, name_follows
from tests.pstn.exchange.numbering import Numbering, screened_by
from tests.pstn.exchange.party import (
    CalledNumber,
    Display,
    Plan,
    Presentation,
    RedirectingNumber,
    SendingComplete,
)
from tests.pstn.exchange.progress import CALLER_NOT_ISDN, ProgressIndicator
from tests.pstn.exchange.q931 import Message
from tests.pstn.exchange.rules import CallState
from tests.pstn.exchange.spancontrol import SpanControl


class Caller:
    """Plays an ``Offer``; ``begin`` starts it."""

    def __init__(self, call: Call, span: SpanControl, offer: Offer, numbering: Numbering) -> None:
        self._call, self._span, self._offer, self._numbering = call, span, offer, numbering
        self._digits = ""
        self._named = False
        call.number, call.name, call.to = offer.number, offer.name, offer.to
        call.follow(self._event)

    def begin(self) -> None:
        """Send SETUP; without a link the call ends at once. Fails (AssertionError) when its channel is taken."""
        offer, span = self._offer, self._span
        named = offer.choice in ("exclusive", "preferred")
        channel = offer.channel or span.channels.free()
        assert channel is not None, "no channel is free"
        assert not named or channel not in span.channels.users, f"channel {channel} is taken"
        control = span.new_call()
        self._call.attach(control, span)
        if not span.up:
            control.finish(End(27, "line", "the link is down"))
            return
        if named:
            span.channels.take(channel, control)
        wanted = {
            "exclusive": ChannelId((channel,)),
            "preferred": ChannelId((channel,), exclusive=False),
            "any": ChannelId((), exclusive=False, selection="any"),
            "unnamed": None,
        }[offer.choice]
        control.setup(wanted, *self._said())

    def _said(self) -> list[Typed | None]:
        offer = self._offer
        called = self._numbering.called(offer.to, offer.to_kind)
        if offer.overlap is not None:
            self._digits = called.digits[offer.digits_at_once :]
            called = replace(called, digits=called.digits[: offer.digits_at_once])
        redirecting = None
        if offer.redirecting is not None:
            digits, kind = self._numbering.split(offer.redirecting)
            allowed, screened = Presentation.ALLOWED, screened_by(self._span.plan)
            redirecting = RedirectingNumber(digits, kind, Plan.ISDN, allowed, screened, offer.reason)
        return [
            Bearer(offer.capability, self._span.plan.law if offer.capability != "unrestricted digital" else None),
            self._name(),
            ProgressIndicator(CALLER_NOT_ISDN, self._span.plan.location) if offer.caller_not_isdn else None,
            self._numbering.calling(offer, screened_by(self._span.plan)),
            called if called.digits or offer.overlap is None else None,
            redirecting,
            SendingComplete() if offer.complete else None,
            *(_Extra(element) for element in offer.extra),
        ]

    def _name(self) -> Typed | None:
        offer, profile = self._offer, self._span.plan.profile
        if offer.name is None:
            return None
        if offer.name_later is not None:
            return name_follows() if profile.name == "ni2" else None
        if profile.names == "facility":
            return calling_name(offer.name, "qsig" if profile.name == "qsig" else "ni2", restricted=offer.restricted)
        return None if offer.restricted else Display(offer.name, profile.display_mark)

    def _event(self, what: str, of: Message | None) -> None:
        clock, offer = self._span.clock, self._offer
        if what in ("proceeding", "setup acknowledge", "alerting") and offer.name_later is not None and not self._named:
            self._named = True
            clock.after(offer.name_later, lambda: self._call.send_name(offer.name or ""))
        if what == "setup acknowledge" and offer.overlap is not None:
            self._next_digit()

    def _next_digit(self) -> None:
        assert self._call.control is not None
        if self._digits and self._call.control.state is CallState.OVERLAP_RECEIVING:
            digit, self._digits = self._digits[0], self._digits[1:]
            self._call.control.say("INFORMATION", CalledNumber(digit))
            self._span.clock.after(self._offer.overlap or 0.0, self._next_digit)


@dataclass(frozen=True, slots=True)
class _Extra:
    """An element as it is."""

    as_it_is: Element

    def element(self) -> Element:
        return self.as_it_is
