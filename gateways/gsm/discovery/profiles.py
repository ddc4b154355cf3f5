"""Which modem is behind a USB id, and what its interfaces are: one table, pure.

Sources: the interface numbers and comments of ModemManager 1.20's udev rules (77-mm-quectel-, -simtech-, -zte-,
-ublox-, -telit-port-types), the voice ports of chan_dongle's and chan_quectel's discovery, SIMCom's and Quectel's
Linux USB driver guides; the ids of discs from usb-modeswitch-data 20191128. Not all of these could be tried.
"""

from __future__ import annotations

from dataclasses import dataclass

HUAWEI, QUECTEL, SIMCOM, ZTE, UBLOX, TELIT = 0x12D1, 0x2C7C, 0x1E0E, 0x19D2, 0x1546, 0x1BC7


@dataclass(frozen=True, slots=True)
class Profile:
    """``at`` and ``pcm`` are interface numbers; ``pcm`` None: no tty carries the voice.

    ``from_first_serial``: they count from the first vendor-specific interface, because the same id is sold with a
    network card (RNDIS, ECM) in front, which moves the serial ports up by two.
    """

    family: str
    model: str
    at: int
    pcm: int | None = None
    from_first_serial: bool = False


def _quectel(model: str, pcm: int | None = 1) -> Profile:
    # Interfaces: diagnosis, NMEA (which carries PCM after AT+QPCMV=1,0), AT, PPP.
    return Profile("quectel", model, at=2, pcm=pcm, from_first_serial=True)


def _simcom(model: str, pcm: int | None = 4) -> Profile:
    # Interfaces: diagnosis, NMEA, AT, AT or PPP, audio.
    return Profile("simcom", model, at=2, pcm=pcm, from_first_serial=True)


# ZTE, product id → interface of the AT port. No voice over USB is known of them.
_ZTE_AT = {
    0x0001: 0, 0x0002: 2, 0x0003: 0, 0x0004: 0, 0x0005: 0, 0x0006: 0, 0x0007: 0, 0x0008: 0, 0x0009: 0, 0x000A: 0,
    0x0012: 2, 0x0015: 1, 0x0016: 2, 0x0017: 2, 0x0018: 2, 0x0019: 2, 0x0021: 3, 0x0024: 2, 0x0025: 2, 0x0030: 1,
    0x0031: 3, 0x0033: 4, 0x0037: 3, 0x0039: 3, 0x0042: 3, 0x0043: 3, 0x0048: 4, 0x0049: 4, 0x0052: 3, 0x0054: 1,
    0x0055: 2, 0x0057: 3, 0x0058: 3, 0x0061: 3, 0x0063: 3, 0x0064: 2, 0x0066: 3, 0x0078: 3, 0x0082: 3, 0x0091: 4,
    0x0104: 3, 0x0106: 3, 0x0108: 3, 0x0113: 4, 0x0117: 2, 0x0118: 4, 0x0121: 4, 0x0122: 3, 0x0123: 3, 0x0124: 4,
    0x0125: 5, 0x0126: 4, 0x0128: 4, 0x0156: 2, 0x1007: 3, 0x1008: 3, 0x1010: 3, 0x1254: 3, 0x1268: 3, 0x1515: 0,
    0x2002: 3, 0x2003: 3,
}  # fmt: skip

_PROFILES: dict[tuple[int, int], Profile] = {
    # One id for a generation of sticks: E1550, E153, E169, E173, K3715, K3765.
    (HUAWEI, 0x1001): Profile("huawei", "Huawei E1550/E153/E169/E173/K37xx", at=2, pcm=1),
    (HUAWEI, 0x140C): Profile("huawei", "Huawei E180/E1552/E1752", at=3, pcm=2),
    (HUAWEI, 0x1436): Profile("huawei", "Huawei E173/E1750", at=4, pcm=3),
    (HUAWEI, 0x14AC): Profile("huawei", "Huawei E1750/E1820", at=4, pcm=3),
    (HUAWEI, 0x1506): Profile("huawei", "Huawei E171/E3131/E3372", at=3, pcm=2),
    (QUECTEL, 0x0121): _quectel("Quectel EC21"),
    (QUECTEL, 0x0125): _quectel("Quectel EC20/EC25/EG25"),
    (QUECTEL, 0x0191): _quectel("Quectel EG91"),
    (QUECTEL, 0x0195): _quectel("Quectel EG95"),
    (QUECTEL, 0x0296): _quectel("Quectel BG96", pcm=None),
    (QUECTEL, 0x0306): _quectel("Quectel EG06/EP06"),
    (QUECTEL, 0x0512): _quectel("Quectel EG12/EM12"),
    (QUECTEL, 0x0800): _quectel("Quectel RM500", pcm=None),
    (SIMCOM, 0x9001): _simcom("SIMCom SIM7100/SIM7500/SIM7600"),
    (SIMCOM, 0x9003): _simcom("SIMCom SIM7500/SIM7600"),
    (SIMCOM, 0x9011): _simcom("SIMCom SIM7600/A76xx"),
    (SIMCOM, 0x9018): _simcom("SIMCom SIM7600"),
    (SIMCOM, 0x9205): _simcom("SIMCom SIM7070/SIM7080", pcm=None),
    (SIMCOM, 0x9206): _simcom("SIMCom SIM7070/SIM7080", pcm=None),
    (UBLOX, 0x1010): Profile("ublox", "u-blox TOBY-L4", at=6),
    (UBLOX, 0x1102): Profile("ublox", "u-blox LISA-U2/SARA-U2", at=0),
    (UBLOX, 0x1104): Profile("ublox", "u-blox LISA-U2/SARA-U2", at=0),
    (UBLOX, 0x1107): Profile("ublox", "u-blox TOBY-R2", at=0),
    (UBLOX, 0x110A): Profile("ublox", "u-blox LARA-R2", at=0),
    (TELIT, 0x1003): Profile("generic", "Telit UC864", at=0),
    (TELIT, 0x1031): Profile("generic", "Telit LE910C1", at=1),
    (TELIT, 0x1040): Profile("generic", "Telit LE922", at=4),
} | {(ZTE, pid): Profile("zte", "ZTE", at=at) for pid, at in _ZTE_AT.items()}

# A modem whose product id is not in the table.
_VENDORS = {
    HUAWEI: Profile("huawei", "Huawei", at=2, pcm=None),
    QUECTEL: _quectel("Quectel"),
    SIMCOM: _simcom("SIMCom", pcm=None),
    ZTE: Profile("zte", "ZTE", at=1),
    UBLOX: Profile("ublox", "u-blox", at=0),
}
_NOT_MODEMS = {(UBLOX, pid) for pid in range(0x01A0, 0x01B0)}  # u-blox satellite receivers

_DISCS = {
    HUAWEI: "1413 1414 1446 1449 14ad 14b5 14b7 14ba 14c1 14c3 14c4 14c5 14d1 14fe 1505 151a 1520 1521 1523 1526 1527 "
    "1553 1557 155a 155b 156a 1570 157c 157d 1580 1581 1582 1583 15bb 15ca 15cd 15ce 15cf 15d0 15d2 15e7 1805 1c0b "
    "1c1b 1c24 1c25 1d50 1da1 1f01 1f02 1f03 1f04 1f05 1f06 1f07 1f09 1f0a 1f11 1f15 1f16 1f17 1f18 1f19 1f1b 1f1c "
    "1f1d 1f1e 380b",
    ZTE: "0026 0040 0053 0083 0090 0101 0103 0110 0115 0120 0146 0149 0150 0154 0166 0169 0198 0266 0304 0318 0325 "
    "0388 0413 1001 1009 1013 1017 1019 1020 1022 1026 1030 1034 1038 1042 1046 1171 1175 1179 1201 1207 1210 1216 "
    "1219 1224 1225 1227 1232 1233 1237 1238 1420 1511 1514 1517 1520 1523 1528 1536 1542 1580 1588 1595 2000 2004",
    SIMCOM: "f000",
}
_DISC_IDS = frozenset((vid, int(pid, 16)) for vid, pids in _DISCS.items() for pid in pids.split())
_MODEM_DRIVERS = frozenset({"option", "option1", "sierra", "qcserial", "qcaux"})
_ADAPTER_DRIVERS = frozenset({"ch341-uart", "ch341", "cp210x", "ftdi_sio", "pl2303"})


def is_disc(vid: int, pid: int) -> bool:
    """True while the modem plays a disc with its Windows driver: usb_modeswitch has to switch it."""
    return (vid, pid) in _DISC_IDS


def profile(vid: int, pid: int) -> Profile | None:
    """Return what is known of the id, or of its vendor's modems; None when it is no modem that we know."""
    if (vid, pid) in _NOT_MODEMS or is_disc(vid, pid):
        return None
    return _PROFILES.get((vid, pid)) or _VENDORS.get(vid)


def is_exact(vid: int, pid: int) -> bool:
    """True when the product is in the table, False when only its vendor is."""
    return (vid, pid) in _PROFILES


def is_modem_driver(driver: str) -> bool:
    """True for the kernel's drivers of mobile modems: what they serve is a modem even when its id is new to us."""
    return driver in _MODEM_DRIVERS


def is_adapter_driver(driver: str) -> bool:
    """True for serial adapters, behind which SIM800-like modems without USB are wired."""
    return driver in _ADAPTER_DRIVERS
