"""The bank as a program: ports, control socket, end by signal; and several lines at once."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateways.gsm.simulator import Bank, Timing

from .host import AtHost, PcmHost, wait_until

CALLER = "+819012345678"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "gateways.gsm.simulator", "--directory", str(tmp_path / "bank")]
    command += ["--control", str(tmp_path / "control"), "--number", "+818000000001", "+818000000002"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait(5)
        process.stdout.close()


class Console:
    """A person at the control socket."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(path)
        self._file = self._socket.makefile("rw")

    def ask(self, **request: Any) -> dict[str, Any]:
        print(json.dumps(request), file=self._file, flush=True)
        answer: dict[str, Any] = json.loads(self._file.readline())
        return answer

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def test_a_call_driven_from_the_control_socket(program: Any, tmp_path: Path) -> None:
    process, ready = program
    assert ready["ready"] is True
    assert [line["number"] for line in ready["lines"]] == ["+818000000001", "+818000000002"]
    console = Console(ready["control"])
    at, pcm = AtHost(Path(ready["lines"][1]["at"])), PcmHost(Path(ready["lines"][1]["pcm"]))
    at.command("E0+QPCMV=1,0;S0=1")
    speech = tmp_path / "speech.raw"
    speech.write_bytes(bytes(range(1, 161)) * 20)
    assert console.ask(op="subscriber", number=CALLER, present="national")["ok"]
    answer = console.ask(op="call", **{"from": CALLER, "to": "+818000000002", "wait": 5})
    assert answer == {"ok": True, "state": "active"}
    assert console.ask(op="play", number=CALLER, file=str(speech)) == {"ok": True, "seconds": 0.2}
    assert console.ask(op="digits", number=CALLER, digits="1")["ok"]
    assert speech.read_bytes() in b"".join(data for _, data in pcm.read_for(0.5))
    pcm.write(b"\x07" * 640)
    time.sleep(0.1)
    assert console.ask(op="record", number=CALLER, file=str(tmp_path / "heard"))["seconds"] == 0.04
    assert (tmp_path / "heard").read_bytes() == b"\x07" * 640
    state = console.ask(op="state")
    assert state["lines"][1]["calls"] == [{"index": 1, "stat": "active", "number": "09012345678"}]
    assert console.ask(op="hangup", number=CALLER)["ok"]
    assert at.expect("NO CARRIER")
    assert console.ask(op="fault", line="gsm-2", kind="error")["ok"]
    assert at.command("") == ["ERROR"]
    assert console.ask(op="clear", line="gsm-2")["ok"]
    for refused in (
        {"op": "nothing"},
        {"op": "fault", "line": "gsm-9", "kind": "error"},
        {"op": "fault", "line": "gsm-1", "kind": "fire"},
        {"op": "hangup", "number": CALLER},
        {"op": "digits", "number": CALLER},
        {"op": "subscriber", "number": CALLER, "manner": "sleeps"},
    ):
        assert console.ask(**refused)["ok"] is False
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert not Path(ready["lines"][0]["at"]).is_symlink()
    for one in (at, pcm, console):
        one.close()


def test_four_lines_speak_at_once(tmp_path: Path) -> None:
    with Bank(tmp_path, lines=4, timing=Timing(setup=0.03)) as bank:
        names = list(bank.modems)
        hosts = [(AtHost(bank.at_path(name)), PcmHost(bank.pcm_path(name))) for name in names]
        for at, _ in hosts:
            at.command("E0+QPCMV=1,0;S0=1")
        calls = [bank.subscriber(f"+8190{n:08}").dial(f"+8180{n + 1:08}") for n in range(4)]
        assert all(call.wait_answered(2) for call in calls)
        wait_until(lambda: all(call.spoken() for call in calls))
        marks = [bytes([n + 1]) * 3200 for n in range(4)]
        for call, mark in zip(calls, marks, strict=True):
            call.play(mark)
        for (_, pcm), mark in zip(hosts, marks, strict=True):
            pcm.write(mark[:320])
            assert mark in b"".join(data for _, data in pcm.read_for(0.3))
        # Read one after the other, so the last host has left a second unread: only that is lost.
        for call, mark in zip(calls, marks, strict=True):
            assert call.wait_heard(1, 1.0)
            assert call.heard_pcm() == mark[:320]
            frames = call.spoken()
            assert abs((frames[40][0] - frames[0][0]) / 1e6 - 800) < 30
            call.hang_up()
        wait_until(lambda: bank.state()["calls"] == [])
        for at, pcm in hosts:
            at.close()
            pcm.close()


def test_numbers_names_and_second_stop(tmp_path: Path) -> None:
    bank = Bank(tmp_path, lines=["+81501", "+81502"])
    bank.start()
    assert [modem.number for modem in bank.modems.values()] == ["+81501", "+81502"]
    with pytest.raises(ValueError, match="taken"):
        bank.subscriber("+81501")
    assert bank.subscriber("+8190") is bank.subscriber("+8190")
    bank.stop()
    bank.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_bank_never_started_closes(tmp_path: Path) -> None:
    Bank(tmp_path, lines=1).stop()
    assert list(tmp_path.iterdir()) == []
