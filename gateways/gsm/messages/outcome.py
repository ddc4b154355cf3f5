"""What an answer of modem or network means for a part, and what the parts mean for their message: pure.

At most once: a part whose fate is not known (no final result, a crash, a network that did not answer in time) is
``unknown`` and never sent again: a recipient who gets a message twice is worse than a person who reads "unknown" and
decides. Only a definite refusal is tried again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateways.gsm.at import Final

MOST_ATTEMPTS = 5
BACK_OFF = (10.0, 60.0, 300.0, 900.0)
"""Seconds to wait after the first, second … refusal."""

DROPPED_PAUSE = 2.0
"""Seconds until a part is tried again whose command was dropped before it was sent."""

PartState = Literal["queued", "sending", "sent", "delivered", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The network took it; ``ref`` is its TP-MR, None where the modem did not tell it."""

    ref: int | None


@dataclass(frozen=True, slots=True)
class Again:
    """Refused for now: try again after ``seconds``."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The modem never got it: it goes back into the queue, after ``seconds``, as if nothing had been."""

    seconds: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Refused for good."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody can say whether the network took it."""

    reason: str


Outcome = Sent | Again | Withdrawn | Failed | Lost

_Fate = Literal["again", "failed", "lost"]
# 1-127: TS 24.011 annex E-2 (RP causes), 128-255: TS 23.040 §9.2.3.22 (TP-FCS), 300 up: TS 27.005 §3.2.5.
CMS: dict[int, tuple[_Fate, str]] = {
    1: ("failed", "no such number"),
    8: ("failed", "the operator bars messages from this SIM: ask the operator"),
    10: ("failed", "messages to this number are barred"),
    17: ("again", "network failure"),
    21: ("failed", "the network rejects the message: check the SIM's credit and the number"),
    22: ("again", "network congested"),
    27: ("again", "destination out of service"),
    28: ("failed", "the network does not know this SIM: ask the operator"),
    29: ("failed", "the network refuses the service"),
    30: ("failed", "the network does not know this subscriber"),
    38: ("again", "network out of order"),
    41: ("again", "temporary failure"),
    42: ("again", "network congested"),
    47: ("again", "network has no resources"),
    50: ("failed", "the SIM's contract has no messages: ask the operator"),
    69: ("failed", "the network cannot do this"),
    96: ("failed", "the network finds the message malformed"),
    97: ("failed", "the network does not know this kind of message"),
    99: ("failed", "the network finds the message malformed"),
    128: ("failed", "the service centre cannot do this"),
    144: ("failed", "the service centre does not know the alphabet"),
    145: ("failed", "the service centre does not know the message class"),
    176: ("failed", "the service centre does not know this kind of message"),
    192: ("again", "service centre busy"),
    193: ("failed", "the service centre does not serve this SIM: check the service centre's number"),
    194: ("again", "service centre out of order"),
    195: ("failed", "the service centre finds the number invalid"),
    196: ("failed", "the service centre bars this number"),
    197: ("lost", "the service centre says that it has this message already"),
    198: ("failed", "the service centre refuses the validity period"),
    303: ("failed", "the modem cannot send messages"),
    304: ("failed", "the modem finds the message malformed"),
    305: ("failed", "the modem finds the message malformed"),
    330: ("failed", "no service centre's number on the SIM: set it in a phone"),
    331: ("again", "no network"),
    332: ("lost", "the network did not answer in time"),
}
# TS 27.007 §9.2; texts are those of +CMEE=2, which also stand in +CMS ERROR on some modems.
_LOST_CME = 31
_LOST_TEXT = re.compile(r"network time-?out", re.IGNORECASE)
_NO_CAUSE_CMS, _NO_CAUSE_TEXT = 500, re.compile(r"unknown error", re.IGNORECASE)


def after_sending(final: Final, ref: int | None, attempts: int, *, written: bool = True) -> Outcome:
    """Return what became of a part after AT+CMGS ended; ``attempts`` counts this one, ``written``: it went out.

    A modem that told a reference has sent it, though its OK may have got lost. Causes that the tables do not know
    count as temporary, as TS 24.011 annex E-2 has it; an error without any cause says nothing of what was sent.
    """
    if final.ok or (ref is not None and final.kind == "TIMEOUT"):
        return Sent(ref)
    if final.kind == "DROPPED":
        return Withdrawn(DROPPED_PAUSE)
    if final.kind == "TIMEOUT" and written:
        return Lost("the modem did not say whether it sent it")
    no_cause = final.kind == "ERROR" or (final.kind == "CMS" and final.code == _NO_CAUSE_CMS)
    if written and (no_cause or _NO_CAUSE_TEXT.search(final.text)):
        return Lost(f"the modem answers {final}, which gives no cause: it may have sent it")
    fate, words = ("again", "the modem did not ask for the text") if final.kind == "TIMEOUT" else _meaning(final)
    if fate == "lost":
        return Lost(words)
    if fate == "failed":
        return Failed(words)
    if attempts >= MOST_ATTEMPTS:
        return Failed(f"given up after {attempts} tries: {words}")
    return Again(BACK_OFF[min(attempts, len(BACK_OFF)) - 1], words)


def _meaning(final: Final) -> tuple[_Fate, str]:
    if final.kind == "CMS" and final.code in CMS:
        fate, words = CMS[final.code]
        return fate, f"{words} ({final})"
    lost = (final.kind == "CME" and final.code == _LOST_CME) or _LOST_TEXT.search(final.text)
    return "lost" if lost else "again", f"the modem answers {final}"


# Status reports: TS 23.040 §9.2.3.15
_REPORTS = {
    0x01: "forwarded, but the service centre cannot confirm delivery",
    0x02: "replaced by the service centre",
    0x40: "remote procedure error",
    0x41: "incompatible destination",
    0x42: "connection rejected by the recipient's phone",
    0x43: "not obtainable",
    0x44: "quality of service not available",
    0x45: "no interworking available",
    0x46: "the validity period ended before it could be delivered",
    0x47: "deleted by its sender",
    0x48: "deleted by the service centre",
    0x49: "the service centre no longer has it",
    0x60: "network congested",
    0x61: "recipient busy",
    0x62: "no response from the recipient",
    0x63: "service rejected",
    0x64: "quality of service not available",
    0x65: "error in the recipient's phone",
}


def report_words(status: int) -> str:
    """Return TP-Status in words."""
    return _REPORTS.get(status, f"the service centre reports TP-Status 0x{status:02X}")


def message_state(parts: Iterable[str]) -> PartState:
    """Return the state of a message with parts in these states: the one that is furthest from delivered."""
    states = set(parts)
    if "failed" in states:
        return "failed"
    if states == {"queued"}:
        return "queued"
    if states & {"queued", "sending"}:
        return "sending"
    if "unknown" in states:
        return "unknown"
    return "sent" if "sent" in states else "delivered"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A part as the choice of the next one sees it."""

    message: str
    seq: int
    state: str
    retry_at: datetime | None = None


def next_part(parts: Sequence[Waiting], now: datetime) -> Waiting | None:
    """Return the part to send now, of parts in order of message and number.

    Parts of a message go in order, and none after one that failed: half a message is worth nothing. A message that
    waits for its next try lets others pass.
    """
    blocked: set[str] = set()
    for part in parts:
        if part.message in blocked:
            continue
        if part.state == "queued" and (part.retry_at is None or part.retry_at <= now):
            return part
        if part.state in {"queued", "sending", "failed"}:
            blocked.add(part.message)
    return None
