"""Frames of server-sent events and the clients they go to (WHATWG HTML §9.2).

A client has a bounded queue. One that doesn't read fast enough is dropped rather than waited for: it is told to
reconnect, and gets the whole present state again when it does.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from collections.abc import Callable
from typing import Any

QUEUE_LENGTH = 512  # frames; a busy floor of 500 agents changes some 50 times a second
GRACE_SECONDS = 5.0  # what a dropped client has to read its last frame, before its connection is cut
RECONNECT_MS = 2000


class Dropped(Exception):
    """The client was dropped or the panel stops; its stream ends here."""


def frame(event: str, data: Any, number: int | None = None) -> bytes:
    """One event as it goes over the wire. ``data`` is anything JSON can hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {event}\ndata: {text}\n\n".encode()


class Client:
    """One open stream. ``cut`` closes its connection at once; it is called only when the stream doesn't end itself."""

    def __init__(self, cut: Callable[[], None], length: int = QUEUE_LENGTH) -> None:
        self._cut = cut
        self._frames: queue.Queue[bytes] = queue.Queue(maxsize=length)
        self._dropped = threading.Event()
        self._closed = threading.Event()

    @property
    def dropped(self) -> bool:
        """True once no more frames will be given."""
        return self._dropped.is_set()

    def put(self, data: bytes) -> bool:
        """Queue a frame; False if there is no room, or the client is already dropped."""
        if self.dropped:
            return False
        try:
            self._frames.put_nowait(data)
        except queue.Full:
            return False
        return True

    def next(self, timeout: float) -> bytes | None:
        """Wait up to ``timeout`` seconds; return all frames there are, or None. Raises Dropped at the end."""
        if self.dropped:
            raise Dropped
        frames = []
        with contextlib.suppress(queue.Empty):
            frames.append(self._frames.get(timeout=timeout))
            while True:
                frames.append(self._frames.get_nowait())
        if self.dropped:
            raise Dropped
        return b"".join(frames) or None

    def rest(self, seconds: float) -> None:
        """Let frames gather for so long, or until the stream ends."""
        self._dropped.wait(seconds)

    def drop(self) -> None:
        """End the stream; a reader stuck in sending is cut off after a grace."""
        if self.dropped:
            return
        self.end()
        timer = threading.Timer(GRACE_SECONDS, self._cut_off)
        timer.daemon = True
        timer.start()

    def end(self) -> None:
        """End the stream: its reader wakes up now. Nothing is done about one stuck in sending."""
        self._dropped.set()
        with contextlib.suppress(queue.Full):  # a full queue keeps no reader waiting
            self._frames.put_nowait(b"")

    def close(self) -> None:
        """The stream has ended."""
        self._dropped.set()
        self._closed.set()

    def _cut_off(self) -> None:
        if not self._closed.is_set():
            self._cut()
