"""Records connected calls: a file and a ledger row that agree, whatever the disk does."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pbx.calls import Call
from pbx.clock import utc_now
from pbx.ledger.book import Book
from pbx.loop import Loop
from pbx.recording import files
from pbx.sip import DeadLeg, SipCore, Take

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Open:
    call: Call
    recording: str
    path: Path
    take: Take


class Capture:
    """The recordings in progress. A take's last bytes are brought to the disk on a thread of their own."""

    def __init__(self, folder: Path, sip: SipCore, loop: Loop, book: Book) -> None:
        self._folder = folder
        self._sip = sip
        self._loop = loop
        self._book = book
        self._open: dict[str, _Open] = {}
        self._finisher = ThreadPoolExecutor(max_workers=2, thread_name_prefix="recording")

    def start(self, call: Call, caller_leg: int, agent_leg: int, at: datetime) -> None:
        """Record a call from now on, the caller left. Without a file the call goes on and the ledger says so."""
        path = files.relative_path(call.id, at)
        try:
            take = self._sip.record(caller_leg, agent_leg, self._folder / path)
        except DeadLeg:
            return
        except OSError as error:
            log.error("call %s is not recorded: %s", call.id, error)
            self._book.event(call, at, "recording-failed", why=str(error))
            return
        recording = self._book.recording_started(call, at, str(path))
        self._open[call.id] = _Open(call, recording, path, take)

    def stop(self, call: Call) -> None:
        """Finish a call's recording; a call without one is fine."""
        opened = self._open.pop(call.id, None)
        if opened is not None:
            opened.take.detach()
            self._finisher.submit(self._finish, opened)

    def close(self) -> None:
        """Wait until all takes are on the disk and their rows are on their way."""
        self._finisher.shutdown(wait=True)
        self._loop.turn()

    def _finish(self, opened: _Open) -> None:
        finished = opened.take.finish()
        if finished.error:
            log.error("the recording of call %s is incomplete: %s", opened.call.id, finished.error)
            finished = replace(finished, seconds=self._seconds_on_disk(opened))
        self._loop.post(lambda: self._book.recording_ended(opened.call, opened.recording, utc_now(), finished))

    def _seconds_on_disk(self, opened: _Open) -> float:
        """The recorder counted all it was given; the row is to say what the file has."""
        try:
            return files.repair(self._folder / opened.path)
        except OSError:
            return 0.0
