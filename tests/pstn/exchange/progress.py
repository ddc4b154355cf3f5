"""Elements that say how a call goes: cause, call state, progress, notification."""

from __future__ import annotations

from dataclasses import dataclass

from tests.pstn.exchange.coding import CodingError, first_group
from tests.pstn.exchange.elements import Element, octets, reads

CAUSE, CALL_STATE, PROGRESS_INDICATOR, NOTIFICATION = 0x08, 0x14, 0x1E, 0x27
USER, PRIVATE_LOCAL, PUBLIC_LOCAL, TRANSIT, PUBLIC_REMOTE, PRIVATE_REMOTE, INTERNATIONAL, BEYOND = (
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    10,
)
"""Locations (Q.850 Table 1, Q.931 Table 4-20)."""
NOT_END_TO_END, CALLED_NOT_ISDN, CALLER_NOT_ISDN, INBAND = 1, 2, 3, 8
"""Progress descriptions (Q.931 Table 4-20)."""
CAUSES = frozenset(
    (*range(1, 10), 14, *range(16, 32), 34, *range(38, 48), 49, 50, *range(52, 56), 57, 58, 62, 63, 65, 66)
)
MORE_CAUSES = frozenset((69, 70, 79, *range(81, 92), *range(95, 104), 110, 111, 127))
KNOWN_CAUSES = CAUSES | MORE_CAUSES
"""Cause values that Q.850 §2.2 assigns."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Cause (Q.850): value 1-127, location, coding standard (0: ITU-T), diagnostics."""

    value: int
    location: int = PUBLIC_LOCAL
    standard: int = 0
    diagnostic: bytes = b""

    def __str__(self) -> str:
        return (
            f"Cause({self.value} location {self.location}{' ' + self.diagnostic.hex(' ') if self.diagnostic else ''})"
        )

    def element(self) -> Element:
        head = bytes((0x80 | self.standard << 5 | self.location, 0x80 | self.value))
        return Element(CAUSE, head + self.diagnostic)

    @classmethod
    def parse(cls, body: bytes) -> Cause:
        octets(body, 2, "cause")
        head, rest = first_group(body)
        value, diagnostic = first_group(rest)
        if len(value) != 1 or value[0] & 0x7F == 0:
            raise CodingError(f"cause {body.hex(' ')}")
        return cls(value[0] & 0x7F, head[0] & 0xF, head[0] >> 5 & 3, diagnostic)


@dataclass(frozen=True, slots=True)
class CallStateElement:
    """Call state (Q.931 §4.5.7): the number of a state, of a call or of the global interface."""

    state: int

    def element(self) -> Element:
        return Element(CALL_STATE, bytes((self.state,)))

    @classmethod
    def parse(cls, body: bytes) -> CallStateElement:
        octets(body, 1, "call state")
        return cls(body[0] & 0x3F)


@dataclass(frozen=True, slots=True)
class ProgressIndicator:
    """Progress indicator (Q.931 §4.5.23)."""

    description: int
    location: int = PUBLIC_LOCAL

    def element(self) -> Element:
        return Element(PROGRESS_INDICATOR, bytes((0x80 | self.location, 0x80 | self.description)))

    @classmethod
    def parse(cls, body: bytes) -> ProgressIndicator:
        octets(body, 2, "progress indicator")
        if not body[0] & 0x80 or not body[1] & 0x80:
            raise CodingError(f"progress indicator {body.hex(' ')}")
        return cls(body[1] & 0x7F, body[0] & 0xF)


@dataclass(frozen=True, slots=True)
class Notification:
    """Notification indicator (Q.931 §4.5.22)."""

    code: int

    def element(self) -> Element:
        return Element(NOTIFICATION, bytes((0x80 | self.code,)))

    @classmethod
    def parse(cls, body: bytes) -> Notification:
        octets(body, 1, "notification indicator")
        return cls(body[0] & 0x7F)


reads(CAUSE, Cause.parse)
reads(CALL_STATE, CallStateElement.parse)
reads(PROGRESS_INDICATOR, ProgressIndicator.parse)
reads(NOTIFICATION, Notification.parse)
