"""A simulated subscriber with a telephone: dials, answers, speaks, listens. The methods may be called from any thread.

Every wait has a time limit. Times are time.monotonic_ns() of this machine.
"""

import threading
import time
from collections.abc import Callable
from enum import StrEnum

from .loop import Loop
from .network import Call, Cause, Network, State
from .programme import Piece, Programme, Source, pieces
from .smsphone import SmsPhone
from .tones import DTMF_HZ, FRAME_BYTES, dtmf


class Present(StrEnum):
    """How the network shows the subscriber's number to the called side."""

    INTERNATIONAL = "international"
    NATIONAL = "national"
    WITHHELD = "withheld"


class Manner(StrEnum):
    """What the subscriber does when called."""

    ANSWERS = "answers"
    RINGS = "rings"  # rings, and is answered by SubscriberCall.answer or not at all
    BUSY = "busy"
    REJECTS = "rejects"
    ABSENT = "absent"


REFUSALS = {Manner.BUSY: Cause.BUSY, Manner.REJECTS: Cause.REJECTED, Manner.ABSENT: Cause.ABSENT}


class SubscriberCall:
    """One call of a subscriber, made or received."""

    def __init__(self, loop: Loop, network: Network, noise_dbm0: float | None) -> None:
        self._loop = loop
        self._network = network
        self._programme = Programme(noise_dbm0)
        self._programme.on_digit = self._digit_started
        self._call: Call | None = None
        self._owner: Subscriber | None = None
        self._changed = threading.Condition()
        self._reached: set[State] = set()
        self._spoken: list[tuple[int, bytes]] = []
        self._heard: list[tuple[int, bytes]] = []
        self.times: dict[State, int] = {}  # when each state was reached, ns
        self.digits: list[tuple[int, str]] = []  # digits the far end's network says it sends: (ns, digit)
        self.cause: Cause | None = None

    # --- what it does ------------------------------------------------------------------------------------------------

    def answer(self) -> None:
        """Take a call that rings here."""
        self._loop.call(lambda: self._network.answer(self._bound()))

    def hang_up(self, cause: Cause = Cause.NORMAL) -> None:
        """End the call, or refuse one that rings with that cause. Nothing when it has ended."""
        self._loop.call(lambda: self._network.release(self._bound(), cause, self._owner))

    def play(self, source: Source) -> Piece:
        """Say this after what is queued already. s16le, 8 kHz, mono; the bytes reach the modem's PCM port unchanged."""
        piece = Piece(pieces(source))
        self._loop.call(lambda: self._add(piece))
        return piece

    def send_digits(self, digits: str, on_ms: int = 80, off_ms: int = 80, level_dbm0: float = -8.0) -> Piece:
        """Send DTMF as tones in the audio (ITU-T Q.23 and Q.24). ValueError: a digit DTMF does not have."""
        if not digits or any(digit not in DTMF_HZ for digit in digits):
            raise ValueError(f"no DTMF digits: {digits!r}")
        tones = [Piece(pieces(dtmf(digit, on_ms, off_ms, level_dbm0)), digit) for digit in digits]
        self._loop.call(lambda: self._add(*tones))
        return tones[-1]

    def stop_playing(self) -> None:
        self._loop.call(self._programme.clear)

    # --- what it learns ----------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        call = self._call
        return State.DIALING if call is None else call.state

    @property
    def network_call(self) -> Call | None:
        """The call in the network, None before it is set up."""
        return self._call

    @property
    def answered(self) -> bool:
        return State.ACTIVE in self._reached

    def wait_alerting(self, timeout: float) -> bool:
        """True once it rings at the far end (or has been answered); False: not in time, or the call ended."""
        return self._wait({State.ALERTING, State.ACTIVE}, timeout)

    def wait_answered(self, timeout: float) -> bool:
        """True once through; False: not in time, or the call ended without an answer."""
        return self._wait({State.ACTIVE}, timeout)

    def wait_ended(self, timeout: float) -> bool:
        """True once over; `cause` then says why."""
        return self._wait({State.ENDED}, timeout)

    def spoken(self) -> list[tuple[int, bytes]]:
        """Every frame said: (when it was written to the modem's PCM port, 320 bytes), by frame index."""
        return list(self._spoken)

    def heard(self) -> list[tuple[int, bytes]]:
        """Every frame heard: (when its last byte arrived on the modem's PCM port, 320 bytes)."""
        return list(self._heard)

    def forget_sound(self) -> None:
        """Free what was kept of both directions."""
        self._spoken.clear()
        self._heard.clear()

    def heard_pcm(self) -> bytes:
        return b"".join(frame for _, frame in self.heard())

    def wait_heard(self, frames: int, timeout: float) -> bool:
        """Until that many frames were heard in all."""
        deadline = time.monotonic() + timeout
        while len(self._heard) < frames and time.monotonic() < deadline and self.state is not State.ENDED:
            time.sleep(0.01)
        return len(self._heard) >= frames

    # --- on the loop's thread ----------------------------------------------------------------------------------------

    def bind(self, call: Call, owner: "Subscriber") -> None:
        self._call, self._owner = call, owner

    def reach(self, state: State) -> None:
        with self._changed:
            self.times.setdefault(state, time.monotonic_ns())
            self._reached.add(state)
            if state is State.ENDED and self._call is not None:
                self.cause = self._call.cause
            self._changed.notify_all()
        if state is State.ENDED:
            self._programme.clear()

    def next_frame(self) -> bytes:
        return self._programme.next_frame()

    def note_spoken(self, at_ns: int, frame: bytes) -> None:
        self._spoken.append((at_ns, frame))

    def note_heard(self, at_ns: int, frame: bytes) -> None:
        if len(frame) == FRAME_BYTES:
            self._heard.append((at_ns, frame))

    def _add(self, *more: Piece) -> None:
        for piece in more:
            if self.state is State.ENDED:
                piece.finish()
            else:
                self._programme.add(piece)

    def _digit_started(self, digit: str) -> None:
        peer = self._call.peer(self._owner) if self._call is not None and self._owner is not None else None
        if peer is not None and self._call is not None:
            peer.digit(self._call, digit)

    def _bound(self) -> Call:
        if self._call is None:
            raise RuntimeError("the call is not set up")
        return self._call

    def _wait(self, states: set[State], timeout: float) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._reached & states or State.ENDED in self._reached, timeout)
            return bool(self._reached & states)


class Subscriber(SmsPhone):
    """A number with somebody behind it; a network.Party. One call at a time: a second caller gets busy."""

    paced = False

    def __init__(self, loop: Loop, network: Network, number: str) -> None:
        super().__init__(loop, network, number)
        self.present: Present | str = Present.INTERNATIONAL
        self.noise_dbm0: float | None = None
        self._manner = Manner.ANSWERS
        self._answer_after = 0.5
        self._current: SubscriberCall | None = None
        self._call: Call | None = None
        self._received: list[SubscriberCall] = []
        self._taken = 0
        self._arrived = threading.Condition()
        self.on_call: Callable[[SubscriberCall], None] = lambda _: None
        loop.call(self._register)

    def _register(self) -> None:
        self._network.register(self)
        self._network.smsc.attach(self.number, self)

    def behaves(self, manner: Manner | str, after: float = 0.5) -> "Subscriber":
        """What to do when called; `after` seconds of ringing for Manner.ANSWERS. ValueError: no such manner."""
        self._manner, self._answer_after = Manner(manner), after
        return self

    def dial(self, number: str) -> SubscriberCall:
        """Call a number. RuntimeError when this subscriber is in a call."""
        return self._loop.call(lambda: self._dial(number))

    def wait_call(self, timeout: float) -> SubscriberCall:
        """The next call received here. TimeoutError when none comes."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._received) > self._taken, timeout):
                raise TimeoutError(f"nobody called {self.number}")
            self._taken += 1
            return self._received[self._taken - 1]

    @property
    def current(self) -> SubscriberCall | None:
        return self._current

    def _dial(self, number: str) -> SubscriberCall:
        if self._current is not None:
            raise RuntimeError(f"{self.number} is in a call")
        mine = SubscriberCall(self._loop, self._network, self.noise_dbm0)
        self._call = self._network.dial(self, number, self._shown())
        mine.bind(self._call, self)
        self._current = mine
        mine.reach(State.DIALING)
        return mine

    def _shown(self) -> str:
        if self.present == Present.WITHHELD:
            return ""
        code = f"+{self._network.country}"
        if self.present == Present.NATIONAL and self.number.startswith(code):
            return "0" + self.number.removeprefix(code)
        return self.number

    # --- network.Party -----------------------------------------------------------------------------------------------

    def offered(self, call: Call) -> Cause | None:
        if self._current is not None:
            return Cause.BUSY
        if self._manner in REFUSALS:
            return REFUSALS[self._manner]
        mine = SubscriberCall(self._loop, self._network, self.noise_dbm0)
        mine.bind(call, self)
        self._current, self._call = mine, call
        mine.reach(State.ALERTING)
        if self._manner is Manner.ANSWERS:
            self._loop.after(self._answer_after, lambda: self._network.answer(call))
        with self._arrived:
            self._received.append(mine)
            self._arrived.notify_all()
        self.on_call(mine)
        return None

    def alerted(self, call: Call) -> None:
        self._reach(call, State.ALERTING)

    def connected(self, call: Call) -> None:
        self._reach(call, State.ACTIVE)

    def released(self, call: Call) -> None:
        mine = self._current
        if call is self._call:
            self._current = self._call = None
            if mine is not None:
                mine.reach(State.ENDED)

    def speak(self, call: Call) -> bytes | None:
        return self._current.next_frame() if call is self._call and self._current is not None else None

    def spoke(self, call: Call, at_ns: int, frame: bytes) -> None:
        if call is self._call and self._current is not None:
            self._current.note_spoken(at_ns, frame)

    def listen(self, call: Call, at_ns: int, frame: bytes) -> None:
        if call is self._call and self._current is not None:
            self._current.note_heard(at_ns, frame)

    def digit(self, call: Call, digit: str) -> None:
        if call is self._call and self._current is not None:
            self._current.digits.append((time.monotonic_ns(), digit))

    def _reach(self, call: Call, state: State) -> None:
        if call is self._call and self._current is not None:
            self._current.reach(state)
