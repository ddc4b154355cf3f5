"""Elements that say who: numbers of the called, calling, connected and redirecting party, keypad digits, display."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Self

from tests.pstn.exchange.coding import CodingError, first_group
from tests.pstn.exchange.elements import SENDING_COMPLETE, Element, octets, reads

DISPLAY, KEYPAD = 0x28, 0x2C


class NumberType(IntEnum):
    """Type of number (Q.931 Table 4-10)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK = 3
    SUBSCRIBER = 4
    ABBREVIATED = 6


class Plan(IntEnum):
    """Numbering plan (Q.931 Table 4-10)."""

    UNKNOWN = 0
    ISDN = 1
    DATA = 3
    TELEX = 4
    NATIONAL = 8
    PRIVATE = 9


class Presentation(IntEnum):
    """Presentation indicator (Q.931 Table 4-11)."""

    ALLOWED = 0
    RESTRICTED = 1
    NOT_AVAILABLE = 2


class Screening(IntEnum):
    """Screening indicator (Q.931 Table 4-11)."""

    USER_NOT_SCREENED = 0
    USER_PASSED = 1
    USER_FAILED = 2
    NETWORK = 3


class Reason(IntEnum):
    """Reason for redirection (Q.952, Q.931 Table 4-16)."""

    UNKNOWN = 0
    BUSY = 1
    NO_REPLY = 2
    DEFLECTION = 4
    OUT_OF_ORDER = 9
    BY_CALLED = 10
    UNCONDITIONAL = 15


@dataclass(frozen=True, slots=True)
class PartyNumber:
    """A party's number; ``presentation`` and ``screening`` are None where octet 3a is not there, ``reason`` 3b."""

    digits: str
    kind: NumberType = NumberType.UNKNOWN
    plan: Plan = Plan.ISDN
    presentation: Presentation | None = None
    screening: Screening | None = None
    reason: Reason | None = None
    NUMBER: ClassVar[int] = 0

    def __str__(self) -> str:
        said = [self.digits or "no digits", self.kind.name, self.plan.name]
        said += [one.name for one in (self.presentation, self.screening, self.reason) if one is not None]
        return f"{type(self).__name__}({' '.join(said).lower()})"

    def element(self) -> Element:
        head = [self.kind << 4 | self.plan]
        if self.presentation is not None:
            head.append(self.presentation << 5 | (self.screening or 0))
        if self.reason is not None:
            head.append(int(self.reason))
        head[-1] |= 0x80
        return Element(self.NUMBER, bytes(head) + self.digits.encode("ascii"))

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a number, which may have no digits (a withheld one)."""
        name = cls.__name__
        octets(body, 1, name)
        head, digits = first_group(body)
        try:
            kind, plan = NumberType(head[0] >> 4 & 7), Plan(head[0] & 0xF)
            presentation = Presentation(head[1] >> 5 & 3) if len(head) > 1 else None
            reason = Reason(head[2] & 0xF) if len(head) > 2 else None
        except ValueError as error:
            raise CodingError(f"{name} {body.hex(' ')}: {error}") from None
        if set(digits) - set(b"0123456789*#"):
            raise CodingError(f"{name}: {digits!r} are no digits")
        screening = Screening(head[1] & 3) if len(head) > 1 else None
        return cls(digits.decode(), kind, plan, presentation, screening, reason)


class CalledNumber(PartyNumber):
    """Called party number (Q.931 §4.5.8)."""

    __slots__ = ()
    NUMBER = 0x70


class CallingNumber(PartyNumber):
    """Calling party number (Q.931 §4.5.10)."""

    __slots__ = ()
    NUMBER = 0x6C


class ConnectedNumber(PartyNumber):
    """Connected number (Q.951 §5, EN 300 097)."""

    __slots__ = ()
    NUMBER = 0x4C


class RedirectingNumber(PartyNumber):
    """Redirecting number (Q.952; ANSI T1.607 §)."""

    __slots__ = ()
    NUMBER = 0x74


class OriginalCalledNumber(PartyNumber):
    """Original called number (DMS-100, NI-2)."""

    __slots__ = ()
    NUMBER = 0x73


@dataclass(frozen=True, slots=True)
class Display:
    """Display (Q.931 §4.5.16); ``kind`` is the octet that DMS-100 and NI-2 put before a name (0xB1), if any."""

    text: str
    kind: int | None = None

    def element(self) -> Element:
        head = b"" if self.kind is None else bytes((self.kind,))
        return Element(DISPLAY, head + self.text.encode("latin-1"))

    @classmethod
    def parse(cls, body: bytes) -> Display:
        kind = body[0] if body and body[0] & 0x80 else None
        return cls(body[1 if kind is not None else 0 :].decode("latin-1"), kind)


@dataclass(frozen=True, slots=True)
class Keypad:
    """Keypad facility (Q.931 §4.5.18): IA5 digits."""

    digits: str

    def element(self) -> Element:
        return Element(KEYPAD, self.digits.encode("ascii"))

    @classmethod
    def parse(cls, body: bytes) -> Keypad:
        if not body or max(body) > 0x7F:
            raise CodingError(f"keypad facility {body.hex(' ')}")
        return cls(body.decode("ascii"))


@dataclass(frozen=True, slots=True)
class SendingComplete:
    """Sending complete (Q.931 §4.5.27): the called number is whole."""

    def element(self) -> Element:
        return Element(SENDING_COMPLETE)

    @classmethod
    def parse(cls, _body: bytes) -> SendingComplete:
        return cls()


for _kind in (CalledNumber, CallingNumber, ConnectedNumber, RedirectingNumber, OriginalCalledNumber):
    reads(_kind.NUMBER, _kind.parse)
reads(DISPLAY, Display.parse)
reads(KEYPAD, Keypad.parse)
reads(SENDING_COMPLETE, SendingComplete.parse)
