"""Which line of a group is taken, by each strategy, and that ties always fall the same way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.store.site_sims import Strategy
from pbx.linechoice import STRATEGIES, Candidate, Group, Wanted, choose

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(name: str, rested: int | None = None, used: int = 0, carrier: str | None = None) -> Candidate:
    return Candidate(name, None if rested is None else NOON - timedelta(minutes=rested), used, carrier)


A, B, C = line("a", 10, 300, "blue"), line("b", 30, 100, "red"), line("c", 20, 100, "blue")
ON_NET = {"blue": ("+8190", "+8180"), "red": ("+8170",)}
GROUP = {"+8190": ("b",), "+819012": ("c",)}


@pytest.mark.parametrize(
    ("group", "candidates", "wanted", "taken"),
    [
        (Group("g"), [A, B, C], Wanted("+1"), "b"),
        (Group("g"), [A, line("x"), B], Wanted("+1"), "x"),
        (Group("g"), [line("b"), line("a")], Wanted("+1"), "a"),
        (Group("g"), [], Wanted("+1"), None),
        (Group("g", "least-used"), [A, B, C], Wanted("+1"), "b"),
        (Group("g", "least-used"), [A, C], Wanted("+1"), "c"),
        (Group("g", "round-robin"), [A, B, C], Wanted("+1"), "a"),
        (Group("g", "round-robin"), [A, B, C], Wanted("+1", "a"), "b"),
        (Group("g", "round-robin"), [A, B, C], Wanted("+1", "c"), "a"),
        (Group("g", "round-robin"), [A, C], Wanted("+1", "b"), "c"),
        (Group("g", "round-robin"), [B], Wanted("+1", "b"), "b"),
        (Group("g", "round-robin", ("c", "a", "b")), [A, B, C], Wanted("+1", "a"), "b"),
        (Group("g", "round-robin", ("c", "a")), [A, B, C], Wanted("+1", "a"), "b"),
        (Group("g", "fixed-order", ("c", "a")), [A, B, C], Wanted("+1"), "c"),
        (Group("g", "fixed-order", ("c", "a")), [A, B], Wanted("+1"), "a"),
        (Group("g", "fixed-order", ("c", "a")), [B, line("aa")], Wanted("+1"), "aa"),
        (Group("g", "by-prefix"), [A, B, C], Wanted("+8190123", on_net=ON_NET), "c"),
        (Group("g", "by-prefix"), [A, B, C], Wanted("+8170123", on_net=ON_NET), "b"),
        (Group("g", "by-prefix"), [A, B, C], Wanted("+8160123", on_net=ON_NET), "b"),
        (Group("g", "by-prefix", prefixes=GROUP), [A, B, C], Wanted("+8190999", on_net=ON_NET), "b"),
        (Group("g", "by-prefix", prefixes=GROUP), [A, B, C], Wanted("+8190123", on_net=ON_NET), "c"),
        (Group("g", "by-prefix", prefixes=GROUP), [A, B], Wanted("+8190123", on_net=ON_NET), "a"),
        (Group("g", "ascending"), [line("e1-1.10"), line("e1-1.09"), line("e1-2.01")], Wanted("+1"), "e1-1.09"),
        (Group("g", "ascending"), [line("gsm-10"), line("gsm-9")], Wanted("+1"), "gsm-9"),
        (Group("g", "descending"), [line("e1-1.10"), line("e1-1.31"), line("e1-1.09")], Wanted("+1"), "e1-1.31"),
        (Group("g", "descending"), [line("gsm-10"), line("gsm-9"), line("gsm")], Wanted("+1"), "gsm-10"),
        (Group("g", "descending"), [line("a"), line("ab")], Wanted("+1"), "ab"),
        (Group("g", "by-prefix"), [line("n"), A], Wanted("+8190123", on_net=ON_NET), "a"),
    ],
)
def test_the_line_that_is_taken(group: Group, candidates: list[Candidate], wanted: Wanted, taken: str | None) -> None:
    assert choose(group, candidates, wanted) == taken


def test_the_strategies_are_those_of_the_site_description() -> None:
    assert set(STRATEGIES) == set(get_args(Strategy))


CANDIDATES = st.lists(
    st.builds(
        line,
        st.sampled_from("abcdefgh"),
        st.none() | st.integers(0, 50),
        st.integers(0, 5),
        st.sampled_from([None, "blue", "red"]),
    ),
    min_size=1,
    unique_by=lambda one: one.line,
)


@given(st.data(), CANDIDATES, st.sampled_from(STRATEGIES), st.none() | st.sampled_from("abcdefgh"))
def test_the_order_in_which_lines_are_looked_at_is_of_no_account(
    data: st.DataObject, candidates: list[Candidate], strategy: str, last: str | None
) -> None:
    group, wanted = Group("g", strategy, ("c", "a"), GROUP), Wanted("+8190123", last, ON_NET)
    taken = choose(group, candidates, wanted)
    assert taken in {one.line for one in candidates}
    assert choose(group, data.draw(st.permutations(candidates)), wanted) == taken


@given(CANDIDATES)
def test_round_robin_takes_each_line_once_in_a_round(candidates: list[Candidate]) -> None:
    group, last, taken = Group("g", "round-robin", ("c", "a")), None, []
    for _ in candidates:
        last = choose(group, candidates, Wanted("+1", last))
        taken.append(last)
    assert sorted(str(one) for one in taken) == sorted(one.line for one in candidates)
