"""What a leg can hear: prompts, music, another leg; and the recorder that hears two legs."""

from __future__ import annotations

import logging
import time
import wave
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import pjsua2 as pj

from pbx.loop import Loop

log = logging.getLogger(__name__)
PLAYER_RESTS = 1.0
CALLED_WITHIN = 0.1
"""Seconds within which pjmedia's thread has called a player, on a machine that is not stuck."""


class Source(Protocol):
    """Something that can be transmitted to a leg."""

    @property
    def media(self) -> pj.AudioMedia | None:
        """The conference port, None while there is none."""


class Prompts:
    """The prompt files of one language folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seconds: dict[str, float] = {}

    def path(self, name: str) -> Path:
        """Return the file of a prompt."""
        return self._folder / f"{name}.wav"

    def seconds(self, name: str) -> float:
        """Return how long a prompt is; raises OSError or wave.Error where the file is missing or no WAV."""
        if name not in self._seconds:
            with wave.open(str(self.path(name)), "rb") as file:
                self._seconds[name] = file.getnframes() / file.getframerate()
        return self._seconds[name]


class Music:
    """A looped file that all waiting callers hear together: one decoder, however many wait."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def media(self) -> pj.AudioMedia | None:
        player = pj.AudioMediaPlayer()
        player.createPlayer(str(self._path), 0)
        return player


def player(path: Path) -> pj.AudioMediaPlayer:
    """Return a player that plays ``path`` once."""
    made = pj.AudioMediaPlayer()
    made.createPlayer(str(path), pj.PJMEDIA_FILE_NO_LOOP)
    return made


class Resting:
    """Players of prompts that nobody is to hear any more, kept for a moment before they are destroyed.

    At its file's end a player is called from a thread of pjmedia's own. Destroyed in that instant, which is when a
    prompt that was heard to its end is done with, it would be called after its own end: the process dies. What is
    disconnected comes to no end any more.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._players: deque[pj.AudioMediaPlayer] = deque()

    def add(self, prompt: pj.AudioMediaPlayer | None, media: pj.AudioMedia | None) -> None:
        """Take a player over; ``media`` is what it was transmitted to."""
        if prompt is None:
            return
        if media is not None:
            quietly(lambda: prompt.stopTransmit(media))
        self._players.append(prompt)
        self._loop.later(PLAYER_RESTS, self._let_go)

    def _let_go(self) -> None:
        if self._players:
            self._players.popleft()

    def close(self) -> None:
        """Destroy them all, once what they were called for is done; before the library is."""
        time.sleep(CALLED_WITHIN)
        self._players.clear()


def quietly(action: Callable[[], None]) -> None:
    """Disconnecting what is already gone is no error."""
    try:
        action()
    except pj.Error as error:
        log.debug("disconnect: %s", error.reason)


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a recording: its length, frames the disk was too slow for, and '' or why writing failed."""

    seconds: float
    lost_frames: int
    error: str


class Take:
    """One recording in progress: the caller left, the agent right."""

    def __init__(self, path: Path) -> None:
        """Create the file; raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._recorder = pj.StereoRecorder()
        try:
            self._recorder.open(str(path))
        except pj.Error as error:
            raise OSError(f"{path}: {error.reason}") from None

    @property
    def left(self) -> pj.AudioMedia:
        """Where the caller is transmitted to."""
        return self._recorder.left()

    @property
    def right(self) -> pj.AudioMedia:
        """Where the agent is transmitted to."""
        return self._recorder.right()

    def detach(self) -> None:
        """Stop recording; only on the core's thread. Never waits."""
        self._recorder.detach()

    def finish(self) -> Finished:
        """Bring the file to the disk; may wait for it, on any thread, after ``detach``."""
        seconds = self._recorder.close()
        return Finished(seconds, int(self._recorder.lost_frames()), self._recorder.error())
