"""From a modem's bits to whole messages about the caller, their checksum right. Pure.

Framing of GR-30-CORE and ETSI EN 300 659-1 (octets with start and stop bit; type, length, content, checksum), and NTT's
(the same octets with parity, between DLE SOH and DLE ETX, with a CRC). libspandsp's ``adsi_rx`` does this too, but:

* it takes no carrier below about -31 dBm0 and offers no way to say otherwise;
* it counts NTT's octets by the length they tell, though each DLE (0x10) among them is sent twice: any message of 16
  octets is lost, which is what a caller with eleven digits (a Japanese mobile phone) makes;
* one false octet in the mark before a message shifts all of it.

So its modem (``fsk_rx``) is used, and the octets are read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

MESSAGE_TYPES = frozenset({0x04, 0x80})
"""SDMF call setup, MDMF call setup. Others (message waiting, charges) say nothing of a caller."""
DLE, SOH, STX, ETX = 0x10, 0x01, 0x02, 0x03
_LONGEST_NTT = 600  # octets: 255 of content, each doubled, and the frame


class OctetFramer:
    """Reads octets of a start bit, eight bits from the lowest on, and a stop bit.

    An octet whose stop bit is wrong is passed on all the same: the checksum judges.
    """

    def __init__(self) -> None:
        self._left = 0
        self._octet = 0

    def restart(self) -> None:
        """Wait for a start bit."""
        self._left = 0

    def take(self, bit: int) -> int | None:
        """Take a bit; return the octet that it completes."""
        if self._left == 0:
            if bit == 0:
                self._left, self._octet = 9, 0
            return None
        self._left -= 1
        if self._left:
            self._octet = self._octet >> 1 | bit << 7
            return None
        return self._octet


class MessageFinder:
    """SDMF and MDMF: tries each octet that could begin a message, so that false ones before it do no harm."""

    def __init__(self) -> None:
        self._begun: list[bytearray] = []

    def restart(self) -> None:
        """Forget what has begun."""
        self._begun.clear()

    def take(self, octet: int) -> bytes | None:
        """Take an octet; return the message that it completes: type, length and content, without the checksum."""
        if octet in MESSAGE_TYPES:
            self._begun.append(bytearray())
        found = None
        for message in self._begun:
            message.append(octet)
            if len(message) > 2 and len(message) == message[1] + 3 and sum(message) & 0xFF == 0:
                found = bytes(message[:-1])
        if found is not None:
            self._begun.clear()
        else:
            self._begun = [one for one in self._begun if len(one) < 2 or len(one) < one[1] + 3]
        return found


class NttFinder:
    """NTT's frame: DLE SOH header DLE STX message DLE ETX CRC."""

    def __init__(self) -> None:
        self._frame: bytearray | None = None
        self._before = -1
        self._crc_left = 0

    def restart(self) -> None:
        """Wait for DLE SOH."""
        self._frame, self._before, self._crc_left = None, -1, 0

    def take(self, octet: int) -> bytes | None:
        """Take an octet; return the message that it completes: service, length and content, without parity."""
        if self._frame is None:
            begins = self._before & 0x7F == DLE and octet & 0x7F == SOH
            self._before = octet
            if begins:
                self._frame, self._before = bytearray(), -1
            return None
        self._frame.append(octet)
        if self._crc_left:
            self._crc_left -= 1
            return None if self._crc_left else self._finish(self._frame)
        low = octet & 0x7F
        if self._before == DLE and low == ETX:
            self._crc_left = 2
        # the second of two DLE is a plain octet of the message
        self._before = -1 if self._before == DLE else low
        if len(self._frame) > _LONGEST_NTT:
            self.restart()
        return None

    def _finish(self, frame: bytearray) -> bytes | None:
        self.restart()
        return ntt_message(bytes(frame))


def crc16(octets: bytes) -> int:
    """Return the remainder by x^16 + x^12 + x^5 + 1 (ITU-T V.41), lowest bits first; 0 where the CRC is included."""
    remainder = 0
    for octet in octets:
        remainder ^= octet
        for _ in range(8):
            remainder = remainder >> 1 ^ 0x8408 if remainder & 1 else remainder >> 1
    return remainder


def ntt_message(frame: bytes) -> bytes | None:
    """Return what lies between DLE STX and DLE ETX of a frame (from its header to its CRC); None when it is damaged."""
    if crc16(frame) != 0 or any(bin(octet).count("1") & 1 for octet in frame[:-2]):
        return None
    plain = list(_unstuffed(bytes(octet & 0x7F for octet in frame[:-2])))
    if (True, STX) not in plain:
        return None
    begin = plain.index((True, STX))
    return bytes(octet for control, octet in plain[begin + 1 :] if not control)


def _unstuffed(octets: bytes) -> Iterator[tuple[bool, int]]:
    """Yield each octet, and whether it is the second of a pair begun by DLE that isn't DLE DLE: a control."""
    escaped = False
    for octet in octets:
        if octet == DLE and not escaped:
            escaped = True
            continue
        yield escaped and octet != DLE, octet
        escaped = False


Finder = MessageFinder | NttFinder


class Messages:
    """Bits in, messages out. ``down``/``up``: the values among the bits that tell of the carrier."""

    def __init__(self, finder: Callable[[], Finder], carrier: tuple[int, int]) -> None:
        self._finder = finder()
        self._framer = OctetFramer()
        self._carrier = carrier

    def take(self, bits: list[int]) -> list[bytes]:
        """Return the messages that these bits complete."""
        found = []
        for bit in bits:
            if bit in self._carrier:
                self._framer.restart()
                self._finder.restart()
                continue
            octet = self._framer.take(bit & 1)
            message = None if octet is None else self._finder.take(octet)
            if message is not None:
                found.append(message)
        return found
