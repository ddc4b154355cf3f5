"""Names in SIP headers: the display name of a name-addr (RFC 3261 §20.10, §25.1), written and read."""

from __future__ import annotations

import re

_DISPLAY_NAME = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^"<]*?))\s*<')


def quoted(text: str) -> str:
    """Return ``text`` as a quoted string; what has no place in a header is left out."""
    clean = "".join(one for one in text if one.isprintable())
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def display_name(name_addr: str) -> str:
    """Return the display name of ``"Name" <sip:…>``, "" where there is none."""
    found = _DISPLAY_NAME.match(name_addr)
    return re.sub(r"\\(.)", r"\1", found[1] or found[2] or "") if found else ""
