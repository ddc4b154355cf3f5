"""Bus payloads as the page gets them: plain JSON, times ISO 8601 UTC, numbers also as written (``…_text``)."""

from __future__ import annotations

from typing import Any

from appliance.bus_payloads import Payload
from appliance.panel.numbers import written

NUMBERS = ("number", "caller", "did")


def shape(payload: Payload, country: str) -> dict[str, Any]:
    """Return the payload's fields; ``caller`` also gives ``caller_text``, and so on for every number in it."""
    return with_texts(payload.model_dump(mode="json"), country)


def with_texts(fields: dict[str, Any], country: str) -> dict[str, Any]:
    """Add the written form beside each number of ``fields`` and of the dicts in its lists."""
    result = dict(fields)
    for name, value in fields.items():
        if name in NUMBERS:
            result[f"{name}_text"] = written(value, country)
        elif isinstance(value, list):
            result[name] = [with_texts(item, country) if isinstance(item, dict) else item for item in value]
    return result
