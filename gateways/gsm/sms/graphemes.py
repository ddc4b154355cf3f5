"""What a reader takes for one character (Unicode UAX #29), as far as cutting a message needs it."""

from __future__ import annotations

import unicodedata

_JOINER = "\N{ZERO WIDTH JOINER}"
_VIRAMA = 9
"""Canonical combining class of the signs that join two consonants of Indic scripts."""


def clusters(text: str) -> list[str]:
    """Cut a text where it may be cut: not before marks, inside joined emoji, flags, conjuncts or CR LF."""
    found: list[str] = []
    for character in text:
        if found and _continues(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _continues(cluster: str, character: str) -> bool:
    last = cluster[-1]
    if last == "\r":
        return character == "\n"
    if last == "\n":
        return False
    if _extends(character) or last == _JOINER:
        return True
    if _flag(character):
        return _flag(last) and len(cluster) % 2 == 1
    return unicodedata.combining(last) == _VIRAMA and unicodedata.category(character) == "Lo"


def _extends(character: str) -> bool:
    if unicodedata.category(character) in {"Mn", "Mc", "Me"} or character == _JOINER:
        return True
    # Skin tones and the tags of regional flags.
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"


def _flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
