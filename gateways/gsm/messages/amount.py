"""Finding the balance in what a network writes: pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """An amount of money, and what else the pattern's groups found."""

    amount: float
    currency: str | None = None
    expiry: str | None = None


class BalanceError(ValueError):
    """The balance cannot be found; the text says why and what to do."""


def find(pattern: str, text: str) -> Found:
    """Return what a rule's pattern finds in a USSD text. BalanceError where it finds nothing or is no pattern."""
    try:
        match = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise BalanceError(f"the balance rule's pattern is no regular expression: {error}: correct it") from None
    if match is None:
        raise BalanceError("the balance rule's pattern does not match the answer: correct the pattern")
    named = match.groupdict()
    if named.get("amount") is None:
        raise BalanceError("the balance rule's pattern has no group (?P<amount>…) that matches: add one")
    amount = number(named["amount"])
    if amount is None:
        raise BalanceError(f"{named['amount']!r} is no amount: let the group take in the number only")
    return Found(amount, _words(named.get("currency")), _words(named.get("expiry")))


def _words(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def number(text: str) -> float | None:
    """Return an amount as networks write it: digits of any script, ``1,234.50``, ``1.234,50``, ``1 234``, ``-5``.

    A single separator before exactly three digits groups thousands, any other last separator begins the fraction.
    """
    plain = "".join(_plain(character) for character in text)
    match = re.fullmatch(r"([+-]?)([0-9][0-9.,']*|[.,][0-9]+)[.,]?", re.sub(r"\s", "", plain))
    if match is None:
        return None
    digits = match[2].replace("'", "").rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return float(match[1] + digits)
    whole, fraction, separator = digits[:last], digits[last + 1 :], digits[last]
    if separator in whole or (len(fraction) == 3 and whole.strip("0") and not set(whole) & set(".,")):
        whole, fraction = whole + fraction, "0"
    return float(f"{match[1]}{re.sub('[.,]', '', whole) or '0'}.{fraction}")


def _plain(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    return {"\N{MINUS SIGN}": "-", "٫": ".", "٬": ",", "’": "'", ",": ",", ".": "."}.get(character, character)
