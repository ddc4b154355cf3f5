"""LAPD frames on the point-to-point signalling link, as octets without flags and FCS (ITU-T Q.921 §2 and §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.pstn.exchange.coding import CodingError

FrameKind = Literal["I", "RR", "RNR", "REJ", "SABME", "DM", "UI", "DISC", "UA", "FRMR", "XID"]
SAPI_CALL_CONTROL = 0
TEI_POINT_TO_POINT = 0
MODULUS = 128
PF_BIT = 0x10
"""P/F of unnumbered frames; of the others it is bit 1 of the second control octet (Q.921 §3.4)."""

_UNNUMBERED: dict[int, FrameKind] = {
    0x6F: "SABME",
    0x0F: "DM",
    0x03: "UI",
    0x43: "DISC",
    0x63: "UA",
    0x87: "FRMR",
    0xAF: "XID",
}
_SUPERVISORY: dict[int, FrameKind] = {0x01: "RR", 0x05: "RNR", 0x09: "REJ"}
_CODES = {kind: code for code, kind in (_UNNUMBERED | _SUPERVISORY).items()}
_WITH_INFORMATION = ("I", "UI", "FRMR", "XID")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. ``cr`` is the C/R bit as it stands on the wire; ``pf`` P of a command, F of a response."""

    kind: FrameKind
    cr: bool
    pf: bool = False
    ns: int = 0
    nr: int = 0
    data: bytes = b""
    sapi: int = SAPI_CALL_CONTROL
    tei: int = TEI_POINT_TO_POINT

    def encode(self) -> bytes:
        """Return address, control and information octets."""
        address = bytes((self.sapi << 2 | self.cr << 1, self.tei << 1 | 1))
        if self.kind == "I":
            control = bytes((self.ns << 1, self.nr << 1 | self.pf))
        elif self.kind in _SUPERVISORY.values():
            control = bytes((_CODES[self.kind], self.nr << 1 | self.pf))
        else:
            control = bytes((_CODES[self.kind] | (PF_BIT if self.pf else 0),))
        return address + control + self.data

    def __str__(self) -> str:
        numbers = {"I": f" N(S)={self.ns} N(R)={self.nr}"}.get(self.kind, f" N(R)={self.nr}")
        shown = numbers if self.kind == "I" or self.kind in _SUPERVISORY.values() else ""
        return f"{self.kind}{shown}{' P/F' if self.pf else ''}{' ' + self.data.hex(' ') if self.data else ''}"


def decode(octets: bytes) -> Frame:
    """Return the frame; raises CodingError when it is none (Q.921 §2.9: invalid, §3.6.11: undefined control field)."""
    if len(octets) < 3:
        raise CodingError(f"a frame of {len(octets)} octets")
    if octets[0] & 1 or not octets[1] & 1:
        raise CodingError(f"address {octets[:2].hex(' ')}: extension bits are wrong")
    sapi, cr, tei = octets[0] >> 2, bool(octets[0] & 2), octets[1] >> 1
    first = octets[2]
    if first & 3 == 3:
        kind = _UNNUMBERED.get(first & ~PF_BIT)
        if kind is None:
            raise CodingError(f"undefined control field {first:#04x}")
        frame = Frame(kind, cr, bool(first & PF_BIT), data=octets[3:], sapi=sapi, tei=tei)
    else:
        frame = _numbered(octets, sapi, cr, tei)
    if frame.data and frame.kind not in _WITH_INFORMATION:
        raise CodingError(f"{frame.kind} with an information field")
    return frame


def _numbered(octets: bytes, sapi: int, cr: bool, tei: int) -> Frame:
    if len(octets) < 4:
        raise CodingError("a numbered frame without its second control octet")
    first, second = octets[2], octets[3]
    if not first & 1:
        return Frame("I", cr, bool(second & 1), first >> 1, second >> 1, octets[4:], sapi, tei)
    kind = _SUPERVISORY.get(first)
    if kind is None:
        raise CodingError(f"undefined control field {first:#04x}")
    return Frame(kind, cr, bool(second & 1), nr=second >> 1, data=octets[4:], sapi=sapi, tei=tei)
