"""The panel or an agent's phone is away: the calls go on."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import numpy as np

from appliance.bus_payloads import AgentStatus
from pbx.acd.agents import PHONE_UNREACHABLE
from tests.call_path.calls import connected, queued, row
from tests.call_path.process import wait_until
from tests.call_path.stack import Stack
from tests.edge.sip import Endpoint
from tests.fakes.phone import Phone
from tests.measure.latency import joined
from tests.measure.track import lost_frames

SECOND = 2 * 8000  # bytes of speech


def _health(stack: Stack) -> dict[str, Any]:
    """What ``/healthz`` says; {} where nobody answers."""
    panel = stack.settings.panel
    try:
        with urllib.request.urlopen(f"http://{panel.host}:{panel.port}/healthz", timeout=2) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except OSError:
        return {}


def test_the_panel_killed_in_mid_call(stack: Stack, one: Phone, caller_speech: bytes) -> None:
    stack.restart("panel")  # the other tests do without it
    try:
        wait_until(lambda: _health(stack).get("status") == "ok", 10, "the panel is well", step=0.2)
        call = connected(stack, one)
        said = call.subscriber.play(caller_speech[: 4 * SECOND])
        stack.kill("panel")
        assert _health(stack) == {}
        time.sleep(0.5)
        stack.restart("panel")
        wait_until(lambda: _health(stack).get("status") == "ok", 10, "the panel is well again", step=0.2)
    finally:
        stack.programs["panel"].stop()
    assert said.wait(6)
    stack.watch.wait_state("agent", "2001", "on-call", 2)
    call.subscriber.hang_up()
    one.wait("ended", 5)
    time.sleep(0.3)
    spoken = np.frombuffer(caller_speech[: 4 * SECOND], "<i2")
    assert lost_frames(spoken, joined(one.heard(call.tap))).lost == 0
    ledger = row(stack, call.id)
    assert (ledger["result"], ledger["recording"]["state"]) == ("connected", "complete")


def _paused_as_unreachable(stack: Stack, agent: str) -> bool:
    status = stack.watch.payload("agent", agent)
    return isinstance(status, AgentStatus) and (status.state, status.reason) == ("paused", PHONE_UNREACHABLE)


def _reaches_the_next_agent(stack: Stack, both: dict[str, Phone]) -> None:
    """A call meets the dead phone of the first agent and is answered by the second."""
    (first, _), (second, answers) = both.items()
    call, call_id = queued(stack)
    answers.wait("connected", 8)
    assert _paused_as_unreachable(stack, first)
    call.hang_up()
    ledger = row(stack, call_id)
    assert (ledger["result"], ledger["agent"]) == ("connected", second)
    assert [e["data"].get("agent") for e in ledger["events"] if e["kind"] == "offered"] == [first, second]
    missed = next(e["data"] for e in ledger["events"] if e["kind"] == "not-answered")
    assert (missed["agent"], missed["unreachable"]) == (first, True)


def test_an_agent_whose_phone_is_dead(stack: Stack, both: dict[str, Phone]) -> None:
    """Its registration still stands: the edge finds out that nobody answers."""
    (first, dead), (second, answers) = both.items()
    dead.kill()
    try:
        _reaches_the_next_agent(stack, both)
        stack.watch.wait_state("agent", second, "available")
        again = connected(stack, answers)  # the dead phone is not tried a second time
        again.subscriber.hang_up()
        offers = [e["data"].get("agent") for e in row(stack, again.id)["events"] if e["kind"] == "offered"]
        assert offers == [second]
        assert _paused_as_unreachable(stack, first)
    finally:
        dead.start().wait("registered")
    stack.watch.wait_state("agent", first, "available")


def test_a_phone_that_comes_back_at_the_address_it_had(stack: Stack, both: dict[str, Phone]) -> None:
    """As desk phones do: to the edge that is no new contact."""
    (first, phone), _ = both.items()
    extension = phone.number
    phone.tell("unregister")
    phone.wait("unregistered", 5)
    desk = Endpoint((stack.settings.edge.host, stack.settings.edge.port))
    try:
        assert desk.register(extension, stack.site.passwords[extension]).code == 200
        _reaches_the_next_agent(stack, both)  # the endpoint says nothing to the INVITE
        assert _paused_as_unreachable(stack, first)
        while not desk.hears_nothing(0.1):
            pass
        assert desk.register(extension, stack.site.passwords[extension]).code == 200
        stack.watch.wait_state("agent", first, "available", 5)
    finally:
        desk.register(extension, stack.site.passwords[extension], expires=0)
        desk.close()
        phone.tell("register")
        phone.wait("registered", 5)
