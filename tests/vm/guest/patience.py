"""More time for all that the tests of the call path wait for: one emulated processor runs what else two or more do."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from gateways.gsm.simulator import SubscriberCall
from tests.call_path import calls, process, stack
from tests.call_path.watch import Watch
from tests.fakes.phone import Phone

FACTOR = 6.0


def grant(patch: pytest.MonkeyPatch) -> None:
    """Multiply the waits by FACTOR. What a test says itself is multiplied like what it leaves to the default."""
    patch.setattr(stack, "READY_SECONDS", stack.READY_SECONDS * FACTOR)
    patch.setattr(stack, "COMMAND_SECONDS", stack.COMMAND_SECONDS * FACTOR)
    for owner, name, place, default in (
        (Watch, "wait_state", 4, 10.0),
        (Watch, "wait_event", 2, 10.0),
        (Watch, "wait_quiet", 1, 10.0),
        (Phone, "wait", 2, 10.0),
        (SubscriberCall, "wait_answered", 1, None),
        (SubscriberCall, "wait_ended", 1, None),
    ):
        patch.setattr(owner, name, _slower(getattr(owner, name), place, default))
    slow = _slower(process.wait_until, 1, None)
    for module in (process, stack, calls):
        patch.setattr(module, "wait_until", slow)


def _slower(waits: Callable[..., Any], place: int, default: float | None) -> Callable[..., Any]:
    """``waits`` with its timeout (positional argument ``place``) multiplied."""

    @functools.wraps(waits)
    def patient(*arguments: Any, **named: Any) -> Any:
        values = list(arguments)
        if len(values) > place:
            values[place] *= FACTOR
        elif "timeout" in named:
            named["timeout"] *= FACTOR
        elif default is not None:
            named["timeout"] = default * FACTOR
        return waits(*values, **named)

    return patient
