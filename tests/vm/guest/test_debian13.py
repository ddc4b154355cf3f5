"""The appliance on Debian 13, its kernel and Python: a call from a GSM line reaches an agent and is in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.call_path.calls import connected, row
from tests.call_path.site import Site
from tests.call_path.stack import ORDER, Stack
from tests.fakes.phone import Phone
from tests.fakes.speech import speech
from tests.measure import wav
from tests.vm.guest import patience

SITE = Site(
    lines=1,
    extensions=("101",),
    agents=("2001",),
    # Under emulation a phone takes its time to ring, and more to answer.
    queue={"wrap_up": 0, "ring_timeout": 60, "announce_every": 0},
)


@pytest.fixture(name="stack")
def stack_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Bus, edge, core and GSM gateway."""
    patience.grant(monkeypatch)
    services = tuple(name for name in ORDER if name != "panel")
    with Stack(tmp_path / "site", SITE, services, on_step=print) as running:
        yield running


@pytest.fixture(name="phone")
def phone_fixture(stack: Stack, tmp_path: Path) -> Phone:
    said = tmp_path / "agent.wav"
    wav.write(said, speech("agent", 40))
    return stack.agent_phone("101", "2001", speak=said)


@pytest.mark.timeout(600)
def test_an_inbound_call(stack: Stack, phone: Phone) -> None:
    call = connected(stack, phone)
    assert call.subscriber.play(speech("caller", 4).tobytes()).wait(patience.FACTOR * 6)
    call.subscriber.hang_up()
    phone.wait("ended", 5)
    ledger = row(stack, call.id)
    assert (ledger["result"], ledger["agent"], ledger["ended_by"], ledger["cause"]) == (
        "connected",
        "2001",
        "caller",
        16,
    )
    assert ledger["recording"]["state"] == "complete"
    (caller, agent), _ = wav.read(Path(ledger["recording"]["path"]))
    assert min(wav.level_dbfs(caller), wav.level_dbfs(agent)) > -50
