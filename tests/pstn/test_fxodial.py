"""What a telephone on the line would dial."""

from __future__ import annotations

import pytest

from gateways.pstn.fxodial import dial_plan


@pytest.mark.parametrize(
    ("number", "country", "digits"),
    [
        ("+81312345678", "JP", "0312345678"),
        ("+16502530000", "JP", "01016502530000"),
        ("+16502530000", "US", "16502530000"),
        ("+442071838750", "GB", "02071838750"),
        ("+442071838750", "US", "011442071838750"),
        ("110", "JP", "110"),
        ("03-1234 5678", "JP", "0312345678"),
        ("*21#", "JP", "*21#"),
        ("0w,117", "JP", "0wwwww117"),
    ],
)
def test_numbers(number: str, country: str, digits: str) -> None:
    assert dial_plan(number, country).digits == digits


def test_prefix_of_a_pbx() -> None:
    assert dial_plan("+81312345678", "JP", prefix="0w").digits == "0w0312345678"


@pytest.mark.parametrize("pulse", [False, True])
@pytest.mark.parametrize("number", ["", "w", "+", "+1", "12x", "1;2", "1" * 61, "１２"])
def test_what_cannot_be_dialled(number: str, pulse: bool) -> None:
    with pytest.raises(ValueError, match=r".+"):
        dial_plan(number, "JP", pulse=pulse)


def test_pulses_know_no_star() -> None:
    assert dial_plan("117", "JP", pulse=True).pulse
    with pytest.raises(ValueError, match="pulses"):
        dial_plan("*21", "JP", pulse=True)


def test_how_long_it_takes() -> None:
    assert dial_plan("11", "JP").seconds < 1.0
    assert dial_plan("1,1", "JP").seconds > 2.0
    assert dial_plan("0", "JP", pulse=True).seconds == pytest.approx(1.8)
