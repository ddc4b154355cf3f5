"""A machine without DAHDI or cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pstn.config.machine import Machine


@pytest.fixture(name="machine")
def machine_fixture(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
