"""A /sys and the like with telephone cards in it, in a folder: laid out as DAHDI 3.1's own (``sysfs_loc.txt``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

KERNEL = "6.12.0-test"
REAL = Path(__file__).with_name("sysfs_loc.txt")
"""What a kernel 6.12 shows of a dynamic span of 24 channels; three of these are kept."""
FXO = "FXSLS FXSKS Clear SF (ToneOnly)"
FXS = "FXOLS FXOGS FXOKS E&M Clear SF (ToneOnly)"
NO_MODULE = ""
BEARER = "FXSLS FXSGS FXSKS FXOLS FXOGS FXOKS E&M Clear SF (ToneOnly) CAS DACS+RBS"
IDS = {
    "wcaxx": ("d161", "800c", "d161"),
    "wctdm24xxp": ("d161", "8005", "d161"),
    "wcte12xp": ("d161", "8000", "d161"),
    "wcte13xp": ("d161", "800a", "d161"),
    "wct4xxp": ("d161", "1410", "0005"),
    "wctdm": ("e159", "0001", "b119"),
}


class Machine:
    """``root`` stands for /. Without more there is neither DAHDI nor a card."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spans = 0
        self.channels = 0

    def dahdi(self, *, source: bool = True, built: bool = True, loaded: bool = True) -> None:
        """DAHDI's source, module for the running kernel, and the module in the kernel."""
        if source:
            self.write("usr/src/dahdi-3.1.0/dkms.conf", "")
        self.write(f"lib/modules/{KERNEL}/modules.dep", "updates/dkms/dahdi.ko.xz: kernel/x.ko\n" if built else "")
        if loaded:
            self.write("sys/module/dahdi/parameters/auto_assign_spans", "1\n")

    def pci(self, address: str, kind: str, bound: str = "", *, loaded: bool = False) -> Path:
        """A device on the PCI bus, its driver's module perhaps loaded, some driver perhaps bound to it."""
        folder = self.root / f"sys/devices/pci0000:00/0000:00:1c.0/{address}"
        for name, value in zip(("vendor", "device", "subsystem_vendor"), IDS[kind], strict=True):
            self.write(folder / name, f"0x{value}\n")
        self.link(f"sys/bus/pci/devices/{address}", folder)
        if loaded or bound:
            (self.root / "sys/module" / (bound or kind)).mkdir(parents=True, exist_ok=True)
        if bound:
            driver = self.root / "sys/bus/pci/drivers" / bound
            driver.mkdir(parents=True, exist_ok=True)
            self.link(folder / "driver", driver)
        return folder

    def card(self, address: str, driver: str, serial: str = "", model: str = "", spans: int = 1) -> Path:
        """A card with its driver; ``spans`` says how many it has, those with numbers follow by :meth:`span`."""
        folder = self.pci(address, driver, driver) / f"pci:{address}"
        bus, slot = int(address[5:7], 16), int(address[8:10], 16) + 1
        facts = {"hardware_id": serial, "type": model, "span_count": str(spans), "manufacturer": "Digium"}
        for name, value in (facts | {"location": f"PCI Bus {bus:02d} Slot {slot:02d}"}).items():
            self.write(folder / name, f"{value}\n")
        self.link(f"sys/bus/dahdi_devices/devices/pci:{address}", folder)
        return folder

    def dynamic(self, address: str, channels: int = 24) -> None:
        """A span joined in the kernel."""
        folder = self.root / f"sys/devices/dynamic:loc:{self.spans}"
        name = f"DYN/loc/{address}"
        for file in ("type", "hardware_id"):
            self.write(folder / file, f"{name}\n")
        for file, value in (("span_count", "1"), ("location", ""), ("manufacturer", "")):
            self.write(folder / file, f"{value}\n")
        self.span(folder, 1, "DYNAMIC", [BEARER] * channels)
        self.link(f"sys/bus/dahdi_devices/devices/{folder.name}", folder)

    def span(
        self, card: Path, port: int, kind: str, capable: Sequence[str], *, alarms: int = 0, framing: str = ""
    ) -> Path:
        """A span of a card with a channel for each of what ``capable`` lists; none is configured."""
        self.spans += 1
        folder = card / f"span-{self.spans}"
        facts = {
            "local_spanno": port,
            "spantype": kind,
            "alarms": hex(alarms),
            "lineconfig": framing,
            "name": card.name,
        }
        for name, value in (facts | {"is_sync_master": int(self.spans == 1)}).items():
            self.write(folder / name, f"{value}\n")
        for position, words in enumerate(capable, 1):
            self.channels += 1
            channel = folder / f"dahdi!chan!{self.spans:03d}!{position:03d}"
            values = {"channo": self.channels, "chanpos": position, "sigcap": words, "sig": "Unconfigured"}
            for name, value in (values | {"in_use": 0, "ec_factory": "", "alarms": ""}).items():
                self.write(channel / name, f"{value}\n")
        self.link(f"sys/bus/dahdi_spans/devices/span-{self.spans}", folder)
        return folder

    def channel(self, number: int) -> Path:
        """The folder of a channel by its number."""
        files = (self.root / "sys/devices").rglob("channo")
        return next(file.parent for file in files if file.read_text().strip() == str(number))

    def write(self, file: str | Path, text: str) -> None:
        """Make a file with its folders."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def link(self, file: str | Path, target: Path) -> None:
        """Make a symbolic link with its folders."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def real(self) -> None:
        """What ``sysfs_loc.txt`` has."""
        for line in REAL.read_text().splitlines():
            what, path, *rest = line.split(" ", 2)
            if what == "file":
                self.write(path, f"{rest[0] if rest else ''}\n")
            else:
                self.link(path, Path(rest[0]))
