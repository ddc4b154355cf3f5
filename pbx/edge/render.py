"""Kamailio's configuration from the settings, and the commands to check and run it.

Everything an instance writes is in its own directory: several may run on one machine.
"""

from __future__ import annotations

import secrets
import subprocess
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import jinja2

from appliance.private_file import write_private
from appliance.settings import Settings
from pbx.edge.addresses import core_address, inside_listener, outside_listeners
from pbx.edge.databases import make_location_file, subscriber_source

CHECK_SECONDS = 20
SHARED_MEMORY_MB = 32
PROCESS_MEMORY_MB = 4
# POSIX regular expression, without regard to case (Kamailio's =~); names of scanners seen in the wild.
SCANNERS = "friendly-scanner|sipvicious|sipcli|sip-scan|sipsak|sundayddr|iwar|vaxsip|sivus|smap|pplsip|sipptk"


class EdgeError(Exception):
    """The edge can't be configured or started; the message says what to do."""


@dataclass(frozen=True)
class Limits:
    """What strangers and phones may do. Times in seconds unless named otherwise.

    ``trusted``: networks (``192.168.7.0/24``) that are never banned; wrong passwords are refused there too.
    """

    trusted: tuple[str, ...] = ()
    tries: int = 3  # wrong passwords of one user from one address until 403 instead of 401
    guesses: int = 20  # … until the address is banned
    ban_seconds: int = 60
    requests_in_2s: int = 64  # of an address where no phone has registered yet
    message_size: int = 16384  # bytes
    contacts: int = 10  # of one user
    default_expires: int = 300
    min_expires: int = 30
    max_expires: int = 600
    no_answer_ms: int = 4000  # less than the shortest ring_timeout: a dead phone is told from one that rings
    ringing_ms: int = 180_000
    children: int = field(default=3)


def render(settings: Settings, directory: Path, limits: Limits | None = None) -> Path:
    """Write ``kamailio.cfg`` (mode 0600: it holds a secret) and what it needs into ``directory``; return its path.

    The table of contacts is ``edge-location.db`` in ``paths.state``. Raises EdgeError for settings it can't express.
    """
    limits = limits or Limits()
    directory.mkdir(parents=True, exist_ok=True)
    settings.paths.state.mkdir(parents=True, exist_ok=True)
    location = settings.paths.state / "edge-location.db"
    make_location_file(location)
    source = subscriber_source(settings.database_url(), directory)
    core = core_address(settings)
    if source.file and not source.file.exists():
        raise EdgeError(f"{source.file} is missing: make the store first (Kamailio would leave an empty one there)")
    text = _template().render(
        outside=outside_listeners(settings),
        inside=inside_listener(settings),
        inside_host="127.0.0.1",
        inside_port=settings.edge.internal_port,
        core=core,
        core_host=core.rpartition(":")[0],
        core_port=settings.core.port,
        events_port=settings.edge.events_port,
        realm=settings.edge.realm,
        driver=source.driver,
        subscriber_url=source.url,
        location_url=f"sqlite:///{location}",
        secret=_secret(settings.paths.state / "edge-secret"),
        trusted=",".join(_network(text) for text in limits.trusted),
        scanners=SCANNERS,
        limits=limits,
        debug=0,
    )
    config = directory / "kamailio.cfg"
    write_private(config, text)
    return config


def command(settings: Settings, config: Path) -> list[str]:
    """Return the command that runs Kamailio in the foreground, logging to stderr; SIGTERM ends it and its children."""
    return [*_environment(settings, config), "kamailio", *_options(config), "-DD", "-E"]


def check(settings: Settings, config: Path) -> None:
    """Have Kamailio parse ``config``; raise EdgeError with what it complains of."""
    try:
        done = subprocess.run(
            [*_environment(settings, config), "kamailio", *_options(config), "-c"],
            check=False,
            capture_output=True,
            text=True,
            timeout=CHECK_SECONDS,
        )
    except FileNotFoundError:
        raise EdgeError("kamailio isn't installed: apt-get install kamailio kamailio-sqlite-modules …") from None
    except subprocess.TimeoutExpired:
        raise EdgeError(f"kamailio -c took more than {CHECK_SECONDS} s") from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "CRITICAL" in line or "ERROR" in line]
        raise EdgeError(f"{config}: " + ("; ".join(lines[:3]) or f"kamailio -c ended with {done.returncode}"))


def _options(config: Path) -> list[str]:
    folder = str(config.parent)
    return ["-f", str(config), "-Y", folder, "-w", folder, "-m", str(SHARED_MEMORY_MB), "-M", str(PROCESS_MEMORY_MB)]


def _environment(settings: Settings, config: Path) -> list[str]:
    return subscriber_source(settings.database_url(), config.parent).environment


def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("pbx.edge", ".")
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    return environment.get_template("kamailio.cfg.j2")


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise EdgeError(f"trusted network {text!r}: {error}; write it like 192.168.7.0/24") from None


def _secret(path: Path) -> str:
    """Return the secret behind the tokens in routes; kept, so that calls outlive a restart."""
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_text().strip()
