"""A line on a bench."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appliance.store import Store
from tests.gsm.messages.bench import Bench


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    """In service, with nothing in the modem; on both kinds of database."""
    made = Bench(store)
    made.serve()
    yield made
    made.stop()
