"""Telephone calls through the whole appliance on real DAHDI: FXO and PRI, in and out, to an agent's phone and back."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from appliance.store.pstn_models import Fxo
from gateways.cli import technician
from tests.call_path.calls import row
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.measure import wav
from tests.pstn.exchange import fsk
from tests.pstn.exchange.behaviour import ANSWERS, BUSY, NO_ANSWER, Behaviour
from tests.pstn.exchange.fxs import FxsLine
from tests.pstn.exchange.fxssubscriber import Behaviour as FxsBehaviour
from tests.pstn.exchange.fxssubscriber import FxsSubscriber
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.voice import speech
from tests.vm.guest.pstn_fixtures import (
    CALLED,
    CALLER,
    DIALLED,
    PATIENCE,
    desk,
    exchange,
    far,
    network,
    phone,
    placed,
    rings,
    stack,
    talk,
    trunk,
)
from tests.vm.guest.pstn_site import FXO_NUMBER, Trunk, Voice, call_out_over

__all__ = ["desk", "exchange", "far", "network", "phone", "stack", "trunk"]  # fixtures
pytestmark = pytest.mark.timeout(900)
NO_CIRCUIT = Behaviour(proceeds_after=None, alerts_after=None, refuses=44, refuses_by="RELEASE COMPLETE")
LOUD = -50.0
"""dBFS: with a voice a recording's side is louder."""


def sounds(ledger: dict[str, Any]) -> tuple[float, float]:
    """Levels of caller and agent in the recording, dBFS."""
    assert ledger["recording"]["state"] == "complete"
    (caller, agent), _ = wav.read(Path(ledger["recording"]["path"]))
    return wav.level_dbfs(caller), wav.level_dbfs(agent)


# FXO


@pytest.mark.parametrize("trunk", ["ni2"], indirect=True, scope="module")
def test_an_fxo_call_in(stack: Stack, phone: Phone, far: FxsLine) -> None:
    began = time.monotonic_ns()
    far.ring(fsk.caller_id_audio("bell202", "0901234567", "YAMADA TARO"))
    call, said = rings(stack, began)
    assert said == {"line": "fxo-1", "caller": CALLER, "did": FXO_NUMBER, "name": "YAMADA TARO"}
    assert "YAMADA TARO" in phone.wait("ringing", 10).data["far"]
    far.wait_off_hook(PATIENCE)
    far.play(speech(6.0))
    talk(stack, phone, call)
    far.hang_up("battery")
    phone.wait("ended", 10)
    far.wait_on_hook(PATIENCE)
    ledger = row(stack, call)
    assert (ledger["result"], ledger["ended_by"], ledger["cause"]) == ("connected", "caller", 16)
    assert (ledger["line"], ledger["caller"], ledger["agent"]) == ("fxo-1", CALLER, "2001")
    assert min(sounds(ledger)) > LOUD
    stack.watch.wait_state("line", "fxo-1", "idle")


@pytest.mark.parametrize("trunk", ["ni2"], indirect=True, scope="module")
def test_an_fxo_call_out(stack: Stack, phone: Phone, far: FxsLine) -> None:
    call_out_over(stack, "fxo-1")
    how = FxsBehaviour(digits=len(DIALLED), rings=4.0, says=speech(6.0))
    with FxsSubscriber(far, how) as callee:
        call = placed(stack, phone)
        assert callee.wait_called(PATIENCE) == DIALLED
        stack.watch.wait_event("alerting", 10, call=call)
        talk(stack, phone, call)
        phone.tell("hangup")
        far.wait_on_hook(PATIENCE)
    ledger = row(stack, call)
    assert (ledger["direction"], ledger["result"], ledger["cause"]) == ("outbound", "connected", 16)
    assert (ledger["line"], ledger["did"], ledger["ended_by"]) == ("fxo-1", CALLED, "caller")


@pytest.mark.parametrize("trunk", ["ni2"], indirect=True, scope="module")
def test_a_busy_tone_is_learned_from_a_hang_up(stack: Stack, far: FxsLine) -> None:
    how = FxsBehaviour(digits=len(DIALLED), rings=2.0, says=speech(3.0))
    with FxsSubscriber(far, how), technician(stack.settings) as bus, ThreadPoolExecutor(1) as waits:
        assert bus.ask("pstn", "line.dial", {"line": "fxo-1", "number": DIALLED}, 60)["state"] == "dialling"
        stack.watch.wait_state("line", "fxo-1", "active")
        learned = waits.submit(bus.ask, "pstn", "line.learn-busy", {"line": "fxo-1"}, 120)
        time.sleep(3)
        far.hang_up("busy")
        tone = learned.result(150)
        assert stack.watch.state("line", "fxo-1") == "active", "no tone ends the call that is learned from"
        bus.ask("pstn", "line.busy-tone", {"line": "fxo-1", "tone": tone}, 60)
        far.wait_on_hook(PATIENCE)  # the tone goes on, and is known from now on
    assert tone["frequencies"] == [pytest.approx(400, abs=5)]
    assert tone["cadence"] == [pytest.approx(500, abs=40)] * 2
    with stack.store.session() as session:
        kept = session.get_one(Fxo, "fxo-1").busy_tone
    assert kept == tone
    stack.watch.wait_state("line", "fxo-1", "idle")


# PRI


def test_a_pri_call_in(stack: Stack, phone: Phone, exchange: Exchange, trunk: Trunk) -> None:
    did, slot = trunk.number[:-1] + "7", next(iter(trunk.bearers))
    began = time.monotonic_ns()
    offer: dict[str, Any] = {"number": CALLER, "name": "YAMADA TARO", "channel": slot, "redirecting": "+81345678901"}
    with Voice(trunk.bearers[slot], trunk.plan.law, speech(8.0)) as voice:
        call = exchange.call(to=did, **offer)
        call_id, said = rings(stack, began)
        assert said == {
            "line": trunk.line(slot), "caller": CALLER, "did": did, "name": "YAMADA TARO",
            "redirected_from": "+81345678901",
        }  # fmt: skip
        assert "YAMADA TARO" in phone.wait("ringing", 10).data["far"]
        call.wait_answered(PATIENCE)
        talk(stack, phone, call_id)
        call.hang_up()
        phone.wait("ended", 10)
    end = call.wait_ended(PATIENCE)
    assert (end.cause, end.who) == (16, "exchange")
    ledger = row(stack, call_id)
    assert (ledger["result"], ledger["ended_by"], ledger["cause"]) == ("connected", "caller", 16)
    assert (ledger["did"], ledger["agent"]) == (did, "2001")
    assert min(sounds(ledger)) > LOUD
    assert len(voice.heard) > 8000


def test_a_pri_call_out(stack: Stack, phone: Phone, exchange: Exchange, trunk: Trunk) -> None:
    call_out_over(stack, trunk.name)
    exchange.subscriber(CALLED).behaves(ANSWERS, answers_after=1.0)
    call_id = placed(stack, phone)
    call = exchange.wait_call(PATIENCE)
    assert (call.to, call.number) == (CALLED, trunk.number)
    stack.watch.wait_event("alerting", 10, call=call_id)
    talk(stack, phone, call_id)
    phone.tell("hangup")
    end = call.wait_ended(PATIENCE)
    assert (end.cause, end.who) == (16, "gateway")
    ledger = row(stack, call_id)
    assert (ledger["result"], ledger["cause"], ledger["ended_by"]) == ("connected", 16, "caller")
    assert ledger["line"] == trunk.first_out, "by the strategy of the group"


@pytest.mark.parametrize(
    ("how", "cause", "result"),
    [
        (BUSY, 17, "busy"),
        (Behaviour(alerts_after=None, refuses=1), 1, "failed"),
        (Behaviour(answers_after=0.5, refuses=21), 21, "failed"),
    ],
    ids=["busy", "unallocated", "rejected"],
)
def test_why_a_pri_call_out_came_to_nothing(
    stack: Stack, phone: Phone, exchange: Exchange, trunk: Trunk, how: Behaviour, cause: int, result: str
) -> None:
    call_out_over(stack, trunk.name)
    exchange.subscriber(CALLED).behaves(how)
    before = len(exchange.calls)
    call_id = placed(stack, phone)
    exchange.wait_call(PATIENCE)
    phone.wait("ended", 15)
    ledger = row(stack, call_id)
    assert (ledger["cause"], ledger["result"], ledger["ended_by"]) == (cause, result, "callee")
    assert len(exchange.calls) == before + 1, "it is not tried again over another channel"


def test_a_channel_that_the_network_refuses_is_followed_by_the_next(
    stack: Stack, phone: Phone, exchange: Exchange, trunk: Trunk
) -> None:
    call_out_over(stack, trunk.name)
    exchange.subscriber(CALLED).behaves(
        Behaviour(proceeds_after=None, alerts_after=None, refuses=44, refuses_by="RELEASE COMPLETE")
    )
    call_id = placed(stack, phone)
    exchange.wait_call(PATIENCE)
    exchange.subscriber(CALLED).behaves(NO_ANSWER)
    assert exchange.wait_call(PATIENCE).channel is not None
    stack.watch.wait_event("line-failed", 10, call=call_id, cause=44)
    stack.watch.wait_event("alerting", 10, call=call_id)
    phone.tell("hangup")
    assert row(stack, call_id)["result"] == "cancelled"
