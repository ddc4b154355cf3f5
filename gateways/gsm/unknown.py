"""Lines that no dialect understands: nothing that a modem says is dropped in silence."""

from __future__ import annotations

import logging

from gateways.gsm.at import show

KINDS = 200
"""How many kinds are told of, once each; a modem that sends garbage has a new kind each time."""


class Unknown:
    """Logs the bytes of the first line of each kind (what stands before the colon)."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._kinds: set[str] = set()

    def say(self, line: bytes) -> None:
        kind = show(line).partition(":")[0][:24]
        if kind in self._kinds or len(self._kinds) >= KINDS:
            return
        self._kinds.add(kind)
        self._log.info("not understood (told once a kind): %r", line[:200])
