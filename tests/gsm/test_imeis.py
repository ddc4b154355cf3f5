"""Asking a modem that no line has for its IMEI."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.gsm import imeis
from gateways.gsm.discovery.found import FoundModem
from gateways.gsm.imeis import Imeis
from gateways.gsm.port import AtPort
from gateways.loop import HardwareLoop
from tests.gsm.conftest import until
from tests.gsm.scripted import HEALTHY, Reply, ScriptedModem

IMEI = "867698041234567"


class Asker:
    """``Imeis`` in its loop's thread, and what it told."""

    def __init__(self, far: ScriptedModem) -> None:
        self.far = far
        self.told: list[tuple[str, str | None]] = []
        self.loop = HardwareLoop()
        self.imeis = Imeis(self.loop, lambda modem, imei: self.told.append((modem.usb_path, imei)))
        self.modem = FoundModem("1-1", 0x2C7C, 0x0125, "quectel", at_port=str(far.at_path))
        self._thread = threading.Thread(target=self.loop.run)
        self._thread.start()

    def ask(self) -> None:
        self.loop.call(lambda: self.imeis.ask(self.modem))

    def close(self) -> None:
        self.loop.stop()
        self._thread.join(5)
        self.imeis.close()
        self.far.close()


@pytest.fixture(name="asker")
def asker_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asker]:
    monkeypatch.setattr(imeis, "WITHIN", 2.5)
    asker = Asker(ScriptedModem(tmp_path))
    yield asker
    asker.close()


@pytest.mark.parametrize(
    ("script", "imei"),
    [
        ({}, IMEI),
        ({"AT": lambda _: "^BOOT:12345678,0\r\n\r\nOK"}, IMEI),
        ({"AT+CGSN": f"+CSQ: 3,99\r\n\r\n{IMEI}\r\n\r\nOK", "ATE0": "ERROR"}, IMEI),
        ({"AT+CGSN": "ERROR"}, None),
        ({"AT": "ERROR"}, None),
        ({"AT": None}, None),
    ],
    ids=["well", "chatter", "noise", "tells none", "obeys nothing", "silent"],
)
def test_it_tells_or_it_does_not(asker: Asker, script: dict[str, Reply], imei: str | None) -> None:
    asker.far.script = HEALTHY | script
    asker.ask()
    assert until(lambda: bool(asker.told), 4.0)
    assert asker.told == [("1-1", imei)]
    assert len(asker.far.heard) < 20
    AtPort(str(asker.far.at_path)).close()  # the port is free again


def test_a_modem_that_boots_is_waited_for(asker: Asker) -> None:
    asker.far.script["AT"] = None
    asker.ask()
    assert until(lambda: "AT" in asker.far.heard)
    asker.far.script["AT"] = "OK"
    assert until(lambda: asker.told == [("1-1", IMEI)], 4.0)


def test_twice_is_once(asker: Asker) -> None:
    asker.ask()
    asker.ask()
    assert until(lambda: bool(asker.told))
    assert asker.far.heard.count("AT+CGSN") == 1


def test_a_port_that_somebody_has(asker: Asker) -> None:
    port = AtPort(str(asker.far.at_path))
    asker.ask()
    assert until(lambda: asker.told == [("1-1", None)])
    port.close()


def test_a_modem_that_goes_meanwhile(asker: Asker) -> None:
    asker.far.script["AT"] = None
    asker.ask()
    assert until(lambda: "AT" in asker.far.heard)
    asker.far.unplug()
    assert until(lambda: asker.told == [("1-1", None)])


def test_one_that_is_not_plugged_in_any_more_is_forgotten(asker: Asker) -> None:
    asker.far.script["AT"] = None
    asker.ask()
    assert until(lambda: "AT" in asker.far.heard)
    asker.loop.call(lambda: asker.imeis.keep([]))
    assert until(lambda: asker.imeis.deadline() is None)
    assert asker.told == []
