"""A user's side with no call control at all: sends the messages it is told to, right or wrong, and waits for answers.

It keeps the data link up and does nothing else by itself, so that the exchange can be judged, and load be made.
"""

from __future__ import annotations

import select
import time
from collections import deque

from tests.pstn.exchange.elements import Typed
from tests.pstn.exchange.lapd import DataLink
from tests.pstn.exchange.lapdevents import Deliver, LinkState, LinkTimers, Transmit
from tests.pstn.exchange.ports import Port
from tests.pstn.exchange.q931 import Message, decode, message


class RawUser:
    """In the caller's thread: time passes for its link only while it waits for something."""

    def __init__(self, port: Port, timers: LinkTimers | None = None) -> None:
        self.link = DataLink("user", timers)
        self.got: deque[Message] = deque()
        self._port = port
        self._poll = select.poll()
        self._poll.register(port.fileno(), select.POLLIN)

    def establish(self, timeout: float = 5.0) -> None:
        """Bring the link up."""
        self.link.establish(time.monotonic())
        self._flush()
        ends = time.monotonic() + timeout
        while self.link.state is not LinkState.ESTABLISHED:
            assert time.monotonic() < ends, "the link does not come up"
            self.turn(0.1)

    def send(self, what: Message) -> None:
        self.send_octets(what.encode())

    def send_octets(self, octets: bytes) -> None:
        """Send any layer 3 octets."""
        self.link.send(octets, time.monotonic())
        self._flush()

    def say(self, kind: str, reference: int, *said: Typed | None, answer: bool = False, discriminator: int = 8) -> None:
        """Send a message; ``answer``: in a call that the exchange began, or to its RESTART."""
        self.send(message(kind, reference, answer, *said, discriminator=discriminator))

    def expect(self, kind: str, timeout: float = 5.0) -> Message:
        """Return the next message that came; fails when it is of another kind."""
        came = self.next(timeout)
        assert came is not None, f"no {kind} in {timeout} s"
        assert came.kind == kind, f"{came} in place of {kind}"
        return came

    def next(self, timeout: float = 0.2) -> Message | None:
        """Return the next message, None when none comes."""
        ends = time.monotonic() + timeout
        while not self.got and (left := ends - time.monotonic()) > 0:
            self.turn(left)
        return self.got.popleft() if self.got else None

    def turn(self, longest: float) -> None:
        """Wait for a frame or a timer of the link, at most so long, and see to it."""
        deadline = self.link.deadline()
        pause = longest if deadline is None else min(longest, max(deadline - time.monotonic(), 0.0))
        if self._poll.poll(pause * 1000):
            for frame in self._port.read():
                self.link.receive(frame, time.monotonic())
        self.link.tick(time.monotonic())
        self._flush()

    def close(self) -> None:
        """Close the port: the cable is pulled."""
        self._port.close()

    def _flush(self) -> None:
        for event in self.link.events():
            if isinstance(event, Transmit):
                self._port.write(event.octets)
            elif isinstance(event, Deliver):
                self.got.append(decode(event.data))
