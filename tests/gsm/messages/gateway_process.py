"""The messages of one line as a process of their own, to be killed: ``python -m … URL SOCKET``."""

from __future__ import annotations

import select
import socket
import sys
import time
from collections.abc import Callable

from appliance.store import open_store
from gateways.gsm.at import AtChannel, Command, Finished
from gateways.gsm.dialects import dialect
from gateways.gsm.messages import MessageEvent, Messages, MessageStore
from gateways.loop import HardwareLoop
from tests.gsm.messages.bench import ICCID


class Process:
    """The loop's only member, and the wire of the line."""

    def __init__(self, url: str, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._loop = HardwareLoop()
        self._channel = AtChannel(self.now())
        self._dialect = dialect("quectel")
        store = MessageStore(open_store(url), self._loop.call, self._tell)
        self._messages = Messages("gsm-1", self._dialect, self, store, self._tell)
        store.start()
        self._loop.watch(self._socket.fileno(), select.EPOLLIN, self._readable)
        self._loop.add(self)
        self._loop.call(lambda: self._messages.in_service(ICCID))

    def run(self) -> None:
        self._loop.run()

    def _tell(self, event: MessageEvent) -> None:
        print(event, flush=True)

    def now(self) -> float:
        return time.monotonic()

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        self._channel.send(command, then)

    def quiet(self) -> bool:
        return True

    def message_refusal(self, peer: str) -> str | None:
        return None

    def _readable(self, _bits: int) -> None:
        for event in self._channel.feed(self._socket.recv(4096), self.now()):
            if isinstance(event, Finished):
                if event.then is not None:
                    event.then(event)
            elif (understood := self._dialect.parse(event.line)) is not None:
                self._messages.on(understood)
        self._pump()

    def _pump(self) -> None:
        while (data := self._channel.next_write(self.now())) is not None:
            self._socket.sendall(data)

    def deadline(self) -> float:
        messages = self._messages.deadline()
        return self._channel.deadline() if messages is None else min(messages, self._channel.deadline())

    def tick(self, now: float) -> None:
        self._channel.tick(now)
        self._messages.tick(now)
        self._pump()


if __name__ == "__main__":
    Process(sys.argv[1], sys.argv[2]).run()
