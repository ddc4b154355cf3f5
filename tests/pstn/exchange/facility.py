"""Facility with the calling party's name, as NI-2 (Telcordia GR-1367) and QSIG (ECMA-164) send it in a ROSE invoke.

BER of X.690 as far as the invokes need: definite lengths below 128 written, up to 65535 read.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Literal

from tests.pstn.exchange.coding import CodingError
from tests.pstn.exchange.elements import Element, reads

FACILITY = 0x1C
NETWORKING_EXTENSIONS = 0x9F
"""Protocol profile (Q.932 §8.2.3, ECMA-165)."""
INTERPRETATION_DISCARD = b"\x8b\x01\x00"
"""Interpretation APDU: discard any unrecognised invoke."""
NFE_END_TO_END = b"\xaa\x06\x80\x01\x00\x82\x01\x00"
"""Network facility extension of QSIG: from end PINX to end PINX (ECMA-165)."""
CALLING_NAME = 0
"""Local value of the operation callingName (ECMA-164), which NI-2 uses as well."""
CALLING_NAMES = (b"\x02\x01\x00", b"\x06\x04\x2b\x0c\x09\x00")
"""BER of the operation callingName: as local value, and as iso.identified-organization.ecma(12).private-isdn(9).0."""
NAME_FOLLOWS = bytes.fromhex("2a8648ce150004")
"""informationFollowing: iso(1) member-body(2) us(840) ansi-t1(10005) 0 4 (GR-1367)."""
ALLOWED, RESTRICTED = 0x80, 0x82
"""Tags of namePresentationAllowedSimple and namePresentationRestrictedSimple (ECMA-164)."""
INVOKE = 0xA1
SERVICE_IDENTIFIER = b"\xbe"

Style = Literal["ni2", "qsig"]


@dataclass(frozen=True, slots=True)
class Facility:
    """Facility, all octets (Q.932 §8.2.3)."""

    body: bytes

    def element(self) -> Element:
        return Element(FACILITY, self.body)

    @classmethod
    def parse(cls, body: bytes) -> Facility:
        if not body:
            raise CodingError("facility of no octets")
        return cls(body)

    @property
    def invokes(self) -> list[tuple[bytes, bytes]]:
        """(operation: BER of its INTEGER or OBJECT IDENTIFIER, argument) of each invoke. Raises CodingError."""
        found = []
        nortel = self.body[1:2] == SERVICE_IDENTIFIER  # DMS-100: an octet before the component, no BER
        for tag, value in _tlvs(self.body[2 if nortel else 1 :]):
            if tag == INVOKE:
                parts = _tlvs_raw(value)
                if len(parts) < 2 or parts[0][0] != 0x02:
                    raise CodingError(f"invoke {value.hex(' ')}")
                rest = parts[2:] if parts[1][0] == 0x80 else parts[1:]  # [0]: linked identifier
                if not rest:
                    raise CodingError(f"invoke {value.hex(' ')} without an operation")
                found.append((rest[0][2], b"".join(part[2] for part in rest[1:])))
        return found

    @property
    def calling_name(self) -> str | None:
        """The name, "" when its presentation is restricted, None when this says nothing (readable) of it."""
        with contextlib.suppress(CodingError):
            for operation, argument in self.invokes:
                if operation in CALLING_NAMES:
                    return _name(argument)
        return None

    @property
    def name_follows(self) -> bool:
        """A FACILITY message will bring the name (GR-1367: informationFollowing)."""
        return any(operation == _tlv(6, NAME_FOLLOWS) for operation, _ in self.invokes)


def calling_name(name: str, style: Style, invoke_id: int = 1, restricted: bool = False) -> Facility:
    """The caller's name, at most 50 characters (ECMA-164); ``restricted``: with the mark that it must not be shown."""
    tag = RESTRICTED if restricted else ALLOWED
    return _invoke(_tlv(2, bytes((CALLING_NAME,))), _tlv(tag, name.encode("latin-1")), style, invoke_id)


def name_follows(invoke_id: int = 1) -> Facility:
    """NI-2: the name is still looked for and will come in a FACILITY message."""
    return _invoke(_tlv(6, NAME_FOLLOWS), _tlv(0x0A, b"\x00"), "ni2", invoke_id)


def _invoke(operation: bytes, argument: bytes, style: Style, invoke_id: int) -> Facility:
    head = bytes((NETWORKING_EXTENSIONS,)) + (NFE_END_TO_END if style == "qsig" else b"") + INTERPRETATION_DISCARD
    return Facility(head + _tlv(INVOKE, _tlv(2, bytes((invoke_id,))) + operation + argument))


def _name(argument: bytes) -> str:
    (tag, value), *_ = _tlvs(argument)
    if tag == 0x30:  # the name in a sequence with its character set
        (tag, value), *_ = _tlvs(value)
    if tag in (0x80, 0x04):
        return value.decode("latin-1")
    if tag == 0xA1:  # presentation allowed, with character set
        return _tlvs(value)[0][1].decode("latin-1")
    if tag in (0x82, 0xA3, 0x84, 0x87):
        return ""
    raise CodingError(f"name {argument.hex(' ')}")


def _tlv(tag: int, value: bytes) -> bytes:
    return bytes((tag, len(value))) + value


def _tlvs(octets: bytes) -> list[tuple[int, bytes]]:
    return [(tag, value) for tag, value, _ in _tlvs_raw(octets)]


def _tlvs_raw(octets: bytes) -> list[tuple[int, bytes, bytes]]:
    found, at = [], 0
    while at < len(octets):
        if at + 2 > len(octets):
            raise CodingError(f"BER {octets.hex(' ')} ends within a value")
        tag, length, start = octets[at], octets[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(octets[at + 2 : start], "big")
        if start + length > len(octets):
            raise CodingError(f"BER {octets.hex(' ')} ends within a value")
        found.append((tag, octets[start : start + length], octets[at : start + length]))
        at = start + length
    return found


reads(FACILITY, Facility.parse)
