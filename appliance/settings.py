"""The settings: one TOML file, checked as a whole when a service starts.

Every problem is one line that names file, key, value and what is allowed; see :class:`SettingsError`.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import PrivateAttr, ValidationError, model_validator

from appliance.ports import Listener, obstacle
from appliance.prompt_names import REQUIRED_PROMPTS
from appliance.settings_errors import SettingsError, error_lines, shown
from appliance.settings_sections import (
    PASSWORDS_NAME,
    BusSettings,
    CoreSettings,
    DatabaseSettings,
    EdgeSettings,
    FeatureSettings,
    GsmSettings,
    PanelSettings,
    PathSettings,
    PstnSettings,
    Section,
    SiteSettings,
)

DEFAULT_FILE = Path("/etc/callfloor/callfloor.toml")
LOOPBACK = "127.0.0.1"

__all__ = ["Service", "Settings", "SettingsError", "load"]

Service = Literal["pbx", "gsm", "pstn", "panel", "edge", "bus", "report"]


class Settings(Section):
    """All settings. Get them by :func:`load`."""

    site: SiteSettings = SiteSettings()
    paths: PathSettings = PathSettings()
    database: DatabaseSettings = DatabaseSettings()
    bus: BusSettings = BusSettings()
    edge: EdgeSettings = EdgeSettings()
    core: CoreSettings = CoreSettings()
    gsm: GsmSettings = GsmSettings()
    pstn: PstnSettings = PstnSettings()
    panel: PanelSettings = PanelSettings()
    features: FeatureSettings = FeatureSettings()
    _file: Path | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _place_passwords(cls, data: Any) -> Any:
        """Put ``bus.passwords`` into ``paths.state`` where it isn't set."""
        if not isinstance(data, dict):
            return data
        paths, bus = data.get("paths", {}), data.get("bus", {})
        paths = paths.model_dump() if isinstance(paths, PathSettings) else paths
        bus = bus.model_dump(exclude_unset=True) if isinstance(bus, BusSettings) else bus
        if isinstance(bus, dict) and isinstance(paths, dict) and isinstance(paths.get("state"), str | Path):
            return data | {"bus": {"passwords": Path(paths["state"]) / PASSWORDS_NAME} | bus}
        return data

    @property
    def file(self) -> Path | None:
        """The file these settings were read from; None: defaults."""
        return self._file

    def database_url(self) -> str:
        """SQLAlchemy's URL of the store."""
        return self.database.url or f"sqlite:///{self.paths.state / 'callfloor.db'}"

    def prompt(self, name: str) -> Path:
        """The file of a prompt in the site's language; it may be missing."""
        return self.paths.prompts / self.site.language / f"{name}.wav"

    def bus_password(self, service: str) -> str:
        """The secret of a service's account at the broker. Raises SettingsError."""
        try:
            return str(json.loads(self.bus.passwords.read_text(encoding="utf-8"))[service])
        except OSError as error:
            wrong = f"can't be read: {error.strerror}"
        except (ValueError, KeyError, TypeError):
            wrong = f'must be a JSON object with a password for "{service}"'
        raise SettingsError(self.problem("bus.passwords", f"{wrong}; run `make setup` or start the bus once"))

    def listeners(self, service: Service | None = None) -> list[Listener]:
        """The ports a service binds (all services' without one); RTP ranges only when asked for all."""
        edge, core, gsm, pstn = self.edge, self.core, self.gsm, self.pstn
        ports: dict[str, list[Listener]] = {
            "bus": [Listener("bus.port", "tcp", self.bus.host, self.bus.port, self.bus.port)],
            "edge": [
                Listener("edge.port", "udp", edge.host, edge.port, edge.port),
                Listener("edge.port", "tcp", edge.host, edge.port, edge.port),
                Listener("edge.internal_port", "udp", LOOPBACK, edge.internal_port, edge.internal_port),
                Listener("edge.events_port", "tcp", LOOPBACK, edge.events_port, edge.events_port),
            ],
            "pbx": [Listener("core.port", "udp", core.host, core.port, core.port)],
            "gsm": [Listener("gsm.port", "udp", gsm.host, gsm.port, gsm.port)],
            "pstn": [Listener("pstn.port", "udp", pstn.host, pstn.port, pstn.port)],
            "panel": [Listener("panel.port", "tcp", self.panel.host, self.panel.port, self.panel.port)],
        }
        if service is not None:
            return ports.get(service, [])
        ranges = [
            Listener("core.rtp_first", "udp", core.host, core.rtp_first, core.rtp_last),
            Listener("gsm.rtp_first", "udp", gsm.host, gsm.rtp_first, gsm.rtp_last),
            Listener("pstn.rtp_first", "udp", pstn.host, pstn.rtp_first, pstn.rtp_last),
        ]
        return [listener for group in ports.values() for listener in group] + ranges

    def check_ready(self, service: Service) -> None:
        """Raise SettingsError unless the service's ports are free and, for ``pbx``, the prompts are there."""
        problems = []
        for listener in self.listeners(service):
            found = obstacle(listener.kind, listener.host, listener.first)
            if found:
                key = listener.key if found.about == "port" else f"{listener.key.split('.')[0]}.host"
                problems.append(self.problem(key, found.text))
        if service == "pbx":
            problems += self.missing_prompts()
        if problems:
            raise SettingsError("\n".join(dict.fromkeys(problems)))

    def missing_prompts(self, names: Iterable[str] = REQUIRED_PROMPTS) -> list[str]:
        """A line about the prompts of ``names`` that are missing, if any are."""
        missing = [name for name in names if not self.prompt(name).is_file()]
        if not missing:
            return []
        files = ", ".join(f"{self.site.language}/{name}.wav" for name in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        advice = "run `make setup` or put WAV files of these names there (mono, 8 kHz, 16 bit)"
        return [self.problem("paths.prompts", f"missing prompt {files}{more}; {advice}")]

    def problem(self, key: str, text: str) -> str:
        """One line ``FILE: KEY = VALUE: text`` about a key such as ``core.port``."""
        section, name = key.split(".")
        return f"{self.file or 'default settings'}: {key} = {shown(getattr(getattr(self, section), name))}: {text}"


def load(path: Path | None = None) -> Settings:
    """Read settings from ``path``, else $CALLFLOOR_SETTINGS, else the default file, which alone may be missing.

    Raises SettingsError for a file that can't be read or has anything wrong in it.
    """
    named = path or (Path(os.environ["CALLFLOOR_SETTINGS"]) if os.environ.get("CALLFLOOR_SETTINGS") else None)
    if named is None and not DEFAULT_FILE.exists():
        return Settings()
    file = named or DEFAULT_FILE
    data = _read(file)
    try:
        settings = Settings.model_validate(data, context={"folder": file.absolute().parent})
    except ValidationError as error:
        raise SettingsError("\n".join(error_lines(file, error, Settings.model_fields))) from None
    settings._file = file
    problems = _cross_check(settings)
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{file}: no such file; name another with --settings or $CALLFLOOR_SETTINGS") from None
    except OSError as error:
        raise SettingsError(f"{file}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not TOML: {error}") from None


def _cross_check(settings: Settings) -> list[str]:
    """Problems between keys that are each right alone."""
    problems = []
    for name in ("core", "gsm", "pstn"):
        section = getattr(settings, name)
        if section.rtp_first >= section.rtp_last:
            problems.append(settings.problem(f"{name}.rtp_first", f"must be below {name}.rtp_last, {section.rtp_last}"))
    seen: list[Listener] = []
    for listener in settings.listeners():
        for other in seen:
            if listener.key != other.key and listener.clashes_with(other):
                ports = f"{other.first}" if other.first == other.last else f"{other.first}-{other.last}"
                text = f"port taken by {other.key} ({ports}); allowed: a port of its own"
                problems.append(settings.problem(listener.key, text))
                break
        seen.append(listener)
    codes = settings.features.model_dump()
    for key, code in codes.items():
        for other_key, other_code in codes.items():
            if key != other_key and code.startswith(other_code):
                text = f"begins with features.{other_key}, {shown(other_code)}; allowed: a code of its own"
                problems.append(settings.problem(f"features.{key}", text))
    return list(dict.fromkeys(problems))
