"""Dialects: one module a modem family, all with the functions of ``Dialect``; pure, no input or output.

``parse`` turns a line of the modem into one of the neutral events (``events``); the builders return commands.
To add a family, write its module and name it in ``FAMILIES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Literal, Protocol, cast

from gateways.gsm.at import Command, Finished
from gateways.gsm.dialects.events import (
    AudioReady,
    CallerId,
    CallInfo,
    CallResult,
    CallState,
    Chatter,
    Identity,
    IdentityKind,
    NeutralEvent,
    Operator,
    Ready,
    Registration,
    Restarted,
    Ring,
    Signal,
    Sim,
    SimState,
    SmsMemoryFull,
    SmsPdu,
    SmsRef,
    SmsReportText,
    SmsStored,
    SmsText,
    Tone,
    Ussd,
)

__all__ = [
    "FAMILIES",
    "AudioPlan",
    "AudioReady",
    "CallInfo",
    "CallResult",
    "CallState",
    "CallerId",
    "Chatter",
    "Dialect",
    "Identity",
    "IdentityKind",
    "InitStep",
    "NeutralEvent",
    "Operator",
    "Ready",
    "Registration",
    "Restarted",
    "Ring",
    "Signal",
    "Sim",
    "SimState",
    "SmsMemoryFull",
    "SmsPdu",
    "SmsRef",
    "SmsReportText",
    "SmsStored",
    "SmsText",
    "Tone",
    "Ussd",
    "dialect",
]


@dataclass(frozen=True, slots=True)
class InitStep:
    """A command of the bring-up; without ``required``, an error answer is only noted. ``purpose``: what fails else."""

    command: Command
    required: bool
    purpose: str


@dataclass(frozen=True, slots=True)
class AudioPlan:
    """How a family's call audio is set up.

    ``medium`` is where samples flow: the modem's own ``tty``, an ALSA card of its own (``alsa``: USB Audio) or none, so
    that a sound card must be wired to it (``external``: ALSA too, but the modem is told nothing). ``when``: ``before``
    the modem dials or answers, as soon as it has (``dialled``), or once the call is through (``active``). ``tries``:
    how often ``audio_on`` is sent, ``retry`` seconds apart, before the call is taken to have no audio. ``card``: what
    sends the voice to the modem's own sound card instead of its tty (USB Audio); without, a card is wired to it, and
    the modem is told nothing. ``early_answer``: firmwares of the family say that a call is answered when it only rings.
    """

    medium: Literal["tty", "alsa", "external"] = "tty"
    when: Literal["before", "dialled", "active"] = "before"
    tries: int = 1
    retry: float = 0.5
    card: tuple[Command, ...] = ()
    early_answer: bool = False


class Dialect(Protocol):
    """What a family's module provides."""

    AUDIO: AudioPlan

    def parse(self, line: bytes, command: str = "") -> NeutralEvent | None:
        """Return what a line means, or None when it is not understood.

        ``line`` is logical: where a line has a body (+CMT, +CMGL, +CUSD over several lines), ``header LF body``.
        ``command`` is the text of the command that it answers, "" for an unsolicited line: bare answers (AT+CGSN)
        have meaning only by it.
        """

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

    def dtmf(self, digits: str) -> tuple[Command, ...]:
        """Return the commands that send digits (0-9 * # A-D) in order; ValueError where the family cannot."""

    def audio_on(self) -> tuple[Command, ...]: ...
    def audio_off(self) -> tuple[Command, ...]: ...
    def rearm_audio(self) -> tuple[Command, ...]:
        """Return what brings a dead uplink back inside a call; () where only a restart does."""

    def restart(self) -> Command:
        """Return what reboots the modem."""

    def enter_pin(self, pin: str) -> Command: ...
    def sms_send(self, pdu: bytes, tpdu_length: int) -> Command:
        """TS 27.005 §3.5.1: AT+CMGS=<length of the TPDU>, then after the prompt the PDU in hexadecimal."""

    def sms_list(self) -> Command:
        """All messages in storage, as ``SmsPdu`` rows."""

    def sms_read(self, index: int) -> Command: ...
    def sms_delete(self, index: int) -> Command: ...
    def sms_acknowledge(self) -> Command | None:
        """What must follow each +CMT and +CDS (AT+CNMA), None where the family wants nothing."""

    def ussd(self, text: str) -> Command:
        """Begin a USSD session or answer its question; ValueError where the text cannot be coded."""

    def ussd_cancel(self) -> Command: ...


FAMILIES = ("generic", "huawei", "quectel", "simcom", "simcom2g", "ublox", "zte")


def dialect(family: str) -> Dialect:
    """Return the dialect of a family; ValueError names those that exist."""
    if family not in FAMILIES:
        raise ValueError(f"unknown modem family {family!r}; known: {', '.join(FAMILIES)}")
    return cast("Dialect", import_module(f"{__name__}.{family}"))
