"""``callfloor pstn scan|apply|spans``: what is in the machine and what the store says of it; needs no gateway."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from sqlalchemy.orm import Session

from appliance.bus import CommandRefused
from appliance.settings import Settings, SettingsError
from appliance.store import open_store
from gateways.cli import Row, show_rows, technician
from gateways.pstn.config import show
from gateways.pstn.config.apply import ApplyError, apply

CARDS = {
    "card": "card", "driver": "driver", "model": "model", "place": "place", "hardware_id": "serial number",
    "ports": "ports", "state": "state", "advice": "advice",
}  # fmt: skip
SPANS = {
    "span": "span", "name": "name", "card": "card", "port": "port", "kind": "kind", "channels": "channels",
    "clock": "clock", "alarms": "alarms", "state": "state", "calls": "calls", "reason": "reason",
}  # fmt: skip
NO_CARDS = "no cards: none is in the machine, or its driver is not loaded; `callfloor doctor` says which"
NO_SPANS = "no spans: `callfloor pstn scan` shows the cards"
LIVE = ("state", "layer2", "calls", "errors", "drops", "reason")
"""What only the gateway knows, of ISDN spans."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Carry out one of them. StoreError."""
    store = open_store(settings.database_url())
    try:
        with store.session() as session:
            if arguments.pstn_command == "apply":
                return _apply(session, arguments)
            if arguments.pstn_command == "scan":
                rows = [asdict(row) for row in show.scan(session)]
                show_rows(rows, CARDS, settings, key="place", none=NO_CARDS, as_json=arguments.json)
                return 0
            rows = [asdict(row) for row in show.spans(session)]
    finally:
        store.close()
    _add_live(rows, settings)
    show_rows(rows, SPANS, settings, key="span", none=NO_SPANS, as_json=arguments.json)
    return 0


def _apply(session: Session, arguments: argparse.Namespace) -> int:
    try:
        done = apply(session, force=arguments.force, dry_run=arguments.dry_run)
    except ApplyError as error:
        print(f"callfloor pstn apply: {error}", file=sys.stderr)
        return 1
    for line in done.lines:
        print(line)
    return 0


def _add_live(rows: list[Row], settings: Settings) -> None:
    """Add what the gateway says, where it runs; spans that only it knows of are described and not there."""
    live = {span["span"]: span for span in _live(settings)}
    for row in rows:
        known = live.pop(row["name"], {})
        row.update({key: known.get(key) for key in LIVE}, clock="yes" if row["clock"] else "")
    for span in live.values():
        empty = dict.fromkeys(("card", "port", "channels", "clock", "alarms"), "")
        rows.append(
            empty | {key: span[key] for key in ("kind", *LIVE)} | {"span": "", "name": span["span"], "lines": []}
        )


def _live(settings: Settings) -> list[Row]:
    try:
        with technician(settings) as bus:
            answer = bus.ask("pstn", "span.list", {}, 3.0)
    except (CommandRefused, SettingsError):
        return []
    spans: list[Row] = answer["spans"]
    return spans
