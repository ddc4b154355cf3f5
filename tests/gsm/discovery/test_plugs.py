"""Lines find their modems by IMEI and USB path, wherever and whenever these are plugged in."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from gateways.gsm.device import LineSpec
from gateways.gsm.simulator import Bank
from gateways.gsm.simulator.bank import identity
from tests.gsm.discovery.devices import EC25, MOUSE, rows

Json = dict[str, Any]
PIN = "1234"


class Site:
    """Two simulated modems, ``one`` and ``two`` (whose SIM wants ``PIN``), and the process of ``plugs_process``."""

    def __init__(self, folder: Path) -> None:
        who = [identity(1, "+818000000001", "one"), replace(identity(2, "+818000000002", "two"), pin=PIN)]
        self.imei = {one.name: one.imei for one in who}
        self.bank = Bank(folder / "bank", who)
        self.bank.start()
        self.said: list[Json] = []
        self._news = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._plugged: dict[str, int] = {}
        self._devnum = 1

    def start(self, *specs: LineSpec) -> None:
        wrapper = shutil.which("umockdev-wrapper")
        assert wrapper is not None, "umockdev is not installed: run `make setup-test`"
        lines = json.dumps([asdict(spec) for spec in specs])
        command = [wrapper, sys.executable, "-m", "tests.gsm.discovery.plugs_process", lines]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.wait(lambda said: "ready" in said)

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.said.append(json.loads(line))
                self._news.notify_all()

    def wait(self, holds: Callable[[Json], bool], since: int = 0, timeout: float = 15.0) -> Json:
        """Return the first of what was said from number ``since`` on that holds."""
        with self._news:
            found = self._news.wait_for(lambda: next((one for one in self.said[since:] if holds(one)), None), timeout)
        assert found is not None, f"not among {self.said[since:]}"
        return found

    def wait_state(self, line: str, state: str, since: int = 0) -> Json:
        return self.wait(lambda said: said.get("line") == line and said["state"] == state, since)

    def plug(self, modem: str, usb_path: str, first_tty: int = 0) -> None:
        """Plug a modem in: of its ttys the second is for audio, the third for AT (an EC25's)."""
        self._devnum += 1
        where = self.bank.where(modem)
        self._plugged[usb_path] = first_tty
        links = {f"ttyUSB{first_tty + 1}": where["pcm"], f"ttyUSB{first_tty + 2}": where["at"]}
        self._do(links=links)
        told = rows(EC25, usb_path, first_tty, self._devnum)
        for part in range(0, len(told), 4):
            self._do(add=told[part : part + 4])

    def unplug(self, usb_path: str) -> None:
        told = rows(EC25, usb_path, self._plugged.pop(usb_path), self._devnum)[::-1]
        for part in range(0, len(told), 4):
            self._do(remove=told[part : part + 4])

    def plug_mouse(self, usb_path: str) -> None:
        self._do(add=rows(MOUSE, usb_path))

    def _do(self, **command: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        since = len(self.said)
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        self.wait(lambda said: "done" in said, since)

    def close(self) -> None:
        try:
            if self._process is not None:
                self._end(self._process)
        finally:
            self.bank.stop()

    def _end(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            status = process.wait(10)
        finally:
            process.kill()
            self._reader.join(5)
            process.stdout.close()
        assert status == 0


@pytest.fixture(name="site")
def site_fixture(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


def line(name: str = "gsm-1", imei: str | None = None, usb_path: str | None = None, **more: Any) -> LineSpec:
    return LineSpec(name, None, "quectel", more.pop("at_port", ""), more.pop("pcm_port", None), imei=imei,
                    usb_path=usb_path, **more)  # fmt: skip


def test_by_its_place_through_pulling_out_and_other_tty_numbers(site: Site) -> None:
    site.start(line(usb_path="1-1.4"))
    gone = site.wait_state("gsm-1", "absent")
    assert gone["reason"] == "no modem at USB 1-1.4: plug it in there"
    site.plug("one", "1-1.4")
    site.wait_state("gsm-1", "idle")
    mark = len(site.said)
    site.unplug("1-1.4")
    site.wait_state("gsm-1", "absent", mark)
    site.plug("one", "1-1.4", 7)
    site.wait_state("gsm-1", "idle", mark)


def test_by_its_imei_alone(site: Site) -> None:
    site.start(line(imei=site.imei["one"]))
    gone = site.wait_state("gsm-1", "absent")
    assert f"the modem with IMEI {site.imei['one']} is not plugged in" in gone["reason"]
    site.plug_mouse("1-9")
    site.plug("one", "1-1.7")
    site.wait_state("gsm-1", "idle")


def test_it_is_followed_to_another_port(site: Site) -> None:
    site.start(line(imei=site.imei["one"], usb_path="1-1"))
    site.plug("one", "1-1")
    site.wait_state("gsm-1", "idle")
    mark = len(site.said)
    site.unplug("1-1")
    site.wait_state("gsm-1", "absent", mark)
    site.plug("one", "1-2.3", 4)
    site.wait_state("gsm-1", "idle", mark)


def test_two_that_are_plugged_in_crosswise_serve_their_own_lines_and_no_pin_goes_astray(site: Site) -> None:
    """``two`` would take the PIN of the line at whose place it is, were it asked."""
    site.start(
        line("gsm-1", site.imei["one"], "1-1", pin=PIN),
        line("gsm-2", site.imei["two"], "1-2"),
    )
    site.plug("two", "1-1")
    site.plug("one", "1-2", 4)
    site.wait_state("gsm-1", "idle")
    site.wait_state("gsm-2", "sim-pin")
    assert site.bank.modem("two").pin_locked


def test_another_modem_in_a_line_s_place_is_not_taken_for_its_own(site: Site) -> None:
    site.start(line(imei=site.imei["one"], usb_path="1-1", pin=PIN))
    site.plug("two", "1-1")
    why = f"gsm-1 is the modem with IMEI {site.imei['one']}, but at 1-1 there is {site.imei['two']}: "
    gone = site.wait(lambda said: str(said.get("reason")).startswith(why))
    assert gone["state"] == "absent"
    site.wait(lambda said: str(said.get("log")).startswith(why))
    assert site.bank.modem("two").pin_locked
    assert not any(said.get("state") in {"idle", "fault"} for said in site.said)


def test_a_modem_without_a_line_is_asked_and_named(site: Site) -> None:
    site.start(line(usb_path="1-1"))
    site.plug("two", "1-3")
    said = site.wait(lambda said: "log" in said)
    what = f"2c7c:0125 Quectel EC20/EC25/EG25, IMEI {site.imei['two']}"
    assert said["log"] == f"a modem without a line at USB 1-3 ({what}): describe it as gsm-2"


def test_fixed_ports_are_left_to_their_line(site: Site) -> None:
    fixed = line("gsm-1", at_port="/dev/ttyUSB2", pcm_port="/dev/ttyUSB1")
    site.start(fixed, line("gsm-2", usb_path="1-2", pin=PIN))
    site.plug("one", "1-1")
    site.wait_state("gsm-1", "idle")
    site.plug("two", "1-2", 4)
    site.wait_state("gsm-2", "idle")
    assert not any("log" in said for said in site.said)
