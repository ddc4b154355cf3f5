"""A site description: a TOML file of what is configured in the store, and what makes one valid by itself.

    [[line]]       name gateway number family at_port pcm_port imei usb_path pin line_group enabled
    [[pstn_card]]  name driver location country options
    [[pstn_span]]  name card port kind … : see appliance.store.site_pstn
    [[fxo]]        name card port number … : see appliance.store.site_pstn
    [[extension]]  number name password enabled
    [[agent]]      number name enabled
    [[carrier]]    name imsi_prefixes number_prefixes ussd_balance balance_pattern balance_every
    [[sim]]        iccid number carrier label enabled
    [[sim_policy]] subject = "carrier:NAME" or "sim:ICCID", and limits: see appliance.store.site_sims
    [[line_group]] name strategy line_order prefixes
    [[queue]]      name label strategy ring_timeout … members = ["2001"]
    [[route]]      line did caller_prefix weekdays from_time to_time target    (in the order they are tried)
    [ivr.NAME]     a flow, see pbx.ivr.flow

A kind that is in the file is described completely: rows of it that the file leaves out are removed. A kind that isn't
in the file stays as it is. SIMs are found as well as described: those that a file leaves out stay, too.
A field's ``description`` completes the sentence "must be …".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from appliance.settings_errors import shown
from appliance.store.site_fields import (
    NAME_DESCRIPTION,
    AudioDevice,
    Clock,
    Device,
    Digits,
    Flag,
    Imei,
    Label,
    Name,
    PhoneNumber,
    Pin,
    Row,
    TargetText,
    UsbPath,
    seconds,
)
from appliance.store.site_pstn import FxoRow, PstnCardRow, PstnSpanRow
from appliance.store.site_sims import CarrierRow, LineGroupRow, SimPolicyRow, SimRow


class SiteError(Exception):
    """A site description is wrong: one line a problem, ``FILE: TABLE.ROW.KEY = VALUE: …``. Exit status 2."""


def _weekdays(value: str) -> str:
    if len(set(value)) != len(value):
        raise ValueError
    return "".join(sorted(value))


class LineRow(Row):
    """See ``models.Line``. Without a PIN the line keeps the one it has; "" takes it away."""

    name: Name
    gateway: Annotated[
        Literal["gsm"], Field(description='"gsm"; telephone lines are described as [[fxo]] or [[pstn_span]]')
    ]
    number: PhoneNumber | None = None
    family: Name
    at_port: Device | None = None
    pcm_port: AudioDevice | None = None
    imei: Imei | None = None
    usb_path: UsbPath | None = None
    pin: Pin | None = None
    line_group: Name = "gsm"
    enabled: Flag = True


class ExtensionRow(Row):
    """See ``models.Extension``. Without a password the extension keeps the one it has."""

    number: Digits
    name: Label
    password: Annotated[SecretStr, Field(min_length=8, max_length=128, description="8 to 128 characters")] | None = None
    enabled: Flag = True


class AgentRow(Row):
    """See ``models.Agent``."""

    number: Digits
    name: Label
    enabled: Flag = True


class QueueRow(Row):
    """See ``models.Queue``."""

    name: Name
    label: Label
    strategy: Annotated[Literal["longest-idle"], Field(description='"longest-idle"')] = "longest-idle"
    ring_timeout: Annotated[int, seconds(5, 300)] = 20
    wrap_up: Annotated[int, seconds(0, 3600)] = 10
    max_wait: Annotated[int, seconds(5, 86400)] = 600
    overflow_target: TargetText = "hangup"
    announce_every: Annotated[int, seconds(0, 3600)] = 30
    join_empty: Flag = False
    music: Name = "music"
    members: Annotated[list[Digits], Field(description='a list of agents\' numbers, such as ["2001", "2002"]')] = Field(
        default_factory=list
    )


class RouteRow(Row):
    """See ``models.Route``; its position is its place in the file."""

    line: Name | None = None
    did: PhoneNumber | None = None
    caller_prefix: (
        Annotated[str, Field(pattern=r"^\+[0-9]{1,18}$", description='"+" and digits, such as "+8180"')] | None
    ) = None
    weekdays: (
        Annotated[
            str,
            AfterValidator(_weekdays),
            Field(pattern=r"^[1-7]{1,7}$", description='digits 1 (Monday) to 7, each once, such as "12345"'),
        ]
        | None
    ) = None
    from_time: Clock | None = None
    to_time: Clock | None = None
    target: TargetText


class SiteDescription(Row):
    """A whole description; a kind that is None isn't in the file."""

    line: list[LineRow] | None = None
    pstn_card: list[PstnCardRow] | None = None
    pstn_span: list[PstnSpanRow] | None = None
    fxo: list[FxoRow] | None = None
    extension: list[ExtensionRow] | None = None
    agent: list[AgentRow] | None = None
    queue: list[QueueRow] | None = None
    route: list[RouteRow] | None = None
    carrier: list[CarrierRow] | None = None
    sim: list[SimRow] | None = None
    sim_policy: list[SimPolicyRow] | None = None
    line_group: list[LineGroupRow] | None = None
    ivr: dict[Name, dict[str, Any]] | None = None


ROWS: dict[str, type[Row]] = {
    "line": LineRow,
    "pstn_card": PstnCardRow,
    "pstn_span": PstnSpanRow,
    "fxo": FxoRow,
    "extension": ExtensionRow,
    "agent": AgentRow,
    "queue": QueueRow,
    "route": RouteRow,
    "carrier": CarrierRow,
    "sim": SimRow,
    "sim_policy": SimPolicyRow,
    "line_group": LineGroupRow,
}
KEYS = {
    "line": "name",
    "pstn_card": "name",
    "pstn_span": "name",
    "fxo": "name",
    "extension": "number",
    "agent": "number",
    "queue": "name",
    "carrier": "name",
    "sim": "iccid",
    "sim_policy": "subject",
    "line_group": "name",
}  # what a row is known by


def read_site(file: Path, country: str) -> SiteDescription:
    """Read a description; ``country`` (ISO 3166-1) completes national numbers. Raises SiteError."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SiteError(f"{file}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SiteError(f"{file}: not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{file}: not TOML: {error}") from None
    return parse_site(data, country, str(file))


def parse_site(data: dict[str, Any], country: str, source: str) -> SiteDescription:
    """Check a description given as data; ``source`` begins each line of a SiteError."""
    try:
        return SiteDescription.model_validate(data, context={"country": country})
    except ValidationError as error:
        lines = [f"{source}: {_line(data, detail)}" for detail in error.errors(include_url=False)]
        raise SiteError("\n".join(lines)) from None


def _line(data: dict[str, Any], detail: Any) -> str:
    table, *rest = detail["loc"]
    if table not in SiteDescription.model_fields:
        return f"{table}: unknown table; allowed: {', '.join(SiteDescription.model_fields)}"
    if table == "ivr":
        return f"ivr.{rest[0] if rest else ''}: must be a table [ivr.NAME] with NAME {NAME_DESCRIPTION}"
    if not rest:
        return f"{table}: must be written as [[{table}]], once for each"
    place = f"{table}.{row_name(table, data[table][rest[0]], rest[0])}"
    fields = ROWS[table].model_fields
    if len(rest) == 1:
        return f"{place}: must be a table of {', '.join(fields)}"
    return _key_line(place, str(rest[1]), fields, detail)


def _key_line(place: str, key: str, fields: Mapping[str, FieldInfo], detail: Any) -> str:
    if detail["type"] == "missing":
        return f"{place}.{key}: missing; must be {_description(fields[key])}"
    if key not in fields:
        return f"{place}.{key}: unknown key; allowed: {', '.join(fields)}"
    value = '"…"' if key in {"password", "pin"} else shown(detail["input"])
    return f"{place}.{key} = {value}: must be {_description(fields[key])}"


def _description(field: FieldInfo) -> str:
    """The description of a field, also where it may be None (then it stands in a member of the union)."""
    members = [extra for member in get_args(field.annotation) for extra in getattr(member, "__metadata__", ())]
    found = [extra.description for extra in [field, *members] if getattr(extra, "description", None)]
    return found[0] if found else "something else"


def row_name(table: str, row: object, index: int) -> str:
    """What a person calls a row: its name or number, else its place in the file."""
    key = KEYS.get(table)
    name = row.get(key) if isinstance(row, dict) and key else None
    return name if isinstance(name, str) else f"#{index + 1}"
