from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.store import open_store
from appliance.store.models import Extension
from pbx.edge.render import Limits
from tests.edge.running import USERS, Edge, add_extensions


@pytest.fixture
def fresh(tmp_path: Path, store_url: str) -> Iterator[Edge]:
    """An edge of this test's own, on SQLite and on PostgreSQL."""
    running = Edge(tmp_path, store_url, Limits(guesses=8))
    yield running
    running.close()


def test_the_right_password_registers_and_the_wrong_one_is_refused_after_three(fresh: Edge) -> None:
    phone = fresh.endpoint()
    assert [phone.register("101", "wrong").code for _ in range(4)] == [401, 401, 403, 403]
    assert phone.register("101", USERS["101"]).code == 200
    assert phone.register("101", "wrong").code == 401  # the count begins anew
    assert phone.register("999", "unknown user").code == 401
    # A restart keeps the contact, also when it was a power cut.
    assert fresh.has_written(1)
    fresh.stop(kill=True)
    fresh.start()
    fresh.core.send(fresh.core.request("INVITE", "sip:101@127.0.0.1", "core"))
    assert phone.receive().method == "INVITE"


def test_a_store_that_does_not_answer_is_no_wrong_password(edge: Edge) -> None:
    store = open_store(edge.settings.database_url())
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE extension RENAME TO away"))
        connection.execute(text("DROP VIEW subscriber"))
    store.close()
    answer = edge.endpoint().register("101", USERS["101"])
    assert (answer.code, answer.get("Retry-After")) == (503, "5")


def test_a_disabled_or_new_extension_is_known_at_once(edge: Edge) -> None:
    add_extensions(edge.settings.database_url(), {"555": "new"})
    assert edge.endpoint().register("555", "new").code == 200
    store = open_store(edge.settings.database_url())
    with store.session() as session:
        extension = session.get(Extension, "555")
        assert extension is not None
        extension.enabled = False
    store.close()
    assert edge.endpoint().register("555", "new").code == 401
