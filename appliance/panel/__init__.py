"""The panel: the floor manager's web pages. It reads the store and the bus, and never touches hardware or SIP."""

from __future__ import annotations

from importlib.metadata import version

from flask import Flask

from appliance.panel import errors, health, language, security
from appliance.panel.floor import view as floor
from appliance.panel.live import Live
from appliance.panel.recordings import view as recordings
from appliance.settings import Settings
from appliance.store import Store

__all__ = ["create_app"]


def create_app(settings: Settings, store: Store, live: Live) -> Flask:
    """The WSGI application. It starts nothing: whoever makes ``live`` also feeds it."""
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["callfloor.settings"] = settings
    app.extensions["callfloor.store"] = store
    app.extensions["callfloor.live"] = live
    app.extensions["callfloor.version"] = version("callfloor")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    language.register(app)
    security.register(app, settings)
    errors.register(app)
    app.register_blueprint(floor.blueprint)
    app.register_blueprint(recordings.blueprint)
    app.register_blueprint(health.blueprint)
    return app
