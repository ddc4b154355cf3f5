"""Discovery against udev's real library, on a machine that umockdev makes up."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from tests.gsm.discovery import devices
from tests.gsm.discovery.devices import Shape, rows

Json = dict[str, Any]


class Machine:
    """The process of ``machine_process``, and what it said."""

    def __init__(self) -> None:
        wrapper = shutil.which("umockdev-wrapper")
        assert wrapper is not None, "umockdev is not installed: run `make setup-test`"
        command = [wrapper, sys.executable, "-m", "tests.gsm.discovery.machine_process"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._said: list[Json] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.wait(lambda said: "modems" in said)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self._said.append(json.loads(line))
                self._news.notify_all()

    def wait(self, holds: Callable[[Json], bool], since: int = 0) -> Json:
        """Return the first of what was said from number ``since`` on that holds."""
        with self._news:
            found = self._news.wait_for(lambda: next((one for one in self._said[since:] if holds(one)), None), 10)
        assert found is not None, f"not among {self._said[since:]}"
        return found

    def do(self, op: str, shape: Shape | None = None, usb_path: str = "", first_tty: int = 0, devnum: int = 1) -> None:
        told = rows(shape, usb_path, first_tty, devnum) if shape is not None else []
        if op != "plug":
            told.reverse()  # as the kernel does: the innermost goes first
        # umockdev sends events over a socket that holds 10 unread (net.unix.max_dgram_qlen).
        for part in range(0, max(len(told), 1), 4):
            self._ask({"op": op, "rows": told[part : part + 4]})

    def _ask(self, command: Json) -> None:
        assert self._process.stdin is not None
        since = len(self._said)
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        self.wait(lambda said: said == {"done": command["op"]}, since)

    def settled(self, **expected: str | None) -> dict[str, Json]:
        """Wait until AT ports (by place, dots and dashes as _) are as expected; return the modems by place."""

        wanted = {_place(key): value for key, value in expected.items()}

        def now() -> dict[str, str | None]:
            return {modem["usb_path"]: modem["at_port"] for modem in self._last()}

        with self._news:
            assert self._news.wait_for(lambda: now() == wanted, 10), f"{now()}, not {wanted}"
            return {modem["usb_path"]: modem for modem in self._last()}

    def _last(self) -> list[Json]:
        return cast(list[Json], next(said["modems"] for said in reversed(self._said) if "modems" in said))

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            status = self._process.wait(10)
        finally:
            self._process.kill()
            self._reader.join(5)
            self._process.stdout.close()
        assert status == 0


def _place(key: str) -> str:
    bus, _, ports = key.removeprefix("usb").partition("_")
    return f"{bus}-{ports.replace('_', '.')}"


@pytest.fixture(name="machine")
def machine_fixture() -> Iterator[Machine]:
    machine = Machine()
    yield machine
    machine.close()


def test_plugged_in_and_pulled_out(machine: Machine) -> None:
    machine.do("plug", devices.EC25, "1-1.4.2")
    modem = machine.settled(usb1_1_4_2="/dev/ttyUSB2")["1-1.4.2"]
    assert (modem["family"], modem["pcm_port"], modem["problem"]) == ("quectel", "/dev/ttyUSB1", None)
    machine.do("unplug", devices.EC25, "1-1.4.2")
    machine.settled()


def test_what_is_there_at_the_start(machine: Machine) -> None:
    machine.do("plug", devices.EC25, "1-1")
    machine.do("plug", devices.EG25_UAC, "1-2", 4)
    machine.settled(usb1_1="/dev/ttyUSB2", usb1_2="/dev/ttyUSB6")
    machine.do("begin-anew")
    modems = machine.settled(usb1_1="/dev/ttyUSB2", usb1_2="/dev/ttyUSB6")
    assert modems["1-2"]["alsa_card"] == 1


def test_back_under_other_numbers(machine: Machine) -> None:
    machine.do("plug", devices.EC25, "1-1", 0, devnum=3)
    machine.do("plug", devices.E1550, "1-2", 4, devnum=4)
    machine.settled(usb1_1="/dev/ttyUSB2", usb1_2="/dev/ttyUSB6")
    machine.do("unplug", devices.EC25, "1-1", 0)
    machine.settled(usb1_2="/dev/ttyUSB6")
    machine.do("plug", devices.EC25, "1-1", 11, devnum=5)
    modems = machine.settled(usb1_1="/dev/ttyUSB13", usb1_2="/dev/ttyUSB6")
    assert (modems["1-1"]["pcm_port"], modems["1-1"]["devnum"]) == ("/dev/ttyUSB12", 5)


def test_back_at_another_port(machine: Machine) -> None:
    machine.do("plug", devices.E1550, "1-1.1")
    machine.settled(usb1_1_1="/dev/ttyUSB2")
    machine.do("unplug", devices.E1550, "1-1.1")
    machine.do("plug", devices.E1550, "1-1.7")
    machine.settled(usb1_1_7="/dev/ttyUSB2")


def test_twins_with_one_serial(machine: Machine) -> None:
    machine.do("plug", devices.SIM7600, "1-1.1")
    machine.do("plug", devices.SIM7600, "1-1.2", 5)
    modems = machine.settled(usb1_1_1="/dev/ttyUSB2", usb1_1_2="/dev/ttyUSB7")
    assert {modem["serial"] for modem in modems.values()} == {"0123456789ABCDEF"}
    machine.do("unplug", devices.SIM7600, "1-1.1")
    machine.settled(usb1_1_2="/dev/ttyUSB7")


def test_a_disc_becomes_a_modem(machine: Machine) -> None:
    machine.do("plug", devices.E173_DISC, "1-3")
    assert machine.settled(usb1_3=None)["1-3"]["mode_switch"]
    machine.do("unplug", devices.E173_DISC, "1-3")
    machine.do("plug", devices.E1750, "1-3")
    modem = machine.settled(usb1_3="/dev/ttyUSB2")["1-3"]
    assert (modem["mode_switch"], modem["family"]) == (False, "huawei")


def test_a_bank_at_once(machine: Machine) -> None:
    """More events than are taken in one go; none is lost, and what is no modem stays out."""
    expected = {}
    for n in range(1, 33):
        machine.do("plug", devices.EC25, f"1-{n}", 4 * n)
        machine.do("plug", devices.MOUSE, f"2-{n}")
        expected[f"usb1_{n}"] = f"/dev/ttyUSB{4 * n + 2}"
    machine.settled(**expected)


def test_a_device_that_went_unheard_is_gone_after_reading_anew(machine: Machine) -> None:
    machine.do("plug", devices.EC25, "1-1")
    machine.settled(usb1_1="/dev/ttyUSB2")
    machine.do("vanish", devices.EC25, "1-1")
    machine.do("begin-anew")
    machine.settled()
