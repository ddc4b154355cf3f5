"""Modems of a hub come up a few at a time."""

from __future__ import annotations

import pytest

from gateways.gsm.discovery.sequence import Sequence, hub_of


@pytest.mark.parametrize(("path", "hub"), [("1-1.4.2", "1-1.4"), ("1-1.4", "1-1"), ("3-2", "usb3")])
def test_hub_of(path: str, hub: str) -> None:
    assert hub_of(path) == hub


def test_spaced_and_few_at_a_time() -> None:
    sequence = Sequence(per_hub=2, spacing=1.0, longest=45.0)
    for n in range(1, 5):
        sequence.ask(f"a{n}", f"1-1.{n}")
    assert sequence.due(100.0) == ["a1"]
    assert sequence.deadline() == 101.0
    assert sequence.due(100.5) == []
    assert sequence.due(101.0) == ["a2"]
    assert sequence.due(110.0) == []
    assert sequence.deadline() == 145.0  # when the first turn ends by itself
    sequence.done("a1")
    assert sequence.due(110.0) == ["a3"]
    sequence.done("a2")
    assert sequence.due(110.2) == []
    assert sequence.due(111.0) == ["a4"]
    assert sequence.deadline() is None


def test_a_turn_that_is_free_is_due_whenever_one_asks() -> None:
    """A loop that compares the deadline with a time read before must find it passed."""
    sequence = Sequence()
    sequence.ask("a", "1-1.1")
    assert sequence.deadline() == 0.0
    assert sequence.due(0.0) == ["a"]
    sequence.done("a")
    sequence.ask("a", "1-1.1")
    assert sequence.deadline() == 1.0
    assert sequence.due(500.0) == ["a"]


def test_hubs_do_not_wait_for_each_other() -> None:
    sequence = Sequence()
    for path in ("1-1.1", "1-2.1", "1-1.2"):
        sequence.ask(path, path)
    assert sequence.due(0.0) == ["1-1.1", "1-2.1"]


def test_a_silent_modem_does_not_keep_the_others_back() -> None:
    sequence = Sequence(per_hub=1, longest=45.0)
    sequence.ask("dead", "1-1.1")
    sequence.ask("well", "1-1.2")
    assert sequence.due(0.0) == ["dead"]
    assert sequence.due(44.9) == []
    assert sequence.due(45.0) == ["well"]


def test_who_gives_up_waiting_leaves() -> None:
    sequence = Sequence(per_hub=1)
    for line in ("a", "b", "c"):
        sequence.ask(line, None)
    assert sequence.due(0.0) == ["a"]
    sequence.done("b")
    sequence.done("a")
    assert sequence.due(5.0) == ["c"]


def test_the_whole_bank_comes_up() -> None:
    """64 modems on hubs of 7, each up after 12 s: none is left, and never more than two of a hub at once."""
    sequence, up, now = Sequence(per_hub=2), dict[str, float](), 0.0
    for n in range(64):
        sequence.ask(f"gsm-{n}", f"1-{n // 7}.{n % 7}")
    running: dict[str, float] = {}
    while len(up) < 64 and now < 200:
        for line in [line for line, since in running.items() if now - since >= 12]:
            up[line] = now
            del running[line]
            sequence.done(line)
        running |= dict.fromkeys(sequence.due(now), now)
        hubs = [int(line[4:]) // 7 for line in running]
        assert max((hubs.count(hub) for hub in hubs), default=0) <= 2
        now += 0.5
    assert len(up) == 64
    assert now < 60
