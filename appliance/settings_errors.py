"""What a person reads when the settings are wrong: one line a problem."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic.fields import FieldInfo


class SettingsError(Exception):
    """The settings can't be used: one line a problem, ``FILE: KEY = VALUE: what is wrong``. Exit status 2."""


def error_lines(file: Path, error: ValidationError, sections: Mapping[str, FieldInfo]) -> list[str]:
    """One line for each problem pydantic found."""
    lines = []
    for detail in error.errors(include_url=False, include_context=False):
        if detail["type"] == "default_factory_not_called":  # follows from another problem
            continue
        location = [str(part) for part in detail["loc"]]
        lines.append(
            f"{file}: {'.'.join(location)} = {shown(detail['input'])}: {_wrong(detail['type'], location, sections)}"
        )
    return lines


def _wrong(kind: str, location: list[str], sections: Mapping[str, FieldInfo]) -> str:
    section = sections.get(location[0])
    fields = section.annotation.model_fields if section and section.annotation else {}
    if kind == "extra_forbidden":
        if len(location) == 1:
            return f"unknown section; allowed: {', '.join(sections)}"
        return f"unknown key; allowed in [{location[0]}]: {', '.join(fields)}"
    if len(location) == 1:
        return f"must be a table; write [{location[0]}] and its keys below: {', '.join(fields)}"
    return f"must be {fields[location[1]].description}"


def shown(value: object) -> str:
    """A value as in the file, on one line, without a password that stands in a URL."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = re.sub(r"(://[^:@/\s]*):[^@\s]*@", r"\1:***@", text)
    return text if len(text) <= 200 else text[:199] + "…"
