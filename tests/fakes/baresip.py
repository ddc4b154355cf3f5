"""Debian's baresip (1.0 of Debian 12 to 3.x of Debian 13) as a scripted telephone, driven over its ctrl_tcp module.

It needs no sound card: it speaks a WAV by ``aufile`` and gives what it hears to an unread ``aubridge``.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Self

MODULES = ("/usr/lib/baresip/modules", "/usr/lib/*/baresip/modules")


class Baresip:
    """One account, one call at a time; answers by itself unless ``auto_answer`` is off.

    ``ports``: a SIP port (baresip takes the next one too, for TLS) and a control port.
    """

    def __init__(
        self,
        folder: Path,
        number: str,
        password: str,
        edge: tuple[str, int],
        ports: tuple[int, int],
        *,
        speak: Path,
        auto_answer: bool = True,
    ) -> None:
        self.folder, self.number = folder, number
        self._control_port = ports[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._events: list[dict[str, Any]] = []
        self._seen = 0
        self._news = threading.Condition()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config").write_text(_config(ports, speak))
        where = f"{edge[0]}:{edge[1]}"
        mode = "auto" if auto_answer else "manual"
        account = f"<sip:{number}@{where}>;auth_pass={password};regint=60;answermode={mode};audio_codecs=PCMA"
        (folder / "accounts").write_text(account + "\n")
        (folder / "accounts").chmod(0o600)
        (folder / "contacts").write_text("")

    def start(self) -> Self:
        """Start it; it registers at once."""
        with (self.folder / "baresip.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["baresip", "-f", str(self.folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 10
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", self._control_port), timeout=1)
                break
            except OSError as error:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError(f"baresip did not start; see {self.folder}/baresip.log") from error
                time.sleep(0.05)
        self._socket.settimeout(None)
        threading.Thread(target=self._read, name=f"baresip-{self.number}", daemon=True).start()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def command(self, command: str, params: str = "") -> None:
        """Send a command of baresip's menu: ``dial`` with a SIP URI, ``accept``, ``hangup``, ``uareg`` …"""
        assert self._socket is not None
        data = json.dumps({"command": command, "params": params}).encode()
        self._socket.sendall(b"%d:%s," % (len(data), data))

    def wait(self, kind: str, timeout: float = 10.0) -> dict[str, Any]:
        """Return the next event of this type: REGISTER_OK, REGISTER_FAIL, CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED.

        Raises TimeoutError with all that happened.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for index in range(self._seen, len(self._events)):
                    if self._events[index].get("type") == kind:
                        self._seen = index + 1
                        return self._events[index]
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    kinds = [(event.get("type"), event.get("param")) for event in self._events]
                    raise TimeoutError(f"baresip {self.number}: no {kind} in {timeout} s; {kinds}")

    def registered(self, timeout: float = 10.0) -> bool:
        """Did its registration succeed? The log is asked: the answer may come before the control connection does."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            log = (self.folder / "baresip.log").read_text(errors="replace")
            if re.search(r"\b200 (OK|Registration)", log):
                return True
            if re.search(r"reg: .*\b(401|403|404)\b|\b(403|404) \w", log):
                return False
            time.sleep(0.05)
        return False

    def stop(self) -> None:
        """End it: politely, then by force."""
        process, self._process = self._process, None
        if self._socket is not None:
            # shutdown, not close alone: the reading thread sleeps in recv and would never wake
            with contextlib.suppress(OSError):  # baresip closed it first
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None
        if process is not None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def _read(self) -> None:
        connection, buffer = self._socket, b""
        while connection is not None:
            try:
                data = connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer += data
            while (record := _netstring(buffer)) is not None:
                body, buffer = record
                with self._news:
                    self._events.append(json.loads(body))
                    self._news.notify_all()


def installed() -> bool:
    """Is baresip on this machine?"""
    return shutil.which("baresip") is not None


def _netstring(buffer: bytes) -> tuple[bytes, bytes] | None:
    """Split off the first ``length:body,``; None while it is not whole."""
    head, colon, rest = buffer.partition(b":")
    if not colon or len(rest) <= int(head):
        return None
    return rest[: int(head)], rest[int(head) + 1 :]


def _module_path() -> Path:
    for pattern in MODULES:
        for found in sorted(Path("/").glob(pattern.lstrip("/"))):
            return found
    raise RuntimeError("baresip's modules are not installed; run: apt-get install baresip-core")


def _config(ports: tuple[int, int], speak: Path) -> str:
    return f"""poll_method epoll
sip_listen 127.0.0.1:{ports[0]}
net_interface 127.0.0.1
call_max_calls 1
audio_player aubridge,{ports[0]}
audio_alert aubridge,{ports[0]}a
audio_source aufile,{speak}
ausrc_srate 8000
auplay_srate 8000
jitter_buffer_delay 5-10
statmode_default off
ringback_disabled yes
module_path {_module_path()}
module g711.so
module aufile.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{ports[1]}
"""
