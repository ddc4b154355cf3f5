"""Calls that an agent makes: to another phone, and to the outside over a GSM line."""

from __future__ import annotations

import time

import numpy as np
import pytest

from gateways.gsm.simulator import Manner
from tests.call_path.calls import OWN, dial, row
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.measure.align import channel_match
from tests.measure.latency import joined

OUTSIDE = "+819033334444"
DIALLED = "09033334444"


def _placed(stack: Stack, phone: Phone, target: str) -> str:
    """Dial from a phone; return the call's id."""
    began = time.monotonic_ns()
    phone.tell("dial", target=target)
    return stack.watch.wait_event("ringing", 5, after_ns=began).event.call


def test_agent_to_agent(stack: Stack, both: dict[str, Phone]) -> None:
    call_id = _placed(stack, both["2001"], "102")
    tap = both["2002"].wait("connected", 5).data["tap"]
    mine = both["2001"].wait("connected", 5).data["tap"]
    time.sleep(2)
    both["2001"].tell("hangup")
    both["2002"].wait("ended", 5)
    ledger = row(stack, call_id)
    assert (ledger["direction"], ledger["result"], ledger["extension"]) == ("internal", "connected", "102")
    time.sleep(0.3)
    assert channel_match(joined(both["2001"].spoke(mine)), joined(both["2002"].heard(tap))) > OWN


def test_to_the_outside_on_the_line_used_longest_ago(stack: Stack, one: Phone) -> None:
    callee = stack.bank.subscriber(OUTSIDE).behaves(Manner.ANSWERS, after=0.5)
    used = []
    for _ in range(2):
        call_id = _placed(stack, one, DIALLED)
        received = callee.wait_call(10)
        tap = one.wait("connected", 10).data["tap"]
        time.sleep(1.5)
        one.tell("hangup")
        assert received.wait_ended(5)
        one.wait("ended", 5)
        ledger = row(stack, call_id)
        assert (ledger["direction"], ledger["result"], ledger["did"]) == ("outbound", "connected", OUTSIDE)
        used.append(ledger["line"])
        heard = np.frombuffer(received.heard_pcm(), "<i2")
        time.sleep(0.3)
        assert channel_match(joined(one.spoke(tap)), heard) > OWN
        stack.watch.wait_state("line", ledger["line"], "idle", 10)
    assert sorted(used) == ["gsm-1", "gsm-2"]


@pytest.mark.parametrize(("manner", "cause", "result"), [(Manner.BUSY, 17, "busy"), (Manner.ABSENT, 20, "failed")])
def test_an_outside_number_that_does_not_answer(
    stack: Stack, one: Phone, manner: Manner, cause: int, result: str
) -> None:
    stack.bank.subscriber(OUTSIDE).behaves(manner)
    call_id = _placed(stack, one, DIALLED)
    one.wait("ended", 15)
    ledger = row(stack, call_id)
    assert (ledger["cause"], ledger["result"]) == (cause, result)
    stack.watch.wait_state("agent", "2001", "available")


def test_all_lines_busy(stack: Stack, one: Phone) -> None:
    callers = [dial(stack, line, f"+81905555000{n}") for n, line in enumerate(stack.lines)]
    for caller in callers:
        assert caller.wait_answered(10)
    call_id = _placed(stack, one, DIALLED)
    one.wait("ended", 15)
    assert row(stack, call_id)["cause"] == 34
    for caller in callers:
        caller.hang_up()


def test_a_number_that_is_none(stack: Stack, one: Phone) -> None:
    one.tell("dial", target="99")
    assert one.wait("ended", 10).data["code"] in (200, 404)
