"""Sentences to speak over the phone: made by espeak-ng, 8 kHz, each second different from all others."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.measure import wav
from tests.measure.g711 import Samples

RATE = 8000
SPEECH_LEVEL = 3277.0  # RMS of -20 dBFS
BED_LEVEL = 104.0  # RMS of -50 dBFS: makes every frame its own, so that loss shows in silence too

_CALLER = (
    "Good morning, I am calling about the parcel that should have come on Tuesday.",
    "The tracking page says delivered, but nobody rang and there is no card in the letter box.",
    "I was at home the whole day, and so was the neighbour who usually takes things in.",
    "The order number is four seven one, nine two six, zero three eight.",
    "It was a blue kettle with a long spout and a wooden handle, nothing very large.",
    "Could you find out where the driver left it, and whether it can come again before Friday?",
    "In the evening would be best, any time between half past five and eight.",
    "There is a narrow lane behind the bakery, and drivers often miss the second gate.",
)
_AGENT = (
    "Thank you for waiting, you have reached the delivery desk, how may I help you today?",
    "One moment please, the page is loading; yes, here is the shipment with its three scans.",
    "Our depot shows that the van was full and that your box went back on the evening lorry.",
    "I am sorry for the trouble; the status text was wrong, and that is our mistake.",
    "We can bring it on Thursday after six, or you could choose a shop nearby to collect it.",
    "Very well, I have written the lane and the gate into the notes for whoever drives.",
    "You will get a short message with the hour on the morning of the day itself.",
    "Is there anything else I could look up while we have the account open?",
)
SENTENCES = {"caller": _CALLER, "agent": _AGENT}
VOICES = {"caller": ("en-gb", "150", "44"), "agent": ("en-us", "165", "62")}


def speech(who: str, seconds: float) -> Samples:
    """Return ``seconds`` of the ``caller``'s or ``agent``'s sentences at -20 dBFS on a noise bed of -50 dBFS.

    The same call gives the same samples. Past the sentences' end they come again with new numbers between them.
    """
    voice, speed, pitch = VOICES[who]
    wanted = round(seconds * RATE)
    parts: list[Samples] = []
    round_ = 0
    while sum(map(len, parts)) < wanted:
        text = " ".join(f"{s} Note {round_ * 10 + i}." if round_ else s for i, s in enumerate(SENTENCES[who]))
        parts.append(_synthesise(text, voice, speed, str(int(pitch) + 3 * round_)))
        round_ += 1
    spoken = np.concatenate(parts)[:wanted].astype(np.float64)
    spoken *= SPEECH_LEVEL / np.sqrt(np.mean(spoken**2))
    bed = np.random.default_rng(sum(who.encode())).normal(0.0, BED_LEVEL, wanted)
    return np.clip(np.rint(spoken + bed), -32768, 32767).astype(np.int16)


def _synthesise(text: str, voice: str, speed: str, pitch: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        raw, phone = Path(folder, "raw.wav"), Path(folder, "phone.wav")
        espeak = ["espeak-ng", "-v", voice, "-s", speed, "-p", pitch, "-w", str(raw), text]
        subprocess.run(espeak, check=True, timeout=60)
        # -R: the same dither each time; telephone band, as GSM leaves it
        sox = ["sox", "-R", str(raw), "-r", str(RATE), "-b", "16", str(phone), "gain", "-3", "sinc", "200-3500"]
        subprocess.run(sox, check=True, timeout=60)
        return wav.read(phone)[0][0]
