"""The choice of alphabet for a text and its cutting into parts (3GPP TS 23.040 §9.2.3.24.1, TS 23.038 §6.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateways.gsm.sms.alphabet import codes
from gateways.gsm.sms.coding import Alphabet
from gateways.gsm.sms.content import septets_for
from gateways.gsm.sms.errors import SmsError
from gateways.gsm.sms.graphemes import clusters
from gateways.gsm.sms.header import LOCKING_SHIFT, SINGLE_SHIFT

USER_DATA = 140
"""Octets of TP-UD at most."""
MOST_PARTS = 255


@dataclass(frozen=True, slots=True)
class Writing:
    """A way to write a text: ``locking`` and ``single`` are national languages, of the 7 bit alphabet only."""

    alphabet: Alphabet
    locking: int = 0
    single: int = 0

    def elements(self) -> bytes:
        """Return the header's elements that announce the tables."""
        single = bytes((SINGLE_SHIFT, 1, self.single)) if self.single else b""
        locking = bytes((LOCKING_SHIFT, 1, self.locking)) if self.locking else b""
        return single + locking

    def room(self, elements: int) -> int:
        """Return how much fits beside header elements of so many octets: septets, or octets (an even number)."""
        header = elements + 1 if elements else 0
        if self.alphabet == "7bit":
            return USER_DATA * 8 // 7 - septets_for(header)
        return (USER_DATA - header) // 2 * 2

    def octets(self, text: str) -> bytes:
        """Return a text as septets one a byte, or as UTF-16."""
        if self.alphabet == "ucs2":
            return text.encode("utf-16-be")
        table = codes(self.locking, self.single)
        return b"".join(table[character] for character in text)


UCS2 = Writing("ucs2")


def choose(text: str, languages: Collection[int], concat: int) -> tuple[Writing, list[str]]:
    """Return how to write a text, and its parts; ``concat`` is the size of the concatenation element.

    The default alphabet if it has all characters. Else, if that saves a part, the tables of one of ``languages``, which
    the receiver must know; else UTF-16.
    """
    if not _encodable(text):
        raise SmsError("the text has half a surrogate pair, which no message can carry: decode it rightly first")
    default = Writing("7bit")
    if (parts := _parts(text, default, concat)) is not None:
        return default, parts
    best, fewest = UCS2, _parts(text, UCS2, concat) or []
    for language in languages:
        for locking, single in ((0, language), (language, 0), (language, language)):
            writing = Writing("7bit", locking, single)
            parts = _parts(text, writing, concat)
            if parts is not None and len(parts) < len(fewest):
                best, fewest = writing, parts
    return best, fewest


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _parts(text: str, writing: Writing, concat: int) -> list[str] | None:
    """Return the parts, or None where the alphabet lacks a character."""
    if writing.alphabet == "ucs2":
        sizes = {character: 4 if character > "\uffff" else 2 for character in set(text)}
    else:
        table = codes(writing.locking, writing.single)
        if not table.keys() >= set(text):
            return None
        sizes = {character: len(table[character]) for character in set(text)}
    elements = len(writing.elements())
    if sum(map(sizes.__getitem__, text)) <= writing.room(elements):
        return [text]
    return _cut(text, sizes, writing.room(elements + concat))


def _cut(text: str, sizes: Mapping[str, int], room: int) -> list[str]:
    """Fill part after part; what is one character to a reader is cut only where it is longer than a part."""
    parts, left = [""], room
    for cluster in clusters(text):
        size = sum(sizes[character] for character in cluster)
        pieces = [cluster] if size <= room else list(cluster)
        for piece in pieces:
            size = sum(sizes[character] for character in piece)
            if size > left:
                parts.append("")
                left = room
            parts[-1] += piece
            left -= size
    return parts
