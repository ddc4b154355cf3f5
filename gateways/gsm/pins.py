"""Which SIM PINs were tried and not accepted: each is tried once and never again, since the third costs the SIM.

3GPP TS 31.101 §9.5 blocks a SIM after three wrong PINs. What is tried is on disk before the modem gets it, so that
neither a power cut nor a restart makes a second try of it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from appliance.private_file import write_private

log = logging.getLogger(__name__)
_UNUSABLE = (OSError, ValueError, TypeError)  # no right, full disk; no JSON, or not ours


class PinBook:
    """A small JSON file of digests; a PIN itself is never written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, line: str, pin: str) -> bool:
        """Note a try; False when this PIN was tried before on this line and was not accepted."""
        tried = self._read()
        if _mark(line, pin) in tried:
            return False
        self._write({*tried, _mark(line, pin)})
        return True

    def accepted(self, line: str, pin: str) -> None:
        """It was right: it may be tried again at the next boot."""
        tried = self._read()
        if _mark(line, pin) in tried:
            self._write(tried - {_mark(line, pin)})

    def _read(self) -> set[str]:
        try:
            return set(json.loads(self._path.read_text(encoding="ascii")))
        except FileNotFoundError:
            return set()

    def _write(self, tried: set[str]) -> None:
        write_private(self._path, json.dumps(sorted(tried)))


class PinEntry:
    """The one try at a line's PIN that is allowed; ``pin`` None: the settings name none."""

    def __init__(self, line: str, pin: str | None, book: PinBook | None) -> None:
        self._line, self._pin, self._book = line, pin, book
        self._said = False

    def take(self) -> str | None:
        """Return the PIN to try now; None where there is none, it was tried before, or its try cannot be noted."""
        if self._pin is None or self._book is None:
            return None
        try:
            return self._pin if self._book.begin(self._line, self._pin) else None
        except _UNUSABLE as error:
            self._say(f"the SIM's PIN is not entered, because the try cannot be noted: {error}")
            return None

    def accepted(self) -> None:
        if self._pin is None or self._book is None:
            return
        try:
            self._book.accepted(self._line, self._pin)
        except _UNUSABLE as error:
            self._say(f"the SIM's PIN was right, but will not be entered at the next start: {error}")

    def _say(self, text: str) -> None:
        if not self._said:
            self._said = True
            log.error("%s: %s", self._line, text)


def _mark(line: str, pin: str) -> str:
    return hashlib.sha256(f"{line}\0{pin}".encode()).hexdigest()
