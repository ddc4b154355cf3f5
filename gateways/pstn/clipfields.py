"""What a message about the caller says: SDMF and MDMF, NTT's, and strings of DTMF digits. Pure.

Telcordia GR-31-CORE, ETSI EN 300 659-3 (fields) and EN 300 659-1 annex B (DTMF); NTT, technical reference of the
telephone service's interfaces. Whatever does not fit gives None, never an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Absence = Literal["private", "unavailable", "payphone", "conflict"]
_ABSENCES: dict[bytes, Absence] = {
    b"P": "private",
    b"O": "unavailable",  # not known, or from abroad
    b"C": "payphone",
    b"I": "unavailable",  # Taiwan, Kuwait: an international call
    b"S": "conflict",  # the networks' services do not fit
}
SDMF, NTT_CALL = 0x04, 0x40
_DATE, _NUMBER, _CALLED, _NO_NUMBER, _NAME, _NO_NAME = 0x01, 0x02, 0x03, 0x04, 0x07, 0x08
_NTT_CALLED = 0x09
_REDIRECTING = (0x1A, 0x12)  # redirecting number; first called line, where that is not told
_SHIFT_OUT, _SHIFT_IN = 0x0E, 0x0F
_LONGEST_NUMBER = 32


class SentAt(NamedTuple):
    """The exchange's clock, local time; it does not tell the year."""

    month: int
    day: int
    hour: int
    minute: int


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who calls, as the exchange told: ``number`` is as it came, digits or with ``+``, often without area code.

    ``absence`` says why there is no number; ``withheld``: the caller wished so. ``called``: the number dialled, where
    several lead to this line (Japan's dial-in). ``redirected_from``: who sent the call on.
    """

    number: str | None = None
    name: str | None = None
    withheld: bool = False
    called: str | None = None
    at: SentAt | None = None
    absence: Absence | None = None
    redirected_from: str | None = None


def read_message(message: bytes) -> CallerIdentity | None:
    """Read an SDMF or MDMF message (type, length, content)."""
    if len(message) < 2 or len(message) != message[1] + 2:
        return None
    body = message[2:]
    if message[0] == SDMF:
        return _identity({_DATE: body[:8], _NUMBER: body[8:]}, _CALLED) if len(body) > 8 else None
    fields = _fields(body)
    return None if fields is None else _identity(fields, _CALLED)


def read_ntt(message: bytes) -> CallerIdentity | None:
    """Read NTT's message (service, length, content). The length is not checked: some count doubled octets, some not."""
    if len(message) < 2 or message[0] != NTT_CALL:
        return None
    fields = _fields(message[2:])
    return None if fields is None else _identity(fields, _NTT_CALLED)


def _fields(body: bytes) -> dict[int, bytes] | None:
    """Return the first field of each type; None when the lengths don't add up."""
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(body):
        if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
            return None
        fields.setdefault(body[at], body[at + 2 : at + 2 + body[at + 1]])
        at += 2 + body[at + 1]
    return fields


def _identity(fields: dict[int, bytes], called: int) -> CallerIdentity | None:
    told = fields.get(_NUMBER, b"").strip()
    absence = _ABSENCES.get(fields.get(_NO_NUMBER, told).strip()[:1])  # some exchanges send the letter as the number
    number = None if absence else _number(told)
    name = _name(fields.get(_NAME, b""))
    if number is None and name is None and absence is None:
        return None
    redirecting = next((fields[kind] for kind in _REDIRECTING if kind in fields), b"")
    return CallerIdentity(
        number=number,
        name=name,
        withheld=absence == "private",
        called=_number(fields.get(called, b"")),
        at=_date(fields.get(_DATE, b"")),
        absence=absence,
        redirected_from=_number(redirecting),
    )


def _number(told: bytes) -> str | None:
    """Keep the digits: exchanges add spaces and dashes."""
    digits = re.sub(r"[^0-9*#+]", "", told.decode("latin-1"))
    return digits if 0 < len(digits) <= _LONGEST_NUMBER else None


def _name(told: bytes) -> str | None:
    """Read ISO 8859-1 (EN 300 659-3 and GR-31 mean its lower half); katakana of JIS X 0201 between SO and SI."""
    letters, kana = [], False
    for octet in told:
        if octet in (_SHIFT_OUT, _SHIFT_IN):
            kana = octet == _SHIFT_OUT
        elif kana and 0x21 <= octet <= 0x5F:
            letters.append(chr(0xFF40 + octet))  # Unicode's half-width katakana are in the same order
        else:
            letters.append(chr(octet))
    text = " ".join("".join(letter for letter in letters if letter.isprintable()).split())
    return text if len(text) > 1 else None  # one letter is the reason for its absence, in the wrong field


def _date(told: bytes) -> SentAt | None:
    if not re.fullmatch(rb"[0-9]{8}", told):
        return None
    month, day, hour, minute = (int(told[at : at + 2]) for at in range(0, 8, 2))
    sensible = 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60
    return SentAt(month, day, hour, minute) if sensible else None


_DTMF = re.compile(r"(\d{3,})?((?:[ABD]\d*)*)([C#]?)")
_DENMARK: dict[str, Absence] = {"1": "private", "2": "unavailable", "3": "unavailable"}


def read_dtmf(keys: str) -> CallerIdentity | None:
    """Read a string of DTMF digits, its end included where there is one.

    ``A number D sent on by B code C`` (India, Brazil, the Nordic countries …), ``D number C`` (China, Taiwan, Kuwait),
    ``A number #`` and ``D 1..3 #`` (Denmark, the Netherlands), or just the number, with or without an end.
    """
    fits = _DTMF.fullmatch(keys)
    if fits is None:
        return None
    bare, lettered, end = fits.groups()
    parts = dict(re.findall(r"([ABD])(\d*)", lettered))
    number, sent_on, code = bare or parts.get("A") or None, parts.get("D") or None, parts.get("B")
    if number is None and code is None and sent_on is not None:
        if end == "#" and sent_on in _DENMARK:
            return _absent(_DENMARK[sent_on])
        number, sent_on = sent_on, None
    if number is not None:
        return CallerIdentity(number=number, redirected_from=sent_on) if len(number) <= _LONGEST_NUMBER else None
    if code in ("00", "10"):
        return _absent("private" if code == "10" else "unavailable", sent_on)
    return None


def _absent(why: Absence, redirected_from: str | None = None) -> CallerIdentity:
    return CallerIdentity(withheld=why == "private", absence=why, redirected_from=redirected_from)
