"""Phone numbers: E.164 (ITU-T E.164) in the store and on the bus, whatever people and networks write."""

from __future__ import annotations

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
