"""Amounts of money as networks write them."""

from __future__ import annotations

import pytest

from gateways.gsm.messages.amount import BalanceError, Found, find, number


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", 12.0),
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234", 1234.0),
        ("1,234", 1234.0),
        ("1.234", 1234.0),
        ("1,234,567", 1234567.0),
        ("0.125", 0.125),
        ("0,05", 0.05),
        (".50", 0.5),
        ("-3.20", -3.2),
        ("\N{MINUS SIGN}3", -3.0),
        ("12.", 12.0),
        ("१२३.४५", 123.45),
        ("١٢٫٥", 12.5),
        ("１２３円"[:3], 123.0),
        ("1'234.50", 1234.5),
        ("", None),
        ("abc", None),
        ("1-2", None),
    ],
)
def test_number(text: str, amount: float | None) -> None:
    assert number(text) == amount


def test_find_takes_currency_and_expiry() -> None:
    pattern = r"balance is (?P<currency>\w+)\s*(?P<amount>[\d.,]+).*until (?P<expiry>[\d/]+)"
    text = "Your balance is Rs 1,050.75.\nValid until 31/12/2026"
    assert find(pattern, text) == Found(1050.75, "Rs", "31/12/2026")


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        ("(", "x", "no regular expression"),
        (r"(?P<amount>\d+)", "none", "does not match"),
        (r"\d+", "5", "no group"),
        (r"(?P<amount>\w+)", "five", "is no amount"),
    ],
)
def test_find_says_what_to_correct(pattern: str, text: str, words: str) -> None:
    with pytest.raises(BalanceError, match=words):
        find(pattern, text)
