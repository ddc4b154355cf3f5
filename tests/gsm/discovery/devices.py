"""Real modems' shapes as udev tells them: from `udevadm info -e` of the field's reports, one row a device."""

from __future__ import annotations

from dataclasses import dataclass

PCI = "/devices/pci0000:00/0000:00:14.0"
VENDOR, NETWORK, STORAGE, ACM = (255, 255, 255), (224, 1, 3), (8, 6, 80), (2, 2, 1)
Interfaces = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Shape:
    """A product: its id, its interfaces' classes, which of them get a tty, and the serial that it tells."""

    usb_id: str
    interfaces: Interfaces
    serial_ports: tuple[int, ...]
    serial: str = ""
    card_at: int | None = None
    driver: str = "option"


EC25 = Shape("2c7c:0125", (VENDOR,) * 5, (0, 1, 2, 3))
EC25_RNDIS = Shape("2c7c:0125", (NETWORK, (10, 0, 0), *(VENDOR,) * 4), (2, 3, 4, 5))
EG25_UAC = Shape("2c7c:0125", (*(VENDOR,) * 5, (1, 1, 0), (1, 2, 0)), (0, 1, 2, 3), card_at=5)
E1550 = Shape("12d1:1001", (VENDOR, VENDOR, VENDOR, STORAGE), (0, 1, 2))
E1750 = Shape("12d1:1436", (VENDOR,) * 5, (0, 3, 4))
E173_DISC = Shape("12d1:1446", (STORAGE, STORAGE), ())
SIM7600 = Shape("1e0e:9001", (VENDOR,) * 6, (0, 1, 2, 3, 4), serial="0123456789ABCDEF")
A7670 = Shape("1e0e:9011", (NETWORK, (10, 0, 0), *(VENDOR,) * 4), (2, 3, 4, 5))
K3565_Z = Shape("19d2:0063", (VENDOR, VENDOR, STORAGE, VENDOR), (0, 1, 3))
LARA_R2 = Shape("1546:110a", (ACM, (10, 0, 0)) * 6, (0, 2, 4, 6, 8, 10), driver="cdc_acm")
CH340 = Shape("1a86:7523", (VENDOR,), (0,), driver="ch341")
UNKNOWN = Shape("1c9e:9605", (VENDOR,) * 4, (0, 1, 2), driver="option")
MOUSE = Shape("046d:c077", ((3, 1, 2),), ())


def usb_directory(usb_path: str) -> str:
    """Where the device is in sysfs: below each hub on the way."""
    bus, _, ports = usb_path.partition("-")
    numbers = ports.split(".")
    steps = [f"{bus}-{'.'.join(numbers[: n + 1])}" for n in range(len(numbers))]
    return "/".join([PCI, f"usb{bus}", *steps])


def _identity(shape: Shape, devnum: int) -> dict[str, str]:
    vid, pid = (int(part, 16) for part in shape.usb_id.split(":"))
    serial = {"ID_SERIAL_SHORT": shape.serial} if shape.serial else {}
    return {"PRODUCT": f"{vid:x}/{pid:x}/318", "DEVNUM": f"{devnum:03}", **serial}


def rows(shape: Shape, usb_path: str, first_tty: int = 0, devnum: int = 1) -> list[tuple[str, str, dict[str, str]]]:
    """Return (path, subsystem, properties) of each device in the kernel's order; ttys count up from ``first_tty``."""
    top = usb_directory(usb_path)
    told = [(top, "usb", {"DEVTYPE": "usb_device", **_identity(shape, devnum)})]
    for number, kinds in enumerate(shape.interfaces):
        properties = {"DEVTYPE": "usb_interface", "INTERFACE": "/".join(map(str, kinds))}
        told.append((f"{top}/{usb_path}:1.{number}", "usb", properties))
    name = "ttyACM" if shape.driver == "cdc_acm" else "ttyUSB"
    for count, number in enumerate(shape.serial_ports):
        tty = f"{name}{first_tty + count}"
        between = "tty" if name == "ttyACM" else f"{tty}/tty"
        properties = {"DEVNAME": f"/dev/{tty}", "ID_USB_DRIVER": shape.driver}
        told.append((f"{top}/{usb_path}:1.{number}/{between}/{tty}", "tty", properties))
    if shape.card_at is not None:
        told.append((f"{top}/{usb_path}:1.{shape.card_at}/sound/card1", "sound", {"SOUND_INITIALIZED": "1"}))
    return told
