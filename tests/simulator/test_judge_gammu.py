"""Gammu as an independent judge: it sends and reads Japanese and Hindi messages in parts through the simulator.

Needs Debian's package gammu. Gammu writes both scripts as UCS-2.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank

from .sms_texts import CALLER, HINDI, JAPANESE, LINE

pytestmark = pytest.mark.skipif(shutil.which("gammu") is None, reason="gammu isn't installed")


def gammu(bank: Bank, folder: Path, *arguments: str) -> str:
    settings = folder / "gammurc"
    settings.write_text(f"[gammu]\ndevice={bank.at_path('gsm-1')}\nconnection=at115200\n")
    run = subprocess.run(
        ["gammu", "-c", str(settings), *arguments],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def texts(listing: str) -> str:
    """What the messages of a listing say, one after the other: the lines after each block of headers."""
    said = ""
    for block in listing.split("\nLocation ")[0:]:
        _, empty, body = block.partition("\n\n")
        said += body.split("\n\n")[0].strip("\n") if empty else ""
    return said


@pytest.mark.parametrize(("text", "parts"), [(JAPANESE, 2), (HINDI, 4)], ids=["japanese", "hindi"])
def test_gammu_sends_in_parts(bank: Bank, tmp_path: Path, text: str, parts: int) -> None:
    callee = bank.subscriber(CALLER)
    gammu(bank, tmp_path, "sendsms", "TEXT", CALLER, "-unicode", "-autolen", "999", "-text", text)
    (message,) = callee.wait_messages(1, 3)
    assert (message.text, message.sender, message.total) == (text, LINE, parts)
    assert message.sequences == list(range(1, parts + 1))
    assert bank.smsc.counts["accepted"] == bank.smsc.counts["delivered"] == parts


def test_gammu_reads_parts_of_both(bank: Bank, tmp_path: Path) -> None:
    caller = bank.subscriber(CALLER)
    for text in (JAPANESE, HINDI):
        caller.send_sms(text, LINE)
    listing = gammu(bank, tmp_path, "getallsms")
    assert texts(listing).replace("\n", "") == JAPANESE + HINDI
    assert "part 2 of 2" in listing
    assert "part 4 of 4" in listing
    assert listing.count(f'Remote number        : "{CALLER}"') == 6


def test_gammu_identifies_and_deletes(bank: Bank, tmp_path: Path) -> None:
    bank.subscriber(CALLER).send_sms("one", LINE)
    bank.subscriber(CALLER).send_sms("two", LINE)
    assert "Quectel" in gammu(bank, tmp_path, "identify")
    assert "2 SMS parts" in gammu(bank, tmp_path, "getallsms")
    gammu(bank, tmp_path, "deletesms", "3", "1")
    left = bank.loop.call(lambda: [len(m.messages) for m in bank.sms["gsm-1"].memories.values()])
    assert left == [0, 1]
