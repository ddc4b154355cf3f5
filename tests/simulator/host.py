"""The host's side of a simulated modem, by plain file descriptors: independent of the driver and of pyserial."""

import os
import select
import time
from collections.abc import Callable
from pathlib import Path

FINAL = ("OK", "ERROR", "NO CARRIER", "BUSY", "NO ANSWER", "+CME ERROR", "+CMS ERROR")


def wait_until(condition: Callable[[], bool], timeout: float = 3.0) -> None:
    """TimeoutError when it does not come true."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come true")
        time.sleep(0.01)


class AtHost:
    """Talks AT. Lines that no command waits for are kept for `expect`."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.pending = b""
        self.lines: list[str] = []
        self.reads: list[bytes] = []

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def send(self, text: str) -> None:
        os.write(self.fd, text.encode("latin-1"))

    def command(self, text: str, timeout: float = 2.0) -> list[str]:
        """Send AT + text; the lines up to and with the final result. TimeoutError with what came instead."""
        self.send(f"AT{text}\r")
        answer: list[str] = []
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.read_some(deadline - time.monotonic())
            while self.lines:
                answer.append(self.lines.pop(0))
                if answer[-1].startswith(FINAL):
                    return answer
        raise TimeoutError(f"AT{text}: {answer}, {self.pending!r}")

    def expect(self, start: str, timeout: float = 2.0) -> str:
        """The next line that starts so; others before it are dropped."""
        deadline = time.monotonic() + timeout
        seen: list[str] = []
        while True:
            while self.lines:
                line = self.lines.pop(0)
                if line.startswith(start):
                    return line
                seen.append(line)
            if time.monotonic() >= deadline:
                raise TimeoutError(f"no {start!r}: {seen}, {self.pending!r}")
            self.read_some(deadline - time.monotonic())

    def quiet(self, seconds: float) -> list[str]:
        """All lines that come in that time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.read_some(left)
        lines, self.lines = self.lines, []
        return lines

    def read_some(self, timeout: float) -> bytes:
        if not select.select([self.fd], [], [], max(0.0, timeout))[0]:
            return b""
        data = os.read(self.fd, 4096)
        if not data:
            raise EOFError("hung up")
        self.reads.append(data)
        self.pending += data
        *whole, self.pending = self.pending.replace(b"\r", b"\n").split(b"\n")
        self.lines += [line.decode("latin-1") for line in whole if line]
        return data


class PcmHost:
    """Reads and writes the PCM port."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def read_for(self, seconds: float) -> list[tuple[int, bytes]]:
        """All that comes in that time: (time.monotonic_ns of the read, bytes)."""
        deadline = time.monotonic() + seconds
        chunks: list[tuple[int, bytes]] = []
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                data = os.read(self.fd, 4096)
                chunks.append((time.monotonic_ns(), data))
                if not data:
                    break
        return chunks

    def write(self, data: bytes) -> int:
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0
