"""What every answer of the panel carries, and which requests it refuses.

The Host header must be a name of this panel: else a page of a stranger's site could point its own name at our address
and read us through the visitor's browser (DNS rebinding).
"""

from __future__ import annotations

import re
import socket

from flask import Flask, Response, abort, request

from appliance.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HOST = re.compile(r"(\[(?P<literal>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(:[0-9]{1,5})?")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def register(app: Flask, settings: Settings) -> None:
    """Refuse strangers' Host headers and put the headers on every answer."""
    names = allowed_hosts(settings)

    def check_host() -> None:
        if host_name(request.environ.get("HTTP_HOST", "")) not in names:
            abort(400)

    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.before_request(check_host)
    app.after_request(add_headers)


def allowed_hosts(settings: Settings) -> set[str]:
    """Names under which the panel may be asked for: loopback, the address it listens on and the machine's name."""
    return {"localhost", "127.0.0.1", "::1", socket.gethostname().lower(), settings.panel.host.lower()}


def host_name(header: str) -> str | None:
    """The name or address in a Host header (RFC 9110 §7.2) in small letters, without its port; None: malformed."""
    found = HOST.fullmatch(header)
    return (found["literal"] or found["name"]).lower() if found else None
