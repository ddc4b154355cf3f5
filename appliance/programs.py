"""Runs the programs that are not ours with a configuration made from the settings: mosquitto and Kamailio.

The process becomes the program (execvp(3)), so that systemd watches and stops it directly.
"""

from __future__ import annotations

import os
import sys

from appliance import mosquitto
from appliance.settings import Settings
from pbx.edge import render as edge


def run_bus(settings: Settings) -> int:
    """Become mosquitto; makes the services' passwords at the first start."""
    bus = settings.bus
    return _become(
        mosquitto.command(mosquitto.render(bus.host, bus.port, bus.passwords, settings.paths.run / "mosquitto"))
    )


def run_edge(settings: Settings) -> int:
    """Become Kamailio, after it has checked the configuration."""
    limits = edge.Limits(trusted=settings.edge.trusted)
    try:
        config = edge.render(settings, settings.paths.run / "kamailio", limits)
        edge.check(settings, config)
    except edge.EdgeError as error:
        print(f"callfloor edge: {error}", file=sys.stderr)
        return 1
    return _become(edge.command(settings, config))


def _become(command: list[str]) -> int:
    try:
        os.execvp(command[0], command)  # noqa: S606
    except FileNotFoundError:
        print(f"callfloor: {command[0]} isn't installed: apt-get install {command[0]}", file=sys.stderr)
        return 1
