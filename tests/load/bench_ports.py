"""What the audio of a line costs: our C++ ``pj.PcmPort`` against pjsua2's ``AudioMediaPort`` with Python call-backs.

Both do the same work: 32 ports in one conference, connected in pairs both ways; each reads 320 bytes from a socket and
writes 320 to it every 20 ms, fed by another process whose time does not count. (Ours listens for DTMF besides.)
An endpoint is one to a process, so each kind runs in one of its own: ``python -m tests.load.bench_ports cpp|python``.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pjsua2 as pj

from tests.pjsua2.endpoint import FRAME, noise_frames, poll, running_endpoint

ROOT = Path(__file__).parents[2]
PORTS, SECONDS, IDLE_SECONDS, SETTLE_SECONDS = 32, 8.0, 4.0, 1.5
AHEAD = 4  # frames that wait before a port begins to read: what two clocks need on a busy machine
FRAME_SECONDS = 0.02


def measure() -> dict[str, Any]:
    """Both kinds one after the other; percent of a core for all ports together, without the idle endpoint's."""
    ours, python = (_run(kind) for kind in ("cpp", "python"))
    return {
        "ports": PORTS, "cpu_core_pct": round(ours["percent"], 2), "python_cpu_core_pct": round(python["percent"], 2),
        "ratio": round(python["percent"] / max(ours["percent"], 0.01), 1),
        "cpu_core_pct_per_port": round(ours["percent"] / PORTS, 3),
        "python_cpu_core_pct_per_port": round(python["percent"] / PORTS, 3),
        "idle_core_pct": round(ours["idle"], 2), "frames": ours["frames"],
        "lost_frames": ours["lost"], "python_lost_frames": python["lost"],
    }  # fmt: skip


def _run(kind: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.load.bench_ports", kind]
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=40, check=True)
    except subprocess.SubprocessError as error:
        raise RuntimeError(str(error)) from None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


class PythonPort(pj.AudioMediaPort):
    """A line's audio as one would write it in Python; the socket's own buffer is its jitter buffer."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd
        self.written = self.lost = 0
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, 8000, 1, 20000, 16)
        self.createPort(f"line-{fd}", form)

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:  # noqa: N802
        """The conference wants 20 ms of the line."""
        data = b""
        with suppress(BlockingIOError):
            data = os.read(self._fd, FRAME)
        self.lost += len(data) < FRAME
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = pj.ByteVector(data or bytes(FRAME))
        frame.size = FRAME

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:  # noqa: N802
        """The conference has 20 ms for the line."""
        try:
            self.written += os.write(self._fd, bytes(frame.buf)) == FRAME
        except BlockingIOError:
            self.lost += 1


def _open(kind: str, near: socket.socket, far: socket.socket) -> pj.PcmPort | PythonPort:
    if kind == "python":
        far.sendall(bytes(FRAME * AHEAD))
        return PythonPort(near.fileno())
    port = pj.PcmPort()
    port.open(near.fileno(), -1, AHEAD, 4 * AHEAD)
    return port


def _counts(ports: list[pj.PcmPort | PythonPort]) -> tuple[int, int]:
    """Frames written to the lines so far, and frames that were missing or thrown away on either way."""
    written = lost = 0
    for port in ports:
        if isinstance(port, PythonPort):
            written, lost = written + port.written, lost + port.lost
        else:
            stats = port.stats()
            written += stats.frames_out
            lost += stats.underruns + stats.dropped_in + stats.dropped_out + stats.drift_drops
    return written, lost


def _percent(endpoint: pj.Endpoint, seconds: float) -> tuple[float, float]:
    """Let it run; return the percentage of a core that this process used, and how long it was."""
    used, began = time.process_time(), time.monotonic()
    poll(endpoint, lambda: False, seconds)
    lasted = time.monotonic() - began
    return 100 * (time.process_time() - used) / lasted, lasted


def _measure(kind: str) -> dict[str, Any]:
    with running_endpoint() as endpoint:
        poll(endpoint, lambda: False, 0.5)
        idle, _ = _percent(endpoint, IDLE_SECONDS)
        pairs = [socket.socketpair() for _ in range(PORTS)]
        for near, far in pairs:
            near.setblocking(False)
            far.setblocking(False)
        ports = [_open(kind, near, far) for near, far in pairs]
        for one, other in zip(ports[::2], ports[1::2], strict=True):
            one.startTransmit(other)
            other.startTransmit(one)
        fds = [far.fileno() for _, far in pairs]
        command = [sys.executable, "-m", "tests.load.bench_ports", "feed", *map(str, fds)]
        with subprocess.Popen(command, cwd=ROOT, pass_fds=fds) as feeder:
            try:
                poll(endpoint, lambda: False, SETTLE_SECONDS)
                written, lost = _counts(ports)
                percent, lasted = _percent(endpoint, SECONDS)
                written, lost = (now - before for now, before in zip(_counts(ports), (written, lost), strict=True))
            finally:
                feeder.kill()
        due = round(lasted / FRAME_SECONDS - 1) * PORTS  # a tick may fall on the edge
        del ports, one, other
    return {"percent": percent - idle, "idle": idle, "frames": written, "lost": lost + max(0, due - written)}


def _feed(fds: list[int]) -> None:
    """Be the lines: write a frame to each every 20 ms and read what came, until the other side is gone."""
    sound = noise_frames(50, 1)
    due, number = time.monotonic(), 0
    while True:
        for fd in fds:
            with suppress(BlockingIOError):
                os.write(fd, sound[number % len(sound)])
            with suppress(BlockingIOError):
                os.read(fd, 65536)
        number += 1
        due += FRAME_SECONDS
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    if sys.argv[1] == "feed":
        with suppress(BrokenPipeError, ConnectionResetError):
            _feed([int(fd) for fd in sys.argv[2:]])
    else:
        print(json.dumps(_measure(sys.argv[1])))
