"""What is heard on an FXO line: how a call that we make goes on, and that the far party of one has hung up.

An exchange tells both by tones (ITU-T E.180), fax machines by theirs (T.30). The time is that of the samples: a
``Hearing`` knows no clock and may be fed slower or faster than they were spoken.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from gateways.pstn.sit import SitEar
from gateways.pstn.spandsp import FaxToneReceiver
from gateways.pstn.toneear import Sound, Stage, ToneEar
from gateways.pstn.tones import BusyTone, ToneSet
from gateways.pstn.tonespace import HOP, HOP_MS, WINDOW, Floats, blocks, dbm0, mean_squares, pitch

__all__ = ["Hearing", "Sound", "Stage"]

Flags = NDArray[np.bool_]
_GROUP = 16  # blocks measured at once: 160 ms
_VOICE_DBM0, _OVER_NOISE_DB = -38.0, 8.0
_VOICE_BLOCKS, _VOICE_WITHIN = 15, 50
"""0.3 s of what is no tone, within 1 s; one block in two is looked at."""
_TONAL = 0.85
_SILENT_DBM0 = -45.0
_QUIETEST_DBM0, _NOISIEST_DBM0, _NOISE_RISE_DB = -60.0, -32.0, 1.0
"""What is softer is silence; a line's noise is followed within limits, upwards by so many dB a second."""


class Hearing:
    """One call's ears: s16le, 8 kHz, from the line. ``silence_after`` in seconds; None: silence isn't listened for.

    ``busy_count``: cycles of busy tone that end an answered call. ``learned``: a busy tone to listen for besides.
    """

    def __init__(
        self,
        tones: ToneSet,
        busy_count: int = 6,
        learned: BusyTone | None = None,
        silence_after: float | None = None,
        stage: Stage = "call",
    ) -> None:
        self._tones = ToneEar(tones, busy_count, learned, stage)
        self._voice = _VoiceEar(silence_after)
        self._fax = FaxToneReceiver()
        self._fax_heard: set[Sound] = set()
        self._stage: Stage = stage
        self._last: Sound | None = None
        self._pending = bytearray()
        self._tail = np.zeros(WINDOW - HOP)

    def enter(self, stage: Stage) -> None:
        """The call is at this stage from now on; what was heard before is not forgotten."""
        self._stage = stage
        self._tones.enter(stage)

    @property
    def cycles(self) -> int:
        """For how many cycles in a row a busy or congestion tone has been heard: to see how near a hang-up is."""
        return self._tones.cycles

    def hear(self, samples: bytes) -> list[Sound]:
        """Take samples, any number; return what has become sure, each once until something else is heard."""
        self._pending += samples
        size = 2 * HOP * _GROUP
        heard: list[Sound] = []
        while len(self._pending) >= size:
            group = bytes(self._pending[:size])
            del self._pending[:size]
            heard += self._hear(group)
        return heard

    def _hear(self, group: bytes) -> list[Sound]:
        samples = np.concatenate([self._tail, np.frombuffer(group, "<i2")])
        self._tail = samples[-(WINDOW - HOP) :]
        cut = blocks(samples)
        power = mean_squares(cut)
        power_dbm0 = dbm0(power)
        tone = self._tones.hear(cut, power, power_dbm0)
        sounds = [tone.sound, self._voice.hear(cut, power_dbm0, tone.tones, self._stage)]
        heard = self._fax_tones(group)
        if self._last is Sound.SILENCE and not self._voice.quiet:
            self._last = None
        for sound in sounds:
            if sound is not None and sound is not self._last:
                self._last = sound
                heard.append(sound)
        return heard

    def _fax_tones(self, group: bytes) -> list[Sound]:
        tone = self._fax.tone(group)
        if tone is None:
            return []
        sound = Sound.FAX_CNG if tone == "cng" else Sound.FAX_CED
        fresh = sound not in self._fax_heard
        self._fax_heard.add(sound)
        return [sound] if fresh else []


class _VoiceEar:
    """Whether somebody speaks, or nobody does; and the special information tone, which has no exchange's pitch."""

    def __init__(self, silence_after: float | None) -> None:
        self._silence_ms = None if silence_after is None else 1000 * silence_after
        self._quiet_ms = 0
        self._noise_dbm0 = _NOISIEST_DBM0
        self._voiced: deque[bool] = deque(maxlen=_VOICE_WITHIN)
        self._sit = SitEar()

    @property
    def quiet(self) -> bool:
        """Whether nothing was heard just now."""
        return self._quiet_ms > 0

    def hear(self, cut: Floats, power: Floats, tones: Flags, stage: Stage) -> Sound | None:
        softest = float(power.min())
        risen = self._noise_dbm0 + _NOISE_RISE_DB * _GROUP * HOP_MS / 1000
        self._noise_dbm0 = min(max(softest, _QUIETEST_DBM0), risen, _NOISIEST_DBM0)
        over_noise = self._noise_dbm0 + _OVER_NOISE_DB
        loudest = float(power.max())
        silent = loudest <= max(_SILENT_DBM0, over_noise)
        self._quiet_ms = self._quiet_ms + _GROUP * HOP_MS if silent else 0
        if self._silence_ms is not None and self._quiet_ms >= self._silence_ms:
            return Sound.SILENCE
        if stage == "call":
            return None
        return self._pitched(cut[::2], power[::2] >= max(_VOICE_DBM0, over_noise), tones[::2], stage)

    def _pitched(self, cut: Floats, loud: Flags, tones: Flags, stage: Stage) -> Sound | None:
        """Look at the pitch of what is loud and none of the exchange's tones."""
        voiced = loud & ~tones
        pitches = np.zeros(len(cut))
        if voiced.any():
            hertz, tonal = pitch(cut[voiced])
            pitches[voiced] = np.where(tonal >= _TONAL, hertz, 0.0)
            voiced[voiced] = tonal < _TONAL
        self._voiced.extend(voiced.tolist())
        if self._sit.hear(pitches.tolist()) and stage == "progress":
            return Sound.UNOBTAINABLE
        return Sound.VOICE if sum(self._voiced) >= _VOICE_BLOCKS else None
