"""Sentences that the measures are tried on."""

from __future__ import annotations

import pytest

from tests.fakes.speech import speech
from tests.measure.g711 import Samples


@pytest.fixture(scope="session")
def caller() -> Samples:
    return speech("caller", 12)


@pytest.fixture(scope="session")
def agent() -> Samples:
    return speech("agent", 12)
