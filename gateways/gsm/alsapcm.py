"""One ALSA PCM, capture and playback: opened, primed, started together, and its errors told apart."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from pathlib import Path

import alsaaudio

from gateways.gsm.playout import SILENCE
from gateways.gsm.port import PortAbsentError, PortRefusedError

RATE = 8000
PERIOD = 160
PERIODS = 10
"""Periods in each of the card's buffers: 200 ms that a busy machine may be away."""
PRIMED = 5
"""Periods of silence that are to play when the streams start: 100 ms, under which USB Audio of modems underruns."""
_GONE = {os.strerror(number) for number in (errno.ENOENT, errno.ENODEV, errno.ENXIO)}
_XRUNS = {os.strerror(errno.EPIPE), os.strerror(errno.ESTRPIPE)}


class Streams:
    """Both directions. What fails raises ``alsaaudio.ALSAAudioError``, but for xruns."""

    def __init__(self, pcm: str) -> None:
        self._require(pcm)
        self.capture = _open(pcm, alsaaudio.PCM_CAPTURE)
        try:
            self.playback = _open(pcm, alsaaudio.PCM_PLAYBACK)
        except BaseException:
            self.capture.close()
            raise
        self._room = int(self.playback.info()["buffer_size"])
        card = int(self.capture.info()["card_no"])
        self.control = -1
        if card >= 0:  # its control device tells of the removal also while no stream runs
            with contextlib.suppress(OSError):
                self.control = os.open(f"/dev/snd/controlC{card}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self.descriptors = [int(fd) for fd, _ in self.capture.polldescriptors()]

    @staticmethod
    def _require(pcm: str) -> None:
        """ALSA itself would write some lines to stderr at each try."""
        named = re.search(r"\bCARD=(\w+)", pcm) or re.match(r"(?:plug)?hw:(\w+)", pcm)
        if named and not Path("/proc/asound", f"card{named[1]}" if named[1].isdigit() else named[1]).exists():
            raise PortAbsentError(f"sound card {named[1]} is not there")

    def start(self) -> None:
        """Begin anew with nothing heard and silence primed, both streams at once."""
        self.stop()
        self.write(SILENCE * PRIMED)  # starts when written whole: ALSA's start threshold is one sample
        self.read()

    def read(self) -> tuple[int, bytes]:
        """Return how many samples have come, and them; less than 0 after an xrun."""
        try:
            length, data = self.capture.read()
        except alsaaudio.ALSAAudioError as error:
            return _xrun(error), b""
        return int(length), bytes(data)

    def write(self, samples: bytes) -> int:
        """Return how many samples the card took; less than 0 after an xrun."""
        try:
            return int(self.playback.write(samples))
        except alsaaudio.ALSAAudioError as error:
            return _xrun(error)

    def waiting(self) -> int:
        """Return how many whole periods are yet to play."""
        _, _, free = self.playback.htimestamp()
        return (self._room - int(free)) // PERIOD

    def stop(self) -> None:
        self.capture.drop()
        self.playback.drop()

    def close(self) -> None:
        with contextlib.suppress(alsaaudio.ALSAAudioError):
            self.stop()  # else closing would wait for what is still to play
        self.capture.close()
        self.playback.close()
        if self.control >= 0:
            os.close(self.control)
            self.control = -1


def _xrun(error: alsaaudio.ALSAAudioError) -> int:
    """An xrun, or a card that slept, may come as an error too, as when it happens while a stream is being prepared."""
    if str(error).partition(" [")[0] not in _XRUNS:
        raise error
    return -errno.EPIPE


def _open(pcm: str, direction: int) -> alsaaudio.PCM:
    try:
        stream = alsaaudio.PCM(
            type=direction, mode=alsaaudio.PCM_NONBLOCK, device=pcm, rate=RATE, channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=PERIOD, periods=PERIODS,
        )  # fmt: skip
    except alsaaudio.ALSAAudioError as error:
        raise _refusal(pcm, str(error)) from error
    made = stream.info()
    if (made["rate"], made["channels"], made["format_name"], made["period_size"]) != (RATE, 1, "S16_LE", PERIOD):
        stream.close()
        raise PortRefusedError(f"{pcm} does not do 8 kHz mono in 20 ms: let ALSA convert, as plughw:… in the pcm_port")
    return stream


def _refusal(pcm: str, said: str) -> PortAbsentError | PortRefusedError:
    reason = said.partition(" [")[0]
    if reason in _GONE:
        return PortAbsentError(f"{pcm} is not there")
    if reason == os.strerror(errno.EBUSY):
        return PortRefusedError(f"{pcm} is in use by another program: end it (PulseAudio and PipeWire must be away)")
    if reason == os.strerror(errno.EACCES):
        return PortRefusedError(f"{pcm} may not be opened: give the service's user access (group audio)")
    return PortRefusedError(f"{pcm} cannot be opened ({reason}): check the ALSA name in the line's pcm_port")
