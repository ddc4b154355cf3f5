"""A text as a telephone cuts it into parts, and parts joined again (3GPP TS 23.040 §9.2.3.24). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .smsalphabet import ESC, pack, to_septets
from .smsnational import LANGUAGES, LOCKING
from .smspdu import CONCAT_8, CONCAT_16, LOCKING_SHIFT, SINGLE_SHIFT, Body

OCTETS = 140  # of user data in a message


@dataclass(frozen=True)
class Writing:
    """How a text is written.

    alphabet: "auto" (7-bit when the default alphabet has it, else UCS-2), "gsm7", "ucs2", "8bit", or the name of a
    national language (smsnational.LANGUAGES) with `shift` "both", "single" or "locking". reference_bits: 8 or 16.
    split_surrogates: cut UTF-16 at any unit, as some telephones do.
    """

    alphabet: str = "auto"
    shift: str = "both"
    reference_bits: int = 8
    flash: bool = False
    split_surrogates: bool = False

    def bodies(self, text: str, reference: int) -> list[Body]:
        """ValueError: the alphabet does not have a character of the text."""
        alphabet = self.alphabet
        if alphabet == "auto":
            alphabet = "gsm7" if to_septets(text) is not None else "ucs2"
        concat = 5 if self.reference_bits == 8 else 6
        if alphabet in {"ucs2", "8bit"}:
            pieces = self._octet_pieces(text, alphabet, concat)
            return [self._body(piece, b"", reference, n, len(pieces), alphabet) for n, piece in enumerate(pieces, 1)]
        language = LANGUAGES["default" if alphabet == "gsm7" else alphabet]
        locking = language if self.shift in {"both", "locking"} and language in LOCKING else 0
        single = language if self.shift in {"both", "single"} else 0
        septets = to_septets(text, locking, single)
        if septets is None:
            raise ValueError(f"not in alphabet {alphabet!r}: {text!r}")
        shifts = (bytes([SINGLE_SHIFT, 1, single]) if single else b"") + (
            bytes([LOCKING_SHIFT, 1, locking]) if locking else b""
        )
        cut = _cut_septets(septets, len(shifts), concat)
        return [self._septet_body(piece, shifts, reference, n, len(cut)) for n, piece in enumerate(cut, 1)]

    def _octet_pieces(self, text: str, alphabet: str, concat: int) -> list[bytes]:
        data = text.encode("latin-1" if alphabet == "8bit" else "utf-16-be")
        if len(data) <= OCTETS:
            return [data]
        room, pieces = (OCTETS - 1 - concat) // 2 * 2, []
        while data:
            size = min(room, len(data))
            if alphabet == "ucs2" and not self.split_surrogates and 0xD8 <= data[size - 2] <= 0xDB:
                size -= 2
            pieces.append(data[:size])
            data = data[size:]
        return pieces

    def _header(self, shifts: bytes, reference: int, number: int, total: int) -> bytes:
        elements = shifts
        if total > 1 and self.reference_bits == 8:
            elements = bytes([CONCAT_8, 3, reference & 0xFF, total, number]) + elements
        elif total > 1:
            wide = (reference & 0xFFFF).to_bytes(2, "big")
            elements = bytes([CONCAT_16, 4]) + wide + bytes([total, number]) + elements
        return bytes([len(elements)]) + elements if elements else b""

    def _dcs(self, alphabet: str) -> int:
        return {"gsm7": 0, "8bit": 4, "ucs2": 8}[alphabet] | (0x10 if self.flash else 0)

    def _body(self, piece: bytes, shifts: bytes, reference: int, number: int, total: int, alphabet: str) -> Body:
        data = self._header(shifts, reference, number, total) + piece
        return Body(0, self._dcs(alphabet), len(data) > len(piece), len(data), data)

    def _septet_body(self, septets: list[int], shifts: bytes, reference: int, number: int, total: int) -> Body:
        header = self._header(shifts, reference, number, total)
        skipped = (len(header) * 8 + 6) // 7
        data = header + pack(septets, skipped * 7 - len(header) * 8)
        return Body(0, self._dcs("gsm7"), bool(header), skipped + len(septets), data)


def _cut_septets(septets: list[int], shifts: int, concat: int) -> list[list[int]]:
    """No part ends between ESC and what follows it."""
    header = 1 + shifts if shifts else 0
    if len(septets) <= (OCTETS - header) * 8 // 7:
        return [septets]
    room, pieces = (OCTETS - 1 - shifts - concat) * 8 // 7, []
    while septets:
        size = min(room, len(septets))
        if size < len(septets) and septets[size - 1] == ESC:
            size -= 1
        pieces.append(septets[:size])
        septets = septets[size:]
    return pieces


@dataclass(frozen=True)
class Part:
    """One message as it went by: from whom to whom (international numbers), and when."""

    sender: str
    to: str
    body: Body
    at: datetime


@dataclass
class Message:
    """What a telephone shows. `sequences`: the parts in the order they came, repeated ones too."""

    sender: str
    to: str
    at: datetime
    total: int
    sequences: list[int] = field(default_factory=list)
    parts: dict[int, Body] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return len(self.parts) == self.total

    @property
    def text(self) -> str:
        """Of the parts that came; surrogates cut apart are joined again."""
        text = "".join(self.parts[number].text for number in sorted(self.parts))
        return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")

    @property
    def flash(self) -> bool:
        return all(body.message_class == 0 for body in self.parts.values())

    def _takes(self, number: int, body: Body) -> bool:
        return number not in self.parts or self.parts[number].data == body.data

    def add(self, number: int, body: Body) -> bool:
        """False when the part is another message's (a reference used again)."""
        if not self._takes(number, body):
            return False
        self.sequences.append(number)
        self.parts[number] = body
        return True


def join(parts: Iterable[Part]) -> list[Message]:
    """Messages in the order of their first parts. Repeated parts are in its `sequences`."""
    messages: list[Message] = []
    open_ones: dict[object, Message] = {}
    for part in parts:
        concat = part.body.concat
        if concat is None:
            messages.append(Message(part.sender, part.to, part.at, 1, [1], {1: part.body}))
            continue
        key = (part.sender, part.to, concat.reference, concat.bits, concat.total)
        message = open_ones.get(key)
        if message is None or not message.add(concat.sequence, part.body):
            message = Message(part.sender, part.to, part.at, concat.total)
            message.add(concat.sequence, part.body)
            messages.append(message)
            open_ones[key] = message
    return messages
