"""The modems in what udev tells, shape by shape."""

from __future__ import annotations

import pytest

from gateways.gsm.discovery import FoundModem
from gateways.gsm.discovery.tree import Entry, Tree
from tests.gsm.discovery import devices
from tests.gsm.discovery.devices import Shape, rows


def entries(shape: Shape, usb_path: str = "1-1.4.2", first_tty: int = 0, devnum: int = 1) -> list[Entry]:
    return [Entry(*row) for row in rows(shape, usb_path, first_tty, devnum)]


def grown(*shapes: tuple[Shape, str, int]) -> Tree:
    tree = Tree()
    for shape, usb_path, first in shapes:
        for entry in entries(shape, usb_path, first):
            tree.put(entry)
    return tree


def only(tree: Tree) -> FoundModem:
    (modem,) = tree.modems()
    return modem


@pytest.mark.parametrize(
    ("shape", "family", "at", "pcm"),
    [
        (devices.EC25, "quectel", "/dev/ttyUSB2", "/dev/ttyUSB1"),
        (devices.EC25_RNDIS, "quectel", "/dev/ttyUSB2", "/dev/ttyUSB1"),
        (devices.EG25_UAC, "quectel", "/dev/ttyUSB2", "/dev/ttyUSB1"),
        (devices.E1550, "huawei", "/dev/ttyUSB2", "/dev/ttyUSB1"),
        (devices.E1750, "huawei", "/dev/ttyUSB2", "/dev/ttyUSB1"),
        (devices.SIM7600, "simcom", "/dev/ttyUSB2", "/dev/ttyUSB4"),
        (devices.A7670, "simcom", "/dev/ttyUSB2", None),
        (devices.K3565_Z, "zte", "/dev/ttyUSB2", None),
        (devices.LARA_R2, "ublox", "/dev/ttyACM0", None),
    ],
)
def test_ports_of_known_modems(shape: Shape, family: str, at: str, pcm: str | None) -> None:
    modem = only(grown((shape, "1-1.4.2", 0)))
    assert (modem.usb_path, modem.family, modem.at_port, modem.pcm_port) == ("1-1.4.2", family, at, pcm)
    assert modem.problem is None
    assert modem.usb_id == shape.usb_id


def test_sound_card_of_a_uac_modem() -> None:
    assert only(grown((devices.EG25_UAC, "1-2", 0))).alsa_card == 1
    assert only(grown((devices.EC25, "1-2", 0))).alsa_card is None


def test_a_disc_is_a_modem_to_be_switched() -> None:
    modem = only(grown((devices.E173_DISC, "1-3", 0)))
    assert modem.mode_switch
    assert modem.at_port is None
    assert "usb-modeswitch" in (modem.problem or "")


def test_a_modem_of_an_unknown_make_says_so() -> None:
    modem = only(grown((devices.UNKNOWN, "1-1", 0)))
    assert (modem.family, modem.at_port) == ("generic", None)
    assert "by hand" in (modem.problem or "")


def test_a_serial_adapter_has_no_family() -> None:
    modem = only(grown((devices.CH340, "1-1", 7)))
    assert (modem.family, modem.at_port) == (None, "/dev/ttyUSB7")


def test_other_devices_are_no_modems() -> None:
    assert grown((devices.MOUSE, "1-1", 0)).modems() == ()


def test_ports_by_interface_not_by_number_of_tty() -> None:
    """After a replug the kernel may number the ttys as it likes."""
    tree = Tree()
    for path, subsystem, properties in rows(devices.EC25, "1-1"):
        turned = dict(properties)
        if subsystem == "tty":
            turned["DEVNAME"] = f"/dev/ttyUSB{30 - int(turned['DEVNAME'][-1])}"
        tree.put(Entry(path, subsystem, turned))
    assert only(tree).at_port == "/dev/ttyUSB28"


@pytest.mark.parametrize("shape", [devices.EC25, devices.EC25_RNDIS, devices.SIM7600])
def test_never_a_wrong_port_while_it_grows(shape: Shape) -> None:
    """The AT port is the right one or none, at each step of appearing and of going."""
    tree, whole = Tree(), entries(shape)
    right = only(grown((shape, "1-1.4.2", 0)))
    for entry in whole:
        tree.put(entry)
        assert [modem for modem in tree.modems() if modem.at_port not in {None, right.at_port}] == []
    assert tree.modems() == (right,)
    for entry in reversed(whole):
        tree.remove(entry)
        assert [modem for modem in tree.modems() if modem.at_port not in {None, right.at_port}] == []
    assert tree.modems() == ()


def test_twins_with_one_serial_are_two() -> None:
    tree = grown((devices.SIM7600, "1-1.1", 0), (devices.SIM7600, "1-1.2", 5))
    first, second = tree.modems()
    assert first.serial == second.serial == "0123456789ABCDEF"
    assert (first.usb_path, first.at_port) == ("1-1.1", "/dev/ttyUSB2")
    assert (second.usb_path, second.at_port) == ("1-1.2", "/dev/ttyUSB7")


def test_in_the_order_of_the_ports() -> None:
    tree = grown(
        (devices.EC25, "1-10", 0), (devices.EC25, "1-2", 4), (devices.EC25, "1-2.10", 8), (devices.EC25, "1-2.9", 12)
    )
    assert [modem.usb_path for modem in tree.modems()] == ["1-2", "1-2.9", "1-2.10", "1-10"]


def test_a_replug_shows_in_devnum() -> None:
    tree = Tree()
    for devnum in (4, 9):
        for entry in entries(devices.EC25, devnum=devnum):
            tree.put(entry)
        assert only(tree).devnum == devnum


def test_a_device_that_is_taken_away_whole() -> None:
    tree = grown((devices.EC25, "1-1", 0), (devices.E1550, "1-2", 4))
    tree.remove(entries(devices.EC25, "1-1")[0])
    assert only(tree).usb_path == "1-2"
