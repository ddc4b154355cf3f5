"""The table of tones: in itself, and against dahdi-tools' own (libtonezone, an independent reading of ITU-T E.180)."""

from __future__ import annotations

import ctypes
import ctypes.util
import dataclasses
import json
from typing import ClassVar

import pytest

from gateways.pstn.tones import TONES, UNPUBLISHED, BusyTone, Cadence, cadence, tones_of
from gateways.pstn.zones import ZONES

BPO_COUNTRIES = (
    "JP US CA IN PH GB DE FR CN TW HK SG MY TH VN ID KR AU NZ BR MX CO ZA EG AE PK BD LK ES IT PL NL RO BG CZ HU PT IE"
)


class _Sound(ctypes.Structure):
    _fields_: ClassVar = [("toneid", ctypes.c_int), ("data", ctypes.c_char * 256)]


class _Zone(ctypes.Structure):
    """``struct tone_zone`` of dahdi-tools' tonezone.h, as far as it is needed."""

    _fields_: ClassVar = [
        ("zone", ctypes.c_int),
        ("country", ctypes.c_char * 10),
        ("description", ctypes.c_char * 40),
        ("ringcadence", ctypes.c_int * 16),
        ("tones", _Sound * 16),
    ]


DIAL, BUSY, RINGBACK, CONGESTION = range(4)  # DAHDI_TONE_… of dahdi/user.h
OWN_ZONE = {"GB": "uk"}  # where the zone isn't named as ISO 3166 has it
DIFFERENT = {
    ("BR", CONGESTION): "what dahdi calls congestion is number unobtainable in E.180; congestion is as busy",
    ("JP", RINGBACK): "dahdi adds 15 Hz where E.180 modulates with 15 to 20 Hz",
    ("MY", CONGESTION): "dahdi repeats busy; E.180 has 0.25 s",
}


def zone_tones(zone: str) -> dict[int, Cadence]:
    """Return the tones of a zone of libtonezone, by DAHDI's number. Skips where it isn't installed."""
    name = ctypes.util.find_library("tonezone")
    if name is None:
        pytest.skip("libtonezone is not installed: apt-get install libtonezone2.0")
    library = ctypes.CDLL(name)
    library.tone_zone_find.restype = ctypes.POINTER(_Zone)
    found = library.tone_zone_find(zone.encode())
    assert found, f"libtonezone has no zone {zone}"
    sounds = {sound.toneid: sound.data.decode() for sound in found.contents.tones if sound.data}
    return {kind: _read(sounds[kind]) for kind in (DIAL, BUSY, RINGBACK, CONGESTION)}


def _read(text: str) -> Cadence:
    """``425/500,0/500`` and the like; ``!`` begins what is played once."""
    steps = [step.lstrip("!").partition("/") for step in text.split(",")]
    tone = next(tone for tone, _, _ in steps if tone != "0")
    times = "-".join(ms for _, _, ms in steps) if steps[0][2] else ""
    return cadence(f"{tone.rstrip('@')}:{times}" if times else tone)


def test_the_world_is_in_it() -> None:
    assert set(BPO_COUNTRIES.split()) <= set(TONES)
    assert set(TONES) >= UNPUBLISHED


@pytest.mark.parametrize("country", sorted(TONES))
def test_row(country: str) -> None:
    tones = TONES[country]
    assert tones.zone in ZONES
    assert all((tones.dial, tones.ringback, tones.busy))
    for one in (*tones.dial, *tones.ringback, *tones.busy, *tones.congestion, *tones.unobtainable):
        assert len(one.times) % 2 == 0
        assert all(300 <= hertz <= 650 for hertz in one.frequencies)
        assert all(100 <= ms <= 6000 for ms in one.times)
    for busy in (*tones.busy, *tones.congestion):
        assert busy.times
        assert sum(busy.times) <= 2400
    for ringback in tones.ringback:
        assert 3000 <= sum(ringback.times) <= 8400
        assert ringback.times[-1] == max(ringback.times) or country == "EG"


@pytest.mark.parametrize("country", [c for c, t in TONES.items() if OWN_ZONE.get(c, c.lower()) == t.zone])
def test_agrees_with_libtonezone(country: str) -> None:
    tones = TONES[country]
    theirs = zone_tones(tones.zone)
    ours = {DIAL: tones.dial, BUSY: tones.busy, RINGBACK: tones.ringback, CONGESTION: tones.congestion}
    for kind, variants in ours.items():
        assert (theirs[kind] in variants) != ((country, kind) in DIFFERENT), (kind, theirs[kind])


def test_notation() -> None:
    assert cadence("350+440") == Cadence((350.0, 440.0))
    assert cadence("400*25:400-200-400-2000") == Cadence((375.0, 400.0, 425.0), (400, 200, 400, 2000))


def test_a_country_that_is_not_listed_has_what_e180_recommends() -> None:
    tones = tones_of("xx")
    assert tones.busy == (Cadence((425.0,), (500, 500)),)
    assert tones.zone in ZONES
    assert tones_of("jp") is TONES["JP"]


def test_a_busy_tone_comes_back_from_json() -> None:
    tone = BusyTone((480.0, 620.0), (500, 500), -18.5)
    assert BusyTone.from_plain(json.loads(json.dumps(dataclasses.asdict(tone)))) == tone


@pytest.mark.parametrize(
    "plain",
    [
        {"frequencies": [425.0], "cadence": [500], "level_dbm0": -18},
        {"frequencies": [], "cadence": [500, 500], "level_dbm0": -18},
        {"frequencies": [1e9], "cadence": [500, 500], "level_dbm0": -18},
        {"frequencies": 425, "cadence": [500, 500], "level_dbm0": -18},
        {"cadence": [500, 500], "level_dbm0": -18},
        {"frequencies": [425.0], "cadence": ["long", 500], "level_dbm0": -18},
    ],
)
def test_what_is_no_busy_tone(plain: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        BusyTone.from_plain(plain)
