"""Cards on the PCI bus that DAHDI has a driver for, known by their ids: also found when no driver took them.

Ids are those of the drivers' own tables (``*_pci_tbl`` in dahdi-linux 3.1.0; wctdm: 2.11.1).
"""

from __future__ import annotations

_DIGIUM = """
0120 wcte12xp TE120P, 8000 wcte12xp TE121, 8001 wcte12xp TE122, 800a wcte13xp TE133, 800b wcte13xp TE134,
800e wcte43x TE435/TE235, 8013 wcte43x TE436/TE236, 1820 wct4xxp TE820, 1420 wct4xxp TE420, 1410 wct4xxp TE410P,
1405 wct4xxp TE405P, 0420 wct4xxp TE420, 0410 wct4xxp TE410P, 0405 wct4xxp TE405P, 1220 wct4xxp TE220,
1205 wct4xxp TE205P, 1210 wct4xxp TE210P, 0220 wct4xxp TE220, 0205 wct4xxp TE205P, 0210 wct4xxp TE210P,
2400 wctdm24xxp TDM2400P, 0800 wctdm24xxp TDM800P, 8002 wctdm24xxp AEX800, 8003 wctdm24xxp AEX2400,
8005 wctdm24xxp TDM410, 8006 wctdm24xxp AEX410, 8007 wctdm24xxp HA8, 8008 wctdm24xxp HB8,
800c wcaxx A8A, 800d wcaxx A8B, 800f wcaxx A4A, 8010 wcaxx A4B,
b410 wcb4xxp B410P, 8014 wcb4xxp B430P, 8015 wcb4xxp B430P, 8016 wcb4xxp B230P, 8017 wcb4xxp B230P
"""
_TIGERJET = {
    ("wcte11xp", "TE110P"): "71fe 79fe 795e 79de 797e",
    ("wctdm", "TDM400P"): "a159 e159 b100 b1d9 b118 b119 a9fd a8fd a800 a801 a908 a901",
}
"""One PCI interface chip (e159:0001) on several cards; the subsystem's vendor tells which."""


def _table() -> dict[tuple[str, str, str], tuple[str, str]]:
    known: dict[tuple[str, str, str], tuple[str, str]] = {("10ee", "0314", ""): ("wct4xxp", "TE410P/TE405P")}
    for entry in _DIGIUM.split(","):
        device, driver, model = entry.split()
        known["d161", device, ""] = (driver, model)
    for card, vendors in _TIGERJET.items():
        known |= {("e159", "0001", vendor): card for vendor in vendors.split()}
    return known


_KNOWN = _table()


def card(vendor: str, device: str, subsystem_vendor: str) -> tuple[str, str] | None:
    """Driver and model of a PCI device, its ids as four hexadecimal digits; None: no card of ours."""
    return _KNOWN.get((vendor, device, "")) or _KNOWN.get((vendor, device, subsystem_vendor))
