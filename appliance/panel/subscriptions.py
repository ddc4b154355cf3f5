"""All that the panel hears from the bus."""

from __future__ import annotations

from collections.abc import Callable

from appliance.bus import Bus, topics
from appliance.bus_payloads import (
    AgentStatus,
    CallEventMessage,
    CallStatus,
    LineStatus,
    Payload,
    QueueStatus,
    ServiceStatus,
    SpanStatus,
)
from appliance.panel.live import Kind, Live


def subscribe(bus: Bus, live: Live) -> None:
    """Have ``live`` told of every state topic and of the steps of calls."""

    def state(kind: Kind) -> Callable[[str, Payload | None], None]:
        return lambda topic, payload: live.heard(kind, topic, payload)

    bus.subscribe(topics.EVERY_SERVICE, ServiceStatus, state("service"))
    bus.subscribe(topics.EVERY_LINE, LineStatus, state("line"))
    bus.subscribe(topics.EVERY_SPAN, SpanStatus, state("span"))
    bus.subscribe(topics.EVERY_AGENT, AgentStatus, state("agent"))
    bus.subscribe(topics.EVERY_QUEUE, QueueStatus, state("queue"))
    bus.subscribe(topics.EVERY_CALL, CallStatus, state("call"))
    bus.subscribe(topics.CALL_EVENTS, CallEventMessage, lambda _topic, event: live.heard_event(event))
