"""Steps that most call-path tests begin with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from gateways.gsm.simulator import State, SubscriberCall
from tests.call_path.process import wait_until
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone

CALLER = "+819012345678"

# The tests ask that the call goes on and the right voice is heard; exact figures are the demo's and the benchmarks'.
OWN = 0.3  # match with the voice it should be; a stumble of 20 ms halves it, the other voice stays far below
GAP = 25  # frames of 20 ms: a call that stood still is caught, a processor that was away for a moment is not


@dataclass(frozen=True)
class Connected:
    """A call in which a subscriber and an agent can hear each other."""

    id: str
    subscriber: SubscriberCall
    tap: str  # the phone's packet log
    since_ns: int


def dial(stack: Stack, line: str = "gsm-1", caller: str = CALLER) -> SubscriberCall:
    """A subscriber dials a line's number once the line is idle; returns at once."""
    stack.watch.wait_state("line", line, "idle")
    call = stack.bank.subscriber(caller).dial(stack.number(line))
    stack.dialled.append(call)
    return call


def ringing(stack: Stack, line: str = "gsm-1", caller: str = CALLER) -> tuple[SubscriberCall, str]:
    """A subscriber dials; return that call and its id once the core knows of it."""
    began = time.monotonic_ns()
    call = dial(stack, line, caller)
    return call, stack.watch.wait_event("ringing", 10, after_ns=began, line=line).event.call


def queued(stack: Stack, line: str = "gsm-1", caller: str = CALLER, key: str = "1") -> tuple[SubscriberCall, str]:
    """A subscriber dials and presses a key in the menu; return once the call is in its queue."""
    call, call_id = ringing(stack, line, caller)
    assert call.wait_answered(10), f"not answered: cause {call.cause}"
    time.sleep(0.5)
    call.send_digits(key)
    stack.watch.wait_event("queued", 10, call=call_id)
    return call, call_id


def connected(stack: Stack, phone: Phone, line: str = "gsm-1", caller: str = CALLER) -> Connected:
    """A whole call up to the talk with the agent at ``phone``."""
    call, call_id = queued(stack, line, caller)
    phone.wait("ringing", 15)
    tap = phone.wait("connected", 10).data["tap"]
    told = stack.watch.wait_event("connected", 10, call=call_id)
    return Connected(call_id, call, tap, told.at_ns)


def row(stack: Stack, call_id: str, timeout: float = 10.0) -> dict[str, Any]:
    """The ledger's row of a call that has ended; its state and recording are final."""
    found: dict[str, Any] = {}

    def final() -> bool:
        found.clear()
        found.update(next((one for one in stack.ledger() if one["id"] == call_id), {}))
        recording = found.get("recording") or {}
        return found.get("state") in ("ended", "interrupted") and recording.get("state") != "open"

    try:
        wait_until(final, timeout, f"the ledger closes call {call_id}", step=0.2)
    except TimeoutError as error:
        raise TimeoutError(f"{error}; it has {found}") from None
    return found


def kinds(ledger_row: dict[str, Any]) -> list[str]:
    """What happened in a call, in order."""
    return [event["kind"] for event in ledger_row["events"]]


def settled(stack: Stack, agents: tuple[str, ...] = (), timeout: float = 15.0) -> None:
    """Wait until no call lives, every line is idle and these agents are available."""
    while stack.dialled:
        call = stack.dialled.pop()
        if call.state is not State.ENDED:
            call.hang_up()
    stack.watch.wait_quiet(timeout)
    for line in stack.lines:
        stack.watch.wait_state("line", line, "idle", timeout)
    for agent in agents:
        stack.watch.wait_state("agent", agent, "available", timeout)
