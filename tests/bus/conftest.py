from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bus.broker import Broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running broker; it and all its buses end with the test."""
    running = Broker(tmp_path)
    yield running
    running.close()
