"""What is dialled for a number: as a telephone on that line would dial it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

PAUSES = {"w": 0.5, ",": 2.0}
"""Seconds of the pauses in a number: DAHDI's ``w``, and Hayes's comma (S8)."""
MOST_DIGITS = 60
"""DAHDI takes 255 characters at once, and a comma makes four."""
TONE_SECONDS = 0.2
"""Of a digit and its pause, more than any tone zone has (DAHDI_CONFIG_DEFAULT_DTMF_LENGTH: 100 ms)."""
PULSE_SECONDS, BETWEEN_PULSED = 0.1, 0.8
"""Of one pulse, and of the pause after a digit's (DAHDI_DEFAULT_PULSEAFTERTIME: 750 ms)."""


@dataclass(frozen=True, slots=True)
class DialPlan:
    """Digits and DAHDI's pauses (``w``), by pulses or tones, and the seconds they should take at most."""

    digits: str
    pulse: bool
    seconds: float


def dial_plan(number: str, country: str, *, prefix: str = "", pulse: bool = False) -> DialPlan:
    """Return what to dial for ``number``: E.164, or digits with pauses ``w`` (0.5 s) and ``,`` (2 s) as they are.

    A number with ``+`` is dialled as in ``country`` (ISO 3166-1): its own as national, others with the international
    prefix. ``prefix`` comes before each number (a PBX's outside line: ``0w``). ValueError: this line cannot dial it.
    """
    return plan_of(prefix + (_from(country, number) if number.startswith("+") else number), pulse)


def plan_of(digits: str, pulse: bool = False) -> DialPlan:
    """Return the plan for digits as they are; ValueError: there are none, or others than can be sent so."""
    text = re.sub(r"[\s().-]", "", digits).upper().replace("W", "w")
    allowed = "0-9" if pulse else "0-9*#A-D"
    if len(text) > MOST_DIGITS or not re.fullmatch(rf"[{allowed}w,]*[{allowed}][{allowed}w,]*", text):
        raise ValueError(f"{digits!r} cannot be dialled by {'pulses' if pulse else 'tones'}")
    return DialPlan(text.replace(",", "wwww"), pulse, sum(_seconds(character, pulse) for character in text))


def _from(country: str, number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{number!r} is no telephone number: {error}") from None
    text = phonenumbers.format_out_of_country_calling_number(parsed, country.upper())
    return re.sub(r"\D", "", text)


def _seconds(character: str, pulse: bool) -> float:
    if character in PAUSES:
        return PAUSES[character]
    return (int(character) or 10) * PULSE_SECONDS + BETWEEN_PULSED if pulse else TONE_SECONDS
