"""Numbers to and from a switch."""

from __future__ import annotations

import pytest

from gateways.line import ShownCaller
from gateways.pstn.prievents import Party
from gateways.pstn.prinumbers import INTERNATIONAL, NATIONAL, UNKNOWN, Numbers, read, shown, written


@pytest.mark.parametrize(
    ("number", "country", "numbers", "party"),
    [
        ("+81312345678", "JP", "national", Party("312345678", NATIONAL)),
        ("+81312345678", "JP", "international", Party("81312345678", INTERNATIONAL)),
        ("+81312345678", "JP", "unknown", Party("0312345678", UNKNOWN)),
        ("+441632960001", "JP", "national", Party("441632960001", INTERNATIONAL)),
        ("+441632960001", "JP", "unknown", Party("010441632960001", UNKNOWN)),
        ("+12025550123", "US", "national", Party("2025550123", NATIONAL)),
        ("+12025550123", "CA", "national", Party("2025550123", NATIONAL)),
        ("+390612345678", "IT", "national", Party("0612345678", NATIONAL)),
        ("110", "JP", "national", Party("110", UNKNOWN)),
        ("*21#", "JP", "international", Party("*21#", UNKNOWN)),
        ("+0", "JP", "national", Party("0", INTERNATIONAL)),
    ],
)
def test_numbers_are_written(number: str, country: str, numbers: Numbers, party: Party) -> None:
    assert written(number, country, numbers) == party


@pytest.mark.parametrize(
    ("party", "number"),
    [
        (None, None),
        (Party("", NATIONAL), None),
        (Party("312345678", NATIONAL), "312345678"),
        (Party("12025550123", INTERNATIONAL), "+12025550123"),
        (Party("12025550123", INTERNATIONAL, withheld=True), None),
        (Party("5551234", 0x41), "5551234"),
    ],
)
def test_numbers_are_read(party: Party | None, number: str | None) -> None:
    assert read(party) == number


def test_the_caller_is_shown_as_wished() -> None:
    own = "+81355550000"
    assert shown(None, own, "JP", "national") == Party("355550000", NATIONAL)
    assert shown(None, None, "JP", "national") is None
    asked = ShownCaller("+81355550001", "SATO")
    assert shown(asked, own, "JP", "national") == Party("355550001", NATIONAL, name="SATO")
    hidden = ShownCaller("+81355550001", "SATO", withheld=True)
    assert shown(hidden, own, "JP", "national") == Party("355550001", NATIONAL, withheld=True)
    assert shown(ShownCaller(withheld=True), None, "JP", "national") == Party("", UNKNOWN, withheld=True)
