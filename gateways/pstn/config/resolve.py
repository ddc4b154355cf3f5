"""Rows of the store put together with what is in the machine: DAHDI's channel numbers, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.store.pstn_defaults import TIMESLOTS, b_timeslots, d_timeslot
from appliance.store.pstn_models import Fxo, PstnSpan
from gateways.pstn.config import cards
from gateways.pstn.config.described import Described
from gateways.pstn.config.scan import FoundCard, FoundChannel, FoundSpan, Hardware


@dataclass(frozen=True, slots=True)
class ResolvedPort:
    """An FXO port that is there."""

    row: Fxo
    channel: FoundChannel


@dataclass(frozen=True, slots=True)
class ResolvedSpan:
    """A span that is there; ``d`` is None where another span of its NFAS group has the D channel."""

    row: PstnSpan
    span: FoundSpan
    d: FoundChannel | None
    bearers: dict[int, FoundChannel]  # by timeslot, ascending


@dataclass(frozen=True)
class Resolved:
    """All of it. ``problems``: name of a card, span or port → why it is not there and the cure, in one sentence."""

    described: Described
    hardware: Hardware
    cards: dict[str, FoundCard]
    ports: dict[str, ResolvedPort] = field(default_factory=dict)
    spans: dict[str, ResolvedSpan] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


class _Missing(Exception):
    """Something is not there; the text says why and what to do."""


def resolve(rows: Described, hardware: Hardware) -> Resolved:
    """Find every described card, span and port."""
    found = Resolved(rows, hardware, cards.find(rows.cards, hardware))
    reasons = {row.name: cards.missing(row, rows.cards, hardware) for row in rows.cards if row.name not in found.cards}
    found.problems.update({f"card {name}": reason for name, reason in reasons.items()})
    for port in rows.ports:
        try:
            found.ports[port.name] = ResolvedPort(port, _fxo(port, _card(port.card, found, reasons)))
        except _Missing as problem:
            found.problems[port.name] = str(problem)
    for span in rows.spans:
        try:
            found.spans[span.name] = _span(span, _card(span.card, found, reasons))
        except _Missing as problem:
            found.problems[span.name] = str(problem)
    return found


def _card(name: str, found: Resolved, reasons: dict[str, str]) -> FoundCard:
    if name in reasons:
        raise _Missing(reasons[name])
    card = found.cards[name]
    if card.span_count > len(card.spans):
        raise _Missing(f'card "{name}" has spans without numbers: {cards.APPLY} gives them some')
    return card


def _fxo(row: Fxo, card: FoundCard) -> FoundChannel:
    place = f'port {row.port} of card "{row.card}"'
    ports = [channel for span in card.spans if span.kind in ("analog", "dynamic") for channel in span.channels]
    channel = next((one for one in ports if one.position == row.port), None)
    if channel is None:
        raise _Missing(f"{place} is not there, it has {len(ports)} ports: put the right port into its description")
    if not channel.fxo:
        what = "an FXS module, for phones" if "FXOKS" in channel.capable else "no FXO module"
        raise _Missing(f"{place} has {what}: fit an FXO module, or describe a port that has one")
    return channel


def _span(row: PstnSpan, card: FoundCard) -> ResolvedSpan:
    span = next((one for one in card.spans if one.port == row.port), None)
    if span is None:
        raise _Missing(
            f'span {row.port} of card "{row.card}" is not there, it has {len(card.spans)}: put the right port into its'
            " description"
        )
    slots = {channel.position: channel for channel in span.channels}
    if span.kind not in (row.kind, "dynamic") or not _needed(row) <= slots.keys():
        there = span.kind.upper() if span.kind in TIMESLOTS else f"of {len(slots)} channels"
        raise _Missing(
            f'span {row.port} of card "{row.card}" is {there} and no {row.kind.upper()}: {cards.APPLY}, then reboot, so'
            " that its driver is loaded as described"
        )
    d = d_timeslot(row)
    return ResolvedSpan(row, span, None if d is None else slots[d], {slot: slots[slot] for slot in b_timeslots(row)})


def _needed(row: PstnSpan) -> set[int]:
    d = d_timeslot(row)
    return set(b_timeslots(row)) | (set() if d is None else {d})
