"""Where the edge listens and where the core is, in Kamailio's words."""

from __future__ import annotations

import socket

import psutil

from appliance.settings import Settings

INSIDE = "127.0.0.1"


def outside_listeners(settings: Settings) -> list[str]:
    """Return the listeners for phones, UDP first. ``0.0.0.0`` becomes each address the machine has now.

    It has to: Kamailio writes its listener's address into Record-Route, and no phone can reach 0.0.0.0.
    """
    port = settings.edge.port
    hosts = _all_addresses() if settings.edge.host == "0.0.0.0" else [settings.edge.host]  # noqa: S104
    return [f"{kind}:{_bracketed(host)}:{port}" for kind in ("udp", "tcp") for host in hosts]


def inside_listener(settings: Settings) -> str:
    """Return the listener for the core."""
    return f"udp:{INSIDE}:{settings.edge.internal_port}"


def inside_address(settings: Settings) -> tuple[str, int]:
    """Return host and port to which the core sends its requests, and from which phones' requests reach it."""
    return INSIDE, settings.edge.internal_port


def core_address(settings: Settings) -> str:
    """Return ``HOST:PORT`` of the core as seen from loopback; requests are believed from there only."""
    host = settings.core.host
    address = INSIDE if host == "0.0.0.0" else socket.gethostbyname(host)  # noqa: S104
    return f"{address}:{settings.core.port}"


def _all_addresses() -> list[str]:
    found = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET
    ]
    # Loopback last: the first listener is the one used where a contact doesn't name its own.
    return sorted(set(found), key=lambda host: (host.startswith("127."), found.index(host)))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
