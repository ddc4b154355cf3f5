"""The switch: what an event means for its call.

    line or phone ──► LegArrived ──► routing ──► ivr ──► queue ──► offer to a second leg ──► connect ──► end

One object, one thread. Parts that can be thought of alone stand alone: routing, IVR walks, queue places, agents'
states, the ledger. What is left here is the order of things.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.q850 import Cause
from pbx import events
from pbx.acd.agents import Agent, AgentRefusal
from pbx.acd.desk import AgentDesk
from pbx.acd.queueing import QueueDesk
from pbx.calls import Call, Direction
from pbx.ivr.engine import Note
from pbx.ivr.runner import IvrRunner
from pbx.ledger.book import Book
from pbx.lines import LineBook
from pbx.loop import Loop, Timer
from pbx.prompter import Prompter
from pbx.recording.capture import Capture
from pbx.routing import FeatureCodes, Target, meaning, parse_target, route, to_e164
from pbx.services import PhoneServices
from pbx.sip import DeadLeg, SipCore
from pbx.site import Site

log = logging.getLogger(__name__)

ANSWER_PAUSE = 0.5  # a GSM line's audio opens a moment after its answer: don't cut the greeting's first word
OUTSIDE_RING_SECONDS = 90.0
EXTENSION_RING_SECONDS = 45.0
FAREWELL_SECONDS = 2.5
UNREACHABLE = frozenset({403, 404, 408, 410, 480, 502, 503, 504})
LINE_TROUBLE = frozenset({
    Cause.DESTINATION_OUT_OF_ORDER, Cause.NETWORK_OUT_OF_ORDER, Cause.TEMPORARY_FAILURE, Cause.RESOURCE_UNAVAILABLE,
    Cause.BEARER_NOT_AVAILABLE, Cause.NO_CIRCUIT_AVAILABLE, Cause.RECOVERY_ON_TIMER_EXPIRY,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the switch must know of its site's settings."""

    country: str
    timezone: ZoneInfo
    codes: FeatureCodes
    edge: str  # host:port towards the phones
    gateways: dict[str, str]  # gateway name -> host:port


class Switch:
    """All calls of this core."""

    def __init__(
        self,
        surroundings: Surroundings,
        site: Site,
        sip: SipCore,
        loop: Loop,
        wall: Callable[[], datetime],
        book: Book,
        lines: LineBook,
        capture: Capture,
    ) -> None:
        self._around = surroundings
        self.site = site
        self._sip = sip
        self._loop = loop
        self._wall = wall
        self._book = book
        self.lines = lines
        self._capture = capture
        self.calls: dict[str, Call] = {}
        self._of_leg: dict[int, Call] = {}
        self._ring_timers: dict[str, Timer] = {}
        self._prompter = Prompter(sip, loop)
        self.agents = AgentDesk(loop, self._agent_changed)
        self.queues = QueueDesk(sip, self._prompter, loop, self.agents, self._overflow)
        self._ivr = IvrRunner(self._prompter, loop, self._ivr_note, self._follow)
        self.services = PhoneServices(sip, self._prompter, loop, self.agents)
        self.changed_calls: dict[str, Call] = {}
        self.changed_agents: dict[str, Agent] = {}
        self.dispatch_due = False

    # ---- events, in the order in which a call meets them

    def handle(self, event: events.Event) -> None:
        """Take one event of a leg."""
        try:
            self._handle(event)
        except DeadLeg as gone:
            # The leg's own LegEnded follows and ends what belongs to it.
            log.info("%s", gone)

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.LegArrived():
                self._arrived(event)
            case events.LegRinging(leg):
                self._callee_rings(leg)
            case events.LegAnswered(leg):
                self._answered(leg)
            case events.LegMediaReady(leg):
                self._sip.media_ready(leg)
            case events.LegDigit(leg, digit):
                self._digit(leg, digit)
            case events.LegSilent(leg, seconds):
                self._silent(leg, seconds)
            case events.LegEnded():
                self._leg_ended(event)

    def _arrived(self, event: events.LegArrived) -> None:
        now = self._wall()
        if event.line is not None:
            caller = event.caller and (to_e164(event.caller, self._around.country) or event.caller)
            call = Call("inbound", event.leg, now, line=event.line, caller=caller, did=event.called)
            self._open(call)
            local = now.astimezone(self._around.timezone)
            self._follow(call, route(self.site.rules, call.line, call.did, call.caller, local))
            return
        extension = event.extension or ""
        dialled = meaning(event.called, self._around.codes, self.site.extensions, self._around.country)
        if self.services.serve(event.leg, extension, dialled):
            return
        direction: Direction = "internal" if dialled.kind == "extension" else "outbound"
        call = Call(direction, event.leg, now, caller=extension, did=dialled.number)
        call.caller_extension = extension
        self._open(call)
        self.place(call, dialled.kind == "outside")

    def place(self, call: Call, outside: bool) -> None:
        """Put a call of a phone of ours through to what it dialled."""
        agent = self.agents.at(call.caller_extension)
        if agent is not None and agent.state != "ringing":
            call.agent = agent.number if call.direction == "outbound" else None
            self.agents.connect(agent, call.id)
        if call.direction == "internal":
            self._offer_extension(call, call.did or "")
        elif outside:
            self._offer_outside(call)
        else:
            self._say_and_end(call, "wrong-code", Cause.INVALID_NUMBER_FORMAT)

    def _open(self, call: Call) -> None:
        call.since = call.ringing_at
        self.calls[call.id] = call
        self._of_leg[call.caller_leg] = call
        self._note(call, "ringing", line=call.line, caller=call.caller, did=call.did)

    def _follow(self, call: Call, target: Target) -> None:
        """Send a call to a routing target."""
        match target.kind:
            case "ivr" if target.name in self.site.flows:
                self._accept(call)
                call.step("ivr", self._wall())
                self._note(call, "ivr", flow=target.name)
                flow = self.site.flows[target.name]
                self._loop.later(ANSWER_PAUSE, lambda: self._begin_flow(call, lambda: self._ivr.enter(call, flow)))
            case "queue" if target.name in self.site.queues:
                self._join_queue(call, target.name)
            case "extension" if target.name in self.site.extensions:
                self._offer_extension(call, target.name)
            case "hangup":
                self._end(call, "core", Cause.NORMAL_CLEARING if call.answered_at else Cause.NO_ROUTE)
            case _:
                log.error("call %s is routed to %s, which is not there", call.id, target)
                self._end(call, "core", Cause.NO_ROUTE)

    def _begin_flow(self, call: Call, begin: Callable[[], None]) -> None:
        if call.state == "ivr":
            begin()

    def _accept(self, call: Call) -> None:
        if call.answered_at is None:
            self._sip.accept(call.caller_leg)
            call.answered_at = self._wall()
            self._note(call, "answered")

    def _ivr_note(self, call: Call, note: Note) -> None:
        self._note(call, "ivr-step", step=note.step, what=note.what, **({"key": note.key} if note.key else {}))

    # ---- queue

    def _join_queue(self, call: Call, name: str) -> None:
        queue = self.site.queues[name]
        self._accept(call)
        call.step("queue", self._wall())
        call.queue = name
        call.queued_at = call.queued_at or self._wall()
        call.queued_mono = call.queued_mono if call.queued_mono is not None else self._loop.now()
        if not queue.join_empty and not self.agents.logged_in(name):
            self._note(call, "queued", queue=name, position=0)
            self._overflow(call, "no-agent")
            return
        self.queues.join(call, queue)
        self._note(call, "queued", queue=name, position=self.queues.place_of(call))
        self.dispatch_due = True

    def _overflow(self, call: Call, why: str) -> None:
        """Nobody can take the call in its queue: say so and send it to the overflow target."""
        queue = self.site.queues[call.queue or ""]
        self._withdraw_offer(call)
        self.queues.leave(call)
        call.overflowed = True
        self._note(call, "overflow", queue=queue.name, why=why, target=queue.overflow_target)
        target = parse_target(queue.overflow_target)
        self._prompter.say(call.caller_leg, ["no-agent"], lambda: self._after_overflow(call, target))

    def _after_overflow(self, call: Call, target: Target) -> None:
        if call.state != "ended":
            self._follow(call, target)

    def dispatch(self) -> None:
        """Offer waiting calls to free agents until there is no more to match."""
        self.dispatch_due = False
        while (choice := self.queues.next_offer()) is not None:
            agent = self.agents.agents[choice.agent]
            call = self.queues.call(choice.call)
            self.agents.ring(agent, call.id)
            call.step("offer", self._wall())
            call.agent, call.extension = agent.number, agent.extension
            self._note(call, "offered", agent=agent.number, extension=agent.extension, reason=choice.reason)
            queue = self.queues.settings(call)
            self._dial(call, self._phone(agent.extension or ""), call.caller, {}, queue.ring_timeout if queue else 20)

    # ---- offers to a second leg

    def _phone(self, extension: str) -> str:
        return f"sip:{extension}@{self._around.edge}"

    def _offer_extension(self, call: Call, extension: str) -> None:
        call.step("offer", self._wall())
        call.extension = extension
        self._note(call, "offered", extension=extension)
        if call.answered_at is None:
            self._sip.ring(call.caller_leg)
        self._dial(call, self._phone(extension), call.caller, {}, EXTENSION_RING_SECONDS)

    def _offer_outside(self, call: Call) -> None:
        """Take the next free line; with none left the caller is told."""
        lines = [s.name for s in self.site.lines.values() if s.gateway in self._around.gateways]
        line = self.lines.take(lines, call.lines_tried, self._wall())
        if line is None:
            self._say_and_end(call, "line-busy", Cause.NO_CIRCUIT_AVAILABLE)
            return
        call.line = line
        call.lines_tried.append(line)
        call.step("offer", self._wall())
        self._note(call, "offered", line=line)
        gateway = self._around.gateways[self.site.lines[line].gateway]
        headers = {"X-Callfloor-Line": line}
        self._dial(call, f"sip:{call.did}@{gateway}", call.caller, headers, OUTSIDE_RING_SECONDS)

    def _dial(self, call: Call, uri: str, caller: str | None, headers: dict[str, str], ring_seconds: float) -> None:
        call.callee_leg = None
        try:
            leg = self._sip.dial(uri, caller, headers, to_gateway="X-Callfloor-Line" in headers)
        except DeadLeg as error:
            log.error("%s", error)
            self._offer_failed(call, 503, Cause.TEMPORARY_FAILURE)
            return
        call.callee_leg = leg
        self._of_leg[leg] = call
        self._ring_timers[call.id] = self._loop.later(ring_seconds, lambda: self._not_answered(call))

    def _callee_rings(self, leg: int) -> None:
        call = self._of_leg.get(leg)
        if call is None or leg != call.callee_leg or call.state != "offering":
            return
        self._note(call, "alerting")
        if call.answered_at is None and call.queue is None:
            self._sip.ring(call.caller_leg)

    def _answered(self, leg: int) -> None:
        call = self._of_leg.get(leg)
        if call is None:
            return
        if leg == call.callee_leg and call.state == "offering":
            self._connect(call, leg)
        elif leg == call.caller_leg and call.to_be_placed is not None:
            self._cancel_ring(call)
            call.answered_at = self._wall()
            self._note(call, "answered")
            outside, call.to_be_placed = call.to_be_placed == "outside", None
            self.place(call, outside)

    def _connect(self, call: Call, leg: int) -> None:
        self._cancel_ring(call)
        self.queues.leave(call)
        call.step("connect", self._wall())
        call.connected_at, call.connected_mono = self._wall(), self._loop.now()
        if call.queued_mono is not None:
            call.wait_seconds = round(call.connected_mono - call.queued_mono, 3)
        self._accept(call)
        self._sip.bridge(call.caller_leg, leg)
        self._capture.start(call, call.caller_leg, leg, call.connected_at)
        agent = self.agents.at(call.extension)
        if agent is not None:
            call.agent = agent.number
            self.agents.connect(agent, call.id)
        self._note(call, "connected", agent=call.agent, extension=call.extension)

    def _not_answered(self, call: Call) -> None:
        self._ring_timers.pop(call.id, None)
        if call.state == "offering":
            self._drop_callee(call, Cause.NO_ANSWER)
            self._offer_failed(call, 408, Cause.NO_ANSWER, rang=True)

    def _offer_failed(self, call: Call, status: int, cause: int, rang: bool = False) -> None:
        """The second leg came to nothing: the next agent, the next line, or the end."""
        self._cancel_ring(call)
        call.callee_leg = None
        if self.queues.settings(call) is not None:
            agent = self.agents.agents[call.agent or ""]
            unreachable = status in UNREACHABLE and not rang
            self.agents.release(agent, unreachable, at_fault=True)
            call.step("withdraw", self._wall())
            self._note(call, "not-answered", agent=agent.number, cause=cause, unreachable=unreachable)
            call.agent = call.extension = None
            self.dispatch_due = True
        elif call.direction == "outbound" and call.line is not None:
            self._note(call, "line-failed", line=call.line, cause=cause)
            self.lines.give_back(call.line)
            if cause in LINE_TROUBLE and not rang:
                self._offer_outside(call)
            else:
                self._end(call, "callee", cause)
        else:
            self._end(call, "core" if rang else "callee", cause)

    def _withdraw_offer(self, call: Call) -> None:
        """Stop ringing an agent because the caller is gone or overflows."""
        if call.state != "offering" or self.queues.settings(call) is None:
            return
        self._drop_callee(call, Cause.NORMAL_CLEARING)
        self._cancel_ring(call)
        self.agents.release(self.agents.agents[call.agent or ""], unreachable=False, at_fault=False)
        call.agent = call.extension = None

    def _drop_callee(self, call: Call, cause: int) -> None:
        if call.callee_leg is not None:
            self._of_leg.pop(call.callee_leg, None)
            self._sip.end(call.callee_leg, cause)
            call.callee_leg = None

    def _cancel_ring(self, call: Call) -> None:
        timer = self._ring_timers.pop(call.id, None)
        if timer is not None:
            timer.cancel()

    # ---- the end

    def _digit(self, leg: int, digit: str) -> None:
        call = self._of_leg.get(leg)
        if call is None:
            return
        if call.state == "ivr":
            self._ivr.key(call, digit)
        elif call.state == "connected" and call.callee_leg is not None:
            self._sip.digits(call.callee_leg if leg == call.caller_leg else call.caller_leg, digit)

    def _silent(self, leg: int, seconds: float) -> None:
        log.warning("leg %d has sent no audio for %.0f s: its far end is taken for dead", leg, seconds)
        self._sip.end(leg, Cause.TEMPORARY_FAILURE)
        call = self._of_leg.get(leg)
        if call is not None:
            self._finish_from(call, leg, "line", Cause.TEMPORARY_FAILURE)

    def _leg_ended(self, event: events.LegEnded) -> None:
        if self.services.ended(event.leg):
            return
        call = self._of_leg.get(event.leg)
        if call is None:
            return
        if event.leg == call.callee_leg and call.state == "offering":
            self._of_leg.pop(event.leg, None)
            call.callee_leg = None
            self._offer_failed(call, event.status, event.cause)
            return
        of_line = call.line is not None and (event.leg == call.caller_leg) == (call.direction == "inbound")
        if of_line and event.cause in LINE_TROUBLE:
            by = "line"
        elif event.leg == call.caller_leg:
            by = "caller"
        else:
            by = "agent" if call.agent and call.direction == "inbound" else "callee"
        self._finish_from(call, event.leg, by, event.cause)

    def _finish_from(self, call: Call, leg: int, by: str, cause: int) -> None:
        """End a call because one of its legs is gone. Where a line failed, the one who is left hears a tone first."""
        left_over = call.callee_leg if leg == call.caller_leg else call.caller_leg
        if by == "line" and call.state == "connected" and left_over is not None:
            self._of_leg.pop(left_over, None)
            self._prompter.say(left_over, ["caller-gone"], lambda: self._sip.end(left_over, cause))
            self._loop.later(FAREWELL_SECONDS, lambda: self._sip.end(left_over, cause))
        self._end(call, by, cause)

    def hang_up(self, call_id: str, by: str) -> bool:
        """End a call by command; False where there is none such."""
        call = self.calls.get(call_id)
        if call is None:
            return False
        self._end(call, by, Cause.NORMAL_CLEARING)
        return True

    def _say_and_end(self, call: Call, prompt: str, cause: Cause) -> None:
        self._accept(call)
        self._prompter.say(call.caller_leg, [prompt], lambda: self._end(call, "core", cause))

    def _end(self, call: Call, by: str, cause: int) -> None:
        """End a call whatever its state: both legs, its place, its agent, its recording, its row."""
        if call.state == "ended":
            return
        now = self._wall()
        self._capture.stop(call)
        self._withdraw_offer(call)
        self._cancel_ring(call)
        self.queues.leave(call)
        self._ivr.drop(call)
        self._prompter.stop(call.caller_leg)
        talk = self._loop.now() - call.connected_mono if call.connected_mono is not None else None
        if call.queued_mono is not None and call.wait_seconds is None:
            call.wait_seconds = round(self._loop.now() - call.queued_mono, 3)
        call.step("end", now)
        call.ended_at = now
        for leg in (call.caller_leg, call.callee_leg):
            if leg is not None and self._of_leg.pop(leg, None) is not None:
                self._sip.end(leg, cause)
        if call.line is not None and call.direction == "outbound":
            self.lines.give_back(call.line)
        self._release_agents(call)
        del self.calls[call.id]
        self.changed_calls[call.id] = call
        self._book.ended(call, now, by, cause, talk)

    def _release_agents(self, call: Call) -> None:
        queue = self.site.queues.get(call.queue or "")
        for agent in list(self.agents.agents.values()):
            if agent.call == call.id:
                self.agents.finish(agent, call.id, queue.wrap_up if queue and call.direction == "inbound" else 0)
        self.dispatch_due = True

    # ---- for the service around it

    def click_to_call(self, extension: str, number: str) -> str:
        """Ring a phone of ours and, once it is answered, put it through to ``number``; return the call's id.

        Raises AgentRefusal where the extension or the number is not one.
        """
        dialled = meaning(number, self._around.codes, self.site.extensions, self._around.country)
        if extension not in self.site.extensions:
            raise AgentRefusal("unknown-extension", f"there is no extension {extension}")
        if dialled.kind not in ("extension", "outside"):
            raise AgentRefusal("wrong-number", f"{number!r} is no number that can be called from here")
        leg = self._sip.dial(self._phone(extension), dialled.number, {}, to_gateway=False)
        direction: Direction = "internal" if dialled.kind == "extension" else "outbound"
        call = Call(direction, leg, self._wall(), caller=extension, did=dialled.number, caller_extension=extension)
        call.to_be_placed = dialled.kind
        self._open(call)
        self._ring_timers[call.id] = self._loop.later(
            EXTENSION_RING_SECONDS, lambda: self._end(call, "core", Cause.NO_ANSWER)
        )
        return call.id

    def change_site(self, site: Site) -> None:
        """Take over a site that has changed; calls in progress go on."""
        self.site = site
        self.agents.load(site.agents)
        self.changed_agents.update(self.agents.agents)

    def hang_up_all(self) -> None:
        """End every call because the core stops."""
        for call in list(self.calls.values()):
            self._end(call, "core", Cause.NORMAL_UNSPECIFIED)

    def take_changes(self) -> tuple[list[Agent], list[Call]]:
        """Return the agents and calls that have changed since it was last asked."""
        agents, calls = list(self.changed_agents.values()), list(self.changed_calls.values())
        self.changed_agents.clear()
        self.changed_calls.clear()
        return agents, calls

    # ---- telling

    def _note(self, call: Call, kind: str, **data: object) -> None:
        self.changed_calls[call.id] = call
        self._book.event(call, self._wall(), kind, **data)

    def _agent_changed(self, agent: Agent) -> None:
        self.changed_agents[agent.number] = agent
        self.dispatch_due = True
