"""The appliance with telephone lines, its agent's phone, and the exchange: fixtures for the tests of calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.priority import starting_call_path
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.fakes.speech import speech as voice_of
from tests.measure import wav
from tests.pstn.exchange.fxs import FxsLine
from tests.pstn.exchange.prinet import Exchange
from tests.vm.guest import dahdi, patience
from tests.vm.guest.pstn_site import SERVICES, TRUNKS, Trunk, connected, site

CALLER, CALLED, DIALLED = "+81901234567", "+81355556666", "0355556666"
PATIENCE = 60.0


@pytest.fixture(params=TRUNKS, scope="module")
def trunk(request: pytest.FixtureRequest) -> Trunk:
    return TRUNKS[request.param]


@pytest.fixture(scope="module")
def stack(trunk: Trunk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Bus, edge, core and PSTN gateway; lines become idle when their exchange is there."""
    with pytest.MonkeyPatch.context() as patch, dahdi.exchange():
        patience.grant(patch)
        with Stack(tmp_path_factory.mktemp("site"), site(trunk), SERVICES, on_step=print) as running:
            yield running


@pytest.fixture(scope="module")
def desk(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Phone:
    said = tmp_path_factory.mktemp("speech") / "agent.wav"
    wav.write(said, voice_of("agent", 40))
    return stack.agent_phone("101", "2001", speak=said)


@pytest.fixture
def phone(stack: Stack, desk: Phone) -> Iterator[Phone]:
    """The agent's phone, who is free; afterwards no call is left anywhere."""
    if stack.watch.state("agent", "2001") == "paused":
        desk.feature(stack.settings.features.unpause)
    stack.watch.wait_state("agent", "2001", "available")
    desk.forget()
    yield desk
    stack.watch.wait_quiet(10)


@pytest.fixture
def far(stack: Stack) -> Iterator[FxsLine]:
    """The exchange's end of fxo-1; it is hardware: a busy machine does not make it late."""
    with starting_call_path():
        made = FxsLine(dahdi.MIXED.exchange.analogue[0], "jp")
    with made as line:
        stack.watch.wait_state("line", "fxo-1", "idle")
        yield line


@pytest.fixture(scope="module")
def network(stack: Stack, trunk: Trunk) -> Iterator[Exchange]:
    with connected(trunk) as exchange:
        yield exchange


@pytest.fixture
def exchange(stack: Stack, trunk: Trunk, network: Exchange) -> Iterator[Exchange]:
    """The network, and the span up; what it must not see is not seen."""
    stack.watch.wait_state("span", trunk.name, "up")
    for slot in trunk.bearers:
        stack.watch.wait_state("line", trunk.line(slot), "idle")
    yield network
    network.wait_idle(PATIENCE)
    # A gateway that was killed says of calls from before that it knows none (Q.931 §5.8.3.2): cause 81.
    wrong = [one for one in network.violations if not ("RELEASE COMPLETE" in one and "Cause(81 " in one)]
    said = "\n".join([*wrong, *network.complaints, *map(str, network.wire[-20:])])
    assert not wrong + network.complaints, said


def rings(stack: Stack, after_ns: int, **data: Any) -> tuple[str, dict[str, Any]]:
    """Return the call that has begun since, and what its first step says."""
    told = stack.watch.wait_event("ringing", 10, after_ns=after_ns, **data)
    return told.event.call, told.event.data


def talk(stack: Stack, phone: Phone, call: str) -> None:
    """The agent's phone rings, answers by itself, and talks a while."""
    phone.wait("connected", 10)
    stack.watch.wait_event("connected", 10, call=call)
    time.sleep(4)


def placed(stack: Stack, phone: Phone) -> str:
    """The agent dials; return the call."""
    began = time.monotonic_ns()
    phone.tell("dial", target=DIALLED)
    return rings(stack, began)[0]
