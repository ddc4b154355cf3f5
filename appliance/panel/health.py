"""``/healthz``: how the panel itself is, for watchdogs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app

from appliance.panel.live import Live

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """``status`` is ``ok``, or ``degraded`` while the bus or the database is away; always 200: the panel answers."""
    live: Live = current_app.extensions["callfloor.live"]
    sources = live.sources()
    return {
        "status": "ok" if all(sources.values()) else "degraded",
        **sources,
        "streams": live.streams(),
        "version": current_app.extensions["callfloor.version"],
    }
