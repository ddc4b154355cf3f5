"""Resets through sysfs: on a tree of files; on real hubs in tests/vm."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from gateways.gsm.discovery import usbpower
from gateways.gsm.discovery.usbpower import PowerError, Worker


@pytest.fixture(name="usb")
def usb_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /sys/bus/usb/devices."""
    monkeypatch.setattr(usbpower, "USB", tmp_path)
    monkeypatch.setattr(usbpower, "OFF_SECONDS", 0.01)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "switch"),
    [
        ("1-1.4.2", "1-1.4:1.0/1-1.4-port2/disable"),
        ("1-1.4", "1-1:1.0/1-1-port4/disable"),
        ("2-3", "2-0:1.0/usb2-port3/disable"),
    ],
)
def test_port_switch(usb: Path, path: str, switch: str) -> None:
    assert usbpower.port_switch(path) == usb / switch


def test_reauthorise_leaves_it_authorised(usb: Path) -> None:
    (usb / "1-1").mkdir()
    (usb / "1-1" / "authorized").write_text("1\n")
    usbpower.reauthorise("1-1")
    assert (usb / "1-1" / "authorized").read_text() == "1"


def test_reauthorise_tries_more_than_once_to_give_it_back(usb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usbpower, "PAUSE_SECONDS", 0.2)
    switch = usb / "1-1" / "authorized"
    switch.parent.mkdir()
    switch.write_text("1\n")

    def away() -> None:
        while switch.read_text() != "0":
            time.sleep(0.005)
        switch.parent.rename(usb / "away")
        time.sleep(0.3)
        (usb / "away").rename(switch.parent)

    thread = threading.Thread(target=away)
    thread.start()
    usbpower.reauthorise("1-1")
    thread.join(5)
    assert switch.read_text() == "1"


def test_a_device_that_has_gone(usb: Path) -> None:
    with pytest.raises(PowerError, match="plug the modem in"):
        usbpower.reauthorise("1-1")


def test_no_switch(usb: Path) -> None:
    with pytest.raises(PowerError, match=r"older than 6\.0"):
        usbpower.cycle_port("1-1.2")


def test_a_hub_that_does_not_answer(usb: Path) -> None:
    switch = usbpower.port_switch("1-1.2")
    switch.parent.mkdir(parents=True)
    switch.write_text("0")
    with pytest.raises(PowerError, match="use another hub"):
        usbpower.cycle_port("1-1.2")
    assert switch.read_text() == "0"


def test_mode_switch_is_asked_of_device_and_interfaces(usb: Path) -> None:
    for directory in ("1-1", "1-1/1-1:1.0"):
        (usb / directory).mkdir()
        (usb / directory / "uevent").write_text("")
    usbpower.ask_mode_switch("1-1")
    assert [(usb / part / "uevent").read_text() for part in ("1-1", "1-1/1-1:1.0")] == ["add", "add"]


def test_worker_tells_of_success_and_failure(usb: Path) -> None:
    told: list[PowerError | None] = []
    worker = Worker()

    def fault() -> None:
        raise ZeroDivisionError("no such number")

    here = threading.get_ident()
    ran_in: list[int] = []
    worker.do(lambda: ran_in.append(threading.get_ident()), told.append)
    worker.do(lambda: usbpower.reauthorise("9-9"), told.append)
    worker.do(fault, told.append)
    worker.close()
    assert told[0] is None
    assert [type(one) for one in told[1:]] == [PowerError, PowerError]
    assert ran_in[0] != here


def test_a_worker_without_work_keeps_no_program_from_ending() -> None:
    before = threading.active_count()
    worker = Worker()
    assert threading.active_count() == before
    worker.close()
