"""Cards and spans as rows for people: what is in the machine and what the store says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from appliance.store.pstn_defaults import line_names
from gateways.pstn.config import cards
from gateways.pstn.config.described import Described, described
from gateways.pstn.config.resolve import Resolved, resolve
from gateways.pstn.config.scan import FoundCard, FoundSpan, Hardware
from gateways.pstn.config.scan import scan as look

CardState = Literal["ok", "missing", "not described", "no driver"]


@dataclass(frozen=True)
class CardRow:
    """A card; ``card`` is its name in the store, "" without one. ``advice``: what to do, "" when it is ok."""

    card: str
    driver: str
    model: str
    place: str
    hardware_id: str
    ports: str  # 2 FXO, 1 E1 …
    state: CardState
    advice: str = ""


@dataclass(frozen=True)
class SpanRow:
    """A span; ``name`` is its row's in the store, or those of the FXO ports on it. ``clock``: it is DAHDI's timing."""

    span: int
    name: str
    card: str
    port: int
    kind: str
    channels: str  # 1-31
    configured: int
    alarms: str  # red …; "": none
    clock: bool
    lines: list[str] = field(default_factory=list)


def scan(session: Session, root: Path = Path("/")) -> list[CardRow]:
    """All cards: those described, then others that are there. ``root`` is for tests."""
    rows, hardware = described(session), look(root)
    return [*_described(rows, hardware), *_strangers(rows, hardware)]


def spans(session: Session, root: Path = Path("/")) -> list[SpanRow]:
    """All spans that DAHDI has, by number."""
    rows, hardware = described(session), look(root)
    found = resolve(rows, hardware)
    names = cards.by_place(found.cards)
    listed = [_span(span, names.get(card.place, ""), found) for card in hardware.cards for span in card.spans]
    return sorted(listed, key=lambda row: row.span)


def _described(rows: Described, hardware: Hardware) -> Iterator[CardRow]:
    found = cards.find(rows.cards, hardware)
    for row in rows.cards:
        card = found.get(row.name)
        if card is None:
            reason = cards.missing(row, rows.cards, hardware)
            yield CardRow(row.name, row.driver, "", row.location, "", "", "missing", reason)
        else:
            yield _card(row.name, card, "ok")


def _strangers(rows: Described, hardware: Hardware) -> Iterator[CardRow]:
    for card in cards.strangers(rows.cards, hardware):
        yield _card("", card, "not described", cards.describe(card))
    places = {row.location for row in rows.cards}
    for idle in hardware.idle:
        if idle.place not in places:
            advice = f"{idle.model} {cards.unserved(idle)}"
            yield CardRow("", idle.driver, idle.model, idle.place, "", "", "no driver", advice)


def _card(name: str, card: FoundCard, state: CardState, advice: str = "") -> CardRow:
    return CardRow(name, card.driver, card.model, card.place, card.hardware_id, _ports(card), state, advice)


def _ports(card: FoundCard) -> str:
    kinds = [span.kind.upper() for span in card.spans if span.kind not in ("analog", "dynamic")]
    parts = [f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))]
    analog = [channel for span in card.spans if span.kind == "analog" for channel in span.channels]
    fxo, fxs = sum(one.fxo for one in analog), sum("FXOKS" in one.capable for one in analog)
    parts += [f"{count} {what}" for count, what in ((fxo, "FXO"), (fxs, "FXS")) if count]
    dynamic = sum(len(span.channels) for span in card.spans if span.kind == "dynamic")
    return ", ".join([*parts, *([f"{dynamic} channels"] if dynamic else [])])


def _span(span: FoundSpan, card: str, found: Resolved) -> SpanRow:
    mine = [one.row for one in found.spans.values() if one.span == span]
    here = {channel.number for channel in span.channels}
    ports = [port.row.name for port in found.ports.values() if port.channel.number in here]
    lines = [*ports, *(line for row in mine for line in line_names(row).values())]
    numbers = sorted(here)
    return SpanRow(
        span.number,
        ", ".join([row.name for row in mine] or ports),
        card,
        span.port,
        span.kind,
        f"{numbers[0]}-{numbers[-1]}" if numbers else "",
        sum(bool(channel.signalling) for channel in span.channels),
        " ".join(sorted(span.alarms)),
        span.clock,
        lines,
    )
