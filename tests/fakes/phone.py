"""A measuring telephone: a process of its own on pjsua2, driven by JSON lines; see :mod:`tests.fakes.phone_process`."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.fakes import rtplog
from tests.measure.latency import Timed

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class PhoneEvent:
    """``registered``, ``unregistered``, ``ringing``, ``calling``, ``connected``, ``ended``, ``digit``, ``problem``.

    ``data`` of ``ended``: code, text, reason (the SIP Reason header, "" without one); of ``connected``: tap (file).
    """

    kind: str
    at_ns: int  # CLOCK_MONOTONIC
    data: dict[str, Any] = field(default_factory=dict)


class Phone:
    """A phone that registers, and by itself answers calls ``answer_after`` seconds after they ring (None: never).

    ``speak``: a WAV it speaks from the moment it is connected. ``folder`` gets its log and a tap file for each call.
    """

    def __init__(
        self,
        folder: Path,
        number: str,
        password: str,
        edge: tuple[str, int],
        *,
        speak: Path | None = None,
        answer_after: float | None = 0.3,
        on_event: Callable[[str, PhoneEvent], None] | None = None,
    ) -> None:
        self.folder, self.number = folder, number
        folder.mkdir(parents=True, exist_ok=True)
        self._config = {
            "number": number, "password": password, "host": edge[0], "port": edge[1], "folder": str(folder),
            "speak": str(speak) if speak else None, "answer_after": answer_after,
        }  # fmt: skip
        self._on_event = on_event
        self._events: list[PhoneEvent] = []
        self._seen = 0
        self._settings_made = 0
        self._news = threading.Condition()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start the process; it registers at once. Again after ``kill``: the power is back."""
        with (self.folder / "phone.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fakes.phone_process", json.dumps(self._config)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip
        threading.Thread(target=self._read, name=f"phone-{self.number}", daemon=True).start()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process's id. Only while started."""
        assert self._process is not None
        return self._process.pid

    def tell(self, do: str, **arguments: Any) -> None:
        """Send a command: ``dial`` target, ``hangup``, ``answer``, ``reject`` code, ``dtmf`` digits.

        ``answer_after`` seconds (None: never) and ``speak`` wav (None: nothing) are for the calls to come: they hold
        when this returns. ``register`` and ``unregister`` take nothing.
        """
        assert self._process is not None
        assert self._process.stdin is not None
        with self._news:
            before = self._settings_made
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        if do in ("answer_after", "speak"):
            with self._news:
                if not self._news.wait_for(lambda: self._settings_made > before, 5):
                    raise TimeoutError(f"phone {self.number} does not obey")

    def wait(self, kind: str, timeout: float = 10.0, **data: Any) -> PhoneEvent:
        """Return the next event of this kind whose data has these values; those before it count as seen.

        Raises TimeoutError with all that happened.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for index in range(self._seen, len(self._events)):
                    event = self._events[index]
                    if event.kind == kind and data.items() <= event.data.items():
                        self._seen = index + 1
                        return event
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    raise TimeoutError(f"phone {self.number}: no {kind} {data or ''} in {timeout} s; {self.events}")

    @property
    def events(self) -> list[PhoneEvent]:
        """All that happened so far."""
        with self._news:
            return list(self._events)

    def forget(self) -> None:
        """All that happened so far counts as seen: later waits are for news."""
        with self._news:
            self._seen = len(self._events)

    def feature(self, code: str, timeout: float = 10.0) -> PhoneEvent:
        """Dial a feature code (``*112001``) and return how that call ended."""
        self.forget()
        self.tell("dial", target=code)
        return self.wait("ended", timeout)

    def heard(self, tap: str) -> list[Timed]:
        """Audio that reached the phone's socket in the call of this tap file."""
        return rtplog.audio(rtplog.read(Path(tap)), sent=False)

    def spoke(self, tap: str) -> list[Timed]:
        """Audio that left the phone's socket in the call of this tap file."""
        return rtplog.audio(rtplog.read(Path(tap)), sent=True)

    def kill(self) -> None:
        """The phone loses power: no BYE, no un-REGISTER."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process = None

    def stop(self) -> None:
        """End the process: politely, then by force."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            if process.stdin is not None:
                process.stdin.close()  # end of commands: it hangs up, unregisters and leaves
            process.wait(4)
        except (subprocess.TimeoutExpired, OSError):
            process.kill()
            process.wait(5)

    def _read(self) -> None:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                record = json.loads(line)
                event = PhoneEvent(record.pop("event"), record.pop("at_ns"), record)
                with self._news:
                    if event.kind == "set":
                        self._settings_made += 1
                    else:
                        self._events.append(event)
                    self._news.notify_all()
                if event.kind != "set" and self._on_event is not None:
                    self._on_event(self.number, event)
