"""The 7-bit alphabets of SMS and USSD, both ways: 3GPP TS 23.038 §6.1 (packing), §6.2 (tables). Pure.

Written from the standard for the virtual network alone, so that it judges the product's own codec independently.
"""

from functools import cache

from .smsnational import LOCKING, SINGLE, UNASSIGNED

ESC = 0x1B
CR = 0x0D


@cache
def _codes(locking: int, single: int) -> dict[str, tuple[int, ...]]:
    """Character to septets: one of the locking table, or ESC and one of the single shift table."""
    shifted = {char: (ESC, code) for code, char in shift_table(single).items()}
    plain = {char: (code,) for code, char in enumerate(LOCKING.get(locking, LOCKING[0])) if code != ESC}
    codes: dict[str, tuple[int, ...]] = {**shifted, **plain}
    codes.pop(UNASSIGNED, None)
    return codes


@cache
def shift_table(single: int) -> dict[int, str]:
    """Septet after ESC to character."""
    runs = SINGLE.get(single, SINGLE[0])
    return {start + place: char for start, run in runs.items() for place, char in enumerate(run)}


def to_septets(text: str, locking: int = 0, single: int = 0) -> list[int] | None:
    """None when a character is in neither table."""
    codes = _codes(locking, single)
    septets: list[int] = []
    for char in text:
        if char not in codes:
            return None
        septets += codes[char]
    return septets


def from_septets(septets: list[int], locking: int = 0, single: int = 0) -> str:
    """§6.2.1.2: what is unknown after ESC shows as the character of the locking table; ESC alone as a space."""
    plain, shifted = LOCKING.get(locking, LOCKING[0]), shift_table(single)
    text, escaped = "", False
    for septet in septets:
        if escaped:
            text += shifted.get(septet, " " if septet == ESC else plain[septet])
            escaped = False
        elif septet == ESC:
            escaped = True
        else:
            text += plain[septet]
    return (text + " " if escaped else text).replace(UNASSIGNED, " ")


def pack(septets: list[int], fill_bits: int = 0) -> bytes:
    """§6.1.2.1, after so many bits of zero (TS 23.040 §9.2.3.24: up to the septet boundary after a header)."""
    bits, count = 0, fill_bits
    for septet in septets:
        bits |= septet << count
        count += 7
    return bits.to_bytes((count + 7) // 8, "little")


def unpack(data: bytes, count: int, fill_bits: int = 0) -> list[int]:
    """At most `count` septets."""
    bits = int.from_bytes(data, "little") >> fill_bits
    there = max(0, len(data) * 8 - fill_bits) // 7
    return [(bits >> 7 * place) & 0x7F for place in range(min(count, there))]


def pack_ussd(septets: list[int]) -> bytes:
    """§6.1.2.3.1: seven spare bits at the end hold CR, lest they read as '@'; a CR that ends there is doubled."""
    if len(septets) % 8 == 7 or (len(septets) % 8 == 0 and septets[-1:] == [CR]):
        septets = [*septets, CR]
    return pack(septets)


def unpack_ussd(data: bytes) -> list[int]:
    septets = unpack(data, len(data) * 8 // 7)
    if len(septets) % 8 == 0 and septets[-1:] == [CR]:
        septets.pop()
    return septets


def semi_octets(digits: str) -> bytes:
    """Digits two an octet, low half first, an odd one filled with F (TS 23.040 §9.1.2.3); * # a b c as A to E."""
    codes = "0123456789*#abc"
    nibbles = [codes.index(digit) for digit in digits.lower()] + [15] * (len(digits) % 2)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def from_semi_octets(data: bytes) -> str:
    nibbles = [half for octet in data for half in (octet & 15, octet >> 4)]
    return "".join("0123456789*#abc"[nibble] for nibble in nibbles if nibble < 15)
