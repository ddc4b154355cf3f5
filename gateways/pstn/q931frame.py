"""A glance at LAPD frames with Q.931 messages (ITU-T Q.921 §2, Q.931 §4), and what of them must not reach libpri.

libpri 1.6 has no bounds in places: it reads on past number elements that lack an extension bit (the reader pads the
buffer with ones against that), takes frames of any length, makes a call record for each unknown call reference and
never frees it if the message is one of some that make no sense then, and takes a SETUP for a call of its own or of the
global call reference. Such messages are turned into a STATUS ENQUIRY without elements, which it answers as it should
have answered them: RELEASE COMPLETE with cause 81, invalid call reference (Q.931 §5.8.3.2).
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

FCS = b"\0\0"
SHORTEST, LONGEST = 3, 4 + 260
"""Octets without FCS: Q.921 §2.1, and N201 = 260 of information (§5.9.3)."""
Q931, MAINTENANCE = 0x08, (0x03, 0x43)  # protocol discriminators
OUR_FLAG = 0x8000
"""In a frame received: the call reference is one that we have chosen (Q.931 §4.3)."""

SETUP, RELEASE, RELEASE_COMPLETE, DISCONNECT = 0x05, 0x4D, 0x5A, 0x45
RESTART, RESTART_ACKNOWLEDGE, STATUS, STATUS_ENQUIRY, FACILITY = 0x46, 0x4E, 0x7D, 0x75, 0x62
NAMES = {
    0x01: "ALERTING", 0x02: "CALL PROCEEDING", 0x03: "PROGRESS", SETUP: "SETUP", 0x07: "CONNECT",
    0x0D: "SETUP ACKNOWLEDGE", 0x0F: "CONNECT ACKNOWLEDGE", DISCONNECT: "DISCONNECT", RESTART: "RESTART",
    RELEASE: "RELEASE", RESTART_ACKNOWLEDGE: "RESTART ACKNOWLEDGE", RELEASE_COMPLETE: "RELEASE COMPLETE",
    FACILITY: "FACILITY", 0x6E: "NOTIFY", STATUS_ENQUIRY: "STATUS ENQUIRY", 0x7B: "INFORMATION", STATUS: "STATUS",
}  # fmt: skip
PROGRESS_INDICATOR = 0x1E
INBAND = 8
INFORMATION_FOLLOWING = bytes.fromhex("2a8648ce150004")
"""The operation 1.2.840.10005.0.4 of NI-2: the calling name follows in a FACILITY (Telcordia GR-1367)."""


@dataclass(frozen=True, slots=True)
class Message:
    """The head of a message. ``reference`` with the flag in bit 16; None: the dummy call reference."""

    protocol: int
    reference: int | None
    kind: int
    start: int  # of the message's kind in the frame

    @property
    def name(self) -> str:
        return NAMES.get(self.kind, f"{self.kind:#04x}") if self.protocol == Q931 else f"SERVICE {self.kind:#04x}"


def message_of(frame: bytes) -> Message | None:
    """Return the message in an information frame (without FCS); None: another frame, or not even a whole head."""
    if len(frame) < 7 or frame[2] & 1:
        return None
    length = frame[5] & 0x0F
    start = 6 + length
    if len(frame) <= start:
        return None
    if length == 0:
        return Message(frame[4], None, frame[start], start)
    value = int.from_bytes(frame[6:start], "big")
    if length == 1:  # of basic access; the flag is at the top there too
        value = (value & 0x80) << 8 | value & 0x7F
    return Message(frame[4], value, frame[start], start)


def elements(frame: bytes, message: Message) -> Iterator[tuple[int, bytes]]:
    """Yield the information elements of codeset 0 as identifier and content, as far as they are whole."""
    at = message.start + 1
    while at < len(frame):
        identifier = frame[at]
        if identifier & 0x80:
            if identifier & 0xF8 == 0x90 and identifier & 7:  # locking shift: others follow
                return
            yield identifier, b""
            at += 1
            continue
        if at + 1 >= len(frame) or at + 2 + frame[at + 1] > len(frame):
            return
        yield identifier, frame[at + 2 : at + 2 + frame[at + 1]]
        at += 2 + frame[at + 1]


def announces(frame: bytes, message: Message) -> bool:
    """Say whether a message has progress indicator 8: in-band information or an appropriate pattern is available."""
    found = (body for identifier, body in elements(frame, message) if identifier == PROGRESS_INDICATOR)
    return any(len(body) >= 2 and body[1] & 0x7F == INBAND for body in found)


def passable(frame: bytes, known: Container[int]) -> bytes | None:
    """Return a frame (without FCS) as libpri may have it; None: not at all. ``known``: references of its calls."""
    if not SHORTEST <= len(frame) <= LONGEST or frame[0] >> 2 or frame[2] & 0xEF == 0x03:  # SAPI 0 only, no UI frames
        return None
    if frame[2] & 3 != 3 and len(frame) < 4:
        return None
    message = message_of(frame)
    if message is None or _makes_sense(frame, message, known):
        return frame
    return frame[: message.start] + bytes((STATUS_ENQUIRY,))


def _makes_sense(frame: bytes, message: Message, known: Container[int]) -> bool:
    kind, reference = message.kind, message.reference
    if message.protocol in MAINTENANCE:
        return reference is not None and not reference & ~OUR_FLAG
    if message.protocol != Q931:
        return True  # libpri ignores it
    if reference is None:
        return kind == FACILITY
    if not reference & ~OUR_FLAG:
        return kind in (RESTART, RESTART_ACKNOWLEDGE, STATUS)
    if reference in known:
        return kind not in (SETUP, RESTART, RESTART_ACKNOWLEDGE)
    if kind == SETUP:
        return not reference & OUR_FLAG and _begins_well(frame, message.start + 1)
    return kind in (RELEASE, RELEASE_COMPLETE, STATUS)


def _begins_well(frame: bytes, at: int) -> bool:
    """The first element is whole: libpri drops a message without a trace, but for its call record, if it is not."""
    head = frame[at : at + 2]
    if not head or head[0] & 0x80:
        return bool(head)
    return len(head) == 2 and at + 2 + head[1] <= len(frame)
