"""Which line a call takes from those that the gateways tell of, and what is said where none may be taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.bus_payloads import LineStatus, SimStatus
from appliance.store import Store
from appliance.store.models import Line
from appliance.store.sim_models import Carrier, LineGroup
from pbx.linechoice import Group
from pbx.lines import LineBook, Outgoing, refusal_text
from pbx.site import LineSettings, Site, load

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY_RULE = "calls_per_day: all 9 calls of today are used, until 2026-03-02 00:00"


def site(lines: dict[str, str], *groups: Group, on_net: dict[str, tuple[str, ...]] | None = None) -> Site:
    """A site of lines, each with its group."""
    settings = {name: LineSettings(name, "gsm", None, group) for name, group in lines.items()}
    return Site((), {}, {}, {}, {}, settings, {group.name: group for group in groups}, on_net or {})


def status(name: str, state: Any = "idle", **sim: Any) -> LineStatus:
    told = SimStatus(iccid="8981100000000000001", **sim) if sim else None
    return LineStatus(line=name, gateway="gsm", state=state, since=NOON, sim=told)


def book(*statuses: LineStatus, last_used: dict[str, datetime] | None = None) -> LineBook:
    made = LineBook(last_used or {})
    for one in statuses:
        made.update(one)
    return made


def call(number: str = "+819033334444", tried: Iterable[str] = (), *, emergency: bool = False) -> Outgoing:
    return Outgoing(number, emergency, ("gsm",), tuple(tried))


TWO = site({"gsm-1": "gsm", "gsm-2": "gsm"})


@pytest.mark.parametrize(
    ("statuses", "wanted", "taken"),
    [
        ([status("gsm-1"), status("gsm-2")], call(), "gsm-1"),
        ([status("gsm-1", "active"), status("gsm-2")], call(), "gsm-2"),
        ([status("gsm-1"), status("gsm-2")], call(tried=["gsm-1"]), "gsm-2"),
        ([status("gsm-2")], call(), "gsm-2"),  # gsm-1 was never told of
        ([status("elsewhere")], call(), None),
        ([], call(), None),
        ([status("gsm-1", blocked=DAY_RULE), status("gsm-2")], call(), "gsm-2"),
        ([status("gsm-1", blocked=DAY_RULE)], call(), None),
        ([status("gsm-1", blocked=DAY_RULE)], call("110", emergency=True), "gsm-1"),
        ([status("gsm-1", "searching")], call("110", emergency=True), None),
        ([status("gsm-1", blocked="cool_down: rests", blocked_until=NOON)], call(), "gsm-1"),
        ([status("gsm-1", blocked="cool_down: rests", blocked_until=NOON + MINUTE)], call(), None),
        ([status("gsm-1", carrier="blue")], call(), "gsm-1"),
    ],
)
def test_a_free_line_whose_sim_may_call_is_taken(
    statuses: list[LineStatus], wanted: Outgoing, taken: str | None
) -> None:
    assert book(*statuses).take(wanted, TWO, NOON) == taken


def test_lines_of_a_gateway_that_the_core_does_not_know_are_left_alone() -> None:
    assert book(status("gsm-1")).take(Outgoing("+1", False, ("pstn",)), TWO, NOON) is None


def test_a_line_is_reserved_until_it_is_given_back_and_then_rests() -> None:
    lines = book(status("gsm-1"), status("gsm-2"), last_used={"gsm-1": NOON - MINUTE})
    assert [lines.take(call(), TWO, NOON) for _ in range(3)] == ["gsm-2", "gsm-1", None]
    lines.give_back("gsm-1")
    lines.give_back("gsm-2")
    assert lines.take(call(), TWO, NOON + MINUTE) == "gsm-1"


USED = {"gsm-1": NOON - 3 * MINUTE, "gsm-2": NOON - MINUTE, "gsm-3": NOON - 2 * MINUTE}


@pytest.mark.parametrize(
    ("group", "taken"),
    [
        (Group("other"), "gsm-1"),  # a group that nothing is said of: the one that has rested longest
        (Group("gsm", "least-used"), "gsm-2"),
        (Group("gsm", "round-robin", ("gsm-3", "gsm-2", "gsm-1")), "gsm-1"),  # gsm-2 was the last
        (Group("gsm", "fixed-order", ("gsm-3", "gsm-1")), "gsm-3"),
        (Group("gsm", "by-prefix"), "gsm-3"),  # its carrier's own net
        (Group("gsm", "by-prefix", (), {"+8190": ("gsm-2",)}), "gsm-2"),
    ],
)
def test_the_strategy_of_the_group_decides(group: Group, taken: str) -> None:
    lines = book(
        status("gsm-1", used_seconds=90, carrier="red"),
        status("gsm-2", used_seconds=10, carrier="red"),
        status("gsm-3", used_seconds=50, carrier="blue"),
        last_used=USED,
    )
    three = site(dict.fromkeys(USED, "gsm"), group, on_net={"blue": ("+8190",)})
    assert lines.take(call(), three, NOON) == taken


def test_of_several_groups_the_line_that_has_rested_longest() -> None:
    lines = book(*map(status, USED), last_used=USED)
    groups = site({"gsm-1": "a", "gsm-2": "b", "gsm-3": "b"}, Group("b", "fixed-order", ("gsm-2", "gsm-3")))
    assert [lines.take(call(), groups, NOON) for _ in range(3)] == ["gsm-1", "gsm-2", "gsm-3"]


def test_lines_that_may_not_call_are_told_apart_from_busy_ones() -> None:
    lines = book(status("gsm-1", "active", blocked=DAY_RULE), status("gsm-2", blocked=DAY_RULE))
    assert lines.take(call(), TWO, NOON) is None
    assert lines.refusals(call(), TWO, NOON) == {"gsm-2": DAY_RULE}
    assert lines.refusals(call(tried=["gsm-2"]), TWO, NOON) == {}


def test_a_refusal_names_each_rule_once() -> None:
    rests = "cool_down: the SIM rests 30 s between calls"
    assert (
        refusal_text({"gsm-2": rests, "gsm-1": DAY_RULE})
        == f"no free line may call: {DAY_RULE} (gsm-1); {rests} (gsm-2)"
    )
    bank = {f"gsm-{n}": rests for n in range(1, 6)}
    assert refusal_text(bank) == f"no free line may call: {rests} (gsm-1, gsm-2, gsm-3 and 2 more)"


def test_groups_and_own_nets_are_read_from_the_store(store: Store) -> None:
    with store.session() as session:
        session.add_all(
            [
                Line(name="gsm-1", gateway="gsm", family="quectel", line_group="east"),
                LineGroup(name="east", strategy="by-prefix", prefixes={"+8190": ["gsm-1"]}),
                Carrier(name="blue", number_prefixes=["+8180"]),
            ]
        )
    with store.session() as session:
        read = load(session)
    assert read.lines["gsm-1"].group == "east"
    assert read.line_groups == {"east": Group("east", "by-prefix", (), {"+8190": ("gsm-1",)})}
    assert read.on_net == {"blue": ("+8180",)}
