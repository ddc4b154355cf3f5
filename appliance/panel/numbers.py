"""How a telephone number is shown: as people of the site's country write it."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=4096)
def written(number: str | None, country: str) -> str | None:
    """Return ``+818012345678`` as ``080-1234-5678`` in JP, and a foreign number in international form.

    ``country`` is ISO 3166-1 alpha-2. Anything else, such as an extension (``101``) or None, comes back unchanged.
    """
    if not number or not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    home = phonenumbers.country_code_for_region(country) == parsed.country_code
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)
