"""Writes rows as an aligned table for people, as CSV for spreadsheets or as JSON for programs."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]


def write_json(rows: Iterable[Row], out: TextIO) -> int:
    """Write a list of objects, one a line, as they come; times in UTC (ISO 8601). Return how many."""
    count = 0
    for count, row in enumerate(rows, 1):
        out.write("[\n" if count == 1 else ",\n")
        json.dump(row, out, ensure_ascii=False, default=_json_value)
    out.write("\n]\n" if count else "[]\n")
    return count


def write_csv(rows: Iterable[Row], columns: Sequence[str], zone: ZoneInfo, out: TextIO) -> int:
    """Write CSV (RFC 4180) with a header; times in the site's zone, as a spreadsheet reads them. Return how many."""
    writer = csv.writer(out)
    writer.writerow(columns)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the count is the result
        writer.writerow([harmless(_text(row[column], zone)) for column in columns])
    return count


def write_table(rows: Iterable[Row], columns: Mapping[str, str], zone: ZoneInfo, out: TextIO) -> int:
    """Write a table; ``columns`` maps a row's key to its heading. Return how many rows."""
    texts = [[printable(_text(row[key], zone)) for key in columns] for row in rows]
    if not texts:
        return 0
    lines = [list(columns.values()), *texts]
    widths = [max(width(line[i]) for line in lines) for i in range(len(columns))]
    right = [all(re.fullmatch(r"-?[\d.]*", line[i]) for line in texts) for i in range(len(columns))]
    for line in lines:
        out.write("  ".join(map(_padded, line, widths, right)).rstrip() + "\n")
    return len(texts)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP "CSV injection"); plain numbers stay, E.164 too."""
    if cell[:1] in tuple("=+-@\t\r\n") and not re.fullmatch(r"[+-]?\d+(\.\d+)?", cell):
        return "'" + cell
    return cell


def printable(text: str) -> str:
    """Text without what would command a terminal: callers choose some of it."""
    return "".join(char if char.isprintable() else "?" for char in text)


def width(text: str) -> int:
    """Columns a text takes on a terminal: two for East Asian wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _padded(text: str, columns: int, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def _text(value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)


def _json_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(type(value).__name__)
