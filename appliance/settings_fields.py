"""The kinds of values a settings file holds. A kind's ``description`` completes the sentence "must be …"."""

from __future__ import annotations

import ipaddress
import os
import re
import zoneinfo
from pathlib import Path
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field, ValidationInfo


def whole_path(folder_path: Path, info: ValidationInfo) -> Path:
    """Make a path absolute: relative to the settings file's folder, else to the current one."""
    folder = (info.context or {}).get("folder", Path())
    return Path(os.path.normpath((folder / folder_path.expanduser()).absolute()))


def known_country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError
    return value


def known_timezone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (KeyError, OSError) as error:  # OSError: the name of a folder of zones
        raise ValueError from error
    return value


def whole_network(value: str) -> str:
    return str(ipaddress.ip_network(value))


def whole_database_url(value: str, info: ValidationInfo) -> str:
    if value == "" or re.match(r"postgresql(\+psycopg)?://.", value):
        return value.replace("postgresql://", "postgresql+psycopg://", 1)
    if not re.fullmatch(r"sqlite:///[^?]+", value):
        raise ValueError
    return f"sqlite:///{whole_path(Path(value.removeprefix('sqlite:///')), info)}"


Port = Annotated[int, Field(strict=True, ge=1, le=65535, description="a whole number from 1 to 65535")]
AbsolutePath = Annotated[
    Path, AfterValidator(whole_path), Field(description='a path in quotes, such as "/srv/callfloor"')
]
Host = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$", description='an IP address or host name, such as "127.0.0.1"')
]
Word = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="1 to 64 letters, digits, dots and hyphens")
]
FeatureCode = Annotated[
    str, Field(pattern=r"^[*#][0-9*#]{1,7}$", description='* or # and 1 to 7 more of 0-9 * #, such as "*11"')
]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(whole_network)], ...],
    Field(description='a list of networks, such as ["192.168.7.0/24"]'),
]
