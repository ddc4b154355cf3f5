"""DAHDI's card drivers: what their cards have, and the module options that matter at a site.

Names and values are those of the drivers' own sources (dahdi-linux 3.1.0, ``module_param`` and where each is used;
wctdm: 2.11.1, which Debian 12 has and Debian 13 has not).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from appliance.pstn_countries import opermode

Value = range | tuple[str, ...]
"""What an option may be: a whole number, or one of some words."""

_OPERMODES = """
FCC TBR21 ARGENTINA AUSTRALIA AUSTRIA BAHRAIN BELGIUM BRAZIL BULGARIA CANADA CHILE CHINA COLOMBIA CROATIA CYPRUS CZECH
DENMARK ECUADOR EGYPT ELSALVADOR FINLAND FRANCE GERMANY GREECE GUAM HONGKONG HUNGARY ICELAND INDIA INDONESIA IRELAND
ISRAEL ITALY JAPAN JORDAN KAZAKHSTAN KUWAIT LATVIA LEBANON LUXEMBOURG MACAO MALAYSIA MALTA MEXICO MOROCCO NETHERLANDS
NEWZEALAND NIGERIA NORWAY OMAN PAKISTAN PERU PHILIPPINES POLAND PORTUGAL ROMANIA RUSSIA SAUDIARABIA SINGAPORE SLOVAKIA
SLOVENIA SOUTHAFRICA SOUTHKOREA SPAIN SWEDEN SWITZERLAND SYRIA TAIWAN THAILAND UAE UK USA YEMEN
"""
OPERMODES = tuple(_OPERMODES.split())
"""The line's electrical side in FXO modules (fxo_modes.h); the driver refuses to load with another word."""

_SWITCH = range(2)
_GAIN = range(-150, 121)  # tenths of a dB (wctdm_set_hwgain)
_DEBOUNCE = range(10001)  # ms
_ANALOGUE: dict[str, Value] = {
    "opermode": OPERMODES,
    "lowpower": _SWITCH,
    "boostringer": _SWITCH,
    "fastringer": _SWITCH,
    "fxshonormode": _SWITCH,
    "fastpickup": range(-1, 2),
    "battdebounce": _DEBOUNCE,
    "battalarm": _DEBOUNCE,
    "battthresh": range(101),
    "ringdebounce": range(4097),
    "fxotxgain": _GAIN,
    "fxorxgain": _GAIN,
    "loopcurrent": range(20, 42),
    "reversepolarity": _SWITCH,
}
_COMPANDING = ("auto", "alaw", "ulaw")
_VOICEBUS_LATENCY: dict[str, Value] = {"latency": range(3, 26), "max_latency": range(3, 26)}  # ms (voicebus.h)
_WCXB_LATENCY: dict[str, Value] = {"latency": range(3, 13), "max_latency": range(3, 13)}  # ms (wcxb.h)
_ALARMS: dict[str, Value] = dict.fromkeys(
    ("alarmdebounce", "losalarmdebounce", "aisalarmdebounce", "yelalarmdebounce"), _DEBOUNCE
)
_VPM: dict[str, Value] = {"vpmsupport": _SWITCH}


def _of(*parts: Mapping[str, Value], **more: Value) -> dict[str, Value]:
    return {name: value for part in (*parts, more) for name, value in part.items()}


@dataclass(frozen=True)
class Driver:
    """A driver; ``fxo`` is the highest analog port, ``spans`` how many E1/T1 spans its largest card has.

    ``linemode`` is the option that makes its spans E1 or T1: ``default_linemode`` takes the word, ``t1e1override`` a 1.
    """

    name: str
    fxo: int = 0
    spans: int = 0
    linemode: Literal["default_linemode", "t1e1override"] | None = None
    options: Mapping[str, Value] = field(default_factory=dict)
    dynamic: bool = False


_LINEMODES = ("e1", "t1", "j1")
_ALL = (
    Driver("wctdm", fxo=4, options=_of(_ANALOGUE, fwringdetect=_SWITCH, alawoverride=_SWITCH)),
    Driver(
        "wctdm24xxp",
        fxo=24,
        options=_of(
            _ANALOGUE,
            _VOICEBUS_LATENCY,
            _VPM,
            companding=_COMPANDING,
            alawoverride=_SWITCH,
            timingcable=_SWITCH,
        ),
    ),
    Driver("wcaxx", fxo=8, options=_of(_ANALOGUE, _WCXB_LATENCY, _VPM, companding=_COMPANDING)),
    Driver(
        "wcte11xp",
        spans=1,
        linemode="t1e1override",
        options=_of(t1e1override=_SWITCH, j1mode=_SWITCH, alarmdebounce=_DEBOUNCE, clockextra=_SWITCH),
    ),
    Driver(
        "wcte12xp",
        spans=1,
        linemode="default_linemode",
        options=_of(
            _ALARMS, _VOICEBUS_LATENCY, _VPM, default_linemode=("auto", *_LINEMODES), t1e1override=range(-1, 2)
        ),
    ),
    Driver(
        "wcte13xp",
        spans=1,
        linemode="default_linemode",
        options=_of(_ALARMS, _WCXB_LATENCY, _VPM, default_linemode=_LINEMODES),
    ),
    Driver(
        "wcte43x",
        spans=4,
        linemode="default_linemode",
        options=_of(_ALARMS, _WCXB_LATENCY, _VPM, default_linemode=_LINEMODES, timingcable=_SWITCH),
    ),
    Driver(
        "wct4xxp",
        spans=8,
        linemode="default_linemode",
        options=_of(
            _ALARMS,
            _VPM,
            default_linemode=("auto", *_LINEMODES),
            t1e1override=range(-1, 16),  # a bit for each of four spans: 1 is E1
            timingcable=_SWITCH,
            latency=range(1, 128),
            max_latency=range(1, 128),
            vpmdtmfsupport=range(-1, 2),
        ),
    ),
    # BRI: known, so that a scan names it; its spans are not served.
    Driver("wcb4xxp", options=_of(_VPM, companding=("alaw", "ulaw"), alarmdebounce=_DEBOUNCE)),
    # No card: spans joined inside the kernel, for tests. An E1, a T1, or FXO ports, or FXO ports beside a PRI.
    Driver("dahdi_dynamic_loc", fxo=31, spans=1, options=_of(channels=range(1, 32)), dynamic=True),
)
DRIVERS = {driver.name: driver for driver in _ALL}
DYNAMIC_CHANNELS = 24
"""Channels of a dynamic span whose card says nothing of them."""

ECHO_CANCELLERS = {"mg2": "mg2", "oslec": "oslec", "kb1": "kb1", "sec": "sec", "sec2": "sec2", "jpah": "jpah"} | {
    "hardware": "hwec",
    "none": "",
}
"""Ours → DAHDI's word in system.conf; ``hwec`` is the card's own."""


def module_options(
    driver: Driver, country: str, kinds: Collection[str], options: Mapping[str, object]
) -> dict[str, object]:
    """Options with which a driver is loaded: what country and kinds of spans ask for, and the card's own before it."""
    if driver.dynamic:
        return {}
    derived: dict[str, object] = {"opermode": opermode(country)} if driver.fxo else {}
    if driver.linemode and len(kinds) == 1 and not {"default_linemode", "t1e1override"} & options.keys():
        kind = next(iter(kinds))
        derived[driver.linemode] = kind if driver.linemode == "default_linemode" else int(kind == "e1")
    return derived | dict(options)


def allowed(value: Value) -> str:
    """What an option may be, in words."""
    if isinstance(value, range):
        return f"a whole number from {value[0]} to {value[-1]}"
    return f"one of {', '.join(value)}"


def fits(option: object, value: Value) -> bool:
    """Is ``option`` what ``value`` allows?"""
    return not isinstance(option, bool) and option in value
