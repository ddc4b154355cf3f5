"""Programs of Debian that the appliance runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

from appliance.doctor.finding import Finding, fail, ok, warn

SECONDS = 10.0
PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # a user's PATH may lack sbin


@dataclass(frozen=True)
class Program:
    """A program, how it tells its version, and the version from which it is good enough."""

    name: str
    ask: tuple[str, ...]
    package: str
    at_least: tuple[int, int]
    needed: bool = True


PROGRAMS = (
    Program(
        "kamailio", ("-V",), "kamailio kamailio-sqlite-modules kamailio-extra-modules kamailio-json-modules", (5, 6)
    ),
    Program("mosquitto", ("-h",), "mosquitto", (2, 0)),
    Program("baresip", ("-h",), "baresip", (1, 0), needed=False),
)


def program(wanted: Program) -> Finding:
    """Whether a program is there and new enough."""
    path = shutil.which(wanted.name, path=PLACES) or shutil.which(wanted.name)
    install = f"`apt install {wanted.package}`"
    if path is None:
        if wanted.needed:
            return fail(wanted.name, "not installed", install)
        return warn(wanted.name, "not installed; only the demo and the tests use it", install)
    try:
        # These print their version to either stream, and some end with a status other than 0.
        asked = subprocess.run([path, *wanted.ask], capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return fail(wanted.name, f"{path} doesn't run: {error}", f"`apt install --reinstall {wanted.package}`")
    found = re.search(r"(\d+)\.(\d+)(\.\d+)*", asked.stdout + asked.stderr)
    if found is None:
        return fail(wanted.name, f"{path} doesn't tell its version", f"`apt install --reinstall {wanted.package}`")
    if (int(found[1]), int(found[2])) < wanted.at_least:
        least = ".".join(map(str, wanted.at_least))
        return fail(
            wanted.name, f"{found[0]} at {path}", f"needs {least} or later: use Debian 12 or 13, then {install}"
        )
    return ok(wanted.name, f"{found[0]} at {path}")
