"""The little that the gateways read of a SIP message themselves (RFC 3261 §7)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from gateways.line import ShownCaller


def quoted(text: str) -> str:
    """Return ``text`` as a quoted string (RFC 3261 §25.1); what has no place in a header is left out."""
    clean = "".join(one for one in text if one.isprintable())
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


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
        match = re.match(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<?sips?:([^@;:> ]+)', value)
        if match is None:
            return ShownCaller()
        user = unquote(match[3])
        name = re.sub(r"\\(.)", r"\1", match[1] or match[2] or "")
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
