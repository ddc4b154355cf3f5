"""A line's messages on a bench: a real store and its thread, the real AT channel, a far modem, and time by hand."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import select

from appliance.store import Store
from appliance.store.message_models import Message, MessagePart, queued_message
from appliance.store.models import Base
from gateways.gsm.at import AtChannel, Command, Finished, Urc
from gateways.gsm.dialects import dialect
from gateways.gsm.messages import MessageEvent, Messages, MessageStore, UssdAnswer
from tests.gsm.messages.far import FarModem

START = datetime(2026, 8, 14, 14, 2, tzinfo=UTC)
ICCID = "8981100000000000001"
PEER = "+819078563412"
Row = TypeVar("Row", bound=Base)
Event = TypeVar("Event", bound=MessageEvent)


class Bench:
    """The line ``gsm-1``. ``settle`` lets everything happen that can happen now; ``wait`` moves the clock."""

    def __init__(self, store: Store, family: str = "quectel") -> None:
        self.far = FarModem()
        self.events: list[MessageEvent] = []
        self.answers: list[UssdAnswer] = []
        self.calm = True
        self.refusal: str | None = None
        self.time = 1000.0
        self._store = store
        self._dialect = dialect(family)
        self._posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._channel = AtChannel(self.time)
        self.incoming = b""
        self.start()

    def start(self) -> None:
        """Begin as a gateway does that has just been started."""
        self.written = MessageStore(self._store, self._posted.put, self.events.append, self.utc)
        self.messages = Messages("gsm-1", self._dialect, self, self.written, self.events.append)
        self.written.start()

    def stop(self) -> None:
        self.written.stop()

    def restart(self) -> None:
        """End in good order and begin anew; what was in flight is forgotten, as by the modem's port being closed."""
        self.stop()
        self._channel = AtChannel(self.time)
        self.start()
        self.serve()

    def utc(self) -> datetime:
        return START + timedelta(seconds=self.time - 1000.0)

    # Wire

    def now(self) -> float:
        return self.time

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        self._channel.send(command, then)

    def quiet(self) -> bool:
        return self.calm

    def message_refusal(self, peer: str) -> str | None:
        return self.refusal

    # Driving

    def serve(self) -> None:
        self.messages.in_service(ICCID)
        self.settle()

    def settle(self) -> None:
        """Let loop, modem and store work until all three have nothing to do."""
        while True:
            while self.turn():
                pass
            if not self._barrier() and not self.turn():
                return

    def turn(self) -> bool:
        """Let loop and modem do one round. True: there was something to do."""
        busy = False
        while (data := self._channel.next_write(self.time)) is not None:
            answer = self.far.take(data)  # the modem may say something by itself meanwhile
            self.incoming += answer
            busy = True
        data, self.incoming = self.incoming, b""
        for event in [*self._channel.feed(data, self.time), *self._channel.tick(self.time)]:
            busy = True
            if isinstance(event, Finished):
                if event.then is not None:
                    event.then(event)
            else:
                self._unasked(event)
        deadline = self.messages.deadline()
        if deadline is not None and deadline <= self.time:
            self.messages.tick(self.time)
            busy = busy or self.messages.deadline() != deadline
        return busy

    def _unasked(self, urc: Urc) -> None:
        event = self._dialect.parse(urc.line)
        if event is not None:
            self.messages.on(event)

    def _barrier(self) -> bool:
        """Wait until the store has done what it was given, and run what it posted. True: there was something."""
        done = threading.Event()
        self.written.look()
        self.written.submit(lambda _session, _now: None, lambda _none: done.set())
        ran = 0
        while not done.is_set():
            self._posted.get(timeout=10)()
            ran += 1
        return ran > 2 or not self._posted.empty()

    def wait(self, seconds: float) -> None:
        """Let time pass, in steps small enough for the channel's own deadlines."""
        ends = self.time + seconds
        while self.time < ends:
            deadline = self.messages.deadline()
            soonest = min(ends if deadline is None else deadline, self._channel.deadline(), ends)
            self.time = min(max(soonest, self.time + 0.05), ends)
            self.settle()

    def say(self, line: str) -> None:
        """Have the modem say a line by itself."""
        self.incoming += f"\r\n{line}\r\n".encode("latin-1")
        self.settle()

    def receive(self, pdu: str) -> None:
        """Have the network deliver a message to the modem's storage."""
        self.say(f'+CMTI: "ME",{self.far.store(pdu)}')

    # Looking

    def order(self, text: str, peer: str = PEER, *, flash: bool = False) -> str:
        """Order a message as another process does: a row, and nobody is told."""
        message = queued_message("gsm-1", peer, text, self.utc(), flash=flash)
        self.add(message)
        self.settle()
        return message.id

    def add(self, message: Message) -> None:
        with self._store.session() as session:
            session.add(message)

    def message(self, key: str) -> Message:
        with self._store.session() as session:
            found = session.get(Message, key)
        assert found is not None
        return found

    def parts(self, key: str) -> list[str]:
        query = select(MessagePart.state).where(MessagePart.message == key).order_by(MessagePart.seq)
        with self._store.session() as session:
            return list(session.scalars(query))

    def rows(self, table: type[Row]) -> Sequence[Row]:
        with self._store.session() as session:
            return session.scalars(select(table)).all()

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]
