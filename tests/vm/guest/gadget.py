"""USB devices out of the kernel's own gadget framework, plugged into its own imitation of a host (dummy_hcd).

What the host's drivers see is a real device on a real bus: they bind, make ttys, and lose them when it is pulled.
Kernel: Documentation/usb/gadget_configfs.rst, drivers/usb/gadget/udc/dummy_hcd.c.
"""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

CONFIGFS = Path("/sys/kernel/config/usb_gadget")
BUSES = 2
_names = itertools.count(1)


def load() -> None:
    """Load the modules; ``BUSES`` hosts with one port each."""
    subprocess.run(["modprobe", "dummy_hcd", f"num={BUSES}"], check=True)
    subprocess.run(["modprobe", "-a", "libcomposite", "usb_f_serial", "usb_f_mass_storage", "option"], check=True)


class Gadget:
    """A device with ``serial_ports`` vendor-specific serial interfaces, or, without, a disc; not plugged in yet."""

    def __init__(self, usb_id: str, serial_ports: int, controller: int = 0) -> None:
        vid, pid = usb_id.split(":")
        self._directory = CONFIGFS / f"callfloor{next(_names)}"
        self._controller = f"dummy_udc.{controller}"
        self._directory.mkdir()
        (self._directory / "idVendor").write_text(f"0x{vid}")
        (self._directory / "idProduct").write_text(f"0x{pid}")
        strings = self._directory / "strings" / "0x409"
        strings.mkdir()
        (strings / "serialnumber").write_text("0123456789ABCDEF")
        config = self._directory / "configs" / "c.1"
        config.mkdir()
        kinds = [f"gser.{n}" for n in range(serial_ports)] or ["mass_storage.0"]
        for kind in kinds:
            function = self._directory / "functions" / kind
            function.mkdir()
            (config / kind).symlink_to(function)
        self.far_ports = [
            Path(f"/dev/ttyGS{(self._directory / 'functions' / kind / 'port_num').read_text().strip()}")
            for kind in kinds
            if kind.startswith("gser")
        ]
        """What is behind each interface, in their order."""

    @property
    def plugged(self) -> bool:
        return (self._directory / "UDC").read_text().strip() != ""

    def plug(self) -> None:
        (self._directory / "UDC").write_text(self._controller)

    def unplug(self) -> None:
        if self.plugged:
            (self._directory / "UDC").write_text("\n")

    def destroy(self) -> None:
        """Take it apart, in the order that configfs asks for."""
        self.unplug()
        config = self._directory / "configs" / "c.1"
        for link in [entry for entry in config.iterdir() if entry.is_symlink()]:
            link.unlink()
        config.rmdir()
        for function in (self._directory / "functions").iterdir():
            function.rmdir()
        (self._directory / "strings" / "0x409").rmdir()
        self._directory.rmdir()
