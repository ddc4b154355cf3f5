"""Packing of septets into octets (3GPP TS 23.038 §6.1.2.1): the first septet lies in the lowest bits."""

from __future__ import annotations


def octets_for(septets: int) -> int:
    """Return how many octets hold so many septets."""
    return (septets * 7 + 7) // 8


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Pack septets (one a byte) after ``fill`` zero bits, which bring text after a header to a septet boundary."""
    bits = 0
    for place, septet in enumerate(septets):
        bits |= (septet & 0x7F) << (7 * place)
    return (bits << fill).to_bytes((len(septets) * 7 + fill + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill: int = 0) -> bytes:
    """Return ``count`` septets, one a byte; fewer where the octets end before."""
    bits = int.from_bytes(octets, "little") >> fill
    count = max(0, min(count, (len(octets) * 8 - fill) // 7))
    return bytes((bits >> (7 * place)) & 0x7F for place in range(count))
