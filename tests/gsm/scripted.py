"""A tiny modem on two ptys that answers by script: a table of commands and what to say to them."""

from __future__ import annotations

import os
import pty
import re
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateways.gsm.device import LineSpec
from gateways.gsm.ladder import Pace
from gateways.gsm.modem import Modem
from gateways.gsm.pins import PinBook
from gateways.gsm.recovery import Timings
from gateways.gsm.reviver import Power
from gateways.line import LineEvent
from gateways.loop import HardwareLoop

FAST = Timings(
    pace=Pace(reopen=0.1, look=0.05, first_rest=0.2, longest_rest=0.4),
    probe=0.15,
    probes=3,
    sim_retry=0.1,
    sim_busy_retry=0.05,
    registration_poll=0.1,
    signal_poll=0.5,
    call_poll=0.2,
    hang_up_retry=0.05,
)

Reply = str | Callable[[str], str | None] | None
"""What to say to a command, or a function of it; None says nothing at all."""

HEALTHY: dict[str, Reply] = {
    "AT+CPIN?": "+CPIN: READY\r\n\r\nOK",
    "AT+CGSN": "867698041234567\r\n\r\nOK",
    "AT+CIMI": "440100123456789\r\n\r\nOK",
    "AT+QCCID": "+QCCID: 89811000123456789012\r\n\r\nOK",
    "AT+CREG?": '+CREG: 2,1,"1A2B","01C3D4E5",7\r\n\r\nOK',
    "AT+CEREG?": '+CEREG: 2,1,"1A2B","01C3D4E5",7\r\n\r\nOK',
    "AT+CSQ": "+CSQ: 21,99\r\n\r\nOK",
    "AT+COPS?": '+COPS: 0,0,"TESTNET",7\r\n\r\nOK',
}


class ScriptedModem:
    """The far ends of two ptys. ``script`` maps a command to its reply; others get OK. Heard commands are kept; what
    follows a prompt is heard, and answered, as ``text``.
    """

    def __init__(self, folder: Path, script: dict[str, Reply] | None = None, default: Reply = "OK") -> None:
        self.at_path, self.pcm_path = folder / "at", folder / "pcm"
        self.script = dict(HEALTHY if script is None else script)
        self.default = default
        self.heard: list[str] = []
        self._ends: list[int] = []
        self.plug_in()

    def plug_in(self) -> None:
        """Make the ptys and the device paths, and begin to answer."""
        for path in (self.at_path, self.pcm_path):
            near, far = pty.openpty()
            tty.setraw(far)
            self._ends += [near, far]
            path.unlink(missing_ok=True)
            path.symlink_to(os.ttyname(far))
        self._stop_read, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._serve, args=(self._ends[0], self._stop_read))
        self._thread.start()

    def unplug(self) -> None:
        """Take the devices away, as a USB disconnect does."""
        os.close(self._stop)
        self._thread.join(5)
        os.close(self._stop_read)
        self.at_path.unlink(missing_ok=True)
        self.pcm_path.unlink(missing_ok=True)
        for end in self._ends:
            os.close(end)
        self._ends = []

    def close(self) -> None:
        if self._ends:
            self.unplug()

    def say(self, text: str | bytes) -> None:
        """Send a line of the modem's own."""
        data = text if isinstance(text, bytes) else f"\r\n{text}\r\n".encode()
        os.write(self._ends[0], data)

    def _serve(self, fd: int, stop: int) -> None:
        import select

        waiting = b""
        while True:
            ready, _, _ = select.select([fd, stop], [], [])
            if stop in ready:
                return
            waiting += os.read(fd, 4096)
            while match := re.match(rb"\x1b*([^\r\x1a]*)([\r\x1a])", waiting):
                waiting = waiting[match.end() :]
                self._answer(match[1].decode() if match[2] == b"\r" else "text")

    def _answer(self, command: str) -> None:
        self.heard.append(command)
        reply = self.script.get(command, self.default)
        if callable(reply):
            reply = reply(command)
        if reply is not None:
            self.say(reply)


class Bench:
    """A modem under test in its loop's thread, and the events that it told. ``spec``: what its line has else."""

    def __init__(
        self,
        far: ScriptedModem,
        timings: Timings = FAST,
        pins: PinBook | None = None,
        power: Power | None = None,
        **spec: Any,
    ) -> None:
        self.far = far
        self.events: list[LineEvent] = []
        self._told = threading.Condition()
        self.loop = HardwareLoop()
        plain = LineSpec("gsm-1", "+819012345678", "quectel", str(far.at_path), str(far.pcm_path))
        self.modem = self.make(replace(plain, **spec), timings, pins, power)
        self._thread = threading.Thread(target=self.loop.run)
        self._thread.start()

    def make(self, spec: LineSpec, timings: Timings, pins: PinBook | None, power: Power | None) -> Modem:
        return Modem(spec, self.loop, self.tell, timings, pins, power)

    def tell(self, event: LineEvent) -> None:
        with self._told:
            self.events.append(event)
            self._told.notify_all()

    def wait(self, matches: Callable[[LineEvent], bool], timeout: float = 5.0, since: int = 0) -> LineEvent:
        """Return the first event from number ``since`` on that matches; AssertionError after ``timeout`` seconds."""
        ends = time.monotonic() + timeout
        with self._told:
            while True:
                for event in self.events[since:]:
                    if matches(event):
                        return event
                assert self._told.wait(ends - time.monotonic()), f"not among {self.events[since:]}"

    def wait_state(self, state: str, timeout: float = 5.0, since: int = 0) -> LineEvent:
        return self.wait(lambda event: getattr(event, "state", None) == state, timeout, since)

    def do(self, what: Callable[[Modem], None]) -> None:
        """Have something done in the loop's thread, and wait until it is."""
        done = threading.Event()

        def run() -> None:
            try:
                what(self.modem)
            finally:
                done.set()

        self.loop.call(run)
        assert done.wait(5)

    def close(self) -> None:
        self.do(lambda modem: modem.close("test over"))
        self.loop.stop()
        self._thread.join(5)
        assert not self._thread.is_alive()
