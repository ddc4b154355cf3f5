"""``Bus``: one service's place on the bus."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Literal, TypeVar

import paho.mqtt.client as mqtt
from paho.mqtt.properties import Properties

from appliance.bus import topics
from appliance.bus.asking import Asker
from appliance.bus.commands import AsyncHandler, CommandServer, Handler, at_once
from appliance.bus.link import Link
from appliance.bus.outbox import Message, Outbox
from appliance.bus.subscriptions import Receiver, Subscriptions
from appliance.bus_payloads import Payload, ServiceStatus

log = logging.getLogger(__name__)
P = TypeVar("P", bound=Payload)
State = Literal["starting", "online", "offline"]
SETTLE = 3.0  # seconds after a reconnection; a topic not heard again by then has no writer any more


class Bus:
    """Publishes and hears state, serves and asks commands. All handlers run on the one bus thread: keep them short.

    No method waits for the broker or raises because it is away, except ``ask``, which waits for its answer.
    """

    def __init__(self, host: str, port: int, service: str, password: str, *, guest: bool = False) -> None:
        """``guest``: a command that is soon gone again; it shows no status of its own."""
        self.service = service
        self._guest = guest
        self._outbox = Outbox()
        self._link = Link(host, port, (service, password), self._outbox, self)
        self._subscriptions = Subscriptions()
        self._response_topic = topics.response(service, uuid.uuid4().hex)
        self._server = CommandServer(self._send)
        self._asker = Asker(self._response_topic, self._send)
        self._connected = False
        self._settled_at: float | None = None
        self._dropped_logged = 0
        self._state: State = "offline"

    def start(self, ready: bool = True) -> None:
        """Connect in the background and for ever. ``ready=False``: the status is ``starting`` until ``ready()``."""
        self._listen(topics.EVERY_SERVICE, self._subscriptions.validating(ServiceStatus, self._service_heard))
        if self.service in topics.COMMANDED:
            self._listen(topics.every_command(self.service), self._command_heard)
        self._listen(self._response_topic, self._answer_heard)
        self._set_state("online" if ready else "starting")
        will = Message(topics.service(self.service), self._status("offline").model_dump_json().encode(), retain=True)
        self._link.start(None if self._guest else will)

    def ready(self) -> None:
        """The service does its work from now on: its status becomes ``online``."""
        self._set_state("online")

    def stop(self) -> None:
        """Say offline, send what waits (at most about 2 s) and end the thread."""
        self._set_state("offline")
        self._link.stop()

    @property
    def connected(self) -> bool:
        """True while the broker is there."""
        return self._connected

    @property
    def dropped(self) -> int:
        """Events lost since the start because the broker was away for too long."""
        return self._outbox.dropped

    def publish(self, topic: str, payload: Payload | None, retain: bool = False) -> None:
        """Send a payload; never waits. Retained: only the latest is kept, and ``None`` clears the topic."""
        self._send(Message(topic, b"" if payload is None else payload.model_dump_json().encode(), retain))

    def subscribe(self, pattern: str, model: type[P], handler: Callable[[str, P | None], None]) -> None:
        """Have ``handler(topic, payload)`` called for what is published, at once for what is retained.

        The payload is None when the topic was cleared, also when a retained topic was gone after a reconnection.
        A state may come more than once. A payload that isn't a ``model`` is logged once a topic and dropped.
        """
        self._listen(pattern, self._subscriptions.validating(model, handler))

    def own(self, pattern: str) -> None:
        """Clear retained topics under ``pattern`` that this service did not publish: its former life left them."""
        self._listen(pattern, self._disown)

    def serve(self, command: str, handler: Handler) -> None:
        """Answer ``command`` with what ``handler(arguments)`` returns; it raises CommandRefused to refuse."""
        self._server.add(command, at_once(handler))

    def serve_async(self, command: str, handler: AsyncHandler) -> None:
        """Answer ``command`` later: ``handler(arguments, reply)``; ``reply`` is called once, from any thread."""
        self._server.add(command, handler)

    def ask(self, service: str, command: str, arguments: dict[str, Any], timeout: float = 5.0) -> dict[str, Any]:
        """Have a service carry out a command; wait at most ``timeout`` seconds. Raises CommandRefused.

        ``service-offline`` and ``deadline-passed`` may come from this side, all other ids are the service's.
        """
        if self._link.is_current_thread:
            raise RuntimeError("ask() in a bus handler would wait for itself; ask from another thread")
        return self._asker.ask(service, command, arguments, timeout)

    def up(self) -> None:
        """The link is connected: what was heard before must be heard again soon, or it is gone."""
        self._connected = True
        self._settled_at = time.monotonic() + SETTLE
        self._subscriptions.connected()

    def down(self) -> None:
        """The link is not connected any more."""
        self._connected = False
        self._settled_at = None
        self._asker.connection_lost()

    def idle(self) -> None:
        """Some time has passed on the link."""
        if self._outbox.dropped > self._dropped_logged:
            log.warning("%d events were dropped while the broker was away", self._outbox.dropped)
            self._dropped_logged = self._outbox.dropped
        if self._settled_at is not None and time.monotonic() >= self._settled_at:
            self._settled_at = None
            self._subscriptions.settled()

    def message(self, message: mqtt.MQTTMessage) -> None:
        """The link received a publication."""
        self._subscriptions.deliver(message.topic, bytes(message.payload), message.retain, message.properties)

    def _listen(self, pattern: str, receiver: Receiver) -> None:
        self._link.subscribe(pattern, self._subscriptions.add(pattern, receiver).identifier)

    def _send(self, message: Message) -> None:
        self._outbox.put(message)
        self._link.wake()

    def _service_heard(self, topic: str, status: ServiceStatus | None) -> None:
        name = topic.rpartition("/")[2]
        state = "offline" if status is None else status.state
        if name == self.service and state == "offline" and self._state != "offline":
            # The last will of a former process of this service came late: it must not stand over our own status.
            self._set_state(self._state)
        self._asker.service_is(name, state)

    def _command_heard(self, topic: str, body: bytes, properties: Properties | None) -> None:
        name = topic.rpartition("/")[2]
        response = getattr(properties, "ResponseTopic", None)
        self._server.received(name, body, response, getattr(properties, "CorrelationData", None))

    def _answer_heard(self, topic: str, body: bytes, properties: Properties | None) -> None:  # noqa: ARG002
        self._asker.answered(getattr(properties, "CorrelationData", None), body)

    def _disown(self, topic: str, body: bytes, properties: Properties | None) -> None:  # noqa: ARG002
        if body and not self._outbox.holds(topic):
            log.info("clearing %s, left by a former life", topic)
            self._send(Message(topic, b"", retain=True))

    def _set_state(self, state: State) -> None:
        self._state = state
        if self._guest:
            return
        self.publish(topics.service(self.service), self._status(state), retain=True)

    def _status(self, state: State) -> ServiceStatus:
        return ServiceStatus(
            service=self.service, state=state, since=datetime.now(UTC), pid=os.getpid(), version=version("callfloor")
        )
