"""The tables of the settings file, each with its defaults; ``appliance.settings`` reads and checks them as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from appliance.settings_fields import (
    AbsolutePath,
    FeatureCode,
    Host,
    Networks,
    Port,
    Word,
    known_country,
    known_timezone,
    whole_database_url,
)

DEFAULT_STATE = Path("/var/lib/callfloor")
PASSWORDS_NAME = "bus-passwords.json"


class Section(BaseModel):
    """A table of the settings file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSettings(Section):
    """Where the appliance stands; ``country`` (ISO 3166-1) completes national phone numbers."""

    name: Annotated[str, Field(pattern=r"^[^\r\n]{1,64}$", description="1 to 64 characters on one line")] = "callfloor"
    country: Annotated[
        str, AfterValidator(known_country), Field(description='a two-letter country code in capitals, such as "JP"')
    ] = "JP"
    language: Annotated[Literal["en", "ja"], Field(description='"en" or "ja"')] = "en"
    timezone: Annotated[
        str,
        AfterValidator(known_timezone),
        Field(description='a name from the time zone database, such as "Asia/Tokyo"'),
    ] = "Asia/Tokyo"


class PathSettings(Section):
    """Folders; ``recordings`` and ``prompts`` lie in ``state`` unless set."""

    state: AbsolutePath = DEFAULT_STATE
    run: AbsolutePath = Path("/run/callfloor")
    recordings: AbsolutePath = Field(default_factory=lambda data: data["state"] / "recordings")
    prompts: AbsolutePath = Field(default_factory=lambda data: data["state"] / "prompts")


class DatabaseSettings(Section):
    """Where the store is; empty: SQLite in ``paths.state``."""

    url: Annotated[
        str,
        AfterValidator(whole_database_url),
        Field(description='"", "sqlite:///FILE" or "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"'),
    ] = ""


class BusSettings(Section):
    """The MQTT broker; ``passwords`` is JSON, one secret a service: ``{"pbx": "…"}``."""

    host: Host = "127.0.0.1"
    port: Port = 1883
    passwords: AbsolutePath = DEFAULT_STATE / PASSWORDS_NAME


class EdgeSettings(Section):
    """Kamailio: ``port`` faces the phones, ``internal_port`` the core, ``events_port`` tells of registrations.

    ``trusted``: networks such as the phones' own that are never shut out for a flood or wrong passwords.
    """

    host: Host = "127.0.0.1"
    port: Port = 5060
    internal_port: Port = 5062
    events_port: Port = 5063
    realm: Word = "callfloor"
    trusted: Networks = ()


class CoreSettings(Section):
    """The core's SIP address, its RTP ports and its name in every ledger row."""

    host: Host = "127.0.0.1"
    port: Port = 5070
    rtp_first: Port = 10000
    rtp_last: Port = 19999
    name: Word = "core-1"


class GatewaySettings(Section):
    """A gateway's SIP address and its RTP ports."""

    host: Host
    port: Port
    rtp_first: Port
    rtp_last: Port


class GsmSettings(GatewaySettings):
    """The GSM gateway's."""

    host: Host = "127.0.0.1"
    port: Port = 5080
    rtp_first: Port = 20000
    rtp_last: Port = 24999


class PstnSettings(GatewaySettings):
    """The PSTN gateway's."""

    host: Host = "127.0.0.1"
    port: Port = 5082
    rtp_first: Port = 25000
    rtp_last: Port = 29999


class PanelSettings(Section):
    """Where the panel is served."""

    host: Host = "127.0.0.1"
    port: Port = 8080


class FeatureSettings(Section):
    """Codes an agent dials; ``login`` is followed by the agent's number."""

    login: FeatureCode = "*11"
    logout: FeatureCode = "*12"
    pause: FeatureCode = "*13"
    unpause: FeatureCode = "*14"
