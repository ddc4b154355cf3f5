"""Phone numbers: E.164 (ITU-T E.164) in the store and on the bus, whatever people and networks write."""

from __future__ import annotations

import re

import phonenumbers


def to_e164(number: str, country: str) -> str | None:
    """Return a number as E.164, None where it can't be one of ``country`` (ISO 3166-1) or international."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def same_number(one: str, other: str) -> bool:
    """Say whether two numbers may be the same subscriber's: networks tell a number national or international.

    Short codes must be equal; longer numbers agree in their last eight digits.
    """
    first, second = (re.sub(r"\D", "", number) for number in (one, other))
    if min(len(first), len(second)) < 8:
        return first == second
    return first[-8:] == second[-8:]
