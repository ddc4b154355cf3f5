"""Choice of agent, agents' states, and the desk's rules."""

from __future__ import annotations

import typing
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.acd import agents
from pbx.acd.agents import Agent, AgentRefusal
from pbx.acd.choice import Waiting, choose, position
from pbx.acd.desk import HOLD_OFF_SECONDS, AgentDesk
from pbx.loop import Loop
from pbx.site import AgentSettings


class ClockedLoop(Loop):
    """A loop whose clock the test turns."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += seconds
        self.turn()


def agent(number: str, since: float, state: agents.State = "available", queues: tuple[str, ...] = ("sales",)) -> Agent:
    return Agent(number, number, queues, state, since)


def test_longest_waiting_call_goes_to_longest_idle_agent() -> None:
    waiting = [Waiting("b", "sales", 5.0), Waiting("a", "sales", 3.0)]
    choice = choose(waiting, [agent("1", 8.0), agent("2", 7.0), agent("3", 1.0, "paused")], 10.0)
    assert choice is not None
    assert (choice.call, choice.agent) == ("a", "2")
    assert choice.reason == "longest idle: 3 s of 2 available"


def test_a_call_nobody_can_take_does_not_hold_up_the_next() -> None:
    waiting = [Waiting("a", "support", 1.0), Waiting("b", "sales", 2.0)]
    choice = choose(waiting, [agent("1", 0.0)], 10.0)
    assert choice is not None
    assert choice.call == "b"


def test_no_offer_during_hold_off() -> None:
    one = agent("1", 0.0)
    one.not_before = 11.0
    assert choose([Waiting("a", "sales", 1.0)], [one], 10.9) is None
    assert choose([Waiting("a", "sales", 1.0)], [one], 11.0) is not None


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=8),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.booleans()), max_size=8),
)
def test_choice_agrees_with_an_independent_search(
    calls: list[tuple[int, int]], people: list[tuple[int, int, bool]]
) -> None:
    waiting = [Waiting(f"c{i}", f"q{q}", since) for i, (since, q) in enumerate(calls)]
    able = [
        agent(f"a{i}", since, "available" if free else "on-call", (f"q{q}",))
        for i, (since, q, free) in enumerate(people)
    ]
    choice = choose(waiting, able, 20.0)
    pairs = [
        (w.since, w.call, a.since, a.number)
        for w, a in product(waiting, able)
        if a.state == "available" and w.queue in a.queues
    ]
    if not pairs:
        assert choice is None
    else:
        _, call, _, number = min(pairs)
        assert choice is not None
        assert (choice.call, choice.agent) == (call, number)


def test_position_counts_its_own_queue_only() -> None:
    waiting = [Waiting("a", "sales", 1), Waiting("b", "support", 2), Waiting("c", "sales", 3)]
    assert [position(waiting, c) for c in "abcx"] == [1, 1, 2, 0]


@pytest.mark.parametrize(("state", "step"), list(product(typing.get_args(agents.State), typing.get_args(agents.Step))))
def test_every_step_follows_the_table_or_changes_nothing(state: agents.State, step: agents.Step) -> None:
    one = agent("1", 5.0, state)
    if (state, step) in agents.TABLE:
        one.step(step, 6.0)
        assert one.state == agents.TABLE[state, step]
        assert one.since == 6.0
    else:
        with pytest.raises(AgentRefusal, match=f"agent 1 is {state}"):
            one.step(step, 6.0)
        assert (one.state, one.since) == (state, 5.0)


@pytest.fixture
def desk() -> tuple[AgentDesk, ClockedLoop]:
    loop = ClockedLoop()
    made = AgentDesk(loop, lambda _: None)
    made.load({n: AgentSettings(n, n, ("sales",)) for n in ("1", "2")})
    return made, loop


Desk = tuple[AgentDesk, ClockedLoop]


def test_log_in_takes_the_extension_over(desk: Desk) -> None:
    agents_desk, _ = desk
    agents_desk.login("1", "101")
    agents_desk.login("2", "101")
    assert agents_desk.get("1").state == "logged-out"
    assert agents_desk.at("101") is agents_desk.get("2")


def test_wrap_up_ends_by_itself(desk: Desk) -> None:
    agents_desk, loop = desk
    agents_desk.login("1", "101")
    one = agents_desk.get("1")
    agents_desk.ring(one, "c")
    agents_desk.connect(one, "c")
    agents_desk.finish(one, "c", 10)
    seen = [one.state]
    for seconds in (9.9, 0.2):
        loop.advance(seconds)
        seen.append(one.state)
    assert seen == ["wrap-up", "wrap-up", "available"]


def test_pause_and_log_out_in_a_call_wait_for_its_end(desk: Desk) -> None:
    agents_desk, _ = desk
    for number, extension in (("1", "101"), ("2", "102")):
        agents_desk.login(number, extension)
        agents_desk.connect(agents_desk.get(number), f"c{number}")
    agents_desk.pause("1", "lunch")
    agents_desk.logout("2")
    assert {a.state for a in agents_desk.agents.values()} == {"on-call"}
    for number in ("1", "2"):
        agents_desk.finish(agents_desk.get(number), f"c{number}", 10)
    assert (agents_desk.get("1").state, agents_desk.get("1").reason) == ("paused", "lunch")
    assert agents_desk.get("2").state == "logged-out"


def test_a_call_made_in_a_pause_leads_back_to_it(desk: Desk) -> None:
    agents_desk, _ = desk
    agents_desk.login("1", "101")
    agents_desk.pause("1", "training")
    one = agents_desk.get("1")
    agents_desk.connect(one, "c")
    agents_desk.finish(one, "c", 0)
    assert (one.state, one.reason) == ("paused", "training")


def test_unreachable_phone_pauses_until_it_registers(desk: Desk) -> None:
    agents_desk, _ = desk
    agents_desk.login("1", "101")
    one = agents_desk.get("1")
    agents_desk.ring(one, "c")
    agents_desk.release(one, unreachable=True, at_fault=True)
    assert (one.state, one.reason) == ("paused", agents.PHONE_UNREACHABLE)
    agents_desk.phone_registered("101")
    assert one.state == "available"


def test_refused_offer_holds_off(desk: Desk) -> None:
    agents_desk, loop = desk
    agents_desk.login("1", "101")
    one = agents_desk.get("1")
    agents_desk.ring(one, "c")
    agents_desk.release(one, unreachable=False, at_fault=True)
    assert not one.can_be_offered(loop.now())
    loop.advance(HOLD_OFF_SECONDS)
    assert one.can_be_offered(loop.now())


@pytest.mark.parametrize(
    ("order", "error_id"),
    [
        (lambda d: d.login("9", "101"), "unknown-agent"),
        (lambda d: d.logout("1"), "not-logged-in"),
        (lambda d: d.pause("1", None), "not-logged-in"),
        (lambda d: d.unpause("1"), "not-logged-in"),
    ],
)
def test_refusals_have_stable_ids(desk: Desk, order: typing.Callable[[AgentDesk], None], error_id: str) -> None:
    with pytest.raises(AgentRefusal) as caught:
        order(desk[0])
    assert caught.value.id == error_id
