"""What cards, spans and channels are there, as the kernel shows them in /sys; needs no right beyond reading it.

DAHDI's part of /sys: dahdi-sysfs.c and dahdi-sysfs-chan.c of dahdi-linux.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateways.pstn.config import pci
from gateways.pstn.info import alarm_names

KINDS = {"E1": "e1", "T1": "t1", "J1": "j1", "DYNAMIC": "dynamic", "FXS": "analog", "FXO": "analog"} | {
    "ANALOG_MIXED": "analog",
    "BRI_NT": "bri",
    "BRI_TE": "bri",
    "BRI_SOFT": "bri",
}


@dataclass(frozen=True, slots=True)
class FoundChannel:
    """A channel: DAHDI's ``number``, its ``position`` in the span from 1, the signalling it has and could have."""

    number: int
    position: int
    signalling: str  # FXSKS, Clear, HDLCFCS …; "": none
    capable: frozenset[str]
    echo: str  # the echo canceller's name; "": none
    in_use: bool
    red: bool  # an FXO port without battery, or its span's alarm

    @property
    def fxo(self) -> bool:
        """Is an FXO port behind it? Its words are crossed: an FXO port is run with FXS signalling."""
        return "FXSKS" in self.capable


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A span; ``port`` is its number on the card, from 1. ``framing`` is "" before dahdi_cfg has configured it."""

    number: int
    port: int
    name: str
    kind: str  # e1 t1 j1 bri analog dynamic
    alarms: frozenset[str]
    framing: str
    clock: bool  # it is the system's source of timing
    channels: tuple[FoundChannel, ...]


@dataclass(frozen=True, slots=True)
class FoundCard:
    """A card that a driver serves. ``place`` is what DAHDI calls it, after bus and slot: pci:0000:03:05.0."""

    place: str
    driver: str
    model: str
    hardware_id: str  # serial number; "" where the card has none
    location: str  # PCI Bus 03 Slot 06
    span_count: int  # more than ``spans``: some have got no numbers
    spans: tuple[FoundSpan, ...]


@dataclass(frozen=True, slots=True)
class IdleCard:
    """A card on the PCI bus that no driver of DAHDI's serves.

    ``bound``: the driver that has it, ""; ``driver``: the one that should. ``present``: that one is in the kernel.
    """

    place: str
    driver: str
    model: str
    bound: str
    present: bool


@dataclass(frozen=True, slots=True)
class Hardware:
    """All of it. DAHDI is in the ``kernel`` (a release), ``built`` for it, or at least its source is there."""

    loaded: bool
    built: bool
    source: bool
    kernel: str
    cards: tuple[FoundCard, ...] = ()
    idle: tuple[IdleCard, ...] = ()

    @property
    def channels(self) -> dict[int, FoundChannel]:
        """All channels by number."""
        return {one.number: one for card in self.cards for span in card.spans for one in span.channels}


def scan(root: Path = Path("/"), kernel: str | None = None) -> Hardware:
    """Look; what comes or goes meanwhile is there or not. ``root`` and ``kernel`` (a release) are for tests."""
    kernel = kernel or os.uname().release
    sys = root / "sys"
    cards = tuple(_cards(sys))
    served = {card.place for card in cards}
    return Hardware(
        loaded=(sys / "module/dahdi").is_dir(),
        built="/dahdi.ko" in _read(root / "lib/modules" / kernel / "modules.dep"),
        source=any((root / "usr/src").glob("dahdi-*/dkms.conf")),
        kernel=kernel,
        cards=cards,
        idle=tuple(card for card in _on_pci(sys) if card.place not in served),
    )


def _cards(sys: Path) -> Iterator[FoundCard]:
    for folder in _folders(sys / "bus/dahdi_devices/devices"):
        spans = [_span(span) for span in _folders(folder, "span-*")]
        driver = (folder.resolve().parent / "driver").resolve().name
        if folder.name.startswith("dynamic:"):
            driver = f"dahdi_dynamic_{folder.name.split(':')[1]}"
        yield FoundCard(
            folder.name,
            driver,
            _read(folder / "type"),
            _read(folder / "hardware_id"),
            _read(folder / "location"),
            int(_read(folder / "span_count") or len(spans)),
            tuple(sorted((span for span in spans if span is not None), key=lambda span: span.port)),
        )


def _span(folder: Path) -> FoundSpan | None:
    channels = [_channel(channel) for channel in _folders(folder, "dahdi!chan!*")]
    try:
        return FoundSpan(
            int(folder.name.removeprefix("span-")),
            int(_read(folder / "local_spanno")),
            _read(folder / "name"),
            KINDS.get(_read(folder / "spantype"), "analog"),
            alarm_names(int(_read(folder / "alarms") or "0", 16)),
            _read(folder / "lineconfig"),
            _read(folder / "is_sync_master") == "1",
            tuple(sorted((one for one in channels if one is not None), key=lambda one: one.position)),
        )
    except ValueError:  # it has gone while we looked
        return None


def _channel(folder: Path) -> FoundChannel | None:
    signalling = _read(folder / "sig")
    try:
        return FoundChannel(
            int(_read(folder / "channo")),
            int(_read(folder / "chanpos")),
            "" if signalling == "Unconfigured" else signalling,
            frozenset(_read(folder / "sigcap").split()),
            _read(folder / "ec_factory"),
            _read(folder / "in_use") == "1",
            "RED" in _read(folder / "alarms").split(),
        )
    except ValueError:
        return None


def _on_pci(sys: Path) -> Iterator[IdleCard]:
    for folder in _folders(sys / "bus/pci/devices"):
        ids = [_read(folder / name).removeprefix("0x") for name in ("vendor", "device", "subsystem_vendor")]
        known = pci.card(*ids)
        if known is not None:
            link = folder / "driver"
            bound = link.resolve().name if link.exists() else ""
            driver, model = known
            yield IdleCard(f"pci:{folder.name}", driver, model, bound, (sys / "module" / driver).is_dir())


def _folders(folder: Path, pattern: str = "*") -> list[Path]:
    return sorted(one for one in folder.glob(pattern) if one.is_dir())


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
