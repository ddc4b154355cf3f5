"""smstools' smsd as an independent judge: it sends and reads through the simulator, with national shift tables.

Needs Debian's package smstools. smsd has its own settings and folders here; no system service is used.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank

from .conftest import quick
from .sms_texts import CALLER, HINDI, JAPANESE, LINE, TURKISH, until

pytestmark = pytest.mark.skipif(shutil.which("smsd") is None, reason="smsd isn't installed")

FOLDERS = ("outgoing", "checked", "incoming", "report", "sent", "failed")


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    """A Huawei stick: its status reports are kept on the SIM, where smsd looks."""
    with Bank(tmp_path / "bank", lines=1, timing=quick(), families=["huawei"]) as running:
        yield running


@pytest.fixture
def spool(bank: Bank, tmp_path: Path) -> Iterator[Path]:
    """smsd's folders; smsd runs once the test has written `start`."""
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    folders = "\n".join(f"{name} = {tmp_path / name}" for name in FOLDERS)
    settings = tmp_path / "smsd.conf"
    settings.write_text(
        f"devices = GSM1\n{folders}\nlogfile = {tmp_path}/log\nloglevel = 6\nautosplit = 3\nincoming_utf8 = yes\n"
        "delaytime = 1\ndelaytime_mainprocess = 1\nerrorsleeptime = 1\n"
        f"[GSM1]\ndevice = {bank.at_path('gsm-1')}\ninit = AT+CNMI=2,1,0,2,0\nincoming = yes\nreport = yes\n"
        "baudrate = 115200\nrtscts = no\nmemory_start = 0\n"
    )
    process = subprocess.Popen(
        ["smsd", "-t", f"-c{settings}", f"-i{tmp_path}/working", f"-p{tmp_path}/pid"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield tmp_path
    finally:
        process.terminate()  # its modem process ends with it
        process.wait(20)


def put(spool: Path, name: str, headers: str, text: str) -> None:
    """A file that is whole when it appears."""
    (spool / name).write_text(f"To: {CALLER[1:]}\n{headers}\n\n{text}")
    (spool / name).replace(spool / "outgoing" / name)


def received(folder: Path) -> list[str]:
    """What smsd has put there; its own note of parts that it joins comes and goes."""
    found = []
    files = [path for path in folder.iterdir() if not path.name.endswith("-concatenated")]
    for path in sorted(files, key=lambda path: path.stat().st_mtime_ns):
        head, _, body = path.read_bytes().partition(b"\n\n")
        found.append(body.decode("utf-16-be" if b"Alphabet: UCS2" in head else "utf-8"))
    return found


def test_smsd_sends(bank: Bank, spool: Path) -> None:
    callee = bank.subscriber(CALLER)
    put(spool, "ja", "Alphabet: UTF", JAPANESE)
    put(spool, "hi", "Alphabet: UTF\nLanguage: Hindi", HINDI)
    put(spool, "tr", "Alphabet: UTF\nLanguage: Turkish\nReport: yes", TURKISH)
    got = {message.text: message for message in callee.wait_messages(3, 40)}
    assert set(got) == {JAPANESE, HINDI, TURKISH}
    assert [got[text].total for text in (JAPANESE, HINDI, TURKISH)] == [2, 2, 1]
    assert {body.alphabet for body in got[HINDI].parts.values()} == {"gsm7"}
    assert all(message.sequences == sorted(set(message.sequences)) for message in got.values())
    (report,) = until(lambda: received(spool / "report"), bool, 20)
    assert "Status: 0" in report


def test_smsd_reads(bank: Bank, spool: Path) -> None:
    caller = bank.subscriber(CALLER)
    caller.send_sms(JAPANESE, LINE, reference_bits=16, order=[2, 1])
    caller.send_sms(HINDI, LINE, alphabet="hindi")
    caller.send_sms(TURKISH, LINE, alphabet="turkish")
    caller.send_sms(TURKISH, LINE, alphabet="turkish", shift="single")
    got = until(lambda: received(spool / "incoming"), lambda texts: len(texts) >= 4, 40)
    assert sorted(got) == sorted([JAPANESE, HINDI, TURKISH, TURKISH])
    until(lambda: bank.loop.call(lambda: len(bank.sms["gsm-1"].memories["SM"].messages)), lambda n: n == 0, 10)
