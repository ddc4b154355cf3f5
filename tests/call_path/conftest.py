"""One appliance a test module: starting it costs two seconds, a call needs less."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from appliance.bus_payloads import AgentStatus
from tests.call_path.calls import settled
from tests.call_path.site import Site
from tests.call_path.stack import ORDER, Stack
from tests.fakes.phone import Phone
from tests.fakes.speech import speech
from tests.measure import wav

WITHOUT_PANEL = tuple(name for name in ORDER if name != "panel")
AGENTS = ("2001", "2002")


@pytest.fixture(scope="session")
def agent_speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speech") / "agent.wav"
    wav.write(path, speech("agent", 40))
    return path


@pytest.fixture(scope="session")
def caller_speech() -> bytes:
    return speech("caller", 30).tobytes()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two lines, two agents; no wrap-up, so that a test never waits for an agent."""
    site = Site(lines=2, queue={"wrap_up": 0, "ring_timeout": 5, "announce_every": 0})
    with Stack(tmp_path_factory.mktemp("site"), site, WITHOUT_PANEL) as running:
        yield running


@pytest.fixture(scope="module")
def desks(stack: Stack, agent_speech: Path) -> dict[str, Phone]:
    """Agent 2001 at 101, 2002 at 102."""
    return {
        agent: stack.agent_phone(extension, agent, speak=agent_speech)
        for extension, agent in zip(stack.site.extensions, AGENTS, strict=True)
    }


@pytest.fixture
def one(stack: Stack, desks: dict[str, Phone]) -> Iterator[Phone]:
    """The phone of agent 2001, who alone is free; 2002 is on a break."""
    codes = stack.settings.features
    settled(stack)
    _set(stack, desks["2001"], "2001", codes.unpause, "available")
    _set(stack, desks["2002"], "2002", codes.pause, "paused")
    desks["2001"].tell("answer_after", seconds=0.2)
    desks["2001"].forget()
    yield desks["2001"]
    settled(stack)


@pytest.fixture
def both(stack: Stack, desks: dict[str, Phone]) -> Iterator[dict[str, Phone]]:
    """Both agents free, with their phones, the one who has been idle for longer first."""
    settled(stack)
    for agent, phone in desks.items():
        phone.tell("answer_after", seconds=0.2)
        _set(stack, phone, agent, stack.settings.features.unpause, "available")
        phone.forget()
    yield dict(sorted(desks.items(), key=lambda desk: _idle_since(stack, desk[0])))
    settled(stack)


def _idle_since(stack: Stack, agent: str) -> datetime:
    status = stack.watch.payload("agent", agent)
    assert isinstance(status, AgentStatus)
    return status.since


def _set(stack: Stack, phone: Phone, agent: str, code: str, state: str) -> None:
    """Bring an agent into a state by the feature code, unless they are in it."""
    if stack.watch.state("agent", agent) != state:
        phone.feature(code)
        stack.watch.wait_state("agent", agent, state)
