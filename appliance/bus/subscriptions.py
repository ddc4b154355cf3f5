"""Who hears what: patterns, their handlers, and which retained topics were heard on each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from paho.mqtt.properties import Properties
from pydantic import ValidationError

from appliance.bus_payloads import Payload

log = logging.getLogger(__name__)
P = TypeVar("P", bound=Payload)
Receiver = Callable[[str, bytes, Properties | None], None]
COMPLAINED = 1000  # topics with a bad payload that are remembered, so that each is logged once


class Subscription:
    """A pattern and its receivers. ``identifier`` is MQTT 5's: the broker names it with each publication."""

    def __init__(self, pattern: str, identifier: int) -> None:
        self.pattern = pattern
        self.identifier = identifier
        self.receivers: list[Receiver] = []
        self.heard: set[str] = set()  # retained topics that have a value
        self.unconfirmed: set[str] = set()  # … of which nothing was heard since the reconnection

    def deliver(self, topic: str, body: bytes, retained: bool, properties: Properties | None) -> None:
        """Hand a publication to all receivers; what one raises does not keep it from the next."""
        self.unconfirmed.discard(topic)
        if retained and body:
            self.heard.add(topic)
        elif not body:
            self.heard.discard(topic)
        for receive in self.receivers:
            try:
                receive(topic, body, properties)
            except Exception:
                log.exception("the handler of %s failed", topic)


class Subscriptions:
    """All subscriptions of a service. Receivers are added from any thread, the rest runs on the bus thread."""

    def __init__(self) -> None:
        self._by_pattern: dict[str, Subscription] = {}
        self._by_identifier: dict[int, Subscription] = {}
        self._complained: set[str] = set()

    def add(self, pattern: str, receiver: Receiver) -> Subscription:
        """Add a receiver; the caller then subscribes at the broker under the returned identifier."""
        subscription = self._by_pattern.get(pattern)
        if subscription is None:
            subscription = Subscription(pattern, len(self._by_pattern) + 1)
            self._by_identifier[subscription.identifier] = subscription
            self._by_pattern[pattern] = subscription
        subscription.receivers = [*subscription.receivers, receiver]
        return subscription

    def deliver(self, topic: str, body: bytes, retained: bool, properties: Properties | None) -> None:
        """Hand a publication to the subscriptions by which it came."""
        for identifier in getattr(properties, "SubscriptionIdentifier", []):
            self._by_identifier[identifier].deliver(topic, body, retained, properties)

    def connected(self) -> None:
        """From now on nothing that was heard before counts until it is heard again."""
        for subscription in list(self._by_pattern.values()):
            subscription.unconfirmed = set(subscription.heard)

    def settled(self) -> None:
        """Deliver, as cleared, the topics that the reconnection did not bring back."""
        for subscription in list(self._by_pattern.values()):
            for topic in sorted(subscription.unconfirmed):
                subscription.deliver(topic, b"", True, None)

    def validating(self, model: type[P], handler: Callable[[str, P | None], None]) -> Receiver:
        """Make a handler of payloads a receiver of bytes; what isn't a ``model`` is logged once a topic and dropped."""

        def receive(topic: str, body: bytes, properties: Properties | None) -> None:  # noqa: ARG001
            try:
                payload = model.model_validate_json(body) if body else None
            except ValidationError as error:
                self._complain(topic, f"not a {model.__name__}: {error.errors(include_url=False)[:2]}")
                return
            handler(topic, payload)

        return receive

    def _complain(self, topic: str, what: str) -> None:
        if topic not in self._complained and len(self._complained) < COMPLAINED:
            self._complained.add(topic)
            log.error("bad payload on %s is dropped: %.500s", topic, what)
