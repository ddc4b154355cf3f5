"""The PSTN gateway is stopped, and killed, in calls: both sides end, no port stays off-hook, and it serves again."""

from __future__ import annotations

import time

import pytest

from tests.call_path.calls import row
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.fxs import FxsLine
from tests.pstn.exchange.prinet import Exchange
from tests.vm.guest.pstn_fixtures import (
    CALLER,
    PATIENCE,
    desk,
    exchange,
    far,
    network,
    phone,
    rings,
    stack,
    talk,
    trunk,
)
from tests.vm.guest.pstn_site import Trunk

__all__ = ["desk", "exchange", "far", "network", "phone", "stack", "trunk"]  # fixtures
pytestmark = [pytest.mark.timeout(900), pytest.mark.parametrize("trunk", ["ni2"], indirect=True, scope="module")]


@pytest.fixture(name="calls")
def calls_fixture(stack: Stack, phone: Phone, far: FxsLine, exchange: Exchange, trunk: Trunk) -> tuple[str, Call]:
    """An agent talks on fxo-1, call of the core; another caller waits in the queue, on a B channel."""
    began = time.monotonic_ns()
    far.ring()
    call_id, _ = rings(stack, began)
    far.wait_off_hook(PATIENCE)
    talk(stack, phone, call_id)
    waiting = exchange.call(to=trunk.number, number=CALLER)
    waiting.wait_answered(PATIENCE)
    time.sleep(1)  # a CONNECT ACKNOWLEDGE that crosses a DISCONNECT is complained of (Q.931 §5.8.4), rightly
    return call_id, waiting


def test_a_stop_ends_calls_on_both_sides(stack: Stack, phone: Phone, far: FxsLine, calls: tuple[str, Call]) -> None:
    call_id, waiting = calls
    assert stack.programs["pstn"].stop(PATIENCE) == 0
    end = waiting.wait_ended(PATIENCE)
    assert (end.cause, end.who) == (41, "gateway")
    far.wait_on_hook(PATIENCE)
    phone.wait("ended", 10)
    ledger = row(stack, call_id)
    assert (ledger["ended_by"], ledger["cause"]) == ("line", 41)
    stack.restart("pstn")


def test_a_gateway_that_is_killed_leaves_no_port_off_hook_and_serves_again(
    stack: Stack, phone: Phone, far: FxsLine, exchange: Exchange, trunk: Trunk, calls: tuple[str, Call]
) -> None:
    call_id, waiting = calls
    stack.kill("pstn")
    far.wait_on_hook(PATIENCE)
    phone.wait("ended", 30)
    ledger = row(stack, call_id, 30)
    assert (ledger["ended_by"], ledger["cause"]) == ("line", 41)
    stack.restart("pstn")
    stack.watch.wait_state("line", "fxo-1", "idle")
    stack.watch.wait_state("span", trunk.name, "up")
    waiting.wait_ended(PATIENCE * 2)
    stack.watch.wait_state("agent", "2001", "available")
    phone.forget()
    again = exchange.call(to=trunk.number, number=CALLER)
    again.wait_answered(PATIENCE)
    phone.wait("connected", 15)
    again.hang_up()
    again.wait_ended(PATIENCE)
    phone.wait("ended", 15)
