"""The picture of the USB tree that events build up, and the modems in it: pure.

Everything is read from the properties that come with a udev event. sysfs attributes are left alone on purpose: reading
``serial`` or ``bNumInterfaces`` waits for the device's lock (kernel drivers/usb/core/sysfs.c), which a modem that does
not answer its reset holds for seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateways.gsm.discovery import profiles
from gateways.gsm.discovery.found import FoundModem, Port
from gateways.gsm.discovery.profiles import Profile

_INTERFACE = re.compile(r"/(?P<device>\d+-\d+(?:\.\d+)*)/(?P=device):\d+\.(?P<number>\d+)(?:/|$)")
_DEVICE = re.compile(r"/(\d+-\d+(?:\.\d+)*)$")
_CARD = re.compile(r"/sound/card(\d+)$")
_VENDOR_SPECIFIC = 255


@dataclass(frozen=True, slots=True)
class Entry:
    """A device as udev tells it. ``path`` is its directory in sysfs, without ``/sys``."""

    path: str
    subsystem: str
    properties: Mapping[str, str]


@dataclass(slots=True)
class _Device:
    properties: Mapping[str, str] = field(default_factory=dict)
    classes: dict[int, int] = field(default_factory=dict)  # interface number → class
    ports: dict[str, Port] = field(default_factory=dict)  # sysfs path → port
    cards: dict[str, int] = field(default_factory=dict)


class Tree:
    """``put`` and ``remove`` as the events come, then ask for ``modems``."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}

    def put(self, entry: Entry) -> None:
        """Take in a device that is there, anew or again."""
        if (found := _DEVICE.search(entry.path)) and entry.subsystem == "usb":
            self._devices.setdefault(found[1], _Device()).properties = entry.properties
            return
        place = _last_interface(entry.path)
        if place is None:
            return
        device = self._devices.setdefault(place[0], _Device())
        if entry.subsystem == "usb":
            device.classes[place[1]] = int(entry.properties.get("INTERFACE", "0").partition("/")[0])
        elif entry.subsystem == "tty" and "DEVNAME" in entry.properties:
            driver = entry.properties.get("ID_USB_DRIVER", "")
            device.ports[entry.path] = Port(entry.properties["DEVNAME"], place[1], driver)
        elif entry.subsystem == "sound" and (card := _CARD.search(entry.path)):
            device.cards[entry.path] = int(card[1])

    def remove(self, entry: Entry) -> None:
        """Forget a device that has gone."""
        if (found := _DEVICE.search(entry.path)) and entry.subsystem == "usb":
            self._devices.pop(found[1], None)
            return
        place = _last_interface(entry.path)
        device = self._devices.get(place[0]) if place else None
        if device is None or place is None:
            return
        if entry.subsystem == "usb":
            device.classes.pop(place[1], None)
        device.ports.pop(entry.path, None)
        device.cards.pop(entry.path, None)

    def modems(self) -> tuple[FoundModem, ...]:
        """Return what is there, in the order of the places."""
        found = (_modem(place, device) for place, device in sorted(self._devices.items(), key=_by_place))
        return tuple(modem for modem in found if modem is not None)


def _by_place(item: tuple[str, _Device]) -> list[int]:
    return [int(number) for number in re.split(r"[-.]", item[0])]


def _last_interface(path: str) -> tuple[str, int] | None:
    """Return USB path and interface number of what is below an interface, or is one."""
    matches = list(_INTERFACE.finditer(path))
    return (matches[-1]["device"], int(matches[-1]["number"])) if matches else None


def _ids(properties: Mapping[str, str]) -> tuple[int, int] | None:
    """Return vendor and product. PRODUCT is vid/pid/release in hexadecimal, without leading zeros."""
    parts = properties.get("PRODUCT", "").split("/")
    return (int(parts[0], 16), int(parts[1], 16)) if len(parts) == 3 else None


def _modem(usb_path: str, device: _Device) -> FoundModem | None:
    ids = _ids(device.properties)
    if ids is None:
        return None
    ports = tuple(sorted(device.ports.values(), key=lambda port: port.interface))
    bare = FoundModem(
        usb_path,
        *ids,
        family=None,
        alsa_card=min(device.cards.values(), default=None),
        serial=device.properties.get("ID_SERIAL_SHORT", ""),
        ports=ports,
        devnum=int(device.properties.get("DEVNUM", "0")),
    )
    if profiles.is_disc(*ids):
        return replace(bare, mode_switch=True, problem=_disc(usb_path))
    profile = profiles.profile(*ids)
    if profile is not None:
        at, pcm = (_path(ports, place) for place in _places(profile, device))
        problem = None if at else _unserved(bare, profile)
        return replace(bare, family=profile.family, model=profile.model, at_port=at, pcm_port=pcm, problem=problem)
    if any(profiles.is_modem_driver(port.driver) for port in ports):
        text = f"{bare.usb_id} at {usb_path} is a modem we do not know: name its family and at_port by hand"
        return replace(bare, family="generic", problem=text)
    if any(profiles.is_adapter_driver(port.driver) for port in ports):
        return replace(bare, model="serial adapter", at_port=ports[0].path)
    return None


def _places(profile: Profile, device: _Device) -> tuple[int | None, int | None]:
    """Return the interfaces of AT and PCM; None while it cannot be said yet."""
    if not profile.from_first_serial:
        return profile.at, profile.pcm
    # Interfaces are told in their order: without the first, nothing can be said of where the serial ports begin.
    if 0 not in device.classes:
        return None, None
    first = min((n for n, kind in device.classes.items() if kind == _VENDOR_SPECIFIC), default=None)
    if first is None:
        return None, None
    return first + profile.at, None if profile.pcm is None else first + profile.pcm


def _path(ports: tuple[Port, ...], interface: int | None) -> str | None:
    return next((port.path for port in ports if port.interface == interface), None)


def _disc(usb_path: str) -> str:
    return f"the modem at {usb_path} shows itself as a disc: install usb-modeswitch, then plug it in again"


def _unserved(modem: FoundModem, profile: Profile) -> str:
    known = profile.model if profiles.is_exact(modem.vid, modem.pid) else f"{profile.model} {modem.usb_id}"
    return f"the {known} at {modem.usb_path} shows no AT port yet: if that lasts, load the kernel's driver `option`"
