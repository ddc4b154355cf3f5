"""Rings the second leg of a call: an agent's phone, an extension, or an outside number over a line.

An offer ends in one of three ways: it is answered, it fails and another is tried (the next agent, the next line), or it
fails for good. A leg that was withdrawn belongs to no call any more, so an answer that crosses the withdrawal finds no
call and is hung up: two phones that answer in the same instant never both get the caller.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import phonenumbers

from appliance.q850 import Cause
from pbx.acd.choice import Choice
from pbx.acd.desk import AgentDesk
from pbx.acd.queueing import QueueDesk
from pbx.calls import Call
from pbx.floor import Floor
from pbx.lines import LineBook, Outgoing, refusal_text
from pbx.loop import Timer
from pbx.sip import DeadLeg

log = logging.getLogger(__name__)

OUTSIDE_RING_SECONDS = 90.0
EXTENSION_RING_SECONDS = 45.0
UNREACHABLE = frozenset(
    {403, 404, 408, 410, 480, 502, 503, 504}
)  # SIP: there is no phone, or it does not answer at all
LINE_TROUBLE = frozenset(
    {
        Cause.DESTINATION_OUT_OF_ORDER,
        Cause.NO_CIRCUIT_AVAILABLE,
        Cause.NETWORK_OUT_OF_ORDER,
        Cause.TEMPORARY_FAILURE,
        Cause.SWITCHING_EQUIPMENT_CONGESTION,
        Cause.REQUESTED_CHANNEL_UNAVAILABLE,
        Cause.RESOURCE_UNAVAILABLE,
        Cause.BEARER_NOT_AVAILABLE,
        Cause.RECOVERY_ON_TIMER_EXPIRY,
    }
)
"""Causes that lie with the line or its network, so that another line may do better."""
RULE = re.compile(r"[a-z_]+: .")  # a gateway's words where a rule of the SIM's policy refuses the call


class Offers:
    """The second legs that are being rung. ``end(call, by, cause)`` and ``no_line(call, why)`` are the switch's."""

    def __init__(
        self,
        floor: Floor,
        agents: AgentDesk,
        queues: QueueDesk,
        lines: LineBook,
        end: Callable[[Call, str, int], None],
        no_line: Callable[[Call, str | None], None],
    ) -> None:
        self._floor = floor
        self._agents = agents
        self._queues = queues
        self._lines = lines
        self._end = end
        self._no_line = no_line
        self._timers: dict[str, Timer] = {}

    def to_agent(self, choice: Choice) -> None:
        """Offer a waiting call to the agent who was chosen."""
        agent, call = self._agents.agents[choice.agent], self._queues.call(choice.call)
        queue = self._queues.settings(call)
        assert queue is not None
        assert agent.extension is not None
        self._agents.ring(agent, call.id)
        call.step("offer", self._floor.wall())
        call.agent, call.extension = agent.number, agent.extension
        self._floor.note(call, "offered", agent=agent.number, extension=agent.extension, reason=choice.reason)
        self._dial(call, self._floor.phone(agent.extension), {}, queue.ring_timeout)

    def to_extension(self, call: Call, extension: str) -> None:
        """Ring a phone directly."""
        call.step("offer", self._floor.wall())
        call.extension = extension
        self._floor.note(call, "offered", extension=extension)
        if call.answered_at is None:
            self._floor.sip.ring(call.caller_leg)
        self._dial(call, self._floor.phone(extension), {}, EXTENSION_RING_SECONDS)

    def to_outside(self, call: Call) -> None:
        """Call an outside number over the next line that is free and may."""
        around, site, now = self._floor.around, self._floor.site, self._floor.wall()
        number = call.did or ""
        wanted = Outgoing(number, self._is_emergency(call), around.gateways, call.lines_tried)
        line = self._lines.take(wanted, site, now)
        if line is None:
            refusals = call.refusals | self._lines.refusals(wanted, site, now)
            self._no_line(call, refusal_text(refusals) if refusals else None)
            return
        call.line = line
        call.lines_tried.append(line)
        call.step("offer", self._floor.wall())
        self._floor.note(call, "offered", line=line)
        uri = f"sip:{number}@{around.gateways[site.lines[line].gateway]}"
        self._dial(call, uri, {"X-Callfloor-Line": line}, OUTSIDE_RING_SECONDS)

    def rings(self, call: Call) -> None:
        """The second leg alerts: so does the first, unless it is answered already."""
        call.alerted = True
        self._floor.note(call, "alerting")
        if call.answered_at is None and call.queue is None:
            self._floor.sip.ring(call.caller_leg)

    def answered(self, call: Call) -> None:
        """The second leg is answered: nothing of the offer is left but the leg."""
        self._cancel_timer(call)

    def failed(self, call: Call, status: int, cause: int, rang: bool = False, text: str = "") -> None:
        """The second leg came to nothing, ``text`` says why: the next agent, the next line, or the end."""
        self._cancel_timer(call)
        call.callee_leg = None
        if self._queues.settings(call) is not None:
            self._agent_failed(call, cause, unreachable=status in UNREACHABLE and not rang)
        elif call.direction == "outbound" and call.line is not None:
            self._line_failed(call, cause, text)
        else:
            self._end(call, "core" if rang else "callee", cause)

    def withdraw(self, call: Call) -> None:
        """Stop ringing: the caller has gone or overflows. A call for which nothing rings is left alone."""
        self._cancel_timer(call)
        if call.state != "offering":
            return
        self._drop_leg(call, Cause.NORMAL_CLEARING)
        if self._queues.settings(call) is not None and call.agent is not None:
            self._agents.release(self._agents.agents[call.agent], unreachable=False, at_fault=False)
            call.agent = call.extension = None

    def ring_caller_first(self, call: Call) -> None:
        """Click-to-call: the caller's own phone is rung; give up when it isn't answered."""
        self._timers[call.id] = self._floor.loop.later(
            EXTENSION_RING_SECONDS, lambda: self._end(call, "core", Cause.NO_ANSWER)
        )

    def _dial(self, call: Call, uri: str, headers: dict[str, str], ring_seconds: float) -> None:
        try:
            leg = self._floor.sip.dial(uri, call.caller, headers, to_gateway=bool(headers), name=call.caller_name)
        except DeadLeg as error:
            log.error("%s", error)
            self.failed(call, 503, Cause.TEMPORARY_FAILURE)
            return
        call.callee_leg, call.alerted = leg, False
        self._floor.attach(leg, call)
        self._timers[call.id] = self._floor.loop.later(ring_seconds, lambda: self._not_answered(call))

    def _not_answered(self, call: Call) -> None:
        if call.state == "offering":
            self._drop_leg(call, Cause.NO_ANSWER)
            self.failed(call, 408, Cause.NO_ANSWER, rang=True)

    def _agent_failed(self, call: Call, cause: int, unreachable: bool) -> None:
        agent = self._agents.agents[call.agent or ""]
        self._agents.release(agent, unreachable, at_fault=True)
        call.step("withdraw", self._floor.wall())
        self._floor.note(call, "not-answered", agent=agent.number, cause=cause, unreachable=unreachable)
        call.agent = call.extension = None
        self._floor.dispatch_due = True

    def _line_failed(self, call: Call, cause: int, text: str) -> None:
        """The next line only while no phone has rung: whoever's did would be called again, over another number.

        An emergency call goes on all the same: to be called twice is better than not to be reached.
        """
        line = call.line or ""
        self._floor.note(call, "line-failed", line=line, cause=cause, **({"reason": text} if text else {}))
        if RULE.match(text):
            call.refusals[line] = text
        self._lines.give_back(line)
        trouble = cause in LINE_TROUBLE
        if trouble and (not call.alerted or self._is_emergency(call)):
            self.to_outside(call)
        else:
            self._end(call, "line" if trouble else "callee", cause)

    def _is_emergency(self, call: Call) -> bool:
        return phonenumbers.is_emergency_number(call.did or "", self._floor.around.country)

    def _drop_leg(self, call: Call, cause: int) -> None:
        if call.callee_leg is not None:
            self._floor.detach(call.callee_leg)
            self._floor.sip.end(call.callee_leg, cause)
            call.callee_leg = None

    def _cancel_timer(self, call: Call) -> None:
        timer = self._timers.pop(call.id, None)
        if timer is not None:
            timer.cancel()
