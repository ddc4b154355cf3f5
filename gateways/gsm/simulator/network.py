"""A virtual GSM network: who has which number, and calls between them. Pure: no I/O, time comes from a scheduler.

    dialing ──offer accepted──► alerting ──answer──► active ──► ended
       └────────── release (any time, by either side or by the network) ──────────┘

A party is a modem or a subscriber. The network tells it of its calls through the methods of `Party`; the party acts by
calling `dial`, `answer` and `release`. Causes are those of ITU-T Q.850, which TS 24.008 annex H shares.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol

from .balances import Balances
from .smsc import SmsCentre
from .ussd import Ussd


class Cause(IntEnum):
    """Release causes, ITU-T Q.850 clause 2.2.7."""

    UNALLOCATED = 1
    NORMAL = 16
    BUSY = 17
    NO_RESPONSE = 18
    NO_ANSWER = 19
    ABSENT = 20
    REJECTED = 21
    OUT_OF_ORDER = 27
    INVALID_NUMBER = 28
    UNSPECIFIED = 31
    NO_CHANNEL = 34
    NETWORK_FAILURE = 41
    INCOMPATIBLE = 88


CAUSE_TEXT = {
    Cause.UNALLOCATED: "Unassigned (unallocated) number",
    Cause.NORMAL: "Normal call clearing",
    Cause.BUSY: "User busy",
    Cause.NO_RESPONSE: "No user responding",
    Cause.NO_ANSWER: "User alerting, no answer",
    Cause.ABSENT: "Subscriber absent",
    Cause.REJECTED: "Call rejected",
    Cause.OUT_OF_ORDER: "Destination out of order",
    Cause.INVALID_NUMBER: "Invalid number format",
    Cause.UNSPECIFIED: "Normal, unspecified",
    Cause.NO_CHANNEL: "No circuit/channel available",
    Cause.NETWORK_FAILURE: "Network out of order",
    Cause.INCOMPATIBLE: "Incompatible destination",
}


class State(StrEnum):
    DIALING = "dialing"
    ALERTING = "alerting"
    ACTIVE = "active"
    ENDED = "ended"


class Cancellable(Protocol):
    def cancel(self) -> None: ...


class Scheduler(Protocol):
    def after(self, seconds: float, run: Callable[[], None]) -> Cancellable: ...


@dataclass
class Timing:
    """How long things take, seconds. Real networks take longer; tests want it short."""

    setup: float = 0.15  # dialled until the far end rings
    no_answer: float = 60.0
    answer: float = 0.04  # ATA or a subscriber's answer until both sides are through
    audio: float = 0.02  # through-connected until the first frame, plus up to one tick
    ring_interval: float = 6.0  # manual, AT+QCFG="urc/ri/ring": 1000 ms + 5000 ms
    boot: float = 1.0  # reset until the ports are back; a real EC25 takes about 13 s
    boot_step: float = 0.05  # between the result codes of a start
    radio_loss: float = 0.5  # power lost until the network ends the call
    chatter: float = 5.0  # between the lines some families push without need (^RSSI, +ZUSIMR)


@dataclass(eq=False)
class Call:
    """One call. `shown` is the caller's number as the called side gets it, "" when withheld."""

    caller: "Party"
    dialled: str
    shown: str
    called: "Party | None" = None
    state: State = State.DIALING
    cause: Cause | None = None
    released_by: "Party | None" = None
    audio_open: bool = False
    through_ns: int = 0  # time.monotonic_ns() when it was answered
    timers: list[Cancellable] = field(default_factory=list)

    def peer(self, party: "Party") -> "Party | None":
        return self.called if party is self.caller else self.caller


class Party(Protocol):
    """What the network needs of a modem or a subscriber. All run on the loop's thread and must not block."""

    number: str
    paced: bool  # True: speech must come one frame a tick (a modem); False: it may come as it arrives

    def offered(self, call: Call) -> Cause | None:
        """A call comes in. None: it rings. A cause: it is refused."""

    def alerted(self, call: Call) -> None:
        """The far end rings (caller only)."""

    def connected(self, call: Call) -> None: ...

    def released(self, call: Call) -> None:
        """The call is over; see call.cause and call.released_by (None: the network)."""

    def speak(self, call: Call) -> bytes | None:
        """This tick's 320 bytes to the far end, or None when there is nothing to deliver."""

    def spoke(self, call: Call, at_ns: int, frame: bytes) -> None:
        """The frame of `speak` was handed over at this time.monotonic_ns."""

    def listen(self, call: Call, at_ns: int, frame: bytes) -> None:
        """A frame of 320 bytes from the far end, arrived at this time.monotonic_ns."""

    def digit(self, call: Call, digit: str) -> None:
        """The far end sends this DTMF digit now (its tone comes in the audio)."""


class Network:
    """One operator's network. `country` is the code that replaces a leading 0 of a dialled number."""

    def __init__(self, scheduler: Scheduler, timing: Timing | None = None, country: str = "81") -> None:
        self.scheduler = scheduler
        self.timing = timing or Timing()
        self.country = country
        self.operator = "SIMNET"
        self.plmn = "00101"  # the test network of TS 36.508
        self.parties: dict[str, Party] = {}
        self.calls: list[Call] = []
        self.balances = Balances()
        self.smsc = SmsCentre(scheduler, self.international)
        self.smsc.on_accepted = self.balances.charge_sms
        self.ussd = Ussd(scheduler, self.balances)

    def international(self, number: str) -> str:
        if number.startswith("0") and len(number) > 4:
            return f"+{self.country}{number[1:]}"
        return number

    def register(self, party: Party) -> None:
        """ValueError when another party has the number."""
        if self.parties.setdefault(party.number, party) is not party:
            raise ValueError(f"{party.number} is taken")

    def dial(self, caller: Party, number: str, shown: str) -> Call:
        call = Call(caller, number, shown)
        self.calls.append(call)
        self._later(call, self.timing.setup, lambda: self._offer(call))
        return call

    def answer(self, call: Call) -> None:
        """The called side takes the call; both are through after `timing.answer`."""
        if call.state is State.ALERTING:
            self._later(call, self.timing.answer, lambda: self._connect(call))

    def release(self, call: Call, cause: Cause, by: "Party | None" = None) -> None:
        """End the call in any state; a second time does nothing."""
        if call.state is State.ENDED:
            return
        call.state, call.cause, call.released_by, call.audio_open = State.ENDED, cause, by, False
        for timer in call.timers:
            timer.cancel()
        self.calls.remove(call)
        if call.through_ns:
            self.balances.charge_call(call.caller.number, (time.monotonic_ns() - call.through_ns) / 1e9)
        for party in (call.caller, call.called):
            if party is not None:
                party.released(call)

    def tick(self) -> None:
        """Carry 20 ms of speech both ways in every call that is through."""
        for call in list(self.calls):
            if call.audio_open and call.called is not None:
                self._carry(call, call.caller, call.called)
                self._carry(call, call.called, call.caller)

    def _carry(self, call: Call, speaker: Party, listener: Party) -> None:
        frame = speaker.speak(call)
        if frame is not None and call.audio_open:
            listener.listen(call, time.monotonic_ns(), frame)
            speaker.spoke(call, time.monotonic_ns(), frame)

    def _later(self, call: Call, seconds: float, run: Callable[[], None]) -> None:
        call.timers.append(self.scheduler.after(seconds, run))

    def _offer(self, call: Call) -> None:
        party = self.parties.get(call.dialled) or self.parties.get(self.international(call.dialled))
        if party is None:
            self.release(call, Cause.UNALLOCATED)
            return
        refused = Cause.BUSY if party is call.caller else party.offered(call)
        if refused is not None:
            self.release(call, refused)
            return
        call.called, call.state = party, State.ALERTING
        self._later(call, self.timing.no_answer, lambda: self._not_answered(call))
        call.caller.alerted(call)

    def _not_answered(self, call: Call) -> None:
        if call.state is State.ALERTING:
            self.release(call, Cause.NO_ANSWER)

    def _connect(self, call: Call) -> None:
        if call.state is not State.ALERTING or call.called is None:
            return
        call.state, call.through_ns = State.ACTIVE, time.monotonic_ns()
        call.called.connected(call)
        call.caller.connected(call)
        self._later(call, self.timing.audio, lambda: self._open_audio(call))

    def _open_audio(self, call: Call) -> None:
        call.audio_open = call.state is State.ACTIVE
