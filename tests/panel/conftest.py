"""A panel application on a real store, and the real broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.panel import create_app
from appliance.panel.live import Live
from appliance.settings import Settings
from appliance.settings_sections import PathSettings, SiteSettings
from appliance.store import Store
from tests.bus.broker import Broker

STREAMS = 3


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(site=SiteSettings(language="en"), paths=PathSettings(state=tmp_path))


@pytest.fixture
def live() -> Live:
    return Live("JP", "1.2.3", limit=STREAMS, queue_length=50)


@pytest.fixture
def app(settings: Settings, store: Store, live: Live) -> Flask:
    return create_app(settings, store, live)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running broker; it and all its buses end with the test."""
    running = Broker(tmp_path)
    yield running
    running.close()
