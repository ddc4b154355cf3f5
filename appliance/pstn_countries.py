"""What a country means to an analog line: the electrical mode of FXO modules, DAHDI's tone zone, the caller ID.

Modes: fxo_modes.h of dahdi-linux 3.1.0. Zones: zonedata.c of dahdi-tools 3.1.0. Caller ID: ETSI EN 300 659-1 (before or
after the first ring), BT SIN 227, NTT's technical reference for telephone service interfaces, Telcordia GR-30; each is
only what a port gets that says nothing, since operators differ within a country.
"""

from __future__ import annotations

_DAHDI_ZONES = """
us au fr nl fi es jp no at nz it gr tw cl se be sg il br hu lt pl za pt ee mx in de ch dk cz cn ar my th bg ve ph ru tr
pa mo cr ae
"""
_ZONES = {zone.upper(): zone for zone in _DAHDI_ZONES.split()} | {"GB": "uk", "CA": "us", "PR": "us"}
_FXO_MODES = """
AR:ARGENTINA AU:AUSTRALIA AT:AUSTRIA BH:BAHRAIN BE:BELGIUM BR:BRAZIL BG:BULGARIA CA:CANADA CL:CHILE CN:CHINA CO:COLOMBIA
HR:CROATIA CY:CYPRUS CZ:CZECH DK:DENMARK EC:ECUADOR EG:EGYPT SV:ELSALVADOR FI:FINLAND FR:FRANCE DE:GERMANY GR:GREECE
GU:GUAM HK:HONGKONG HU:HUNGARY IS:ICELAND IN:INDIA ID:INDONESIA IE:IRELAND IL:ISRAEL IT:ITALY JP:JAPAN JO:JORDAN
KZ:KAZAKHSTAN KW:KUWAIT LV:LATVIA LB:LEBANON LU:LUXEMBOURG MO:MACAO MY:MALAYSIA MT:MALTA MX:MEXICO MA:MOROCCO
NL:NETHERLANDS NZ:NEWZEALAND NG:NIGERIA NO:NORWAY OM:OMAN PK:PAKISTAN PE:PERU PH:PHILIPPINES PL:POLAND PT:PORTUGAL
RO:ROMANIA RU:RUSSIA SA:SAUDIARABIA SG:SINGAPORE SK:SLOVAKIA SI:SLOVENIA ZA:SOUTHAFRICA KR:SOUTHKOREA ES:SPAIN SE:SWEDEN
CH:SWITZERLAND SY:SYRIA TW:TAIWAN TH:THAILAND AE:UAE GB:UK US:USA YE:YEMEN
"""
_MODES = dict(pair.split(":") for pair in _FXO_MODES.split())
_ETSI = "AD AL BA BY EE GI LI LT MC MD ME MK RS SM TR UA VA XK"
"""Of Europe and without a mode of their own: the common one (ETSI TBR 21)."""
_DTMF = "BR DK FI IS NL SE"
_V23 = "AT BE BG CH CZ DE ES FR GR HR HU IE IT LU NO PL PT RO SI SK TR ZA"
_CALLER_ID = (
    dict.fromkeys(_DTMF.split(), ("dtmf", "polarity"))
    | dict.fromkeys(_V23.split(), ("v23", "ring"))
    | {"JP": ("v23-japan", "polarity"), "GB": ("v23", "polarity"), "IN": ("dtmf", "polarity-india")}
)


def zone(country: str) -> str:
    """DAHDI's tone zone for a country (ISO 3166-1); where it has none: its default, us."""
    return _ZONES.get(country, "us")


def opermode(country: str) -> str:
    """The option ``opermode`` of the drivers of FXO modules for a country; where it has none: ETSI's or the FCC's."""
    return _MODES.get(country, "TBR21" if country in _ETSI.split() else "FCC")


def caller_id(country: str) -> tuple[str, str]:
    """Kind and start of caller ID that a country mostly has."""
    return _CALLER_ID.get(country, ("bell202", "ring"))
