"""A small modem with a storage of messages: bytes in, bytes out. It knows nothing of our codec."""

from __future__ import annotations

import re
from collections.abc import Callable

SCTS = "62804141200000"  # 2026-08-14 14:02:00 UTC, digits swapped (TS 23.040 §9.2.3.11)


def scts(minute: int) -> str:
    """Return 2026-08-14 14:MM:00 UTC."""
    return f"62804141{minute % 10}{minute // 10}0000"


def deliver(text: str, part: tuple[int, int, int] | None = None, *, minute: int = 2, flash: bool = False) -> str:
    """Return an SMS-DELIVER from +819012345678 in UCS-2, hexadecimal; ``part`` is reference, number and total."""
    data = text.encode("utf-16-be")
    if part is not None:
        reference, seq, total = part
        data = bytes((5, 0, 3, reference, total, seq)) + data
    first, dcs = ("44" if part else "04"), ("18" if flash else "08")
    return f"00{first}0C9118092143658700{dcs}{scts(minute)}{len(data):02X}{data.hex().upper()}"


def status_report(reference: int, status: int, recipient: str = "0C91180987654321") -> str:
    """Return an SMS-STATUS-REPORT (TS 23.040 §9.2.2.3) to +819078563412."""
    return f"0006{reference:02X}{recipient}{scts(2)}{scts(3)}{status:02X}"


def tpdu_length(pdu: str) -> int:
    """Octets after the service centre's address."""
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)


Hook = Callable[[str], None]


class FarModem:
    """``storage`` is index → PDU, ``sent`` the PDUs that the network took. ``replies`` overrides the next answers to
    commands that begin so; "" is no answer. ``hook`` is called with each step before it is done.
    """

    def __init__(self, hook: Hook = lambda _step: None) -> None:
        self.storage: dict[int, str] = {}
        self.sent: list[str] = []
        self.heard: list[str] = []
        self.replies: list[tuple[str, str]] = []
        self.reference = 0
        self.hook = hook
        self._buffer = b""
        self._wants_text = False

    def store(self, pdu: str) -> int:
        """Put a message in the lowest free place, as modems do."""
        index = next(i for i in range(255) if i not in self.storage)
        self.storage[index] = pdu
        return index

    def take(self, data: bytes) -> bytes:
        """Take bytes from the gateway and return the answer."""
        self._buffer += data
        answer = ""
        while True:
            if self._wants_text:
                end = min((at for at in map(self._buffer.find, (b"\x1a", b"\x1b")) if at >= 0), default=-1)
                if end < 0:
                    break
                text, key, self._buffer = self._buffer[:end], self._buffer[end : end + 1], self._buffer[end + 1 :]
                self._wants_text = False
                answer += self._submit(text.decode()) if key == b"\x1a" else _line("OK")
                continue
            line, separator, rest = self._buffer.partition(b"\r")
            if not separator:
                break
            self._buffer = rest.lstrip(b"\x1b")
            if line.strip(b"\x1b"):
                answer += self._obey(line.strip(b"\x1b").decode())
        return answer.encode("latin-1")

    def _override(self, command: str) -> str | None:
        for entry in self.replies:
            if command.startswith(entry[0]):
                self.replies.remove(entry)
                return entry[1]
        return None

    def _obey(self, command: str) -> str:
        self.heard.append(command)
        name = re.sub(r"[=?].*", "", command)
        self.hook(name)
        reply = self._override(command)
        if reply is not None:
            return _line(reply) if reply else ""
        if name == "AT+CMGS":
            self._wants_text = True
            return "\r\n> "
        if name == "AT+CMGL":
            rows = (f"+CMGL: {i},1,,{tpdu_length(p)}\r\n{p}\r\n" for i, p in sorted(self.storage.items()))
            return "\r\n" + "".join(rows) + _line("OK")
        if name in {"AT+CMGR", "AT+CMGD"}:
            return self._place(name, int(command.partition("=")[2]))
        return _line("OK")

    def _place(self, name: str, index: int) -> str:
        if name == "AT+CMGD":
            self.storage.pop(index, None)
            self.hook("deleted")
            return _line("OK")
        if index not in self.storage:
            return _line("+CMS ERROR: 321")
        pdu = self.storage[index]
        return _line(f"+CMGR: 0,,{tpdu_length(pdu)}\r\n{pdu}") + _line("OK")

    def _submit(self, pdu: str) -> str:
        self.hook("text")
        reply = self._override("text")
        if reply is not None and "ERROR" in reply:
            return _line(reply)
        self.sent.append(pdu)
        self.reference = self.reference % 255 + 1
        self.hook("taken")
        return _line(f"+CMGS: {self.reference}") + _line("OK") if reply is None else _line(reply) if reply else ""


def _line(text: str) -> str:
    return f"\r\n{text}\r\n"
