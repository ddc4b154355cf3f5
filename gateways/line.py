"""What a gateway can do with a line, and all that leaves hardware: one for GSM modems, FXO ports and PRI channels.

A ``Line`` is driven from its hardware thread; events travel the other way to whoever listens (the trunk, the bus).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from appliance.bus_payloads import LineStateName

Who = Literal["far", "near", "line"]
"""Who ended a call: the party on the network, our side, or the line itself (lost, restarted, out of order)."""

Confidence = Literal["claimed", "reported", "heard"]
"""How sure an answer is: some modem firmwares claim it at ring-back, so without alerting before it is only claimed;
heard: the far party's voice was."""


@dataclass(frozen=True, slots=True)
class ShownCaller:
    """Whom the called party is to see: ``number`` in E.164, ``name`` as text; nothing of either when ``withheld``."""

    number: str | None = None
    name: str | None = None
    withheld: bool = False


class Line(Protocol):
    """One line that carries at most one call. All calls return at once; what came of them is told by events.

    ``name`` is the line's name in the store, ``number`` its own number in E.164 (the DID of its calls), if known.
    """

    @property
    def name(self) -> str: ...
    @property
    def number(self) -> str | None: ...
    def dial(self, number: str, caller: ShownCaller | None = None) -> None:
        """Call ``number`` (E.164, or digits). ``caller`` is for lines that can show another number than their own."""

    def answer(self) -> None: ...
    def hang_up(self, cause: int = 16) -> None: ...
    def send_dtmf(self, digits: str) -> None: ...
    def mend_audio(self) -> None:
        """The line takes no samples any more though a call is up: do what its hardware needs."""


@dataclass(frozen=True, slots=True)
class LineStateChanged:
    """The line is in another state. ``reason`` says why it is out of service and what to do about it."""

    line: str
    state: LineStateName
    reason: str | None = None
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class LineInfo:
    """What the network shows of the line: ``signal_dbm`` is the received power (3GPP TS 27.007 §8.5)."""

    line: str
    operator: str | None
    signal_dbm: int | None


@dataclass(frozen=True, slots=True)
class LineIdentity:
    """What is in the line: digits of IMEI (TS 23.003 §6), ICCID (ITU-T E.118) and IMSI, and the modem's model."""

    line: str
    imei: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class LineRecovery:
    """A rung of the recovery ladder was climbed, for the ``count``-th time since the service started."""

    line: str
    rung: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class AnswerHeard:
    """The far party's voice was heard after an answer that the line had only claimed or reported."""

    line: str


@dataclass(frozen=True, slots=True)
class CallWarning:
    """The call will be ended soon by a limit of its line."""

    line: str


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Somebody calls. Numbers as the network gave them (``+`` when international); None: withheld or unknown.

    ``called`` is what the caller dialled, where the network tells (DID); ``redirected_from`` who sent the call on.
    """

    line: str
    number: str | None
    called: str | None = None
    name: str | None = None
    redirected_from: str | None = None


@dataclass(frozen=True, slots=True)
class DialRefused:
    """``dial`` was asked of a line that cannot take it now; no call was begun. ``cause`` is ITU-T Q.850."""

    line: str
    cause: int
    text: str


@dataclass(frozen=True, slots=True)
class Alerting:
    """The called party's phone rings."""

    line: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The call, in either direction, is through."""

    line: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class AudioStarted:
    """The call's audio flows on ``fd``: s16le, 8 kHz, mono, 160 samples each 20 ms, both ways.

    The descriptor is a duplicate that belongs to the receiver of the event, who must close it.
    """

    line: str
    fd: int


@dataclass(frozen=True, slots=True)
class AudioFlow:
    """The line can (``ready``) or cannot take audio just now; what is sent meanwhile is thrown away."""

    line: str
    ready: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over; exactly one for each call. ``cause`` is ITU-T Q.850."""

    line: str
    cause: int
    who: Who
    text: str = ""


@dataclass(frozen=True, slots=True)
class Digit:
    """The hardware itself heard a DTMF digit (0-9 * # A-D) from the far party."""

    line: str
    digit: str


@dataclass(frozen=True, slots=True)
class FaxHeard:
    """A fax machine called (``cng``) or answered (``ced``): its tone was heard from the far party (ITU-T T.30 §4.1)."""

    line: str
    tone: Literal["cng", "ced"]


@dataclass(frozen=True, slots=True)
class LineLost:
    """The device is gone or no longer obeys; any call on it got its ``Ended`` before this."""

    line: str
    reason: str


@dataclass(frozen=True, slots=True)
class LineReady:
    """The line came (back) into service."""

    line: str


LineEvent = (
    LineStateChanged
    | LineInfo
    | LineIdentity
    | LineRecovery
    | AnswerHeard
    | CallWarning
    | IncomingCall
    | DialRefused
    | Alerting
    | Answered
    | AudioStarted
    | AudioFlow
    | Ended
    | Digit
    | FaxHeard
    | LineLost
    | LineReady
)
