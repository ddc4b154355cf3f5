"""Places of a modem's storage, as stories."""

from __future__ import annotations

import pytest

from gateways.gsm.messages.slots import Slots


@pytest.mark.parametrize(
    "story",
    [
        "announced=True listed=False free=False announced=True",
        "listed=True announced=False free=True free=False listed=True",
        "listed=True leave listed=True",
        "announced=True forget announced=True",
        "announced=True announced=False announced=False free=True free=False",
    ],
)
def test_a_place_is_ours_until_it_is_free(story: str) -> None:
    slots = Slots()
    for word in story.split():
        name, _, wanted = word.partition("=")
        does = getattr(slots, name)
        result = does() if name == "forget" else does(3)
        assert wanted == ("" if result is None else str(result)), word


def test_what_reads_the_same_twice_is_kept() -> None:
    slots = Slots()
    assert [slots.odd(3, raw) for raw in (b"a", b"b", b"b", b"b")] == ["read", "read", "keep", "read"]
