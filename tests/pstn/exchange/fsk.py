"""What an exchange says about the caller before a call is answered, as audio; from the standards, nothing of gateways/.

* Bell 202: Telcordia GR-30-CORE (modem, framing), GR-31-CORE (SDMF and MDMF). Between first and second ring: at
  least 500 ms after the first ring ends, done 200 ms before the second begins.
* V.23: ETSI EN 300 659-1 (modem, framing, alerting), EN 300 659-3 (message). Between the rings as above; or before the
  first ring, then begun by a line reversal and the dual tone DT-AS (``alert``), the first ring 200 ms to 500 ms later.
* DTMF: EN 300 659-1 annex B with ITU-T Q.23 tones: before the first ring, in some countries after a line reversal.
* V.23 Japan: NTT, technical reference of the telephone service's interfaces (Number Display, Modem Dial-in). The
  exchange has to play these phases, one after the other; only ``data`` is audio of this module:

      1. reversal    The line's polarity is reversed; it stays so until the call is over.
      2. CAR         Short rings, 0.5 s on and 0.5 s off, until our first answer (loop closed), for at most 6 s; without
                     one the exchange goes on with phase 5: the phone has no display.
      3. data        At least 100 ms after the first answer (fax machines wait up to 5 s, with dial-in 8 s):
                     ``caller_id_audio("v23-japan", …)``, once. No seizure: mark, then data.
      4. reception   The phone opens the loop when it has the message: "reception complete". A phone that does not is
                     none that the tests are about: give the call up.
      5. IR          Normal ringing, 1 s on and 2 s off. The second answer is the real one; it may come 0.3 s after the
                     opening and 0.6 s after the data, at the earliest.

All audio is s16le, 8 kHz; levels in dBm0 (full scale +3.14 dBm0, ITU-T G.711).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE = 8000
BAUD = 1200
Kind = Literal["bell202", "v23", "v23-japan", "dtmf"]
Absence = Literal["private", "unavailable", "payphone", "conflict"]
Samples = NDArray[np.float64]

MODEMS = {"bell202": (2200, 1200), "v23": (2100, 1300), "v23-japan": (2100, 1300)}  # Hz of 0 (space) and 1 (mark)
LETTERS: dict[Absence, bytes] = {"private": b"P", "unavailable": b"O", "payphone": b"C", "conflict": b"S"}
DATE, NUMBER, CALLED, NO_NUMBER, NAME, NO_NAME = 0x01, 0x02, 0x03, 0x04, 0x07, 0x08  # EN 300 659-3
NTT_CALLED, NTT_NUMBER_PLAN, NTT_CALLED_PLAN = 0x09, 0x21, 0x22
DLE, SOH, STX, ETX = 0x10, 0x01, 0x02, 0x03
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"


def sines(frequencies: Iterable[float], milliseconds: float, level: float) -> Samples:
    """Return sines added up, each at ``level`` dBm0."""
    seconds = np.arange(round(milliseconds * RATE / 1000)) / RATE
    peak = 32768 * 10 ** ((level - 3.14) / 20)
    waves = [peak * np.sin(2 * np.pi * hertz * seconds) for hertz in frequencies]
    return np.sum(waves, axis=0) if len(seconds) else seconds


def silence(milliseconds: float) -> Samples:
    """Return nothing, for a while."""
    return np.zeros(round(milliseconds * RATE / 1000))


def pcm(*parts: Samples) -> bytes:
    """Join sounds and make bytes of them."""
    return np.clip(np.rint(np.concatenate(parts)), -32768, 32767).astype("<i2").tobytes()


def fsk(bits: Sequence[int], zero: float, one: float, level: float = -13.5, baud: float = BAUD) -> Samples:
    """Modulate bits: the phase goes on where the frequency changes (ITU-T V.23)."""
    count = round(len(bits) * RATE / baud)
    which = np.minimum((np.arange(count) * baud / RATE).astype(int), len(bits) - 1)
    hertz = np.where(np.asarray(bits)[which] > 0, one, zero)
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    return np.asarray(32768 * 10 ** ((level - 3.14) / 20) * np.sin(phase))


def octet_bits(octets: bytes, stop_bits: int = 1) -> list[int]:
    """A start bit, eight bits from the lowest on, stop bits."""
    return [bit for octet in octets for bit in (0, *((octet >> n) & 1 for n in range(8)), *[1] * stop_bits)]


def with_checksum(message: bytes) -> bytes:
    """Append the two's complement of the sum, modulo 256."""
    return message + bytes([-sum(message) & 0xFF])


def mdmf(fields: Sequence[tuple[int, bytes]], message_type: int = 0x80) -> bytes:
    """A multiple data message: type, length, then fields of type, length and content; with its checksum."""
    body = b"".join(bytes([kind, len(content)]) + content for kind, content in fields)
    return with_checksum(bytes([message_type, len(body)]) + body)


def sdmf(when: datetime, number: bytes, message_type: int = 0x04) -> bytes:
    """A single data message: month, day, hour, minute, then the number or the letter that says why there is none."""
    body = when.strftime("%m%d%H%M").encode() + number
    return with_checksum(bytes([message_type, len(body)]) + body)


def even_parity(octet: int) -> int:
    """Put the eighth bit so that the number of ones is even."""
    return octet & 0x7F | (bin(octet & 0x7F).count("1") & 1) << 7


def crc16(octets: bytes) -> int:
    """Remainder by x^16 + x^12 + x^5 + 1 from zero, each octet's lowest bit first; its first bit is its lowest."""
    remainder = 0
    for octet in octets:
        remainder ^= octet
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x8408 if remainder & 1 else 0)
    return remainder


def ntt_message(fields: Sequence[tuple[int, bytes]], service: int = 0x40) -> bytes:
    """NTT's frame: DLE SOH header DLE STX … DLE ETX CRC; a DLE in between is doubled; seven bits and even parity."""
    body = b"".join(bytes([kind, len(content)]) + content for kind, content in fields)
    message = bytes([service, len(body)]) + body
    stuffed = message.replace(bytes([DLE]), bytes([DLE, DLE]))
    sent = bytes(even_parity(octet) for octet in bytes([0x07, DLE, STX]) + stuffed + bytes([DLE, ETX]))
    begin = bytes(even_parity(octet) for octet in (DLE, SOH))
    return begin + sent + crc16(sent).to_bytes(2, "little")


def dtmf(keys: str, level: float = -9.0, on: float = 70.0, off: float = 70.0) -> Samples:
    """Dual tones of ITU-T Q.23, each frequency at ``level``; on and off in milliseconds."""
    places = [KEYS.index(key) for key in keys]
    parts = [part for at in places for part in (sines((ROWS[at // 4], COLUMNS[at % 4]), on, level), silence(off))]
    return np.concatenate([silence(off), *parts])


def framed(
    kind: Kind,
    message: bytes,
    *,
    level: float = -13.5,
    seizure: int | None = None,
    mark: int = 180,
    stop_bits: int = 1,
    offset: float = 1.0,
) -> Samples:
    """A message as the modem sends it: seizure (alternating bits; Japan sends none), mark, octets, a little mark.

    ``offset``: both frequencies times this.
    """
    zero, one = MODEMS[kind]
    if seizure is None:
        seizure = 0 if kind == "v23-japan" else 300
    bits = [n & 1 for n in range(seizure)] + [1] * mark + octet_bits(message, stop_bits) + [1] * 10
    return fsk(bits, zero * offset, one * offset, level)


def _fields(
    kind: Kind, number: str, name: str | None, when: datetime | None, withheld: Absence | None, called: str | None
) -> list[tuple[int, bytes]]:
    japan = kind == "v23-japan"
    fields = [(DATE, when.strftime("%m%d%H%M").encode())] if when and not japan else []
    fields.append((NO_NUMBER, LETTERS[withheld]) if withheld else (NUMBER, number.encode()))
    if japan and not withheld:
        fields.append((NTT_NUMBER_PLAN, b"\x21"))  # type of number and numbering plan: national, E.164
    if name is not None:
        fields.append((NAME, name.encode("latin-1")))
    elif withheld and not japan:
        fields.append((NO_NAME, LETTERS[withheld]))
    if called is not None:
        fields.append((NTT_CALLED if japan else CALLED, called.encode()))
    return fields


def _keys(number: str, withheld: Absence | None, redirected: str | None) -> str:
    """A number, D who sent the call on, B why there is no number (00: none, 10: withheld), C ends."""
    if withheld:
        return "B10C" if withheld == "private" else "B00C"
    return f"A{number}" + (f"D{redirected}" if redirected else "") + "C"


def caller_id_audio(
    kind: Kind,
    number: str,
    name: str | None = None,
    when: datetime | None = None,
    withheld: Absence | None = None,
    called: str | None = None,
    *,
    single: bool = False,
    alert: bool = False,
    level: float = -13.5,
    redirected: str | None = None,
) -> bytes:
    """Return the audio of one caller identity with 100 ms of silence around it.

    ``withheld``: why there is no number. ``single``: SDMF (Bell 202, V.23). ``alert``: DT-AS first (V.23 before the
    first ring). ``called``: the number dialled (Japan's dial-in). ``redirected``: who sent the call on (DTMF).
    """
    if kind == "dtmf":
        return pcm(silence(100), dtmf(_keys(number, withheld, redirected), level), silence(500))
    fields = _fields(kind, number, name, when, withheld, called)
    if kind == "v23-japan":
        message = ntt_message(fields)
    elif single:
        message = sdmf(when or datetime(2000, 1, 1), LETTERS[withheld] if withheld else number.encode())
    else:
        message = mdmf(fields)
    # DT-AS: 100 ms, each tone at -13 dBm0; then at least 45 ms of nothing
    first = [sines((2130, 2750), 100, level), silence(60)] if alert else []
    return pcm(silence(100), *first, framed(kind, message, level=level), silence(100))
