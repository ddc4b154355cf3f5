"""What a throw-away site is made of: free ports, settings, and the site description that is applied to its store."""

from __future__ import annotations

import json
import random
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COUNTRY_CODE = "+81"
MENU: dict[str, Any] = {
    "start": "menu",
    "steps": {
        "menu": {
            "type": "menu", "prompt": "welcome", "timeout": 6, "repeat": 2,
            "keys": {"1": "queue:sales", "2": "queue:support"},
            "on_timeout": "queue:support", "on_invalid": "hangup", "invalid_prompt": "invalid",
        }
    },
}  # fmt: skip


@dataclass(frozen=True)
class LineWiring:
    """Where a line's modem is found and which number its SIM has."""

    name: str
    number: str
    at_port: Path
    pcm_port: Path
    family: str = "quectel"


@dataclass(frozen=True)
class Site:
    """The shape of a site. ``queue`` holds settings all queues share; ``agents`` sit at ``extensions`` in order.

    ``lines`` are GSM lines; ``families``: of their simulated modems, in turn. ``telephone``: cards, spans, FXO ports
    and line groups, each with its table's name.
    """

    lines: int = 4
    families: tuple[str, ...] = ("quectel",)
    extensions: tuple[str, ...] = ("101", "102")
    agents: tuple[str, ...] = ("2001", "2002")
    queue: dict[str, Any] = field(default_factory=dict)
    routes: tuple[dict[str, Any], ...] = ({"target": "ivr:main"},)
    passwords: dict[str, str] = field(default_factory=dict)
    telephone: tuple[tuple[str, dict[str, Any]], ...] = ()

    def __post_init__(self) -> None:
        for extension in self.extensions:
            self.passwords.setdefault(extension, secrets.token_urlsafe(12))


@dataclass(frozen=True)
class Ports:
    """A block of ports of this machine, below those the kernel gives to clients."""

    first: int

    SIZE = 1000
    OFFSETS = {"bus": 0, "edge": 1, "edge_internal": 3, "edge_events": 4, "core": 5, "gsm": 6, "panel": 7, "pstn": 8}  # noqa: RUF012

    def __getitem__(self, name: str) -> int:
        return self.first + self.OFFSETS[name]

    def spare(self, number: int) -> int:
        """One of 80 ports nobody else of the block uses."""
        return self.first + 10 + number


def free_ports() -> Ports:
    """Return a block of which all named ports are free now."""
    chance = random.SystemRandom()
    for _ in range(50):
        ports = Ports(chance.randrange(10, 31) * Ports.SIZE)
        if all(_free(port) for port in range(ports.first, ports.first + 40)):
            return ports
    raise RuntimeError("no block of free ports; see `ss -lntu`")


def settings_toml(folder: Path, prompts: Path, ports: Ports, database_url: str = "") -> str:
    """The settings file: everything in ``folder`` (but another database, where named), every port from the block."""
    rtp = ports.first + 100
    tables: dict[str, dict[str, Any]] = {
        "site": {"name": "demo floor", "country": "JP", "language": "en"},
        "paths": {"state": str(folder / "state"), "run": str(folder / "run"), "prompts": str(prompts)},
        "database": {"url": database_url},
        "bus": {"port": ports["bus"]},
        "edge": {
            "port": ports["edge"], "internal_port": ports["edge_internal"], "events_port": ports["edge_events"],
        },
        "core": {"port": ports["core"], "rtp_first": rtp, "rtp_last": rtp + 399},
        "gsm": {"port": ports["gsm"], "rtp_first": rtp + 400, "rtp_last": rtp + 799},
        "pstn": {"port": ports["pstn"], "rtp_first": rtp + 800, "rtp_last": rtp + 899},
        "panel": {"port": ports["panel"]},
    }  # fmt: skip
    return "\n".join(f"[{name}]\n{_keys(table)}" for name, table in tables.items())


def site_toml(site: Site, lines: list[LineWiring]) -> str:
    """The site description: one route to the menu, two queues that all agents serve."""
    rows: list[tuple[str, dict[str, Any]]] = [
        ("line", {"name": line.name, "gateway": "gsm", "number": line.number, "family": line.family,
                  "at_port": str(line.at_port), "pcm_port": str(line.pcm_port)})
        for line in lines
    ]  # fmt: skip
    rows += site.telephone
    rows += [
        ("extension", {"number": number, "name": f"Phone {number}", "password": site.passwords[number]})
        for number in site.extensions
    ]
    rows += [("agent", {"number": number, "name": f"Agent {number}"}) for number in site.agents]
    rows += [
        ("queue", {"name": name, "label": name.capitalize(), "members": list(site.agents), **site.queue})
        for name in ("sales", "support")
    ]
    rows += [("route", route) for route in site.routes]
    text = "\n".join(f"[[{table}]]\n{_keys(row)}" for table, row in rows)
    menu = MENU["steps"]["menu"]
    keys = menu["keys"]
    plain = {key: value for key, value in menu.items() if key != "keys"}
    flow = f'[ivr.main]\nstart = "menu"\n[ivr.main.steps.menu]\n{_keys(plain)}[ivr.main.steps.menu.keys]\n{_keys(keys)}'
    return f"{text}\n{flow}"


def _keys(table: dict[str, Any]) -> str:
    """TOML keys with values; JSON's strings, numbers, true/false and flat lists are TOML's too."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
