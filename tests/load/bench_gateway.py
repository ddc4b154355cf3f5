"""What a line costs the GSM gateway, and what the gateway adds to the way of a frame: 64 lines that all talk.

The real ``callfloor gsm`` between simulated modems (``gateway_bank``) and a stand-in for the core (``gateway_core``),
each in a process of its own; only the gateway's is measured. Frames carry marks (``marks``): the time of each at the
modem's port and on the core's RTP socket is what the gateway added.
"""

from __future__ import annotations

import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from appliance.bus import topics
from appliance.bus_payloads import LineStatus
from appliance.store import models, open_store
from tests.bus.broker import Broker, eventually
from tests.conftest import free_ports
from tests.load.gateway_core import Times

ROOT = Path(__file__).parents[2]
LINES, SOME, SECONDS, SOME_SECONDS, IDLE_SECONDS, SETTLE_SECONDS = 64, 16, 15.0, 8.0, 4.0, 3.0
TAIL_SECONDS = 0.5  # until the last frames that count are through
IN_SERVICE_WITHIN = 40.0
SETTINGS = """
[paths]
state = "{folder}"
[bus]
port = {bus}
passwords = "{folder}/bus-passwords.json"
[core]
port = {core}
[gsm]
port = {sip}
rtp_first = {rtp[0]}
rtp_last = {rtp[1]}
[pstn]
rtp_first = 20000
rtp_last = 24999
"""


def measure(lines: int = LINES, some: int = SOME) -> dict[str, Any]:
    """Idle, then ``some`` lines, then all."""
    folder = Path(tempfile.mkdtemp(prefix="callfloor-bench-"))
    try:
        with ExitStack() as stack:
            found = _Run(folder, lines, stack).measure(some)
    except BaseException:
        print(f"log: {folder}/gsm.log", file=sys.stderr)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return found


class _Run:
    """All processes of one measurement; ended by the stack."""

    def __init__(self, folder: Path, lines: int, stack: ExitStack) -> None:
        self._folder, self._lines = folder, lines
        core, core_rtp, sip = free_ports(3)
        broker = Broker(folder)
        stack.callback(broker.close)
        first = random.randrange(26000, 32000, 400)  # clear of the ports that the system hands out
        text = SETTINGS.format(folder=folder, bus=broker.port, core=core, sip=sip, rtp=(first, first + 399))
        (folder / "callfloor.toml").write_text(text)
        self._fill_store()
        self._states: dict[str, str] = {}
        panel = broker.bus("panel")
        panel.subscribe(topics.EVERY_LINE, LineStatus, self._heard)
        self._bank = self._start(stack, "gateway_bank", str(folder / "bank"), str(lines), str(folder / "bank.times"))
        self._core = self._start(stack, "gateway_core", str(core), str(core_rtp), str(folder / "core.times"))
        command = [sys.executable, "-m", "appliance.cli", "--settings", str(folder / "callfloor.toml"), "gsm"]
        log = stack.enter_context((folder / "gsm.log").open("w"))
        gateway = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        stack.callback(_end, gateway)
        self._gateway = psutil.Process(gateway.pid)

    def _fill_store(self) -> None:
        store = open_store(f"sqlite:///{self._folder / 'callfloor.db'}")
        store.migrate()
        with store.session() as session:
            for number in range(1, self._lines + 1):
                port = str(self._folder / "bank" / f"gsm-{number}")
                session.add(
                    models.Line(
                        name=f"gsm-{number}", gateway="gsm", number=f"+8180{number:08}", family="quectel",
                        at_port=f"{port}-at", pcm_port=f"{port}-pcm", enabled=True,
                    )
                )  # fmt: skip
        store.close()

    def _heard(self, _topic: str, status: LineStatus | None) -> None:
        if status is not None:
            self._states[status.line] = status.state

    def _start(self, stack: ExitStack, module: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", f"tests.load.{module}", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.callback(_end, process)
        _ready(process)
        return process

    def measure(self, some: int) -> dict[str, Any]:
        if not eventually(lambda: self._in_state("idle") == self._lines, IN_SERVICE_WITHIN):
            raise RuntimeError(f"only {self._in_state('idle')} of {self._lines} lines came into service")
        time.sleep(SETTLE_SECONDS)
        idle, _, _ = self._percent(IDLE_SECONDS)
        self._talk(some)
        few, _, _ = self._percent(SOME_SECONDS)
        self._talk(self._lines)
        busy, began, ended = self._percent(SECONDS)
        time.sleep(TAIL_SECONDS)
        for process in (self._bank, self._core):
            process.communicate(timeout=30)
        (spoken, heard), (sent, received) = (
            pickle.loads((self._folder / name).read_bytes()) for name in ("bank.times", "core.times")
        )
        to_core, to_lines = (_Way(*way, began, ended) for way in ((spoken, received), (sent, heard)))
        return {
            "lines": self._lines, "seconds": SECONDS, "cpu_core_pct_per_line": round(busy / self._lines, 3),
            "cpu_core_pct": round(busy, 2), "idle_core_pct": round(idle, 2), "some_lines": some,
            "ratio_per_line": round((busy - idle) / self._lines / max((few - idle) / some, 0.001), 2),
            "to_core_p50_ms": to_core.late(50), "to_core_p99_ms": to_core.late(99),
            "to_lines_p50_ms": to_lines.late(50), "to_lines_p99_ms": to_lines.late(99),
            "lost_frames": to_core.lost + to_lines.lost, "lost_to_core": to_core.lost, "lost_to_lines": to_lines.lost,
            "frames": to_core.frames + to_lines.frames,
        }  # fmt: skip

    def _in_state(self, state: str) -> int:
        return sum(one == state for one in self._states.values())

    def _talk(self, lines: int) -> None:
        assert self._bank.stdin is not None
        self._bank.stdin.write(f"{lines}\n")
        self._bank.stdin.flush()
        _ready(self._bank)
        time.sleep(SETTLE_SECONDS)

    def _percent(self, seconds: float) -> tuple[float, int, int]:
        """Percent of a core the gateway used in that time, and the time's bounds in ns."""
        used, began = self._used(), time.monotonic_ns()
        time.sleep(seconds)
        ended = time.monotonic_ns()
        return 1e11 * (self._used() - used) / (ended - began), began, ended

    def _used(self) -> float:
        return float(sum(self._gateway.cpu_times()[:2]))


class _Way:
    """One direction: each frame that was given within the bounds, and when it came out."""

    def __init__(self, given: Times, taken: Times, began: int, ended: int) -> None:
        came = {(line, number): at for line, number, at in taken}
        out = [came.get((line, number), 0) - at for line, number, at in given if began < at < ended]
        self.frames = len(out)
        self.lost = sum(late < 0 for late in out)
        self._late = sorted(late / 1e6 for late in out if late >= 0)

    def late(self, percent: int) -> float:
        return round(self._late[len(self._late) * percent // 100], 1) if self._late else 0.0


def _ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise RuntimeError(f"{process.args!r} ended with {process.wait(5)}")


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


if __name__ == "__main__":
    print(measure(int(sys.argv[1]), int(sys.argv[2])))
