"""A whole call of a site whose database is PostgreSQL: core, edge, commands and reports all work on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from appliance.store.models import Call
from tests.call_path.calls import connected, kinds, row, settled
from tests.call_path.conftest import WITHOUT_PANEL
from tests.call_path.site import Site
from tests.call_path.stack import Stack

pytestmark = pytest.mark.pg


@pytest.fixture
def stack(store_url: str, tmp_path: Path) -> Iterator[Stack]:
    site = Site(lines=1, queue={"wrap_up": 0, "announce_every": 0})
    with Stack(tmp_path / "site", site, WITHOUT_PANEL, database_url=store_url) as running:
        yield running


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_the_whole_way(stack: Stack, agent_speech: Path, caller_speech: bytes) -> None:
    assert stack.settings.database_url().startswith("postgresql")
    phone = stack.agent_phone("101", "2001", speak=agent_speech)  # the edge knows its password from PostgreSQL
    call = connected(stack, phone)
    assert call.subscriber.play(caller_speech[: 2 * 8000 * 2]).wait(5)
    call.subscriber.hang_up()
    phone.wait("ended", 5)
    ledger = row(stack, call.id)
    assert (ledger["result"], ledger["agent"], ledger["ended_by"]) == ("connected", "2001", "caller")
    assert {"ringing", "answered", "ivr-step", "queued", "offered", "connected", "ended"} <= set(kinds(ledger))
    assert ledger["recording"]["state"] == "complete"
    with stack.store.session() as session:
        assert session.scalars(select(Call.id)).all() == [call.id]
    assert not (stack.settings.paths.state / "callfloor.db").exists()
    stack.restart("pbx")  # the agent's log-in is read back from it
    settled(stack, ("2001",))
