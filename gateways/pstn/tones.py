"""What exchanges of the world let a caller hear: dial tone, ringback, busy, congestion, number unobtainable. Pure data.

Sources: ITU-T E.180 Supplement 2 ("Various tones used in national networks"), as dahdi-tools (zonedata.c) has it for
countries with a zone of their own, and as collected for spandsp (global-tones.xml) for the others. Where the two differ
both are listed, or one, for the reason given in tests/pstn/test_tones.py. A network may still differ from its country's
table: that is what learning a busy tone from a recording is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TABLE = """
# ISO 3166-1, DAHDI's zone, dial tone, ringback, busy, congestion, number unobtainable.
# hertz:on-off-on-off in ms, without ":" continuous; + adds, * modulates; | separates variants; - there is none.
AE ae 350+440 400+425:400-200-400-2000|400+450:400-200-400-2000 400:375-375|425:375-375 425:400-350-225-525 -
AR ar 425 425:1000-4500|425:1000-4000 425:300-300|425:300-200 425:200-300|425:300-400 -
AT at 420 420:1000-5000 420:400-400 420:200-200 -
AU au 415+440|413+438 413+438:400-200-400-2000 425:375-375|400:375-375 425:375-375-375-375 425:2500-500
BD in 425|400*25 425:1000-4000|400*25:400-200-400-2000 425:500-500|400:750-750 425:250-250 -
BE be 425 425:1000-3000 425:500-500 425:167-167 -
BG bg 425 425:1000-4000 425:500-500 425:250-250|425:200-500 -
BR br 425 425:1000-4000 425:250-250 425:250-250 425:250-250-750-250
CA us 350+440 440+480:2000-4000 480+620:500-500 480+620:250-250 -
CH ch 425 425:1000-4000 425:500-500 425:200-200|425:250-250 -
CL cl 400 400:1000-3000 400:500-500 400:200-200 -
CN cn 450 450:1000-4000 450:350-350 450:700-700 450:100-100-100-100-100-100-400-400
CO ve 425 425:1000-4000 425:500-500 425:250-250 -
CR cr 450|425 450:1203-4900|425:1200-4600 450:330-330|425:300-300 450:330-330 -
CZ cz 425:330-330-660-660|425 425:1000-4000 425:330-330 425:165-165 -
DE de 425 425:1000-4000 425:480-480 425:240-240 -
DK dk 425 425:1000-4000 425:500-500|425:250-250 425:200-200 -
DO us 350+440 440+480:2000-4000|400+450:400-200-400-2200 480+620:500-500|400:375-375|400:800-800 480+620:250-250 -
EC pa 425 425:1200-4650 425:333-333 425:333-333 -
EE ee 425 425:1000-4000 425:300-300 425:200-200 -
EG nl 425*50 425*50:2000-1000 450:500-500 450:500-500 -
ES es 425 425:1500-3000 425:200-200 425:200-200-200-200-200-600 425:200-200-200-600
FI fi 425 425:1000-4000 425:300-300 425:200-200 -
FR fr 440|330+440 440:1500-3500 440:500-500 440:250-250 -
GB uk 350+440 400+450:400-200-400-2000 400:375-375 400:400-350-225-525 400
GH nl 400 400:1000-4000 400:250-250 400:500-500 -
GR gr 425:200-300-700-800 425:1000-4000 425:300-300 425:200-200|425:150-150 -
HK us 350+440 440+480:400-200-400-3000 480+620:500-500 480+620:250-250 480+620
HU hu 425 425:1250-3750 425:300-300 425:300-300 -
ID mo 425 425:1000-4000 425:500-500 425:250-250 425:2000-500
IE uk 400+425+450 400+450:400-200-400-2000 425:500-500 - 425:6000-1000
IL il 414|400 414:1000-3000|400:1000-3000 414:500-500|400:500-500 414:250-250 -
IN in 400*25 400*25:400-200-400-2000 400:750-750|400:600-600 400:250-250 400:2500-500
IT it 425:200-200-600-1000 425:1000-4000 425:500-500 425:200-200 -
JM us 350+440 440+480:2000-4000 480+620:500-500 480+620:250-250 -
JP jp 400 400*15:1000-2000 400:500-500 400:500-500 -
KE mo 425 425:1000-4000 425:500-500 425:250-250 -
KH mo 425 425:1000-4000 425:500-500 425:250-250 -
KR us 350+440 440+480:1000-2000 480+620:500-500 480+620:300-200 450:200-100-200-1500
KW mo 425 425:1000-4000|400:1000-3000 425:500-500 425:500-500 -
LA mo 425 425:1000-4000 425:1000-1000 425:375-375 425:2500-500
LK sg 425 425:400-200-400-2000 425:750-750 425:250-250 400
LT lt 425 425:1000-4000 425:350-350|425:400-400 425:200-200 -
MA mo 425 425:1660-3330 425:500-500 - -
MO mo 425 425:1000-4000 425:500-500 425:250-250 -
MU mo 425 425:1000-4000 425:750-750 - -
MX mx 425 425:1000-4000 425:250-250 425:250-250 -
MY my 425 425:400-200-400-2000 425:500-500 425:250-250 425:2500-500
NG za 400|425 400:2000-4000|425:2000-4000 400:500-500 400:250-250 450:5500-500
NL nl 425 425:1000-4000 425:500-500 425:250-250 -
NO no 425 425:1000-4000 425:500-500 425:200-200|425:250-250 -
NP se 425 425:1100-3100 425:250-250 425:175-175 425:250-500
NZ nz 400 400+450:400-200-400-2000 400:500-500 400:250-250 400:750-100-750-100-750-100-750-400
PA pa 425 425:1200-4650 425:320-320 425:320-320 -
PE ve 425 425:1000-4000 425:500-500 425:250-250 -
PH ph 425|350+440 425+480:1000-4000|440+480:1000-4000 480+620:500-500 480+620:250-250 -
PK in 400*17 400*17:400-200-400-2000|450:1000-4000 400:750-750|450:400-675-130-170 - -
PL pl 425 425:1000-4000 425:500-500 425:500-500 -
PT pt 425 425:1000-5000 425:500-500 425:200-200 -
RO hu 425|450 425:1000-4000|400*16:2000-4000|450*25:2000-4000 425:500-500|450:150-200 425:250-250 -
RU ru 425 425:1000-4000|425:800-3200 425:350-350|425:400-400 425:175-175 -
SA mo 425 425:1200-4600 425:500-500 - -
SE se 425 425:1000-5000 425:250-250 425:250-750 -
SG sg 425 425*24:400-200-400-2000 425:750-750 425:250-250 425:2500-500
TH th 400*50|400 400:1000-4000 400:500-500|450:333-333 400:300-300 -
TR tr 450 450:2000-4000 450:500-500 450:200-200-200-200-200-200-600-200 -
TW tw 350+440 440+480:1000-2000 480+620:500-500 480+620:250-250 -
US us 350+440 440+480:2000-4000 480+620:500-500 480+620:250-250 -
UY ve 425 425:1000-4000 425:500-500 425:250-250 -
VE ve 425 425:1000-4000 425:500-500 425:250-250 -
VN mo 425 425:1000-4000 425:500-500 425:250-250 -
ZA za 400*33 400*33:400-200-400-2000 400:500-500 400:250-250 400:2500-500
"""

UNPUBLISHED = frozenset({"BD", "CO", "KE", "KH", "PE", "RO", "VN"})
"""Of these neither source tells a whole set: what E.180 recommends (425 Hz; busy 0.5 s, congestion 0.25 s) is listed,
and the neighbours' tones. Have the busy tone learned there."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """A tone: the frequencies that sound together, in Hz, and on, off, on, off … in ms; none: it goes on and on."""

    frequencies: tuple[float, ...]
    times: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BusyTone:
    """A busy tone learned from a recording: one or two frequencies in Hz; on, off, on, off … in ms; level in dBm0."""

    frequencies: tuple[float, ...]
    cadence: tuple[int, ...]
    level_dbm0: float

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> BusyTone:
        """Make one of what ``dataclasses.asdict`` and JSON made of it. Raises ValueError, TypeError or KeyError."""
        frequencies = tuple(float(hertz) for hertz in data["frequencies"])
        cadence = tuple(int(ms) for ms in data["cadence"])
        level = float(data["level_dbm0"])
        sensible = all(200 <= hertz <= 3400 for hertz in frequencies) and all(20 <= ms <= 20_000 for ms in cadence)
        if not (1 <= len(frequencies) <= 2 and cadence and len(cadence) % 2 == 0 and sensible and level < 10):
            raise ValueError(f"{dict(data)} is no busy tone")
        return cls(frequencies, cadence, level)


@dataclass(frozen=True, slots=True)
class ToneSet:
    """The tones of a country; each in the variants that are in use. ``zone`` is DAHDI's name for the like."""

    country: str
    zone: str
    dial: tuple[Cadence, ...]
    ringback: tuple[Cadence, ...]
    busy: tuple[Cadence, ...]
    congestion: tuple[Cadence, ...]
    unobtainable: tuple[Cadence, ...]


def cadence(text: str) -> Cadence:
    """Read one variant as it is written in the table. ``a*b`` are the carrier and both sidebands."""
    tone, _, times = text.partition(":")
    if "*" in tone:
        carrier, beat = map(float, tone.split("*"))
        frequencies: tuple[float, ...] = (carrier - beat, carrier, carrier + beat)
    else:
        frequencies = tuple(map(float, tone.split("+")))
    return Cadence(frequencies, tuple(map(int, times.split("-"))) if times else ())


def _read(line: str) -> ToneSet:
    country, zone, *columns = line.split()
    variants = [tuple(cadence(one) for one in column.split("|") if one != "-") for column in columns]
    dial, ringback, busy, congestion, unobtainable = variants
    return ToneSet(country, zone, dial, ringback, busy, congestion, unobtainable)


_LINES = [line for line in _TABLE.splitlines() if line and not line.startswith("#")]
TONES: dict[str, ToneSet] = {tones.country: tones for tones in map(_read, _LINES)}
"""By country code (ISO 3166-1 alpha-2, upper case)."""


def tones_of(country: str) -> ToneSet:
    """Return a country's tones; for one that is not listed those that E.180 recommends, which many networks keep to."""
    return TONES.get(country.upper()) or _read(f"{country.upper()} nl 425 425:1000-4000 425:500-500 425:250-250 -")
