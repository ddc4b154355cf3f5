"""The little that the gateways read of a SIP message themselves (RFC 3261 §7)."""

from __future__ import annotations

import re
from urllib.parse import unquote


class SipMessage:
    """A request as text."""

    def __init__(self, text: str) -> None:
        head, _, _ = text.replace("\r\n", "\n").partition("\n\n")
        self._lines = head.split("\n")

    @property
    def called(self) -> str:
        """The user part of the request URI, "" if it has none."""
        match = re.match(r"[A-Z]+ sips?:([^@;:> ]+)(?:[:;][^@ ]*)?@", self._lines[0])
        return unquote(match[1]) if match else ""

    def header(self, name: str) -> str | None:
        """Return the first header of that name, None if there is none."""
        for line in self._lines[1:]:
            found, colon, value = line.partition(":")
            if colon and found.strip().lower() == name.lower():
                return value.strip()
        return None
