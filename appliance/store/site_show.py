"""Writes what is configured as a site description, without passwords; applying it again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from appliance.store.site import present

HIDDEN = {"ha1", "pin", "realm", "position"}  # secrets, and what follows from the settings or the order


def show_site(session: Session) -> str:
    """The present configuration as TOML."""
    rows = present(session)
    parts = [_table(f"[[{table}]]", row) for table in rows if table != "ivr_flow" for row in rows[table].values()]
    parts += [_table(f"[ivr.{_key(name)}]", row["definition"]) for name, row in rows["ivr_flow"].items()]
    return "\n".join(parts)


def _table(head: str, row: Mapping[str, Any]) -> str:
    keys = [key for key, value in row.items() if value is not None and key not in HIDDEN]
    return "\n".join([head, *(f"{_key(key)} = {_value(row[key])}" for key in keys)]) + "\n"


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _value(key)


def _value(value: object) -> str:
    """A value in TOML 1.0, whose strings are JSON's but for DEL."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
