"""The data coding scheme of a message (3GPP TS 23.038 §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["7bit", "8bit", "ucs2"]
FLASH = 0
"""Message class of a message that is shown at once and not stored."""
_WAITING = ("voicemail", "fax", "email", "other")
_GENERAL: tuple[Alphabet, ...] = ("7bit", "8bit", "ucs2", "7bit")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Message waiting indication: what waits, whether any does, and whether the message itself is to be kept."""

    kind: str
    active: bool
    store: bool


@dataclass(frozen=True, slots=True)
class Coding:
    """``message_class`` 0 flash, 1 to the phone, 2 to the SIM, 3 to the terminal, None unsaid."""

    alphabet: Alphabet
    compressed: bool = False
    message_class: int | None = None
    waiting: Waiting | None = None


def decode_coding(dcs: int) -> Coding:
    """Return what a TP-DCS octet says; reserved values are the default alphabet, as §4 asks."""
    group = dcs >> 4
    if group < 0x8:
        return Coding(_GENERAL[dcs >> 2 & 3], bool(dcs & 0x20), dcs & 3 if dcs & 0x10 else None)
    if group == 0xF:
        return Coding("8bit" if dcs & 0x04 else "7bit", message_class=dcs & 3)
    if group >= 0xC:
        waiting = Waiting(_WAITING[dcs & 3], bool(dcs & 0x08), store=group != 0xC)
        return Coding("ucs2" if group == 0xE else "7bit", waiting=waiting)
    return Coding("7bit")


def encode_coding(alphabet: Alphabet, message_class: int | None = None) -> int:
    """Return the TP-DCS octet of the general group."""
    return _GENERAL.index(alphabet) << 2 | (0 if message_class is None else 0x10 | message_class)
