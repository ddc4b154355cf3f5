"""``callfloor report``: which rows in which form."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from appliance.report.agents import agent_figures
from appliance.report.arguments import TABLES
from appliance.report.calls import COLUMNS, calls_between
from appliance.report.output import write_csv, write_json, write_table
from appliance.report.period import Period, PeriodError, period
from appliance.report.queues import queue_figures
from appliance.settings import Settings
from appliance.store import open_store

CALL_CSV = (*COLUMNS, "recording_id", "recording_path", "recording_seconds", "recording_state")


def run(arguments: argparse.Namespace, settings: Settings, out: TextIO | None = None) -> int:
    """Print the report; return the exit status: 2 for a period that can't be read."""
    out = out or sys.stdout
    now = datetime.now(UTC)
    try:
        during = period(arguments.first, arguments.last, settings.site.timezone, now)
    except PeriodError as error:
        print(f"callfloor report: {error}", file=sys.stderr)
        return 2
    store = open_store(settings.database_url())
    try:
        with store.session() as session:
            rows = _rows(arguments.about, session, during, settings, now)
            count = _write(arguments, rows, ZoneInfo(settings.site.timezone), out)
        if not count:
            # To the side where a program reads the rows.
            print(_nothing(arguments.about, during), file=sys.stderr if arguments.csv or arguments.json else out)
    finally:
        store.close()
    return 0


def _rows(
    about: str, session: Session, during: Period, settings: Settings, now: datetime
) -> Iterable[Mapping[str, Any]]:
    if about == "calls":
        return calls_between(session, during, settings.paths.recordings)
    if about == "queues":
        return [asdict(figures) for figures in queue_figures(session, during)]
    return [asdict(figures) for figures in agent_figures(session, during, now)]


def _write(arguments: argparse.Namespace, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo, out: TextIO) -> int:
    if arguments.json:
        return write_json(rows, out)
    if arguments.about == "calls":
        rows = _flat(rows)
    if arguments.csv:
        columns = CALL_CSV if arguments.about == "calls" else tuple(TABLES[arguments.about])
        return write_csv(rows, columns, zone, out)
    return write_table(rows, TABLES[arguments.about], zone, out)


def _flat(calls: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A call with its recording's fields beside its own."""
    for call in calls:
        recording = call["recording"] or {}
        fields = {f"recording_{key}": recording.get(key) for key in ("id", "path", "seconds", "state")}
        result = call["result"] or call["state"]  # a call in progress has no result yet
        yield {**call, **fields, "result": result}


def _nothing(about: str, during: Period) -> str:
    return f"No {'agent activity' if about == 'agents' else 'calls'} from {during}."
