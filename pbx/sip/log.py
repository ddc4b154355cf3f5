"""pjsip's log into Python's."""

from __future__ import annotations

import logging

import pjsua2 as pj

_LEVELS = {0: logging.CRITICAL, 1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO}


class PjLog(pj.LogWriter):
    """Hands pjsip's lines to the logger ``pjsip``."""

    def __init__(self) -> None:
        super().__init__()
        self._log = logging.getLogger("pjsip")

    def write(self, entry: pj.LogEntry) -> None:
        self._log.log(_LEVELS.get(entry.level, logging.DEBUG), "%s", entry.msg.rstrip())
