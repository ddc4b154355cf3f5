"""Commands to a modem, and how they end (ITU-T V.250 §5, 3GPP TS 27.007 §4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class Priority(IntEnum):
    """Order of the queue; smaller goes first."""

    HANG_UP = 0
    CALL = 1
    NORMAL = 2
    MESSAGE = 3
    POLL = 4


@dataclass(frozen=True, slots=True)
class Command:
    """One command line. ``prefixes`` start its information lines (``+CSQ:``), ``bare`` is a pattern for those without
    prefix (AT+CGSN answers digits only), ``timeout`` is in seconds, ``call_results``: NO CARRIER and its like end it.
    ``payload`` goes out, with Ctrl-Z after it, when the modem has prompted (TS 27.005 §3.5.1). ``body``: each line with
    a declared prefix has one more line (+CMGL, +CMGR). ``abort``: a hang-up may cut it short (V.250 §5.6.1).
    """

    text: str
    prefixes: tuple[bytes, ...] = ()
    bare: bytes | None = None
    timeout: float = 5.0
    priority: Priority = Priority.NORMAL
    call_results: bool = False
    payload: bytes | None = None
    body: bool = False
    abort: bool = False


FinalKind = Literal[
    "OK", "ERROR", "CME", "CMS", "BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE", "TIMEOUT", "DROPPED"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Final:
    """How a command ended. ``code`` is the number of +CME/+CMS ERROR if numeric; DROPPED: it was never sent."""

    kind: FinalKind
    code: int | None = None
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.kind == "OK"

    def __str__(self) -> str:
        return self.text or self.kind


@dataclass(frozen=True, slots=True)
class Finished:
    """A command has ended; ``then`` is what its sender wanted called with this. ``written``: its payload went out."""

    command: Command
    final: Final
    lines: tuple[bytes, ...] = ()
    then: Callable[[Finished], None] | None = None
    written: bool = False


@dataclass(frozen=True, slots=True)
class Urc:
    """A line that belongs to no command."""

    line: bytes


AtEvent = Finished | Urc
PING = Command("AT", timeout=3.0, priority=Priority.POLL)

_CALL_RESULTS: dict[bytes, FinalKind] = {
    b"BUSY": "BUSY",
    b"NO CARRIER": "NO CARRIER",
    b"NO ANSWER": "NO ANSWER",
    b"NO DIALTONE": "NO DIALTONE",
    b"NO DIAL TONE": "NO DIALTONE",
}
_NUMBERED = re.compile(rb"\+(CME|CMS) ERROR\s*:?\s*(.*)")
_UNSUPPORTED = (b"COMMAND NOT SUPPORT", b"TOO MANY PARAMETERS")  # Huawei, ZTE


def show(data: bytes) -> str:
    """Return bytes as ASCII text with all else escaped: for logs and for fields that must be text."""
    return data.decode("ascii", "backslashreplace")


def final_of(line: bytes, call_results: bool) -> Final | None:
    """Return the final result code a line is, or None (V.250 §5.7.1, TS 27.007 §9.2, TS 27.005 §3.2.5)."""
    if line == b"OK":
        return Final("OK")
    if line == b"ERROR" or line.startswith(_UNSUPPORTED):
        return Final("ERROR", text=show(line))
    if call_results and line in _CALL_RESULTS:
        return Final(_CALL_RESULTS[line])
    if match := _NUMBERED.fullmatch(line):
        code = match[2].strip()
        kind: FinalKind = "CME" if match[1] == b"CME" else "CMS"
        return Final(kind, int(code) if code.isdigit() else None, show(line))
    return None
