"""The GSM 7 bit alphabets (3GPP TS 23.038 §6.2.1, annex A) between septets and text; septets one a byte, 0 to 0x7F."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import cache

from gateways.gsm.sms.locking import LOCKING
from gateways.gsm.sms.singleshift import COMMON, INDIC, SINGLE

ESCAPE = 0x1B
_RESERVED = "\N{REPLACEMENT CHARACTER}"


class Language(IntEnum):
    """National language identifiers (TS 23.038 §6.2.1.2.4)."""

    DEFAULT = 0
    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3
    BENGALI = 4
    GUJARATI = 5
    HINDI = 6
    KANNADA = 7
    MALAYALAM = 8
    ORIYA = 9
    PUNJABI = 10
    TAMIL = 11
    TELUGU = 12
    URDU = 13


@cache
def locking_table(language: int) -> Mapping[int, str]:
    """Return code -> character; the default alphabet for a language that has no table."""
    codes = LOCKING.get(language, LOCKING[Language.DEFAULT]).split()
    return {place: chr(int(code, 16)) for place, code in enumerate(codes) if code != "----"}


@cache
def single_table(language: int) -> Mapping[int, str]:
    """Return code after the escape -> character; the default extension for a language that has no table."""
    own = SINGLE.get(language, "")
    rows = " ".join((COMMON, INDIC if own and language >= Language.BENGALI else "", own))
    entries = (entry.split(":") for entry in rows.split())
    return {int(place, 16): chr(int(code, 16)) for place, code in entries}


def decode_septets(septets: bytes, locking: int = 0, single: int = 0) -> str:
    """Return the text of septets, never failing.

    An escape before a place that its table leaves free gives the locking table's character, an escape without sequel
    or doubled a space (§6.2.1.1); a place that the locking table leaves free gives U+FFFD.
    """
    base, shifted = locking_table(locking), single_table(single)
    text: list[str] = []
    escaped = False
    for septet in septets:
        if escaped:
            text.append(" " if septet == ESCAPE else shifted.get(septet) or base.get(septet, _RESERVED))
            escaped = False
        elif septet == ESCAPE:
            escaped = True
        else:
            text.append(base.get(septet, _RESERVED))
    return "".join(text) + (" " if escaped else "")


@cache
def codes(locking: int = 0, single: int = 0) -> Mapping[str, bytes]:
    """Return character -> its septets: one, or the escape and one."""
    table: dict[str, bytes] = {}
    for place, character in sorted(locking_table(locking).items()):
        table.setdefault(character, bytes((place,)))
    for place, character in sorted(single_table(single).items()):
        table.setdefault(character, bytes((ESCAPE, place)))
    return table


def encode_septets(text: str, locking: int = 0, single: int = 0) -> bytes | None:
    """Return the septets of a text, or None when the alphabet lacks a character of it."""
    table = codes(locking, single)
    try:
        return b"".join(table[character] for character in text)
    except KeyError:
        return None
