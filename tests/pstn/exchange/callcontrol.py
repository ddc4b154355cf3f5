"""One call as the network's side of the interface sees it (ITU-T Q.931 §5, Annex A, network side). Pure."""

from __future__ import annotations

from collections.abc import Callable

from tests.pstn.exchange.bearer import ChannelId
from tests.pstn.exchange.calltypes import End, Interface, Listener
from tests.pstn.exchange.elements import Typed
from tests.pstn.exchange.progress import CallStateElement, Cause, ProgressIndicator
from tests.pstn.exchange.q931 import Message, message
from tests.pstn.exchange.rules import CallState, is_first_response, wrong_in_state
from tests.pstn.exchange.timetable import Alarm

_STATUS_CAUSES_OF_FAULT = {81, 82, *range(95, 104), 111}
IN_FLIGHT = 1.0
"""Seconds after our DISCONNECT or RELEASE in which messages may come that were sent before it was seen."""


class CallControl:
    """A call reference in use. ``from_gateway``: the gateway chose the reference and called."""

    def __init__(self, interface: Interface, reference: int, from_gateway: bool) -> None:
        self.reference, self.from_gateway = reference, from_gateway
        self.state = CallState.NULL
        self.channel: int | None = None
        self.listener: Listener | None = None
        self.end: End | None = None
        self._span = interface
        self._alarm: Alarm | None = None
        self._enquiry: Alarm | None = None
        self._settled = False
        self._setup: Message | None = None
        self._why: End | None = None
        self._cleared_at = 0.0

    # What the network does

    def setup(self, wanted: ChannelId | None, *said: Typed | None) -> None:
        """Call the gateway."""
        self.state = CallState.PRESENT
        self._wanted = wanted
        self._setup = message("SETUP", self.reference, False, wanted, *said)
        self._span.send(self._setup)
        self._set(self._span.timers.t303, self._setup_unanswered)

    def acknowledge_setup(self) -> None:
        """SETUP ACKNOWLEDGE: more digits are wanted."""
        self.state = CallState.OVERLAP_SENDING
        self._say("SETUP ACKNOWLEDGE", self._first_channel())
        self._set(self._span.timers.t302, lambda: self.disconnect(28))

    def proceed(self, *said: Typed | None) -> None:
        self.state = CallState.OUTGOING_PROCEEDING
        self._stop()
        self._say("CALL PROCEEDING", self._first_channel(), *said)

    def progress(self, *said: Typed | None) -> None:
        self._say("PROGRESS", *said)

    def alert(self, *said: Typed | None) -> None:
        self.state = CallState.DELIVERED
        self._stop()
        self._say("ALERTING", self._first_channel(), *said)

    def connect(self, *said: Typed | None) -> None:
        self.state = CallState.ACTIVE
        self._stop()
        self._say("CONNECT", self._first_channel(), *said)

    def say(self, kind: str, *said: Typed | None) -> None:
        """Send a message that changes no state: INFORMATION, NOTIFY, FACILITY, or a wrong one on purpose."""
        self._say(kind, *said)

    def enquire(self) -> None:
        """STATUS ENQUIRY; a STATUS must come within T322."""
        self._say("STATUS ENQUIRY")
        self._enquiry = self._span.clock.after(self._span.timers.t322, self._no_status)

    def disconnect(self, cause: int, *said: Typed | None) -> None:
        """Clear with DISCONNECT (§5.3.4), or RELEASE COMPLETE when no other way is open."""
        if self.state in (CallState.NULL, CallState.DISCONNECT_INDICATION, CallState.RELEASE_REQUEST):
            return
        self._why = self._why or End(cause, "exchange")
        if self.state is CallState.PRESENT:  # no answer to SETUP yet
            self.release(cause)
            return
        self.state = CallState.DISCONNECT_INDICATION
        self._cleared_at = self._span.clock.now
        self._say("DISCONNECT", self._cause(cause), *said)
        if any(isinstance(one, ProgressIndicator) for one in said):  # the tone may be listened to (§5.4.1)
            self._set(self._span.timers.t306, lambda: self.release(cause))
        else:
            self._set(self._span.timers.t305, lambda: self._unanswered("DISCONNECT", "T305", cause))

    def release(self, cause: int | None, first: bool = True) -> None:
        """RELEASE; ``first``: and so it has the cause and is the call's first clearing message."""
        if cause is not None:
            self._why = self._why or End(cause, "exchange")
        self.state = CallState.RELEASE_REQUEST
        self._cleared_at = self._span.clock.now
        said = (self._cause(cause),) if cause is not None and first else ()
        self._say("RELEASE", *said)
        self._set(self._span.timers.t308, lambda: self._release_again(said))

    def link_lost(self) -> None:
        """Nobody can answer an enquiry any more."""
        if self._enquiry is not None:
            self._enquiry.cancel()

    def refuse(self, cause: int) -> None:
        """RELEASE COMPLETE to a SETUP (§5.2.5.1, §5.1.3)."""
        self._say("RELEASE COMPLETE", self._cause(cause))
        self.finish(End(cause, "exchange"))

    def finish(self, end: End) -> None:
        """The reference and the channel are free."""
        if self.end is not None:
            return
        self._stop()
        self.link_lost()
        self.state = CallState.NULL
        self.end = self._why or end
        self._span.over(self)
        self._tell("ended", None)

    # What the gateway says

    def take(self, came: Message) -> None:
        """A message with this call's reference."""
        wrong = wrong_in_state(came, self.state, self._span.plan)
        if wrong is not None:
            self._unexpected(came, wrong)
            return
        first = is_first_response(came) and self.state in (CallState.PRESENT, CallState.OVERLAP_RECEIVING)
        if first and not self._agree_channel(came):
            return
        match came.kind:
            case "SETUP ACKNOWLEDGE":
                self._moved(CallState.OVERLAP_RECEIVING, "setup acknowledge", came)
            case "CALL PROCEEDING":
                self._moved(CallState.INCOMING_PROCEEDING, "proceeding", came)
                self._set(self._span.timers.t310, lambda: self.disconnect(18))
            case "ALERTING":
                self._moved(CallState.RECEIVED, "alerting", came)
                self._set(self._span.timers.t301, lambda: self.disconnect(19))
            case "CONNECT":
                self._say("CONNECT ACKNOWLEDGE")
                self._moved(CallState.ACTIVE, "connect", came)
            case "DISCONNECT" | "RELEASE" | "RELEASE COMPLETE":
                self._clearing(came)
            case "STATUS" | "STATUS ENQUIRY":
                self._status(came)
            case _:
                self._tell(came.kind.lower(), came)

    def _moved(self, state: CallState, event: str, came: Message) -> None:
        self._stop()
        self.state = state
        self._tell(event, came)

    def _clearing(self, came: Message) -> None:
        if self._why is None:
            if came.cause is None:
                self._span.violation(f"{came.kind} is the first to clear the call, and has no cause (§5.3)", came)
            self._why = End(came.cause or 16, "gateway")
            self._tell("cleared", came)
        if came.kind == "RELEASE COMPLETE":
            self.finish(self._why)
        elif came.kind == "RELEASE":
            if self.state is not CallState.RELEASE_REQUEST:
                self._say("RELEASE COMPLETE")
            self.finish(self._why)  # both sides released at once: each takes the other's (§5.3.5)
        else:
            self.release(None)

    def _status(self, came: Message) -> None:
        if came.kind == "STATUS ENQUIRY":
            self._say("STATUS", self._cause(30), CallStateElement(self.state))
            return
        if self._enquiry is not None:
            self._enquiry.cancel()
        if came.cause in _STATUS_CAUSES_OF_FAULT:
            self._span.complaint(f"the gateway says cause {came.cause}", came)
        said = came.get(CallStateElement)
        if said is not None and said.state == 0 and self.state is not CallState.RELEASE_REQUEST:
            self.finish(End(came.cause or 101, "line", "the gateway does not know the call"))

    def _unexpected(self, came: Message, wrong: str) -> None:
        clearing = self.state in (CallState.DISCONNECT_INDICATION, CallState.RELEASE_REQUEST)
        if clearing and self._span.clock.now < self._cleared_at + IN_FLIGHT:
            return  # sent before our DISCONNECT or RELEASE was seen (§5.3.5 and Annex A)
        self._span.violation(wrong, came)
        if came.kind in ("RELEASE", "RELEASE COMPLETE"):
            self._clearing(came)
        elif not clearing:
            self._say("STATUS", self._cause(101), CallStateElement(self.state))

    def _agree_channel(self, came: Message) -> bool:
        """Take the channel that the first answer names (§5.2.3.1); False: the call was cleared over it."""
        said, wanted = came.get(ChannelId), self._wanted
        if self._settled:
            return True
        self._settled = True
        fixed = wanted is not None and wanted.exclusive and bool(wanted.channels)
        if said is None or not said.channels:
            if not fixed:
                self._span.violation(f"{came.kind} is the first answer and names no channel (§5.2.3.1)", came)
            return True
        channel = said.channels[0]
        if channel == self.channel:
            return True
        if fixed:
            self._span.violation(f"{came.kind} names channel {channel}, {self.channel} was said exclusively", came)
        if fixed or not self._span.channels.take(channel, self):
            self.release(6 if fixed else 44)
            return False
        self.channel = channel
        return True

    # Timers

    def _setup_unanswered(self) -> None:
        """T303: once more, then the gateway is at fault (§5.2.3.3)."""
        assert self._setup is not None
        self._span.send(self._setup)
        self._set(self._span.timers.t303, self._setup_ignored)

    def _setup_ignored(self) -> None:
        self._span.violation("no answer to SETUP (T303 twice)")
        self._why = End(18, "line", "T303")
        self._say("RELEASE COMPLETE", self._cause(102))
        self.finish(self._why)

    def _unanswered(self, kind: str, timer: str, cause: int) -> None:
        self._span.violation(f"no answer to {kind} ({timer})")
        self.release(cause)

    def _release_again(self, said: tuple[Typed, ...]) -> None:
        self._span.violation("no answer to RELEASE (T308)")
        self._say("RELEASE", *said)
        self._set(self._span.timers.t308, lambda: self.finish(End(102, "line", "T308")))

    def _no_status(self) -> None:
        self._span.violation("no answer to STATUS ENQUIRY (T322)")

    def _set(self, seconds: float, what: Callable[[], None]) -> None:
        self._stop()
        self._alarm = self._span.clock.after(seconds, what)

    def _stop(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    # Sending and telling

    def _first_channel(self) -> ChannelId | None:
        """Our first answer to a SETUP settles the channel (§5.1.2)."""
        if not self.from_gateway or self._settled or self.channel is None:
            return None
        self._settled = True
        return ChannelId((self.channel,))

    def _cause(self, value: int) -> Cause:
        return Cause(value, self._span.plan.location)

    def _say(self, kind: str, *said: Typed | None) -> None:
        self._span.send(message(kind, self.reference, self.from_gateway, *said))

    def _tell(self, what: str, of: Message | None) -> None:
        if self.listener is not None:
            self.listener.on_event(what, of)
