"""snd-aloop: what is played into one side of the card comes out of the other, sample for sample."""

from __future__ import annotations

import contextlib
import random
import subprocess
import threading
import time

import alsaaudio

FRAME = 320
SILENCE = bytes(FRAME)


def pcm(kind: int, device: str) -> alsaaudio.PCM:
    """Open a side at 8 kHz, with a second of buffer: the machine is slow."""
    return alsaaudio.PCM(
        kind, device=device, channels=1, rate=8000, format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=160, periods=50
    )


def test_bit_exact() -> None:
    subprocess.run(["modprobe", "snd-aloop"], check=True)
    speech = random.Random(1).randbytes(FRAME * 50)
    capture = pcm(alsaaudio.PCM_CAPTURE, "hw:Loopback,1,0")
    playback = pcm(alsaaudio.PCM_PLAYBACK, "hw:Loopback,0,0")
    heard = bytearray()
    over = threading.Event()

    def listen() -> None:
        while not over.is_set():
            with contextlib.suppress(alsaaudio.ALSAAudioError):
                heard.extend(capture.read()[1])

    thread = threading.Thread(target=listen)
    thread.start()
    # The two sides do not start on the same sample: what is played first may be cut.
    for frame in [SILENCE] * 50 + [speech[at : at + FRAME] for at in range(0, len(speech), FRAME)]:
        playback.write(frame)
    ends = time.monotonic() + 10
    while speech not in heard and time.monotonic() < ends:
        playback.write(SILENCE)
    over.set()
    thread.join(5)
    assert heard.find(speech) >= 0
