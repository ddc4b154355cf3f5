"""Reads server-sent events as a browser does (WHATWG HTML §9.2.6)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any


def events(chunks: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Yield ``(event, data)``; a block without data, such as ``retry:``, is passed over."""
    buffer = ""
    for chunk in chunks:
        buffer += chunk.decode()
        while "\n\n" in buffer:
            block, buffer = buffer.split("\n\n", 1)
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            if "data" in fields:
                yield fields["event"], json.loads(fields["data"])
