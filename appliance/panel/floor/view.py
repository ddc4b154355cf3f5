"""The live page and its stream."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, render_template, request

from appliance.panel.fanout import RECONNECT_MS, Dropped, frame
from appliance.panel.language import chosen, words
from appliance.panel.live import Live, StreamsFullError

BEAT_SECONDS = 5.0
DEAD_PEER_MS = 20_000
GATHER_SECONDS = 0.1  # between two sends of changes: with 300 pages, one send a change costs most of a core
blueprint = Blueprint("floor", __name__, template_folder="templates")


@blueprint.get("/")
def page() -> str:
    """The live page; the browser fills it from the stream."""
    language = chosen()
    settings = current_app.extensions["callfloor.settings"]
    setup = {
        "language": language,
        "timezone": settings.site.timezone,
        "version": current_app.extensions["callfloor.version"],
        "words": words(language),
    }
    return render_template("floor/page.html", site=settings.site.name, setup=json.dumps(setup, ensure_ascii=False))


@blueprint.get("/stream")
def stream() -> Response:
    """Server-sent events: ``snapshot`` first, then ``change``, ``ledger``, ``sources``, and a ``beat`` every 5 s.

    503 when as many streams are open as the panel carries.
    """
    live: Live = current_app.extensions["callfloor.live"]
    try:
        body = Stream(live, request.environ.get("gunicorn.socket"))
    except StreamsFullError:
        full = words(chosen())["error.streams_full"]
        return Response(full, 503, {"Retry-After": "10"}, content_type="text/plain; charset=utf-8")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(body, headers=headers, content_type="text/event-stream")


class Stream:
    """One open stream as WSGI wants it. ``close`` gives the place back, also when nothing was ever read (HEAD)."""

    def __init__(self, live: Live, connection: socket.socket | None) -> None:
        self._live = live
        self._connection = connection
        self._client = live.join(self._cut)
        self._frames = self._produce()
        if connection is not None and connection.family != socket.AF_UNIX:
            # A page whose machine vanished acknowledges nothing: free its place soon (RFC 5482).
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)

    def __iter__(self) -> Iterator[bytes]:
        return self._frames

    def close(self) -> None:
        """The connection is gone or the stream has ended."""
        self._live.leave(self._client)

    def _produce(self) -> Iterator[bytes]:
        yield f"retry: {RECONNECT_MS}\n\n".encode()
        beat_at = time.monotonic()
        try:
            while True:
                pause = beat_at - time.monotonic()
                if pause <= 0:
                    beat_at = time.monotonic() + BEAT_SECONDS
                    yield self._live.beat()
                    continue
                data = self._client.next(pause)
                if data is not None:
                    yield data
                    self._client.rest(GATHER_SECONDS)
        except Dropped:
            yield frame("reconnect", {})

    def _cut(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it went by itself meanwhile
