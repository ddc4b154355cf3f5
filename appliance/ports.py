"""Whether a port can be bound, and if not, why and by whom it is held."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from typing import Literal

import psutil

Kind = Literal["udp", "tcp"]
ANY_ADDRESSES = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound


@dataclass(frozen=True)
class Listener:
    """Where a service listens: settings key, protocol, host, first and last port (the same unless a range)."""

    key: str
    kind: Kind
    host: str
    first: int
    last: int

    def clashes_with(self, other: Listener) -> bool:
        """True if both can't be bound on one machine (protocols apart: a person reads one number as one port)."""
        hosts = {self.host, other.host}
        same_host = len(hosts) == 1 or not hosts.isdisjoint(ANY_ADDRESSES)
        return same_host and self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Obstacle:
    """Why a port can't be bound. ``about`` is the setting to change: its ``host`` or its ``port``."""

    about: Literal["host", "port"]
    text: str
    pid: int | None = None
    process: str | None = None


def obstacle(kind: Kind, host: str, port: int) -> Obstacle | None:
    """Try to bind ``host``:``port`` for a moment; None means it is free."""
    try:
        family, kind_, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        return Obstacle("host", "no such host; give an address of this machine")
    with socket.socket(family, kind_) as probe:
        if kind == "tcp":  # a closed connection's TIME_WAIT is no obstacle to a server
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            if kind == "tcp":
                probe.listen(1)
        except OSError as error:
            return _explain(error, kind, port)
    return None


def _explain(error: OSError, kind: Kind, port: int) -> Obstacle:
    if error.errno == errno.EADDRINUSE:
        return _held(kind, port)
    if error.errno == errno.EADDRNOTAVAIL:
        return Obstacle("host", "no interface of this machine has this address; see `ip address`")
    if error.errno == errno.EACCES:
        return Obstacle("port", "needs root or CAP_NET_BIND_SERVICE; set a port above 1023")
    return Obstacle("port", f"can't be used: {error.strerror}")


def _held(kind: Kind, port: int) -> Obstacle:
    pid = _holder(kind, port)
    name = _name(pid) if pid else None
    if pid and name:
        return Obstacle("port", f"{kind} port in use by {name} (pid {pid}); stop it or set another port", pid, name)
    return Obstacle("port", f"{kind} port in use; see `ss -lpn` as root, stop that program or set another port")


def _holder(kind: Kind, port: int) -> int | None:
    try:
        connections = psutil.net_connections(kind)
    except (psutil.Error, OSError):
        return None
    for connection in connections:
        listening = kind == "udp" or connection.status == psutil.CONN_LISTEN
        if listening and connection.laddr and connection.laddr.port == port and connection.pid:
            return connection.pid
    return None


def _name(pid: int) -> str | None:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return None
