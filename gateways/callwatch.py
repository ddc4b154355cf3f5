"""Watching the audio of a call: has the line stopped taking samples, and was the far party heard? Pure."""

from __future__ import annotations

from dataclasses import dataclass

DEAD_AFTER = 1.5
"""Seconds in which a line took none of the frames that were to go out, after which its uplink is dead."""
AGAIN_AFTER = 5.0
"""Seconds between two mends of one call."""
VOICE_FRAMES = 15
"""Frames of 20 ms with a voice in them that make an answer sure: a word or two."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Frames since the call's audio began: accepted by the line, refused by it, and heard from it with a voice."""

    accepted: int = 0
    refused: int = 0
    voice: int = 0


class CallWatch:
    """One call's. ``uplink_dead`` and ``heard`` are told the counts now and then and say what is new."""

    def __init__(self) -> None:
        self._accepted = 0
        self._refused = 0
        self._moved_at: float | None = None
        self._mended_at: float | None = None
        self._was_heard = False

    def uplink_dead(self, counts: Counts, now: float) -> bool:
        """True when the line has taken nothing for ``DEAD_AFTER`` though there was something to take."""
        idle = counts.refused == self._refused  # nothing was to go out, or the line asked for a pause
        if counts.accepted != self._accepted or idle or self._moved_at is None:
            self._moved_at = now
        self._accepted, self._refused = counts.accepted, counts.refused
        if now < self._moved_at + DEAD_AFTER or (self._mended_at is not None and now < self._mended_at + AGAIN_AFTER):
            return False
        self._mended_at = now
        return True

    def heard(self, counts: Counts) -> bool:
        """True once, when the far party's voice has been heard."""
        if self._was_heard or counts.voice < VOICE_FRAMES:
            return False
        self._was_heard = True
        return True
