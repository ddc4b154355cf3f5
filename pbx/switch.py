"""The switch: what an event means for its call.

    line or phone ──► LegArrived ──► routing ──► ivr ──► queue ──► offer to a second leg ──► connect ──► end

One object, one thread. Parts that can be thought of alone stand alone: routing, IVR walks, queue places, agents'
states, offers, the ledger. What is left here is the order of things.
"""

from __future__ import annotations

import logging

from appliance.q850 import Cause
from pbx import events
from pbx.acd.agents import AgentRefusal
from pbx.acd.desk import AgentDesk
from pbx.acd.queueing import QueueDesk
from pbx.calls import Call, Direction
from pbx.floor import Floor
from pbx.ivr.engine import Note
from pbx.ivr.runner import IvrRunner
from pbx.lines import LineBook
from pbx.offers import LINE_TROUBLE, Offers
from pbx.prompter import Prompter
from pbx.recording.capture import Capture
from pbx.routing import Target, parse_target, route
from pbx.services import PhoneServices
from pbx.sip import DeadLeg
from pbx.site import Site

log = logging.getLogger(__name__)

ANSWER_PAUSE = 0.5  # a GSM line's audio opens a moment after its answer: don't cut the greeting's first word
FAREWELL_SECONDS = 2.5


class Switch:
    """All calls of this core, from their first event to their last."""

    def __init__(self, floor: Floor, lines: LineBook, capture: Capture) -> None:
        self._floor = floor
        self._sip = floor.sip
        self.lines = lines
        self._capture = capture
        self._prompter = Prompter(floor.sip, floor.loop)
        self.agents = AgentDesk(floor.loop, floor.agent_changed)
        self.queues = QueueDesk(floor.sip, self._prompter, floor.loop, self.agents, self._overflow)
        self._ivr = IvrRunner(self._prompter, floor.loop, self._ivr_note, self._follow)
        self._offers = Offers(floor, self.agents, self.queues, lines, self._end, self._no_line)
        self._services = PhoneServices(floor.sip, self._prompter, floor.loop, self.agents)

    # ---- events, in the order in which a call meets them

    def handle(self, event: events.Event) -> None:
        """Take one event of a leg."""
        try:
            self._handle(event)
        except DeadLeg as gone:
            # The leg's own LegEnded follows and ends what belongs to it.
            log.info("%s", gone)

    def _handle(self, event: events.Event) -> None:
        call = self._floor.call_of(event.leg)
        match event:
            case events.LegArrived(line=None):
                self._phone_dialled(event)
            case events.LegArrived():
                self._line_rang(event)
            case events.LegMediaReady(leg):
                self._sip.media_ready(leg)
            case events.LegEnded(leg) if call is None:
                self._services.ended(leg)
            case _ if call is not None:
                self._of_call(call, event)

    def _of_call(self, call: Call, event: events.Event) -> None:
        match event:
            case events.LegRinging(leg) if leg == call.callee_leg and call.state == "offering":
                self._offers.rings(call)
            case events.LegAnswered(leg) if leg == call.callee_leg and call.state == "offering":
                self._connect(call, leg)
            case events.LegAnswered(leg) if leg == call.caller_leg and call.to_be_placed is not None:
                self._offers.answered(call)
                call.answered_at = self._floor.wall()
                self._floor.note(call, "answered")
                self._place(call, call.to_be_placed)
            case events.LegDigit(leg, digit):
                self._digit(call, leg, digit)
            case events.LegSilent(leg, seconds):
                log.warning("leg %d has sent no audio for %.0f s: its far end is taken for dead", leg, seconds)
                self._sip.end(leg, Cause.TEMPORARY_FAILURE)
                self._lost(call, leg, "line", Cause.TEMPORARY_FAILURE)
            case events.LegFaxHeard(_, tone):
                self._floor.note(call, "fax", tone=tone)
            case events.LegEnded():
                self._leg_ended(call, event)

    def _line_rang(self, event: events.LegArrived) -> None:
        now, around = self._floor.wall(), self._floor.around
        call = Call("inbound", event.leg, now, line=event.line, caller=event.caller, did=event.called)
        call.caller_name, call.redirected_from = event.name, event.redirected_from
        self._floor.open(call)
        local = now.astimezone(around.timezone)
        self._follow(call, route(self._floor.site.rules, call.line, call.did, call.caller, local))

    def _phone_dialled(self, event: events.LegArrived) -> None:
        extension, dialled = event.extension or "", self._floor.meaning(event.called)
        if self._services.serve(event.leg, extension, dialled):
            return
        direction: Direction = "internal" if dialled.kind == "extension" else "outbound"
        call = Call(direction, event.leg, self._floor.wall(), caller=extension, did=dialled.number)
        self._floor.open(call)
        self._place(call, dialled.kind)

    def _place(self, call: Call, kind: str) -> None:
        """Put a call of a phone of ours through to what it dialled."""
        call.to_be_placed = None
        agent = self.agents.at(call.caller)
        if agent is not None and agent.state != "ringing":
            call.agent = agent.number if call.direction == "outbound" else None
            self.agents.connect(agent, call.id)
        match kind:
            case "extension":
                self._offers.to_extension(call, call.did or "")
            case "outside":
                self._offers.to_outside(call)
            case _:
                self._say_and_end(call, "wrong-code", Cause.INVALID_NUMBER_FORMAT)

    def _follow(self, call: Call, target: Target) -> None:
        """Send a call to a routing target."""
        site = self._floor.site
        match target.kind:
            case "ivr" if target.name in site.flows:
                self._accept(call)
                call.step("ivr", self._floor.wall())
                self._floor.note(call, "ivr", flow=target.name)
                self._floor.loop.later(ANSWER_PAUSE, lambda: self._begin_flow(call, target.name))
            case "queue" if target.name in site.queues:
                self._join_queue(call, target.name)
            case "extension" if target.name in site.extensions:
                self._offers.to_extension(call, target.name)
            case "hangup":
                self._end(call, "core", Cause.NORMAL_CLEARING if call.answered_at else Cause.NO_ROUTE)
            case _:
                log.error("call %s is routed to %s, which is not there", call.id, target)
                self._end(call, "core", Cause.NO_ROUTE)

    def _begin_flow(self, call: Call, flow: str) -> None:
        if call.state == "ivr" and flow in self._floor.site.flows:
            self._ivr.enter(call, self._floor.site.flows[flow])

    def _accept(self, call: Call) -> None:
        if call.answered_at is None:
            self._sip.accept(call.caller_leg)
            call.answered_at = self._floor.wall()
            self._floor.note(call, "answered")

    def _ivr_note(self, call: Call, note: Note) -> None:
        key = {"key": note.key} if note.key else {}
        self._floor.note(call, "ivr-step", step=note.step, what=note.what, **key)

    def _digit(self, call: Call, leg: int, digit: str) -> None:
        if call.state == "ivr":
            self._ivr.key(call, digit)
        elif call.state == "connected" and call.callee_leg is not None:
            self._sip.digits(call.callee_leg if leg == call.caller_leg else call.caller_leg, digit)

    # ---- queue

    def _join_queue(self, call: Call, name: str) -> None:
        queue = self._floor.site.queues[name]
        self._accept(call)
        call.step("queue", self._floor.wall())
        call.queue = name
        call.queued_at = call.queued_at or self._floor.wall()
        call.queued_mono = self._floor.loop.now() if call.queued_mono is None else call.queued_mono
        if not queue.join_empty and not self.agents.logged_in(name):
            self._floor.note(call, "queued", queue=name, position=0)
            self._overflow(call, "no-agent")
            return
        self.queues.join(call, queue)
        self._floor.note(call, "queued", queue=name, position=self.queues.place_of(call))
        self._floor.dispatch_due = True

    def dispatch(self) -> None:
        """Offer waiting calls to free agents until there is no more to match."""
        self._floor.dispatch_due = False
        while (choice := self.queues.next_offer()) is not None:
            self._offers.to_agent(choice)

    def _overflow(self, call: Call, why: str) -> None:
        """Nobody can take the call in its queue: say so and send it to the overflow target."""
        queue = self._floor.site.queues[call.queue or ""]
        self._offers.withdraw(call)
        self.queues.leave(call)
        call.overflowed = True
        self._floor.note(call, "overflow", queue=queue.name, why=why, target=queue.overflow_target)
        target = parse_target(queue.overflow_target)
        self._prompter.say(call.caller_leg, ["no-agent"], lambda: self._after_overflow(call, target))

    def _after_overflow(self, call: Call, target: Target) -> None:
        if call.state != "ended":
            self._follow(call, target)

    # ---- connect and end

    def _connect(self, call: Call, leg: int) -> None:
        self._offers.answered(call)
        self.queues.leave(call)
        call.step("connect", self._floor.wall())
        call.connected_at, call.connected_mono = self._floor.wall(), self._floor.loop.now()
        if call.queued_mono is not None:
            call.wait_seconds = round(call.connected_mono - call.queued_mono, 3)
        self._accept(call)
        self._sip.bridge(call.caller_leg, leg)
        self._capture.start(call, call.caller_leg, leg, call.connected_at)
        agent = self.agents.at(call.extension)
        if agent is not None:
            call.agent = agent.number
            self.agents.connect(agent, call.id)
        self._floor.note(call, "connected", agent=call.agent, extension=call.extension)

    def _leg_ended(self, call: Call, event: events.LegEnded) -> None:
        if event.leg == call.callee_leg and call.state == "offering":
            self._floor.detach(event.leg)
            self._offers.failed(call, event.status, event.cause, text=event.text)
            return
        is_line = call.line is not None and (event.leg == call.caller_leg) == (call.direction == "inbound")
        if is_line and event.cause in LINE_TROUBLE:
            by = "line"
        elif event.leg == call.caller_leg:
            by = "caller"
        else:
            by = "agent" if call.agent and call.direction == "inbound" else "callee"
        self._lost(call, event.leg, by, event.cause)

    def _lost(self, call: Call, leg: int, by: str, cause: int) -> None:
        """End a call because one of its legs is gone. Where a line failed, who is left hears a tone first."""
        left_over = call.callee_leg if leg == call.caller_leg else call.caller_leg
        if by == "line" and call.state == "connected" and left_over is not None:
            self._floor.detach(left_over)
            self._prompter.say(left_over, ["caller-gone"], lambda: self._sip.end(left_over, cause))
            self._floor.loop.later(FAREWELL_SECONDS, lambda: self._sip.end(left_over, cause))
        self._end(call, by, cause)

    def _no_line(self, call: Call, why: str | None) -> None:
        if why is not None:
            self._floor.note(call, "no-line", reason=why)
        self._say_and_end(call, "line-busy", Cause.NO_CIRCUIT_AVAILABLE, why)

    def _say_and_end(self, call: Call, prompt: str, cause: Cause, why: str | None = None) -> None:
        self._accept(call)
        self._prompter.say(call.caller_leg, [prompt], lambda: self._end(call, "core", cause, why))

    def _end(self, call: Call, by: str, cause: int, why: str | None = None) -> None:
        """End a call whatever its state: both legs, its place, its agent, its recording, its row (``why`` in words)."""
        if call.state == "ended":
            return
        self._capture.stop(call)
        self._offers.withdraw(call)
        self.queues.leave(call)
        self._ivr.drop(call)
        self._prompter.stop(call.caller_leg)
        now = self._floor.loop.now()
        talk = round(now - call.connected_mono, 3) if call.connected_mono is not None else None
        if call.queued_mono is not None and call.wait_seconds is None:
            call.wait_seconds = round(now - call.queued_mono, 3)
        call.ended_at = self._floor.wall()
        call.step("end", call.ended_at)
        for leg in (call.caller_leg, call.callee_leg):
            if leg is not None and self._floor.detach(leg):
                self._sip.end(leg, cause)
        if call.line is not None and call.direction == "outbound":
            self.lines.give_back(call.line)
        self._free_agents(call)
        self._floor.close(call, by, cause, talk, why)

    def _free_agents(self, call: Call) -> None:
        queue = self._floor.site.queues.get(call.queue or "")
        for agent in list(self.agents.agents.values()):
            if agent.call == call.id:
                self.agents.finish(agent, call.id, queue.wrap_up if queue and call.direction == "inbound" else 0)
        self._floor.dispatch_due = True

    # ---- for the service around it

    def click_to_call(self, extension: str, number: str) -> str:
        """Ring a phone of ours and, once it is answered, put it through to ``number``; return the call's id.

        Raises AgentRefusal where the extension or the number is not one.
        """
        dialled = self._floor.meaning(number)
        if extension not in self._floor.site.extensions:
            raise AgentRefusal("unknown-extension", f"there is no extension {extension}")
        if dialled.kind not in ("extension", "outside"):
            raise AgentRefusal("wrong-number", f"{number!r} is no number that can be called from here")
        leg = self._sip.dial(self._floor.phone(extension), dialled.number, {}, to_gateway=False)
        direction: Direction = "internal" if dialled.kind == "extension" else "outbound"
        call = Call(direction, leg, self._floor.wall(), caller=extension, did=dialled.number)
        call.to_be_placed = dialled.kind
        self._floor.open(call)
        self._offers.ring_caller_first(call)
        return call.id

    def hang_up(self, call_id: str) -> bool:
        """End a call by command; False where there is none such."""
        call = self._floor.calls.get(call_id)
        if call is not None:
            self._end(call, "core", Cause.NORMAL_CLEARING)
        return call is not None

    def hang_up_all(self) -> None:
        """End every call because the core stops."""
        for call in list(self._floor.calls.values()):
            self._end(call, "core", Cause.NORMAL_UNSPECIFIED)

    def change_site(self, site: Site) -> None:
        """Take over a site that has changed; calls in progress go on."""
        self._floor.site = site
        self.agents.load(site.agents)
        for agent in self.agents.agents.values():
            self._floor.agent_changed(agent)
