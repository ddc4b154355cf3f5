"""Independent clients as judges: python-gsmmodem-new and gammu take the simulator for a modem."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gsmmodem.modem import GsmModem

from gateways.gsm.simulator import Bank

from .host import wait_until

CALLER = "+819012345678"
LINE = "+818000000001"


@pytest.fixture
def client(bank: Bank) -> Iterator[tuple[Any, list[Any]]]:
    incoming: list[Any] = []
    modem = GsmModem(str(bank.at_path("gsm-1")), 115200, incomingCallCallbackFunc=incoming.append)
    modem.connect()
    yield modem, incoming
    modem.close()


def test_gsmmodem_identifies_it(client: tuple[Any, list[Any]]) -> None:
    modem, _ = client
    assert (modem.manufacturer, modem.model, modem.revision) == ("Quectel", "EC25", "EC25EFAR06A06M4G")
    assert (modem.imei, modem.imsi) == ("004401000000014", "001010000000001")
    assert (modem.networkName, modem.signalStrength) == ("SIMNET", 23)


def test_gsmmodem_sees_an_incoming_call_and_answers(bank: Bank, client: tuple[Any, list[Any]]) -> None:
    _, incoming = client
    call = bank.subscriber(CALLER).dial(LINE)
    wait_until(lambda: bool(incoming))
    assert incoming[0].number == CALLER
    incoming[0].answer()
    assert call.wait_answered(1.0)
    incoming[0].hangup()
    assert call.wait_ended(1.0)


def test_gsmmodem_dials_hears_of_the_answer_and_sends_dtmf(bank: Bank, client: tuple[Any, list[Any]]) -> None:
    modem, _ = client
    # It asks +CLCC each half second and must find the call ringing once.
    callee = bank.subscriber(CALLER).behaves("answers", after=0.8)
    call = modem.dial(CALLER)
    wait_until(lambda: bool(call.answered))
    received = callee.wait_call(1.0)
    assert received.answered
    call.sendDtmfTone("5")
    wait_until(lambda: [digit for _, digit in received.digits] == ["5"])
    received.hang_up()
    wait_until(lambda: not call.active)


@pytest.mark.skipif(shutil.which("gammu") is None, reason="gammu isn't installed")
def test_gammu_reads_it(bank: Bank, tmp_path: Path) -> None:
    settings, batch = tmp_path / "gammurc", tmp_path / "batch"
    settings.write_text(f"[gammu]\ndevice={bank.at_path('gsm-1')}\nconnection=at115200\n")
    batch.write_text("identify\nnetworkinfo\n")
    run = subprocess.run(
        ["gammu", "-c", str(settings), "batch", str(batch)], capture_output=True, text=True, timeout=20, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for text in (
        "Quectel",
        "EC25EFAR06A06M4G",
        "004401000000014",
        "001010000000001",
        "home network",
        "001 01",
        "SIMNET",
    ):
        assert text in run.stdout
