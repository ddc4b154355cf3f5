"""Numbers as a switch wants and gives them: digits with type and plan of number (ITU-T Q.931 §4.5.8, §4.5.10).

Pure. Our own numbers are E.164 with ``+`` (or plain digits: short codes, extensions).
"""

from __future__ import annotations

from typing import Literal

import phonenumbers

from gateways.line import ShownCaller
from gateways.pstn.prievents import Party

Numbers = Literal["national", "international", "unknown"]
ISDN = 1
"""The plan of ITU-T E.164."""
UNKNOWN, INTERNATIONAL, NATIONAL = ISDN, 1 << 4 | ISDN, 2 << 4 | ISDN


def written(number: str, country: str, numbers: Numbers) -> Party:
    """Return a number as it goes into a SETUP (see ``SpanSpec.numbers``); digits without ``+`` go as they are."""
    digits = "".join(character for character in number if character in "0123456789*#")
    if not number.startswith("+"):
        return Party(digits, UNKNOWN)
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Party(digits, INTERNATIONAL)
    if numbers == "unknown":
        dialled = phonenumbers.format_out_of_country_calling_number(parsed, country)
        return Party("".join(filter(str.isdecimal, dialled)), UNKNOWN)
    own = parsed.country_code == phonenumbers.country_code_for_region(country)
    if own and numbers == "national":
        return Party(phonenumbers.national_significant_number(parsed), NATIONAL)
    return Party(digits, INTERNATIONAL)


def read(party: Party | None) -> str | None:
    """Return a party's number as ``IncomingCall`` has it: ``+`` when international; None when withheld or missing."""
    if party is None or party.withheld or not party.digits:
        return None
    international = party.plan >> 4 & 7 == 1
    return f"+{party.digits}" if international and party.digits.isdecimal() else party.digits


def shown(caller: ShownCaller | None, own: str | None, country: str, numbers: Numbers) -> Party | None:
    """Return the calling party of a SETUP: ``own`` is the span's number; None leaves it to the network."""
    caller = caller or ShownCaller()
    number = caller.number or own
    if number is None:
        return Party("", UNKNOWN, withheld=True) if caller.withheld else None
    party = written(number, country, numbers)
    return Party(party.digits, party.plan, caller.withheld, None if caller.withheld else caller.name)
