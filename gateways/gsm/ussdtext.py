"""USSD strings as modems write them in +CUSD (3GPP TS 27.007 §7.15), to and from text.

The standard lets the coding follow from <dcs> (TS 23.038 §5) and AT+CSCS; modems do as they please: packed septets in
hexadecimal (Huawei), UCS-2 in hexadecimal under dcs 15, plain text under dcs 72. So a string of hexadecimal digits is
read in every way there is, and the most plausible reading wins:

* for each character it is weighed how much likelier it is in a text than in random bits (``_evidence``): a letter of a
  UCS-2 reading says much, one of a 7 bit reading little, a control character or a second foreign script says no;
* the coding that <dcs> names has a lead of ``_RANK`` over the next;
* the digits themselves may be the answer (a balance, a number): ``_plain_evidence``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from math import log
from typing import Literal

from gateways.gsm.sms.alphabet import decode_septets, encode_septets
from gateways.gsm.sms.coding import Alphabet
from gateways.gsm.sms.errors import SmsError
from gateways.gsm.sms.septets import pack, unpack

Form = Literal["plain", "packed", "ucs2"]
DCS_7BIT = 15
DCS_UCS2 = 72
_UCS2_WITH_LANGUAGE = 0x11
_7BIT_WITH_LANGUAGE = 0x10
_RANK = 3.0
"""Evidence, as all weights here, is a natural logarithm of odds."""
_NUMBER = 3.0
"""The lead of a string of digits only to be plain."""
_HEX = re.compile(rb"(?:[0-9A-F]{2})+|(?:[0-9a-f]{2})+")
_ORDER: dict[Alphabet | None, tuple[Alphabet, ...]] = {
    None: ("ucs2", "7bit", "8bit"),
    "7bit": ("7bit", "ucs2", "8bit"),
    "8bit": ("8bit", "ucs2", "7bit"),
    "ucs2": ("ucs2", "7bit", "8bit"),
}


_CODES: dict[Alphabet, int] = {"7bit": 128, "8bit": 256, "ucs2": 65536}


def decode_ussd(raw: str | bytes, dcs: int | None = None) -> str:
    """Return the text of a USSD string. It never fails: what cannot be read otherwise is returned as it is.

    ``raw`` is what stands between the quotes of +CUSD, ``dcs`` its last field.
    """
    octets = _octets(raw)
    wanted = _alphabet(dcs)
    digits = octets.translate(None, b"\r\n")
    if _HEX.fullmatch(digits):
        readings = [(weight - _RANK * rank, text) for rank, weight, text in _readings(digits, dcs, wanted)]
        weight, text = max(readings, key=lambda reading: reading[0])
        if weight > _plain_evidence(digits):
            return text
    elif wanted == "ucs2" and b"\x00" in octets and len(octets) % 2 == 0:
        # Raw octets between the quotes.
        return _ucs2(octets, dcs)
    return _without_language(_plain(octets), dcs)


def encode_ussd(text: str, form: Form) -> str:
    """Return a request as AT+CUSD takes it: ``plain``, or hexadecimal ``packed`` septets or ``ucs2``.

    SmsError where the form cannot carry the text. The dcs to send is ``DCS_UCS2`` for ucs2, else ``DCS_7BIT``.
    """
    if form == "ucs2":
        try:
            return text.encode("utf-16-be").hex().upper()
        except UnicodeEncodeError as error:
            raise SmsError(f"{text!r} has half a surrogate pair, which no request can carry") from error
    septets = encode_septets(text)
    if septets is None or ('"' in text and form == "plain"):
        raise SmsError(f"{text!r} has characters that a {form} USSD request cannot carry: send it as ucs2")
    if form == "plain":
        return text
    if len(septets) % 8 == 7 or (septets and len(septets) % 8 == 0 and septets.endswith(b"\r")):
        # Seven spare bits would read as one more @ (TS 23.038 §6.1.2.3.1).
        septets += b"\r"
    return pack(septets).hex().upper()


def _octets(raw: str | bytes) -> bytes:
    if isinstance(raw, bytes):
        return raw
    try:
        return raw.encode("latin-1")
    except UnicodeEncodeError:
        return raw.encode("utf-8", "surrogateescape")


def _alphabet(dcs: int | None) -> Alphabet | None:
    """Return the alphabet of a cell broadcast coding scheme (TS 23.038 §5)."""
    if dcs is None:
        return None
    if dcs == _UCS2_WITH_LANGUAGE:
        return "ucs2"
    group = dcs >> 4
    if group in {0x4, 0x5, 0x6, 0x7, 0x9}:
        named: dict[int, Alphabet] = {1: "8bit", 2: "ucs2"}
        return named.get(dcs >> 2 & 3, "7bit")
    return "8bit" if group == 0xF and dcs & 0x04 else "7bit"


def _readings(digits: bytes, dcs: int | None, wanted: Alphabet | None) -> Iterator[tuple[int, float, str]]:
    """Yield rank, evidence and text of each way to read hexadecimal digits."""
    octets = bytes.fromhex(digits.decode("ascii"))
    for rank, alphabet in enumerate(_ORDER[wanted]):
        if alphabet == "ucs2":
            if len(octets) % 2:
                continue
            text = _ucs2(octets, dcs)
        elif alphabet == "7bit":
            text = _without_language(_packed(octets), dcs)
        else:
            text = _plain(octets)
        yield rank, _evidence(text, _CODES[alphabet]), text


def _ucs2(octets: bytes, dcs: int | None) -> str:
    if dcs == _UCS2_WITH_LANGUAGE and re.fullmatch(b"[a-z]{2}", unpack(octets[:2], 2)):
        octets = octets[2:]
    return octets.decode("utf-16-be", "replace")


def _packed(octets: bytes) -> str:
    septets = unpack(octets, len(octets) * 8 // 7)
    if len(octets) % 7 == 0 and septets.endswith(b"\x00"):
        # Some networks leave the seven spare bits empty instead of the carriage return they should hold.
        septets = septets[:-1]
    return decode_septets(septets).rstrip("\r")


def _plain(octets: bytes) -> str:
    """Read octets as text: the GSM alphabet where codes below the space tell it, else UTF-8, else Latin-1."""
    if all(octet < 0x80 for octet in octets) and any(octet < 0x20 and octet not in b"\t\n\r" for octet in octets):
        return decode_septets(octets)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _without_language(text: str, dcs: int | None) -> str:
    """Take off the language (two letters and CR) that one coding scheme puts first."""
    return text[3:] if dcs == _7BIT_WITH_LANGUAGE and re.match(r"[a-z]{2}\r", text) else text


def _plain_evidence(digits: bytes) -> float:
    """Return how plausible it is that hexadecimal digits are the answer itself."""
    if digits.isdigit():
        return _NUMBER + len(digits) * log(16 / 10)
    # A word of the letters a to f is rare, letters and digits mixed are rarer.
    return 0.0 if digits.isalpha() else -float(len(digits))


def _evidence(text: str, codes: int) -> float:
    """Return how plausible a text is that was read from an alphabet of so many codes."""
    if not text.strip():
        return -_RANK
    scripts = Counter(_script(character) for character in text if character > "\x7f" and character.isalpha())
    main = scripts.most_common(1)[0][0] if scripts else None
    return sum(log(codes / _rarity(character, main)) for character in text)


def _rarity(character: str, main: int | None) -> float:
    """Return in how many characters of an answer such a one occurs, about."""
    if character <= "\x7f":
        if character.islower() or character == " ":
            return 30.0
        if character.isalnum() or character in "\n.,:*#":
            return 60.0
        return 300.0 if character.isprintable() or character == "\r" else 1e7
    if character == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(character) in {"Cn", "Co", "Cc"}:
        return 1e7
    if unicodedata.category(character)[0] not in "LM":
        return 1e5 if "\u3020" <= character < "\uff00" else 1e3
    script = _script(character)
    if script == _LATIN:
        return 300.0
    if script != main:
        return 1e5
    if script not in {_HAN, _HANGUL}:
        return 100.0
    return 3e3 if _common(character) else 1e5


_LATIN, _HAN, _HANGUL = 0, 0x4E, 0xAC


def _common(character: str) -> bool:
    """Whether an East Asian national standard has the character: a quarter of what random bits would show."""
    for standard in ("gb2312", "shift_jis", "euc_kr"):
        with suppress(UnicodeEncodeError):
            return bool(character.encode(standard))
    return False


def _script(character: str) -> int:
    """Return a number for a letter's block: one for all of Latin, for Chinese with Japanese, and for Korean."""
    code = ord(character)
    if code < 0x250 or 0x1E00 <= code <= 0x1EFF:
        return _LATIN
    if 0x3040 <= code <= 0x9FFF:
        return _HAN
    return _HANGUL if 0xAC00 <= code <= 0xD7A3 else code >> 8
