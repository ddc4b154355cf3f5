"""Ports and the hardware loop."""

from __future__ import annotations

import os
import pty
from pathlib import Path

import pytest

from gateways.gsm.port import AtPort, PortAbsentError, PortLostError, PortRefusedError, open_pcm
from gateways.loop import HardwareLoop
from tests.gsm.scripted import ScriptedModem


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    far = ScriptedModem(tmp_path)
    first = AtPort(str(far.at_path))
    try:
        with pytest.raises(PortRefusedError, match="in use by another program"):
            AtPort(str(far.at_path))
    finally:
        first.close()
        far.close()


def test_what_is_no_tty_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "file"
    plain.write_text("x")
    for opening in (AtPort, open_pcm):
        with pytest.raises(PortRefusedError, match=r"not a tty|cannot be opened"):
            opening(str(plain))
        with pytest.raises(PortAbsentError, match="is not there"):
            opening(str(tmp_path / "nothing"))


def test_a_fault_of_one_line_does_not_stop_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    loop = HardwareLoop()

    def broken() -> None:
        raise RuntimeError("one line's fault")

    done: list[int] = []
    loop.call(broken)
    loop.call(lambda: done.append(1))
    loop.turn(0)
    assert done == [1]
    assert "one line's fault" in caplog.text
    loop.stop()
    loop.run()
    loop.call(broken)  # too late: nothing happens


def fill(port: AtPort) -> None:
    for _ in range(100):
        port.write(b"A" * 4096)


def test_a_port_that_takes_nothing_is_lost() -> None:
    near, far = pty.openpty()
    try:
        port = AtPort(os.ttyname(far))
        with pytest.raises(PortLostError, match="takes no more bytes"):
            fill(port)
        port.close()
    finally:
        os.close(near)
        os.close(far)


class Faulty:
    """A member of the loop that raises whenever it is asked to do something, which it always wants."""

    def __init__(self) -> None:
        self.asked = 0

    def deadline(self) -> float:
        return 0.0

    def tick(self, now: float) -> None:
        self.asked += 1
        raise RuntimeError(f"at {now}")


def test_a_member_that_fails_again_and_again_is_asked_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    loop, member = HardwareLoop(), Faulty()
    loop.add(member)
    for _ in range(5):
        loop.turn(0)
    assert member.asked == 1
    assert caplog.text.count("a fault in the hardware loop") == 1
    loop.turn(2)
    loop.turn(0)
    assert member.asked == 2
    loop.stop()
    loop.run()
