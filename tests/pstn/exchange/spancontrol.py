"""One end of a primary rate interface: its link, call references, channels. Pure: frames and the clock in and out."""

from __future__ import annotations

from collections.abc import Callable

from tests.pstn.exchange.bearer import Bearer
from tests.pstn.exchange.callcontrol import CallControl
from tests.pstn.exchange.calltypes import CallTimers, End
from tests.pstn.exchange.channels import Channels
from tests.pstn.exchange.coding import CodingError
from tests.pstn.exchange.lapd import DataLink
from tests.pstn.exchange.lapdevents import Deliver, Down, LinkEvent, LinkTimers, Transmit, Trouble, Up
from tests.pstn.exchange.maintenance import Maintenance
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.progress import CallStateElement, Cause
from tests.pstn.exchange.q931 import CALL_CONTROL, Message, decode, message
from tests.pstn.exchange.record import Record
from tests.pstn.exchange.rules import CallState, wrong_inside
from tests.pstn.exchange.timetable import Alarm, Timetable

LATE = 5.0
"""Seconds after a call's end in which messages of it may still come, sent before the end was seen."""
Key = tuple[int, bool]
"""A call reference, and whether the gateway chose it."""


class SpanControl:
    """``transmit`` takes frames for layer 1; ``on_call`` gets each new call of the gateway with its SETUP."""

    def __init__(
        self,
        plan: SpanPlan,
        clock: Timetable,
        transmit: Callable[[bytes], None],
        on_call: Callable[[CallControl, Message], None],
        timers: CallTimers | None = None,
        link_timers: LinkTimers | None = None,
    ) -> None:
        self.plan, self.clock, self.timers = plan, clock, timers or CallTimers()
        self.link = DataLink(plan.role, link_timers)
        self.channels = Channels(plan.channels)
        self.maintenance = Maintenance(self)
        self.record = Record(plan.name, clock)
        self.violation, self.complaint = self.record.violation, self.record.complaint
        self.up = False
        self.calls: dict[Key, CallControl] = {}
        self._ended_at: dict[Key, float] = {}
        self._transmit, self._on_call = transmit, on_call
        self._references = 0
        self._busy = False  # what messages make us send waits until they are all taken
        self._held: dict[Key, Alarm] = {}

    # The link

    def establish(self) -> None:
        self.link.establish(self.clock.now)
        self.flush()

    def receive(self, frame: bytes) -> None:
        """A frame came, without FCS."""
        self.record.frame("in", frame)
        self.link.receive(frame, self.clock.now)
        self.flush()

    def tick(self) -> None:
        """See to the link's timers; calls' are in the clock."""
        self.link.tick(self.clock.now)
        self.flush()

    def drop_link(self, quietly: bool = False) -> None:
        """Release the link by DISC, or ``quietly``: forget it, as an exchange that restarts."""
        if quietly:
            self.link.drop()
        else:
            self.link.release(self.clock.now)
        self.flush()

    def flush(self) -> None:
        """See to what the link wants done, unless that is going on already."""
        if self._busy:
            return
        self._busy = True
        try:
            while events := self.link.events():
                for event in events:
                    self._link_event(event)
        finally:
            self._busy = False

    def _link_event(self, event: LinkEvent) -> None:
        match event:
            case Transmit():
                self.record.frame("out", event.octets)
                self._transmit(event.octets)
            case Deliver():
                self._receive(event.data)
            case Up():
                self._link_up(event.reset)
            case Down():
                self._link_down()
            case Trouble():
                self.record.troubles.append(event)
                if event.fault:
                    self.violation(f"link: {event.text}")

    def _link_up(self, reset: bool) -> None:
        self.up = True
        held, self._held = self._held, {}
        for alarm in held.values():
            alarm.cancel()
        for key in list(self.calls) if reset else held:
            call = self.calls.get(key)
            if call is not None and call.state is CallState.ACTIVE:
                call.enquire()  # §5.8.8, §5.8.9: the two sides' states may differ by now

    def _link_down(self) -> None:
        """§5.8.9: calls that are not through are cleared, the others wait T309 for the link."""
        self.up = False
        self.maintenance.forget()
        for key, call in list(self.calls.items()):
            call.link_lost()
            if call.state is CallState.ACTIVE:
                self._held[key] = self.clock.after(self.timers.t309, lambda call=call: self._lost(call))  # type: ignore[misc]
            else:
                call.finish(End(27, "line", "the link is down"))

    @staticmethod
    def _lost(call: CallControl) -> None:
        call.finish(End(27, "line", "the link did not come back (T309)"))

    # Messages

    def send(self, what: Message) -> None:
        self.record.message("out", what)
        self.link.send(what.encode(), self.clock.now)
        self.flush()

    def _receive(self, octets: bytes) -> None:
        try:
            came = decode(octets)
        except CodingError as error:
            self.violation(f"{error}: {octets.hex(' ')}")
            return
        self.record.message("in", came)
        for text in wrong_inside(came, self.plan):
            self.violation(text, came)
        if came.discriminator != CALL_CONTROL:
            self.maintenance.take_service(came)
        elif came.reference == 0:
            self.maintenance.take_global(came)
        else:
            self._of_call(came)

    def _of_call(self, came: Message) -> None:
        from_gateway = not came.to_originator
        key = came.reference, from_gateway
        call = self.calls.get(key)
        if call is not None and came.kind != "SETUP":
            call.take(came)
        elif call is not None:
            if call.state is not CallState.INITIATED:  # there it is sent again after T303: ignored (§5.8.3.2)
                self.violation("SETUP with a call reference that is in use", came)
        elif came.kind == "SETUP" and from_gateway:
            self._new_call(key, came)
        else:
            self._unknown(came, key)

    def _new_call(self, key: Key, setup: Message) -> None:
        call = self.calls[key] = CallControl(self, key[0], True)
        call.state = CallState.INITIATED
        if setup.get(Bearer) is None:
            call.refuse(100 if setup.has(Bearer.NUMBER) else 96)  # §5.8.6
        else:
            self._on_call(call, setup)

    def _unknown(self, came: Message, key: Key) -> None:
        """§5.8.3.2: a reference that no call has."""
        if self.clock.now > self._ended_at.get(key, -LATE) + LATE:
            self.violation(f"{came.kind} with a call reference that no call has", came)
        said = came.get(CallStateElement)
        if came.kind == "RELEASE COMPLETE" or (came.kind == "STATUS" and said is not None and said.state == 0):
            return
        if came.kind == "STATUS ENQUIRY":
            self.send(message("STATUS", came.reference, key[1], Cause(30, self.plan.location), CallStateElement(0)))
        else:
            self.send(message("RELEASE COMPLETE", came.reference, key[1], Cause(81, self.plan.location)))

    # Calls

    def new_call(self) -> CallControl:
        """A call to the gateway, with a reference that is free (1-32767, §4.3)."""
        while True:
            self._references = self._references % 0x7FFF + 1
            key = self._references, False
            if key not in self.calls and self.clock.now > self._ended_at.get(key, -LATE) + LATE:
                call = self.calls[key] = CallControl(self, self._references, False)
                return call

    def over(self, call: CallControl) -> None:
        """The call is over: its reference and its channel are free."""
        self.channels.release(call)
        key = call.reference, call.from_gateway
        if self.calls.pop(key, None) is not None:
            self._ended_at[key] = self.clock.now

    def restarted(self, slots: tuple[int, ...]) -> None:
        """Clear the calls on these channels, without a word (§5.5)."""
        for call in list(self.calls.values()):
            if call.channel in slots and self.channels.users.get(call.channel) is call:
                call.finish(End(41, "line", "channel restarted"))
