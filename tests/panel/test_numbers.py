from __future__ import annotations

import pytest

from appliance.panel.numbers import written
from appliance.panel.shapes import with_texts


@pytest.mark.parametrize(
    ("number", "country", "text"),
    [
        ("+818012345678", "JP", "080-1234-5678"),
        ("+81312345678", "JP", "03-1234-5678"),
        ("+81312345678", "TH", "+81 3-1234-5678"),
        ("101", "JP", "101"),
        ("+", "JP", "+"),
        ("+999999999999999999999", "JP", "+999999999999999999999"),
        ("", "JP", ""),
        (None, "JP", None),
    ],
)
def test_written_as_people_of_the_country_do(number: str | None, country: str, text: str | None) -> None:
    assert written(number, country) == text


def test_numbers_in_lists_too() -> None:
    shaped = with_texts({"label": "Support", "waiting": [{"caller": "+818012345678"}, {"caller": None}]}, "JP")
    assert [call["caller_text"] for call in shaped["waiting"]] == ["080-1234-5678", None]
    assert shaped["label"] == "Support"
