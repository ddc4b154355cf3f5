"""Dialects: one module a modem family, all with the functions of ``Dialect``; pure, no input or output.

``parse`` turns a line of the modem into one of the neutral events below; the builders return commands.
To add a family, write its module and name it in ``FAMILIES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Literal, Protocol, cast

from gateways.gsm.at import Command, Finished

CallState = Literal["incoming", "waiting", "dialing", "alerting", "active", "held", "ended"]
SimState = Literal["READY", "PIN", "PUK", "MISSING", "BUSY"]


@dataclass(frozen=True, slots=True)
class Ring:
    """A voice call rings (RING, +CRING: VOICE)."""


@dataclass(frozen=True, slots=True)
class CallerId:
    """The caller's number (+CLIP); None with ``withheld`` when the network says that it will not come."""

    number: str | None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class CallInfo:
    """A call's state, from a URC or a row of AT+CLCC; not ``voice``: the data bearer that LTE lists as a call."""

    index: int
    outgoing: bool
    state: CallState
    number: str | None = None
    voice: bool = True


@dataclass(frozen=True, slots=True)
class CallResult:
    """NO CARRIER and its like, unsolicited. ``cause`` is Q.850 where the word says it."""

    cause: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Registration:
    """``stat`` of +CREG (``domain`` cs) or +CEREG (eps): 3GPP TS 27.007 §7.2, §10.1.22."""

    domain: Literal["cs", "eps"]
    stat: int


@dataclass(frozen=True, slots=True)
class Signal:
    """Received power in dBm; None: not known."""

    dbm: int | None


@dataclass(frozen=True, slots=True)
class Operator:
    name: str | None


@dataclass(frozen=True, slots=True)
class Sim:
    state: SimState


@dataclass(frozen=True, slots=True)
class Identity:
    """What the modem or its SIM is: IMEI, IMSI, ICCID or firmware."""

    kind: Literal["imei", "imsi", "iccid", "firmware"]
    value: str


@dataclass(frozen=True, slots=True)
class AudioReady:
    """The modem's audio port can (or cannot) take samples."""

    ready: bool


@dataclass(frozen=True, slots=True)
class Tone:
    digit: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The modem has just booted: all it was told is forgotten."""


@dataclass(frozen=True, slots=True)
class Chatter:
    """A line that is understood and says nothing of use here."""


NeutralEvent = (
    Ring
    | CallerId
    | CallInfo
    | CallResult
    | Registration
    | Signal
    | Operator
    | Sim
    | Identity
    | AudioReady
    | Tone
    | Restarted
    | Chatter
)


@dataclass(frozen=True, slots=True)
class InitStep:
    """A command of the bring-up; without ``required``, an error answer is only noted. ``purpose``: what fails else."""

    command: Command
    required: bool
    purpose: str


class Dialect(Protocol):
    """What a family's module provides."""

    def parse(self, line: bytes) -> NeutralEvent | None:
        """Return what a line means, or None when it is not understood."""

    def init(self) -> tuple[InitStep, ...]: ...
    def sim(self) -> Command: ...
    def sim_error(self, answer: Finished) -> SimState | None:
        """Return what an error answer to ``sim()`` says of the SIM, or None."""

    def identity(self) -> tuple[Command, ...]: ...
    def registration(self) -> tuple[Command, ...]: ...
    def signal(self) -> tuple[Command, ...]: ...
    def dial(self, number: str) -> Command: ...
    def answer(self) -> Command: ...
    def hang_up(self, cause: int) -> tuple[Command, ...]:
        """Return the commands to try in turn until one is obeyed."""

    def calls(self) -> Command: ...
    def cause(self) -> Command: ...
    def cause_of(self, lines: tuple[bytes, ...]) -> int | None:
        """Return the Q.850 cause in the answer to ``cause()``."""

    def dtmf(self, digits: str) -> Command: ...
    def audio_on(self) -> Command: ...
    def audio_off(self) -> Command: ...


FAMILIES = ("quectel",)


def dialect(family: str) -> Dialect:
    """Return the dialect of a family; ValueError names those that exist."""
    if family not in FAMILIES:
        raise ValueError(f"unknown modem family {family!r}; known: {', '.join(FAMILIES)}")
    return cast("Dialect", import_module(f"{__name__}.{family}"))
