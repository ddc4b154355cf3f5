"""Two of our exchanges, one as the network, one as the user: many calls, and turns by hand in place of the thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from tests.pstn.exchange.behaviour import AT_ONCE
from tests.pstn.exchange.calltypes import End
from tests.pstn.exchange.ports import SocketPort, socket_pair
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import e1, t1

Pair = tuple[Exchange, Exchange]


@pytest.fixture(name="pair", params=["euroisdn", "ni2"])
def pair_fixture(request: pytest.FixtureRequest) -> Iterator[Pair]:
    port, theirs = socket_pair()
    make, switch = (e1, request.param) if request.param == "euroisdn" else (t1, request.param)
    with Exchange() as network, Exchange() as user:
        network.add_span(make("net", switch), port)
        user.add_span(make("user", switch, "user"), SocketPort(theirs)).establish()
        network.spans[0].wait_up()
        for exchange in (network, user):
            exchange.subscriber("*")
        yield network, user


def test_calls_on_every_channel_both_ways(pair: Pair) -> None:
    for caller, called in (pair, pair[::-1]):
        wanted = len(caller.spans[0].plan.channels)
        calls = [caller.call(to=f"03{index:08}", number=f"+8190{index:08}") for index in range(wanted)]
        for call in calls:
            call.wait_answered()
        assert caller.spans[0].busy_channels() == called.spans[0].busy_channels() == set(caller.spans[0].plan.channels)
        for call in calls:
            call.hang_up()
            assert call.wait_ended() == End(16, "exchange")
        called.wait_idle()
        assert [call.number for call in called.calls] == [f"+8190{index:08}" for index in range(wanted)]
    for exchange in pair:
        assert not exchange.violations
        assert not exchange.complaints


@pytest.mark.parametrize("fcs", [True, False])
def test_two_spans_with_and_without_check_sequences(fcs: bool) -> None:
    with Exchange() as network, Exchange() as user:
        for name in ("one", "two"):
            port, theirs = socket_pair(fcs)
            network.add_span(e1(name), port)
            user.add_span(e1(name, role="user"), SocketPort(theirs, fcs)).establish()
        user.subscriber("*").behaves(AT_ONCE)
        for span in network.spans:
            span.wait_up()
        calls = [network.call(to="1", span=index) for index in (0, 1)]
        for call in calls:
            call.wait_answered()
        assert [call.seen[0].span for call in calls] == ["one", "two"]
        assert [span.busy_channels() for span in network.spans] == [{1}, {1}]
        network.spans[0].unplug()
        user.spans[0].wait_down()
        assert [span.up for span in user.spans] == [False, True]


def test_hundreds_of_calls(pair: Pair) -> None:
    network, user = pair
    user.subscriber("*").behaves(AT_ONCE)
    for _ in range(200):
        call = network.call(to="1")
        call.wait_answered()
        call.hang_up()
        call.wait_ended()
    user.wait_idle()
    assert not network.violations + user.violations
    assert network.open_calls == user.open_calls == 0


def test_without_a_thread() -> None:
    port, theirs = socket_pair()
    network, user = Exchange(threaded=False), Exchange(threaded=False)
    span = network.add_span(e1("net"), port)
    user.add_span(e1("user", role="user"), SocketPort(theirs)).establish()
    user.subscriber("*").behaves(AT_ONCE)
    threads = threading.active_count()
    ends = time.monotonic() + 5.0
    call = None
    while time.monotonic() < ends and (call is None or call.state.value != 10):
        network.turn()
        user.turn()
        if span.up and call is None:
            call = network.call(to="1")
    assert call is not None
    assert (call.state.value, threading.active_count()) == (10, threads)
    network.close()
    user.close()
