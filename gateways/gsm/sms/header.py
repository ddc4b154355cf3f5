"""The user data header (3GPP TS 23.040 §9.2.3.24): information elements before the text."""

from __future__ import annotations

from dataclasses import dataclass

CONCAT_8 = 0x00
PORTS_8 = 0x04
PORTS_16 = 0x05
CONCAT_16 = 0x08
SINGLE_SHIFT = 0x24
LOCKING_SHIFT = 0x25


@dataclass(frozen=True, slots=True)
class Concat:
    """Part ``seq`` (from 1) of ``total`` of the message ``ref``; ``wide``: the reference has 16 bits instead of 8."""

    ref: int
    seq: int
    total: int
    wide: bool = False

    def octets(self) -> bytes:
        """Return it as information element."""
        if self.wide:
            return bytes((CONCAT_16, 4, self.ref >> 8, self.ref & 0xFF, self.total, self.seq))
        return bytes((CONCAT_8, 3, self.ref, self.total, self.seq))


@dataclass(frozen=True, slots=True)
class Ports:
    """Application ports: the message is data for a programme."""

    destination: int
    source: int


@dataclass(frozen=True, slots=True)
class Header:
    """All information elements as (identifier, data), unknown ones too; of repeated ones the last counts."""

    elements: tuple[tuple[int, bytes], ...] = ()

    @property
    def concat(self) -> Concat | None:
        """The part's place; None where it is unsaid or impossible (§9.2.3.24.1: such an element is ignored)."""
        for kind, data in reversed(self.elements):
            if (kind, len(data)) == (CONCAT_8, 3):
                concat = Concat(data[0], data[2], data[1])
            elif (kind, len(data)) == (CONCAT_16, 4):
                concat = Concat(data[0] << 8 | data[1], data[3], data[2], wide=True)
            else:
                continue
            if 0 < concat.seq <= concat.total:
                return concat
        return None

    @property
    def ports(self) -> Ports | None:
        for kind, data in reversed(self.elements):
            if (kind, len(data)) == (PORTS_8, 2):
                return Ports(data[0], data[1])
            if (kind, len(data)) == (PORTS_16, 4):
                return Ports(data[0] << 8 | data[1], data[2] << 8 | data[3])
        return None

    @property
    def locking(self) -> int:
        """National language of the locking shift table, 0: the default alphabet."""
        return self._octet(LOCKING_SHIFT)

    @property
    def single(self) -> int:
        """National language of the single shift table, 0: the default extension."""
        return self._octet(SINGLE_SHIFT)

    def _octet(self, wanted: int) -> int:
        return next((data[0] for kind, data in reversed(self.elements) if kind == wanted and len(data) == 1), 0)


def decode_header(octets: bytes) -> Header:
    """Walk the elements (without UDHL). One that ends beyond the header makes all of it void, as §9.2.3.24 asks."""
    elements: list[tuple[int, bytes]] = []
    place = 0
    while place < len(octets):
        end = place + 2 + octets[place + 1] if place + 1 < len(octets) else len(octets) + 1
        if end > len(octets):
            return Header()
        elements.append((octets[place], octets[place + 2 : end]))
        place = end
    return Header(tuple(elements))
