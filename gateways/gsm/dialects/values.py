"""The values in an information line: fields, telephone numbers, hexadecimal text. None of these raise on odd input."""

from __future__ import annotations

import re

_UCS2_NUMBER = re.compile(r"(?:00[23][0-9A-Fa-f]){3,}")
_NUMBER = re.compile(r"\+?[0-9*#A-DPpWw?]+", re.IGNORECASE)


def decode(line: bytes) -> str:
    """Return bytes as text: UTF-8, with all that is not UTF-8 escaped (``\\xff``)."""
    return line.decode("utf-8", "backslashreplace")


def split(text: str) -> list[str]:
    """Return the comma-separated values with their quotes; a comma between quotes parts nothing."""
    values = [""]
    quoted = False
    for char in text:
        quoted ^= char == '"'
        if char == "," and not quoted:
            values.append("")
        else:
            values[-1] += char
    return [value.strip() for value in values]


def unquote(value: str) -> str:
    """Return a value without the quotes round it; one of them may be missing."""
    value = value.strip()
    if not value.startswith('"'):
        return value
    return (value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]).strip()


def fields(text: str) -> list[str]:
    """Return the comma-separated values of an information line; quotes are taken off."""
    return [unquote(value) for value in split(text)]


def field(values: list[str], at: int) -> str:
    """Return the value at a place, "" where the line is too short for it."""
    return values[at] if at < len(values) else ""


def whole(text: str) -> int | None:
    """Return a decimal number, or None where the field is empty or none."""
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,12}", text.strip(), re.ASCII) else None


def number(text: str, kind: str) -> str | None:
    """Return a telephone number, as E.164 where its type says international (TS 24.008 §10.5.4.7: 145), or None.

    With AT+CSCS="UCS2" modems write numbers as UCS-2 too. A name (type 208: alphanumeric) is returned as it is.
    """
    digits = text.strip()
    if _UCS2_NUMBER.fullmatch(digits):
        digits = bytes.fromhex(digits).decode("utf-16-be")
    kind_of_number = (whole(kind) or 0) & 0xF0  # extension bit and type of number
    if digits and kind_of_number == 0xD0:
        return digits
    if not _NUMBER.fullmatch(digits):
        return None
    return f"+{digits}" if kind_of_number == 0x90 and not digits.startswith("+") else digits


def ucs2(text: str, *, known: bool = False) -> str:
    """Return text that is wholly UCS-2 in hexadecimal decoded, all other text as it is (AT+CSCS="UCS2": names).

    ``known``: nothing else is to be expected, so that one character, or digits alone, are read too.
    """
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{4})+", text):
        return text
    if not known and (len(text) < 8 or (text.isdigit() and not text.startswith("00"))):
        return text
    try:
        plain = bytes.fromhex(text).decode("utf-16-be")
    except UnicodeDecodeError:
        return text
    controls = any(character < " " and character not in "\t\n\r" for character in plain)
    return text if controls else plain
