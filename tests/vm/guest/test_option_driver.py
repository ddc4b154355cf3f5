"""Discovery and resets with a Quectel's USB id under Debian's own `option` driver."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from gateways.gsm.discovery import sysfs, usbpower
from gateways.loop import HardwareLoop
from tests.vm.guest.conftest import Make, Watch


def properties(of: str) -> dict[str, str]:
    """What udev knows of a device node or directory of sysfs."""
    text = subprocess.run(
        ["udevadm", "info", "--query=property", of], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    return dict(line.split("=", 1) for line in text.splitlines())


def test_found_by_interface(watch: Watch, make: Make) -> None:
    make().plug()
    modem = watch.served()
    assert (modem.family, modem.usb_id, modem.problem) == ("quectel", "2c7c:0125", None)
    assert modem.serial == "0123456789ABCDEF"
    assert [(port.interface, port.driver) for port in modem.ports] == [(n, "option") for n in range(4)]
    assert modem.at_port == modem.ports[2].path
    assert modem.pcm_port == modem.ports[1].path


def test_bytes_reach_the_far_side(watch: Watch, make: Make) -> None:
    """What goes into the AT port comes out behind interface 2."""
    gadget = make()
    gadget.plug()
    modem = watch.served()
    assert modem.at_port is not None
    far = os.open(gadget.far_ports[2], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    near = os.open(modem.at_port, os.O_RDWR | os.O_NOCTTY)
    os.write(near, b"AT\r")
    ends, heard = time.monotonic() + 10, b""
    while b"AT" not in heard and time.monotonic() < ends:
        time.sleep(0.05)
        try:
            heard += os.read(far, 100)
        except BlockingIOError:
            continue
    os.close(near)
    os.close(far)
    assert b"AT" in heard


def test_pulled_and_back_under_other_numbers(watch: Watch, make: Make) -> None:
    gadget = make()
    gadget.plug()
    before = watch.served()
    assert before.at_port is not None
    held = os.open(before.at_port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)  # keeps its number taken
    gadget.unplug()
    watch.wait(lambda modems: not modems)
    gadget.plug()
    after = watch.served()
    os.close(held)
    assert after.at_port != before.at_port
    assert after.at_port == after.ports[2].path
    assert after.usb_path == before.usb_path
    assert after.devnum != before.devnum


def test_twins_on_two_buses(watch: Watch, make: Make) -> None:
    for controller in (0, 1):
        make(controller=controller).plug()
    modems = watch.wait(lambda now: len(now) == 2 and all(len(modem.ports) == 4 for modem in now))
    assert modems[0].serial == modems[1].serial
    assert modems[0].usb_path != modems[1].usb_path
    assert {modems[0].at_port, modems[1].at_port}.isdisjoint({None})


def test_a_disc_is_told_as_one(watch: Watch, make: Make) -> None:
    make("12d1:1446", serial_ports=0).plug()
    (modem,) = watch.wait(lambda modems: len(modems) == 1)
    assert modem.mode_switch
    usbpower.ask_mode_switch(modem.usb_path)


def test_our_udev_rules(watch: Watch, make: Make) -> None:
    make().plug()
    modem = watch.served()
    directory = Path("/sys/bus/usb/devices") / modem.usb_path
    assert properties(str(directory))["ID_MM_DEVICE_IGNORE"] == "1"
    assert properties(str(modem.at_port))["ID_MM_PORT_IGNORE"] == "1"
    assert (directory / "power" / "control").read_text().strip() == "on"
    assert (directory / "authorized").stat().st_mode & 0o020
    assert Path(str(modem.at_port)).group() == "dialout"
    assert usbpower.port_switch(modem.usb_path).stat().st_mode & 0o020


def test_reauthorised(watch: Watch, make: Make) -> None:
    """The ttys go and come; the device stays."""
    make().plug()
    before = watch.served()
    usbpower.reauthorise(before.usb_path)
    watch.wait(lambda _: any(all(not modem.ports for modem in told) for told in watch.history[2:]))
    after = watch.served()
    assert after.devnum == before.devnum
    assert Path(str(after.at_port)).exists()


def test_port_power(watch: Watch, make: Make) -> None:
    """dummy_hcd's hub says that it switches single ports, and does."""
    make().plug()
    before = watch.served()
    assert usbpower.why_no_port_power(before.usb_path) is None
    usbpower.cycle_port(before.usb_path)
    after = watch.wait(lambda modems: any(m.devnum != before.devnum and len(m.ports) == 4 for m in modems))
    assert [modem.usb_path for modem in after] == [before.usb_path]


def test_no_event_is_lost_for_good(watch: Watch, make: Make) -> None:
    """Plugged and pulled as fast as it goes; the last state is what counts."""
    gadget = make()
    for _ in range(5):
        gadget.plug()
        gadget.unplug()
    gadget.plug()
    assert watch.served().at_port is not None
    gadget.unplug()
    watch.wait(lambda modems: not modems)


def test_lost_events_are_made_up_for(
    loop: HardwareLoop,
    make: Make,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The kernel drops what the buffer does not hold (ENOBUFS); then all is read anew."""
    monkeypatch.setattr(sysfs, "_BUFFER", 1)  # the kernel makes some 2 kB of it
    watch: Watch = request.getfixturevalue("watch")
    loop.call(lambda: time.sleep(5))
    make().plug()
    assert watch.served().at_port is not None
    assert "were lost" in caplog.text
