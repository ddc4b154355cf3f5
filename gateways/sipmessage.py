"""The little that the gateways read of a SIP message themselves (RFC 3261 §7)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from appliance.sip_text import display_name
from gateways.line import ShownCaller


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

    @property
    def caller(self) -> ShownCaller:
        """Who calls, by From: a number in E.164 is shown, an extension isn't. Withheld: Privacy ``id`` (RFC 3323)."""
        value = self.header("From") or self.header("f") or ""
        match = re.search(r"sips?:([^@;:> ]+)", value.rpartition("<")[2])
        if match is None:
            return ShownCaller()
        user, name = unquote(match[1]), display_name(value)
        withheld = "id" in re.split(r"[;,\s]+", (self.header("Privacy") or "").lower()) or user == "anonymous"
        number = user if re.fullmatch(r"\+[0-9]{3,15}", user) else None
        return (
            ShownCaller(None, None, True) if withheld else ShownCaller(number, name if name not in ("", user) else None)
        )

    def header(self, name: str) -> str | None:
        """Return the first header of that name, None if there is none."""
        for line in self._lines[1:]:
            found, colon, value = line.partition(":")
            if colon and found.strip().lower() == name.lower():
                return value.strip()
        return None
