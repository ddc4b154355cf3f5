"""Serve a recording, whole or by ranges (RFC 9110 §14), so that the player can seek."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, current_app, send_file

from appliance.panel.recordings.service import NoRecordingError, file_of
from appliance.store import StoreError

blueprint = Blueprint("recordings", __name__)


@blueprint.get("/recordings/<uuid:recording_id>")
def recording(recording_id: UUID) -> Response:
    """The WAV: channel 1 (left) is the caller, 2 the agent.

    404: no such finished recording, or its file is gone; 503: the database is away.
    """
    settings = current_app.extensions["callfloor.settings"]
    store = current_app.extensions["callfloor.store"]
    try:
        path = file_of(store, str(recording_id), settings.paths.recordings)
        response = send_file(path, mimetype="audio/wav", conditional=True, max_age=0)
    except (NoRecordingError, OSError):
        abort(404)
    except StoreError:
        abort(503)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
