"""What the command lines of all gateways share: asking the running service, and showing what it answers.

Exit status of a command: 0 done, 1 refused (stderr says by whom and what to do), 2 the input is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from appliance.bus import Bus
from appliance.order import natural
from appliance.report.output import printable, write_table
from appliance.settings import Settings

Row = dict[str, Any]


@contextmanager
def technician(settings: Settings) -> Iterator[Bus]:
    """The bus as the command line knows it."""
    bus = Bus(settings.bus.host, settings.bus.port, "technician", settings.bus_password("technician"), guest=True)
    bus.start()
    try:
        yield bus
    finally:
        bus.stop()


def show_rows(
    rows: list[Row], columns: Mapping[str, str], settings: Settings, *, key: str, none: str, as_json: bool
) -> None:
    """Print rows as a table in the order of their ``key``, or ``none``."""
    rows = sorted(rows, key=lambda row: natural(str(row[key])))
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    elif not write_table(rows, columns, ZoneInfo(settings.site.timezone), sys.stdout):
        print(none)


def show_answer(answer: Row, *, as_json: bool) -> None:
    """Print an answer as JSON, or for people: ``key: value``, texts of several lines below their key."""
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print("\n".join(_lines(answer)) or "done")


def _lines(answer: Row, above: str = "") -> Iterator[str]:
    for key, value in answer.items():
        if isinstance(value, dict):
            yield from _lines(value, f"{above}{key}.")
        elif isinstance(value, list):
            yield from (printable(str(one)) for one in value)
        elif isinstance(value, str) and "\n" in value:
            yield f"{above}{key}:"
            yield from (f"  {printable(line)}" for line in value.splitlines())
        elif value is not None:
            yield f"{above}{key}: {printable(str(value))}"
