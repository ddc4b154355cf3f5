"""Receives what an exchange says of the caller before a call is answered: Bell 202, V.23, V.23 as NTT has it, DTMF."""

from __future__ import annotations

from collections import deque
from typing import Literal, NamedTuple

from gateways.pstn.clipfields import Absence, CallerIdentity, SentAt, read_dtmf, read_message, read_ntt
from gateways.pstn.clipframes import MessageFinder, Messages, NttFinder
from gateways.pstn.spandsp import CARRIER_DOWN, CARRIER_UP, DtmfReceiver, FskReceiver

__all__ = ["WINDOWS", "Absence", "CallerIdReceiver", "CallerIdentity", "Kind", "SentAt", "Window", "window"]

Kind = Literal["bell202", "v23", "v23-japan", "dtmf"]
Start = Literal["ring", "polarity", "polarity-india", "dtmf"]

_BAUD = 1200
_MODEMS = {"bell202": (2200, 1200), "v23": (2100, 1300), "v23-japan": (2100, 1300)}
"""Hz of 0 and 1: GR-30-CORE; ITU-T V.23 mode 2 (EN 300 659-1)."""
FLOOR_DBM0 = -45
"""A subscriber's line may lose much: GR-30-CORE has phones hear -34.5 dBm, EN 300 659-1 -36 dBV. Noise that is taken
for a carrier does no harm, since checksums, lengths and types have to fit."""
DTMF_PAUSE = 0.5
"""Seconds after which a string of digits without an end is over (EN 300 659-1 annex B: pauses below 0.14 s)."""
_LONGEST_DTMF = 64


class Window(NamedTuple):
    """When the data come, in ms after ``event``: not before ``earliest``, over by ``latest``.

    Audio from before or after it need not be kept from the receiver: ring bursts, clicks and speech do it no harm.
    """

    event: Literal["first ring's end", "polarity reversal", "answer", "first digit", "ring's begin"]
    earliest: int
    latest: int


WINDOWS: dict[tuple[Kind, Start], Window] = {
    # GR-30-CORE: 0.5 s to 1.5 s after the first ring, 0.2 s before the second; a name makes about 1 s of data
    ("bell202", "ring"): Window("first ring's end", 250, 4_000),
    ("v23", "ring"): Window("first ring's end", 250, 4_000),
    # EN 300 659-1: reversal, 100 ms, DT-AS, 45 to 500 ms, data, 200 to 500 ms, ring; the longest message takes 2.6 s
    ("bell202", "polarity"): Window("polarity reversal", 50, 4_500),
    ("v23", "polarity"): Window("polarity reversal", 50, 4_500),
    ("bell202", "polarity-india"): Window("polarity reversal", 50, 4_500),
    ("v23", "polarity-india"): Window("polarity reversal", 50, 4_500),
    # NTT: 0.1 s to 5 s after our first answer, with dial-in to 8 s; a message takes up to 1 s
    ("v23-japan", "ring"): Window("answer", 100, 9_000),
    ("v23-japan", "polarity"): Window("answer", 100, 9_000),
    # EN 300 659-1 annex B: up to 20 digits of 140 ms, and DTMF_PAUSE where no end is sent
    ("dtmf", "polarity"): Window("polarity reversal", 50, 5_000),
    ("dtmf", "polarity-india"): Window("polarity reversal", 50, 5_000),
    ("dtmf", "dtmf"): Window("first digit", -200, 4_500),
    ("dtmf", "ring"): Window("first ring's end", 50, 4_000),
}


def window(kind: Kind, start: Start) -> Window:
    """Return when the data of ``kind`` come on a line where ``start`` announces them; odd pairs: after the ring."""
    return WINDOWS.get((kind, start)) or WINDOWS[kind, "ring"]


class CallerIdReceiver:
    """One line's. Feed it all that is heard from before the window to after it; use a new one for each call."""

    def __init__(self, kind: Kind) -> None:
        self._decoder = _Dtmf() if kind == "dtmf" else _Fsk(kind)
        self._heard: deque[CallerIdentity] = deque(maxlen=8)

    def hear(self, samples: bytes) -> CallerIdentity | None:
        """Take samples (s16le, 8 kHz, any number); return an identity once it is whole and its checksum right."""
        self._heard.extend(self._decoder.hear(samples))
        return self._heard.popleft() if self._heard else None


class _Fsk:
    def __init__(self, kind: Literal["bell202", "v23", "v23-japan"]) -> None:
        japan = kind == "v23-japan"
        self._modem = FskReceiver(*_MODEMS[kind], _BAUD, FLOOR_DBM0)
        self._messages = Messages(NttFinder if japan else MessageFinder, (CARRIER_UP, CARRIER_DOWN))
        self._read = read_ntt if japan else read_message

    def hear(self, samples: bytes) -> list[CallerIdentity]:
        identities = map(self._read, self._messages.take(self._modem.bits(samples)))
        return [identity for identity in identities if identity is not None]


class _Dtmf:
    def __init__(self) -> None:
        self._receiver = DtmfReceiver()
        self._keys = ""
        self._quiet = 0  # samples since the last digit

    def hear(self, samples: bytes) -> list[CallerIdentity]:
        keys = self._receiver.digits(samples)
        self._quiet = 0 if keys else self._quiet + len(samples) // 2
        heard = []
        for key in keys:
            self._keys = (self._keys + key)[-_LONGEST_DTMF:]
            if key in "C#":
                heard.append(self._end())
        if self._keys and self._quiet >= DTMF_PAUSE * 8000:
            heard.append(self._end())
        return [identity for identity in heard if identity is not None]

    def _end(self) -> CallerIdentity | None:
        keys, self._keys = self._keys, ""
        return read_dtmf(keys) or read_dtmf(keys[max(keys.rfind("A"), 0) :])  # a click may have made a digit before it
