"""Layer 3 messages of a D channel, to octets and back (ITU-T Q.931 §4.1-4.5, EN 300 403-1; SERVICE: AT&T, NI-2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from tests.pstn.exchange import bearer, facility, party, progress
from tests.pstn.exchange.bearer import MAINTENANCE_CODESET
from tests.pstn.exchange.coding import CodingError
from tests.pstn.exchange.elements import SHIFT, Element, Typed, read

__all__ = ["Message", "bearer", "decode", "facility", "message", "party", "progress"]
CALL_CONTROL, MAINTENANCE, NATIONAL_MAINTENANCE = 0x08, 0x03, 0x43
"""Protocol discriminators: Q.931 §4.2; AT&T TR 41459; National ISDN, where the two messages have each other's codes."""
KINDS = {
    0x01: "ALERTING",
    0x02: "CALL PROCEEDING",
    0x03: "PROGRESS",
    0x05: "SETUP",
    0x07: "CONNECT",
    0x0D: "SETUP ACKNOWLEDGE",
    0x0F: "CONNECT ACKNOWLEDGE",
    0x24: "HOLD",
    0x28: "HOLD ACKNOWLEDGE",
    0x30: "HOLD REJECT",
    0x31: "RETRIEVE",
    0x33: "RETRIEVE ACKNOWLEDGE",
    0x37: "RETRIEVE REJECT",
    0x45: "DISCONNECT",
    0x46: "RESTART",
    0x4D: "RELEASE",
    0x4E: "RESTART ACKNOWLEDGE",
    0x5A: "RELEASE COMPLETE",
    0x62: "FACILITY",
    0x6E: "NOTIFY",
    0x75: "STATUS ENQUIRY",
    0x7B: "INFORMATION",
    0x7D: "STATUS",
}
_KINDS = {
    CALL_CONTROL: KINDS,
    MAINTENANCE: {0x0F: "SERVICE", 0x07: "SERVICE ACKNOWLEDGE"},
    NATIONAL_MAINTENANCE: {0x07: "SERVICE", 0x0F: "SERVICE ACKNOWLEDGE"},
}
_CODES = {(which, name): code for which, kinds in _KINDS.items() for code, name in kinds.items()}
T = TypeVar("T", bound=Typed)


@dataclass(frozen=True, slots=True)
class Message:
    """A message. ``reference`` is the call reference (0: global), ``to_originator`` its flag (Q.931 §4.3).

    ``kind`` is the name in Q.931, or "0x.." when unknown; ``elements`` are in the order of the wire, unknown ones too.
    """

    kind: str
    reference: int
    to_originator: bool = False
    elements: tuple[Element, ...] = ()
    discriminator: int = CALL_CONTROL
    reference_octets: int = 2

    def get(self, wanted: type[T]) -> T | None:
        """Return what the first readable element of that class says, None when there is none (§5.8.7.2)."""
        return next(iter(self.all(wanted)), None)

    def all(self, wanted: type[T]) -> list[T]:
        """Return what all readable elements of that class say, in order."""
        return [one for one in map(_said, self.elements) if isinstance(one, wanted)]

    def has(self, number: int, codeset: int = 0) -> bool:
        """Is an element of that identifier there?"""
        return any(element.number == number and element.codeset == codeset for element in self.elements)

    @property
    def cause(self) -> int | None:
        """The value of the cause, if any."""
        found = self.get(progress.Cause)
        return None if found is None else found.value

    @property
    def channel(self) -> int | None:
        """The (first) channel of the channel identification, if any."""
        found = self.get(bearer.ChannelId)
        return found.channels[0] if found is not None and found.channels else None

    @property
    def called(self) -> str:
        """The digits of the called party number and then of the keypad facility; "" when there are none."""
        number, keypad = self.get(party.CalledNumber), self.get(party.Keypad)
        return (number.digits if number else "") + (keypad.digits if keypad else "")

    @property
    def calling(self) -> str | None:
        """The digits of the calling party number, if any."""
        number = self.get(party.CallingNumber)
        return number.digits if number else None

    @property
    def name(self) -> str | None:
        """The other party's name, from a facility or else the display."""
        names = [one.calling_name for one in self.all(facility.Facility)]
        display = self.get(party.Display)
        return next((name for name in names if name is not None), display.text if display else None)

    def encode(self) -> bytes:
        """Return the octets; elements are put in the order of the standard (§4.5.1, §4.5.3: locking shift)."""
        code = int(self.kind, 16) if self.kind.startswith("0x") else _CODES[self.discriminator, self.kind]
        value = self.reference | (1 << 8 * self.reference_octets - 1 if self.to_originator else 0)
        head = bytes((self.discriminator, self.reference_octets)) + value.to_bytes(self.reference_octets, "big")
        octets, codeset = head + bytes((code,)), 0
        for element in self.elements:
            wanted = 0 if element.codeset == MAINTENANCE_CODESET else element.codeset
            if wanted != codeset:
                octets += bytes((SHIFT | wanted,))
                codeset = wanted
            octets += element.encode()
        return octets

    def __str__(self) -> str:
        flag = "→originator" if self.to_originator else "←originator"
        return f"{self.kind} ref {self.reference} {flag} " + " ".join(_shown(element) for element in self.elements)


def message(kind: str, reference: int, to_originator: bool, *said: Typed | None, discriminator: int = 8) -> Message:
    """Make a message of what it is to say, in the order of the standard; None is left out."""
    elements = [one.element() for one in said if one is not None]
    if discriminator != CALL_CONTROL:
        elements = [replace(element, codeset=MAINTENANCE_CODESET) for element in elements]
    elements.sort(key=lambda element: (element.codeset, -1 if element.single else element.number))
    return Message(kind, reference, to_originator, tuple(elements), discriminator)


def decode(octets: bytes) -> Message:
    """Read a message. Raises CodingError; the contents of its elements are not looked at (``Message.get`` does)."""
    if len(octets) < 3:
        raise CodingError(f"a message of {len(octets)} octets")
    discriminator, length = octets[0], octets[1]
    if discriminator not in _KINDS:
        raise CodingError(f"protocol discriminator {discriminator:#04x}")
    if length & 0xF0 or len(octets) < 3 + length:
        raise CodingError(f"call reference of {length} octets")
    value = int.from_bytes(octets[2 : 2 + length], "big")
    flag = bool(length and octets[2] & 0x80)
    reference = value & ~(1 << 8 * length - 1) if flag else value
    code = octets[2 + length]
    kind = _KINDS[discriminator].get(code, f"{code:#04x}")
    elements = _elements(octets[3 + length :], 0 if discriminator == CALL_CONTROL else MAINTENANCE_CODESET)
    return Message(kind, reference, flag, elements, discriminator, length)


def _elements(octets: bytes, base: int) -> tuple[Element, ...]:
    found: list[Element] = []
    at, locked, once = 0, 0, None
    while at < len(octets):
        number = octets[at]
        at += 1
        if number & 0xF0 == SHIFT:
            if number & 8:
                once = number & 7  # non-locking: for one element (§4.5.4)
            elif number & 7 <= locked:
                raise CodingError(f"locking shift from codeset {locked} to {number & 7}")
            else:
                locked = number & 7
            continue
        codeset = locked if once is None else once
        once = None
        if number & 0x80:
            found.append(Element(number, b"", codeset or base))
            continue
        if at >= len(octets) or at + 1 + octets[at] > len(octets):
            raise CodingError(f"element {number:#04x} ends after the message")
        found.append(Element(number, octets[at + 1 : at + 1 + octets[at]], codeset or base))
        at += 1 + octets[at]
    return tuple(found)


def _said(element: Element) -> Typed | None:
    try:
        return read(element)
    except CodingError:
        return None


def _shown(element: Element) -> str:
    try:
        said = read(element)
    except CodingError as error:
        return f"[{error}]"
    if said is not None:
        return str(said)
    shift = f"codeset {element.codeset} " if element.codeset not in (0, MAINTENANCE_CODESET) else ""
    return f"[{shift}{element.number:#04x} {element.body.hex(' ')}]"
