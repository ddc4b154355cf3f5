"""All lines of a site, whatever they are reached through: GSM lines, FXO ports, and the B channels of ISDN spans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from appliance.store.models import Line
from appliance.store.pstn_defaults import line_names
from appliance.store.pstn_models import Fxo, PstnSpan


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A line as it is configured. ``number`` is its own in E.164; ``span`` and ``timeslot`` are of a B channel."""

    name: str
    gateway: str
    number: str | None
    group: str
    enabled: bool
    reason: str | None = None  # why it was taken out of service
    span: str | None = None
    timeslot: int | None = None


def lines_of(session: Session) -> list[SiteLine]:
    """Every line of the store, by name."""
    lines = [
        SiteLine(row.name, row.gateway, row.number, row.line_group, row.enabled, row.out_of_service_reason)
        for row in session.scalars(select(Line))
    ]
    lines += [
        SiteLine(row.name, "pstn", row.number, row.line_group, row.enabled) for row in session.scalars(select(Fxo))
    ]
    for row in session.scalars(select(PstnSpan)):
        lines += [
            SiteLine(name, "pstn", row.number, row.line_group, row.enabled, span=row.name, timeslot=slot)
            for slot, name in line_names(row).items()
        ]
    return sorted(lines, key=lambda line: line.name)


def lines_of_spans(lines: Iterable[SiteLine]) -> dict[str, tuple[str, ...]]:
    """Span → its lines, ascending: what a span's name stands for where lines are named."""
    spans: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if line.span is not None:
            spans[line.span] = (*spans.get(line.span, ()), line.name)
    return spans


def expand(names: Iterable[str], spans: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Names of lines, each span's name among them replaced by its lines."""
    return tuple(line for name in names for line in spans.get(name, (name,)))
