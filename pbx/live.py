"""Tells the bus the present state of calls, agents and queues: after each turn, what has changed in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from appliance.bus import Bus, topics
from appliance.bus_payloads import AgentStatus, CallStatus, Payload, QueueStatus, WaitingCall
from pbx.acd.agents import Agent
from pbx.acd.choice import Waiting
from pbx.calls import Call
from pbx.site import QueueSettings


class Live:
    """Publishes retained states. Seconds of the core's clock become UTC times here."""

    def __init__(self, bus: Bus, now: Callable[[], float], wall: Callable[[], datetime]) -> None:
        self._bus = bus
        self._now = now
        self._wall = wall
        self._last: dict[str, Payload] = {}
        self._agent_since: dict[str, tuple[float, datetime]] = {}

    def call(self, call: Call) -> None:
        """Publish a call's state; an ended call's topic is cleared."""
        topic = topics.call(call.id)
        if call.state == "ended":
            self._last.pop(topic, None)
            self._bus.publish(topic, None, retain=True)
            return
        status = CallStatus(
            call=call.id, direction=call.direction, state=call.state, since=call.since or call.ringing_at,
            started=call.ringing_at, line=call.line, caller=call.caller, did=call.did, queue=call.queue,
            agent=call.agent, extension=call.extension,
        )  # fmt: skip
        self._publish(topic, status)

    def agent(self, agent: Agent) -> None:
        """Publish an agent's state."""
        status = AgentStatus(
            agent=agent.number, name=agent.name, state=agent.state, since=self._since(agent),
            extension=agent.extension, reason=agent.reason, queues=list(agent.queues), call=agent.call,
        )  # fmt: skip
        self._publish(topics.agent(agent.number), status)

    def queue(
        self, queue: QueueSettings, waiting: list[Waiting], calls: Mapping[str, Call], agents: list[Agent]
    ) -> None:
        """Publish a queue: who waits, in order, and how many agents there are."""
        ordered = sorted((w for w in waiting if w.queue == queue.name), key=lambda w: (w.since, w.call))
        status = QueueStatus(
            queue=queue.name,
            label=queue.label,
            waiting=[
                WaitingCall(
                    call=w.call, caller=calls[w.call].caller, since=calls[w.call].queued_at or self._wall(), position=i
                )
                for i, w in enumerate(ordered, 1)
            ],
            logged_in=len(agents),
            available=sum(a.state == "available" for a in agents),
        )
        self._publish(topics.queue(queue.name), status)

    def _publish(self, topic: str, payload: Payload) -> None:
        if self._last.get(topic) != payload:
            self._last[topic] = payload
            self._bus.publish(topic, payload, retain=True)

    def _since(self, agent: Agent) -> datetime:
        """Return when the agent's state began, computed once a state so that it does not flicker with the clocks."""
        known = self._agent_since.get(agent.number)
        if known is None or known[0] != agent.since:
            known = (agent.since, self._wall() - timedelta(seconds=self._now() - agent.since))
            self._agent_since[agent.number] = known
        return known[1]
