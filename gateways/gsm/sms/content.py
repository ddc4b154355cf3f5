"""User data of a message (3GPP TS 23.040 §9.2.3.24): header and text, of one part or of all parts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gateways.gsm.sms.alphabet import decode_septets
from gateways.gsm.sms.coding import FLASH, Coding, decode_coding
from gateways.gsm.sms.errors import SmsError
from gateways.gsm.sms.header import Concat, Header, Ports, decode_header
from gateways.gsm.sms.reader import Reader
from gateways.gsm.sms.septets import octets_for, unpack

NO_HEADER = Header()


@dataclass(frozen=True, slots=True)
class Content:
    """``data`` is what follows the header: septets one a byte in the 7 bit alphabets, octets else."""

    coding: Coding
    data: bytes
    header: Header = NO_HEADER

    @property
    def binary(self) -> bool:
        """Not text: 8 bit data, or compressed by TS 23.042, which nobody sends."""
        return self.coding.alphabet == "8bit" or self.coding.compressed

    @property
    def text(self) -> str:
        """The text; of data its hexadecimal digits. Half a surrogate pair is U+FFFD: see ``join_text``."""
        return join_text((self,))

    @property
    def concat(self) -> Concat | None:
        return self.header.concat

    @property
    def ports(self) -> Ports | None:
        return self.header.ports

    @property
    def flash(self) -> bool:
        """To be shown at once and not stored (class 0)."""
        return self.coding.message_class == FLASH


def join_text(contents: Sequence[Content]) -> str:
    """Return the text of parts that follow each other.

    Senders cut between the halves of a surrogate pair and after an escape, so neighbours are joined before decoding.
    """
    return "".join(_text(key, b"".join(part.data for part in run)) for key, run in groupby(contents, key=_kind))


def _kind(content: Content) -> tuple[str, int, int]:
    if content.binary:
        return "8bit", 0, 0
    if content.coding.alphabet == "ucs2":
        return "ucs2", 0, 0
    return "7bit", content.header.locking, content.header.single


def _text(kind: tuple[str, int, int], data: bytes) -> str:
    alphabet, locking, single = kind
    if alphabet == "8bit":
        return data.hex().upper()
    if alphabet == "ucs2":
        return _utf16(data)
    return decode_septets(data, locking, single)


def _utf16(data: bytes) -> str:
    """Read UTF-16, not UCS-2: phones send emoji as surrogate pairs. Some gateways send the other byte order, marked."""
    if data.startswith(b"\xff\xfe"):
        return data[2:].decode("utf-16-le", "replace")
    return data.removeprefix(b"\xfe\xff").decode("utf-16-be", "replace")


def read_content(reader: Reader, dcs: int, has_header: bool) -> Content:
    """Read TP-UDL and TP-UD; what follows them is not part of the message."""
    coding = decode_coding(dcs)
    length = reader.octet("the length of the user data")
    septets = coding.alphabet == "7bit" and not coding.compressed
    octets = reader.take(octets_for(length) if septets else length, "the user data")
    header, start = _header(octets) if has_header else (NO_HEADER, 0)
    if not septets:
        return Content(coding, octets[start:], header)
    skipped = septets_for(start)
    return Content(coding, unpack(octets[start:], length - skipped, skipped * 7 - start * 8), header)


def septets_for(octets: int) -> int:
    """Return how many septets a header of so many octets, UDHL included, takes with its fill bits."""
    return (octets * 8 + 6) // 7


def _header(octets: bytes) -> tuple[Header, int]:
    if not octets:
        raise SmsError("the PDU announces a user data header but has no user data")
    start = 1 + octets[0]
    if start > len(octets):
        raise SmsError(f"the user data header claims {octets[0]} octets, the user data has {len(octets) - 1} after it")
    return decode_header(octets[1:start]), start
