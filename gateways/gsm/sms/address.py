"""Addresses of messages (3GPP TS 23.040 §9.1.2.5) and of service centres (TS 24.011 §8.2.5)."""

from __future__ import annotations

from dataclasses import dataclass

from gateways.gsm.sms.alphabet import decode_septets
from gateways.gsm.sms.errors import SmsError
from gateways.gsm.sms.reader import Reader
from gateways.gsm.sms.septets import unpack

INTERNATIONAL = 0x91
UNKNOWN = 0x81
_DIGITS = "0123456789*#abc"
_LONGEST = 20
"""Digits of an address: 12 octets with length and type."""


@dataclass(frozen=True, slots=True)
class Address:
    """``number``: digits with ``+`` if international, or a name if alphanumeric; "" where none is given."""

    number: str
    type: int = UNKNOWN

    @property
    def alphanumeric(self) -> bool:
        """A name, which cannot be answered."""
        return self.type & 0x70 == 0x50


def read_address(reader: Reader, what: str) -> Address:
    """Read an address whose length counts semi-octets."""
    semi = reader.octet(f"the length of {what}")
    kind = reader.octet(f"the type of {what}")
    value = reader.take((semi + 1) // 2, what)
    if kind & 0x70 == 0x50:
        return Address(_name(value, semi), kind)
    return Address(_number(value, semi, kind), kind)


def has_service_centre(pdu: bytes) -> bool:
    """Whether a PDU begins with a service centre's address and not, as some modems give it, with the TPDU.

    Such an address has up to 12 octets and a type whose highest bit is set; what stands there in a TPDU has neither.
    """
    return pdu[:1] == b"\x00" or (len(pdu) > 1 and pdu[0] <= 12 and pdu[1] & 0x80 != 0)


def read_service_centre(reader: Reader) -> str | None:
    """Read the address before a TPDU (TS 27.005 §3.1), whose length counts octets; None where it is empty."""
    count = reader.octet("the length of the service centre's address")
    if count == 0:
        return None
    kind, *value = reader.take(count, "the service centre's address")
    return _number(bytes(value), 2 * len(value), kind) or None


def write_address(number: str) -> bytes:
    """Return a destination: length in semi-octets, type, digits. SmsError for what cannot be one."""
    digits = number.removeprefix("+")
    if not digits or set(digits) - set(_DIGITS):
        raise SmsError(f"{number!r} is not a number to send to: write digits (* # a b c too), with + if international")
    if len(digits) > _LONGEST:
        raise SmsError(f"{number!r} has {len(digits)} digits, a message's destination at most {_LONGEST}: shorten it")
    return bytes((len(digits),)) + _typed(number, digits)


def write_service_centre(number: str | None) -> bytes:
    """Return the service centre's address; None: the one on the SIM."""
    if number is None:
        return b"\x00"
    octets = write_address(number)[1:]
    return bytes((len(octets),)) + octets


def _typed(number: str, digits: str) -> bytes:
    nibbles = [_DIGITS.index(digit) for digit in digits] + [0xF] * (len(digits) % 2)
    pairs = zip(nibbles[::2], nibbles[1::2], strict=True)
    kind = INTERNATIONAL if number.startswith("+") else UNKNOWN
    return bytes((kind, *(low | high << 4 for low, high in pairs)))


def _number(value: bytes, semi: int, kind: int) -> str:
    nibbles = [nibble for octet in value for nibble in (octet & 0xF, octet >> 4)][:semi]
    digits = "".join(_DIGITS[nibble] for nibble in nibbles if nibble < len(_DIGITS))
    return f"+{digits}" if digits and kind & 0x70 == 0x10 else digits


def _name(value: bytes, semi: int) -> str:
    septets = unpack(value, semi * 4 // 7)
    if len(septets) % 8 == 0 and septets.endswith(b"\x00"):
        # Seven spare bits of an address that was counted in whole octets read as one more @.
        septets = septets[:-1]
    return decode_septets(septets)
