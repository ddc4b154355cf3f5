"""The little that the core reads of SIP messages itself (RFC 3261 §7): who calls whom, and what a gateway adds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from appliance.sip_text import display_name

_HEADER = {
    name: re.compile(rf"^{name}[ \t]*:[ \t]*(\S+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
    for name in ("X-Callfloor-Line", "X-Callfloor-Fax", "X-Edge-User")
}
_DIVERSION = re.compile(r"^Diversion[ \t]*:[^<\r\n]*<(?:tel|sips?):([^@;>\s]+)", re.IGNORECASE | re.MULTILINE)
_REQUEST_USER = re.compile(r"^INVITE\s+sips?:([^@;>\s]+)@", re.IGNORECASE)
_URI_USER = re.compile(r"sips?:([^@;>\s]+)@", re.IGNORECASE)
_FAX = re.compile(r"INFO sips?:", re.IGNORECASE)
Sender = Literal["edge", "gateway", "stranger"]


@dataclass(frozen=True, slots=True)
class Invite:
    """What an INVITE says. ``line`` is believed of a gateway only, ``extension`` of the edge only."""

    called: str
    caller: str | None = None
    line: str | None = None
    extension: str | None = None
    name: str | None = None
    redirected_from: str | None = None


def read_invite(message: str, remote_uri: str, sender: Sender) -> Invite:
    """Read an INVITE; ``remote_uri`` is its From as a name-addr."""
    called, caller = request_user(message), uri_user(remote_uri)
    if sender == "edge":
        return Invite(called, caller, extension=header(message, "X-Edge-User"))
    if sender == "stranger":
        return Invite(called, caller)
    redirected = _DIVERSION.search(_head(message))  # RFC 5806
    name = "".join(one for one in display_name(remote_uri) if one.isprintable()).strip()
    return Invite(
        called,
        caller,
        line=header(message, "X-Callfloor-Line"),
        name=None if name in ("", "anonymous", caller) else name,
        redirected_from=_unescape(redirected[1]) if redirected else None,
    )


def fax_tone(message: str) -> str | None:
    """Return which fax tone an INFO of a gateway tells of, ``cng`` or ``ced``; None where it tells of none."""
    tone = header(message, "X-Callfloor-Fax") if _FAX.match(message) else None
    return tone if tone in ("cng", "ced") else None


def header(message: str, name: str) -> str | None:
    """Return the value of one of our own headers, matched only at a line's start (folded lines pass through).

    None where it is missing or stands there twice: nobody we believe would send two.
    """
    found = _HEADER[name].findall(_head(message))
    return str(found[0]) if len(found) == 1 else None


def request_user(message: str) -> str:
    """Return the user part of an INVITE's request URI, '' where there is none."""
    found = _REQUEST_USER.search(message)
    return _unescape(found.group(1)) if found else ""


def uri_user(uri: str) -> str | None:
    """Return the user part of a name-addr, None for anonymous (RFC 3323 §4.1.1.3) or none."""
    found = _URI_USER.search(uri)
    user = _unescape(found.group(1)) if found else ""
    return None if user.lower() in ("", "anonymous", "unavailable", "unknown") else user


def _head(message: str) -> str:
    return message.partition("\r\n\r\n")[0]


def _unescape(user: str) -> str:
    """Undo %-escapes (RFC 3261 §19.1.2): phones send the # of a feature code as %23."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda m: chr(int(m.group(1), 16)), user).partition(";")[0]
