"""The connection to the broker: one thread, a new paho client for each connection, back-off between them.

A fresh client a connection because paho would resend its unacknowledged messages after ours, and so put an old state
over a newer one. All that has to survive a connection is in the ``Outbox``.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
import uuid
from typing import Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from appliance.bus.outbox import Message, Outbox

log = logging.getLogger(__name__)
KEEPALIVE = 10  # seconds; a hung service's last will comes after 1.5 of it
WINDOW = 16  # unacknowledged publications; below paho's own limit of 20, so that nothing queues inside paho
BACK_OFF = (0.1, 5.0)  # seconds: first and longest pause
FLUSH = 2.0  # seconds that a clean stop waits for the broker's acknowledgements


class Listener(Protocol):
    """Who hears from the link; all calls are on the link's thread."""

    def up(self) -> None:
        """The broker has accepted us."""

    def down(self) -> None:
        """The connection ended."""

    def message(self, message: mqtt.MQTTMessage) -> None:
        """A publication came in."""

    def idle(self) -> None:
        """Called at least once a second while connected."""


class Link:
    """Keeps a connection to the broker for as long as it runs."""

    def __init__(self, host: str, port: int, account: tuple[str, str], outbox: Outbox, listener: Listener) -> None:
        self._address = (host, port)
        self._account = account
        self._outbox = outbox
        self._listener = listener
        self._will: Message | None = None
        self._subscriptions: dict[str, int] = {}  # pattern -> subscription identifier
        self._unsubscribed: list[str] = []
        self._lock = threading.Lock()
        self._refused: set[str] = set()  # topics the broker would not take, each logged once
        self._accepted = False
        self._failure: str | None = None
        self._stopping = threading.Event()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._thread = threading.Thread(target=self._run, name=f"bus-{account[0]}", daemon=True)

    def start(self, will: Message | None) -> None:
        """Start to connect, for ever; ``will`` is what the broker says for us when we die, if anything."""
        self._will = will
        self._thread.start()

    def stop(self) -> None:
        """Send what is waiting, say goodbye and end the thread. Bounded: FLUSH seconds and one connect."""
        self._stopping.set()
        self.wake()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(FLUSH + 6)
        if not self._thread.is_alive():
            self._wake_in.close()
            self._wake_out.close()

    @property
    def is_current_thread(self) -> bool:
        """True on the bus thread, where waiting for the bus would wait for ever."""
        return threading.current_thread() is self._thread

    def subscribe(self, pattern: str, identifier: int) -> None:
        """Subscribe now (again, if it was: retained topics then come once more) and after each reconnection."""
        with self._lock:
            self._subscriptions[pattern] = identifier
            self._unsubscribed.append(pattern)
        self.wake()

    def wake(self) -> None:
        """Have the thread look at the outbox; from any thread, never waits."""
        try:
            self._wake_in.send(b"!")
        except OSError:
            return  # full: it is awake already; closed: it has stopped

    def _run(self) -> None:
        pause, longest = BACK_OFF
        while not self._stopping.is_set():
            if self._connection():
                pause = BACK_OFF[0]
            if not self._stopping.is_set():
                self._stopping.wait(pause)
                pause = min(pause * 2, longest)

    def _connection(self) -> bool:
        """Run one connection to its end; True if the broker accepted us."""
        client = self._client()
        try:
            client.connect(*self._address, keepalive=KEEPALIVE)
            self._serve(client)
        except OSError as error:
            self._failed(f"no broker at {self._address[0]}:{self._address[1]}: {error}")
        accepted, self._accepted = self._accepted, False
        if accepted:
            self._outbox.lost()
            self._listener.down()
        return accepted

    def _client(self) -> mqtt.Client:
        name, password = self._account
        client = mqtt.Client(CallbackAPIVersion.VERSION2, f"{name}-{uuid.uuid4().hex[:12]}", protocol=mqtt.MQTTv5)
        client.username_pw_set(name, password)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.body, qos=1, retain=True)
        client.connect_timeout = 5.0
        client.on_message = lambda _client, _data, message: self._listener.message(message)
        client.on_publish = lambda _client, _data, mid, code, _properties: self._published(mid, code)
        client.on_socket_open = _without_delay
        client.on_connect = lambda _client, _data, _flags, code, _properties: self._connected(code)
        client.on_subscribe = lambda _client, _data, _mid, codes, _properties: self._subscribed(codes)
        return client

    def _serve(self, client: mqtt.Client) -> None:
        flush_until = 0.0
        tick = 0.0
        while (sock := client.socket()) is not None:
            if self._accepted:
                self._pump(client)
            if self._stopping.is_set():
                flush_until = flush_until or time.monotonic() + FLUSH
                if not self._accepted or self._outbox.empty or time.monotonic() > flush_until:
                    client.disconnect()
                    return
            if sock.fileno() < 0:  # paho closed it while it was being written to
                self._failed("connection lost")
                return
            wanted = [sock] if client.want_write() else []
            readable, writable, _ = select.select([sock, self._wake_out], wanted, [], 0.2 if flush_until else 1.0)
            if self._wake_out in readable:
                self._wake_out.recv(4096)
            code = client.loop_read() if sock in readable else MQTTErrorCode.MQTT_ERR_SUCCESS
            if code == MQTTErrorCode.MQTT_ERR_SUCCESS and sock in writable:
                code = client.loop_write()
            if code == MQTTErrorCode.MQTT_ERR_SUCCESS:
                code = client.loop_misc()
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._failed(f"connection lost: {mqtt.error_string(code)}")
                return
            if self._accepted and time.monotonic() - tick > 0.5:
                tick = time.monotonic()
                self._listener.idle()

    def _pump(self, client: mqtt.Client) -> None:
        with self._lock:
            patterns, self._unsubscribed = self._unsubscribed, []
            wanted = {pattern: self._subscriptions[pattern] for pattern in patterns}
        for pattern, identifier in wanted.items():
            properties = Properties(PacketTypes.SUBSCRIBE)  # type: ignore[no-untyped-call]
            properties.SubscriptionIdentifier = identifier
            client.subscribe(pattern, options=SubscribeOptions(qos=1, retainAsPublished=True), properties=properties)
        while (message := self._outbox.take(WINDOW)) is not None:
            info = client.publish(message.topic, message.body, 1, message.retain, message.properties)
            self._outbox.sent(info.mid, message)

    def _connected(self, code: ReasonCode) -> None:
        if code.is_failure:
            self._failed(f"the broker refused account {self._account[0]}: {code}")
            return
        self._failure = None
        log.info("connected to the broker as %s", self._account[0])
        with self._lock:
            self._unsubscribed = list(self._subscriptions)
        self._accepted = True
        self._listener.up()

    def _published(self, mid: int, code: ReasonCode) -> None:
        message = self._outbox.acknowledged(mid)
        if code.is_failure and message is not None and message.topic not in self._refused:
            self._refused.add(message.topic)
            log.error("account %s may not publish %s: %s", self._account[0], message.topic, code)

    def _subscribed(self, codes: list[ReasonCode]) -> None:
        for code in codes:
            if code.is_failure:
                log.error("account %s may not read a topic it asked for: %s", self._account[0], code)

    def _failed(self, reason: str) -> None:
        """Log a failure once, not at every attempt."""
        if reason != self._failure and not self._stopping.is_set():
            log.warning("bus: %s; trying again", reason)
        self._failure = reason


def _without_delay(client: mqtt.Client, data: object, sock: mqtt.SocketLike) -> None:  # noqa: ARG001
    """Small messages both ways: Nagle's algorithm would hold each command back for up to 40 ms."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
