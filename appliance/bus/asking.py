"""The asking side of commands: send, wait for the answer, give up early when the asked service is not there."""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from appliance.bus import topics
from appliance.bus.commands import CommandRefused
from appliance.bus.outbox import Message, publish_properties
from appliance.bus_payloads import Command, CommandAnswer, CommandError

log = logging.getLogger(__name__)
GRACE = 1.0  # seconds in which a connection and the asked service's retained status must show


class Asker:
    """Pending questions and the last known state of each service. ``ask`` runs on any thread but the bus thread."""

    def __init__(self, response_topic: str, send: Callable[[Message], None]) -> None:
        self._response_topic = response_topic
        self._send = send
        self._changed = threading.Condition()
        self._states: dict[str, str] = {}
        self._pending: dict[bytes, CommandAnswer | None] = {}

    def ask(self, service: str, command: str, arguments: dict[str, Any], timeout: float) -> dict[str, Any]:
        """Return the result; raise CommandRefused with the answer's id, ``service-offline`` or ``deadline-passed``."""
        end = time.monotonic() + timeout
        correlation = uuid.uuid4().bytes
        with self._changed:
            self._changed.wait_for(lambda: service in self._states, min(GRACE, timeout))
            if self._gone(service):
                raise CommandRefused("service-offline", f"{service} is not running; start it, then try again")
            self._pending[correlation] = None
            try:
                self._send(self._question(service, command, arguments, timeout, correlation))
                self._changed.wait_for(
                    lambda: self._pending[correlation] is not None or self._states.get(service) == "offline",
                    max(0.0, end - time.monotonic()),
                )
                answer = self._pending[correlation]
            finally:
                del self._pending[correlation]
            return _result(service, command, answer, self._states.get(service) == "offline")

    def _gone(self, service: str) -> bool:
        return self._states.get(service, "offline") == "offline"

    def _question(self, service: str, command: str, arguments: dict[str, Any], timeout: float, key: bytes) -> Message:
        properties = publish_properties(
            ResponseTopic=self._response_topic,
            CorrelationData=key,
            MessageExpiryInterval=max(1, math.ceil(timeout)),
        )
        body = Command(arguments=arguments, deadline=datetime.now(UTC) + timedelta(seconds=timeout))
        return Message(topics.command(service, command), body.model_dump_json().encode(), properties=properties)

    def answered(self, correlation: bytes | None, body: bytes) -> None:
        """An answer came in; late and unknown ones are dropped."""
        try:
            answer = CommandAnswer.model_validate_json(body)
        except ValidationError:
            log.warning("an answer that does not validate was dropped: %.200r", body)
            return
        with self._changed:
            if correlation in self._pending:
                self._pending[correlation] = answer
                self._changed.notify_all()

    def service_is(self, service: str, state: str) -> None:
        """Note the state of a service as its status topic tells it."""
        with self._changed:
            self._states[service] = state
            self._changed.notify_all()

    def connection_lost(self) -> None:
        """Forget what was known of the services until they are heard again."""
        with self._changed:
            self._states.clear()


def _result(service: str, command: str, answer: CommandAnswer | None, offline: bool) -> dict[str, Any]:
    if answer is None and offline:
        raise CommandRefused(
            "service-offline", f"{service} stopped before it answered; look whether {command} was done"
        )
    if answer is None:
        raise CommandRefused("deadline-passed", f"{service} did not answer {command} in time; look whether it was done")
    if not answer.ok:
        error = answer.error or CommandError(id="internal-error", message=f"{service} gave no reason")
        raise CommandRefused(error.id, error.message)
    return answer.result
