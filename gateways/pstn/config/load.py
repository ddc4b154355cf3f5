"""What the gateway asks: its lines with their channels, and of those that are not there why."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

from sqlalchemy.orm import Session

from appliance.pstn_countries import caller_id, zone
from appliance.store import Store
from appliance.store.pstn_defaults import line_names, switch
from appliance.store.pstn_models import Fxo, PstnSpan
from gateways.pstn.config import cards
from gateways.pstn.config.described import Described, described
from gateways.pstn.config.resolve import Resolved, ResolvedPort, ResolvedSpan, resolve
from gateways.pstn.config.scan import scan
from gateways.pstn.config.spec import FxoSpec, SpanSpec
from gateways.pstn.config.wanted import wanted
from gateways.pstn.tones import BusyTone


class Specs(NamedTuple):
    """Lines that are there; ``problems``: of each other line why not, with the cure. A line is in one of the two."""

    fxo: list[FxoSpec]
    spans: list[SpanSpec]
    problems: dict[str, str]


def load_specs(source: Session | Store, root: Path = Path("/")) -> Specs:
    """Read the store and look at the machine; only rows that are enabled. ``root`` is for tests."""
    if isinstance(source, Store):
        with source.session() as session:
            return specs(described(session), root)
    return specs(described(source), root)


def specs(rows: Described, root: Path = Path("/")) -> Specs:
    """The same for rows that have been read."""
    found = resolve(rows, scan(root))
    idle = {one.channel.number for one in wanted(found) if one.channel.signalling != one.shown}
    result = Specs([], [], {})
    for row in rows.ports:
        port = found.ports.get(row.name)
        reason = found.problems.get(row.name) or _unconfigured(row.name, [port.channel.number] if port else [], idle)
        if reason is not None:
            result.problems.update({row.name: reason} if row.enabled else {})
        elif port is not None and row.enabled:
            result.fxo.append(_fxo(port, found))
    for span_row in rows.spans:
        if not span_row.enabled:
            continue
        spec = _span_or_reason(span_row, found, idle)
        if isinstance(spec, str):
            result.problems.update(dict.fromkeys(line_names(span_row).values(), spec))
        else:
            result.spans.append(spec)
    return result


def store_busy_tone(session: Session, line: str, tone: BusyTone | None, at: datetime) -> None:
    """Keep what was learned of a line's busy tone; None forgets it. LookupError: no FXO line has this name."""
    row = session.get(Fxo, line)
    if row is None:
        raise LookupError(f'there is no FXO line "{line}"')
    row.busy_tone = None if tone is None else asdict(tone)
    row.busy_learned = None if tone is None else at


def _unconfigured(name: str, channels: list[int], idle: set[int]) -> str | None:
    if idle.isdisjoint(channels):
        return None
    return f'"{name}" is not configured in DAHDI: {cards.APPLY}'


def _span_or_reason(row: PstnSpan, found: Resolved, idle: set[int]) -> SpanSpec | str:
    span = found.spans.get(row.name)
    if span is None:
        return found.problems[row.name]
    signalling = [_member(row, part, found) for part in ("primary", "backup")] if row.nfas_group else [span, None]
    primary, backup = signalling
    if primary is None or primary.d is None:
        name = next((one.name for one in found.described.spans if one.nfas_group == row.nfas_group), "?")
        return f'its D channel is on span "{name}", which is not there: {found.problems.get(name, cards.APPLY)}'
    used = [one.number for one in span.bearers.values()] + [primary.d.number]
    reason = _unconfigured(row.name, used, idle)
    return reason or _span(span, primary.d.number, backup.d.number if backup and backup.d else None, found)


def _member(row: PstnSpan, part: str, found: Resolved) -> ResolvedSpan | None:
    """The span of a row's NFAS group that is its primary or its backup."""
    for span in found.spans.values():
        if span.row.nfas_group == row.nfas_group and span.row.nfas == part:
            return span
    return None


def _fxo(port: ResolvedPort, found: Resolved) -> FxoSpec:
    row = port.row
    country = row.country or found.described.card(row.card).country
    kind, start = caller_id(country)
    if row.caller_id not in (None, kind):
        start = "ring"  # the country's start goes with its kind
    return FxoSpec(
        name=row.name,
        channel=port.channel.number,
        number=row.number,
        country=country,
        zone=zone(country),
        start=cast(Any, row.start),
        caller_id=cast(Any, row.caller_id or kind),
        caller_id_start=cast(Any, row.caller_id_start or start),
        answer_on_polarity=row.answer_on_polarity,
        hang_up_on_polarity=row.hang_up_on_polarity,
        wait_dial_tone=row.wait_dial_tone,
        dial_prefix=row.dial_prefix,
        pulse=row.pulse,
        busy=cast(Any, row.busy),
        busy_tone=_busy_tone(row.busy_tone),
        busy_count=row.busy_count,
        silence_hang_up=row.silence_hang_up,
        rx_gain=row.rx_gain,
        tx_gain=row.tx_gain,
        echo_taps=0 if row.echo_canceller == "none" else row.echo_taps,
        distinctive_ring={tuple(cadence): number for number, cadence in row.distinctive_ring.items()},
    )


def _busy_tone(kept: dict[str, Any] | None) -> BusyTone | None:
    if kept is None:
        return None
    return BusyTone(tuple(kept["frequencies"]), tuple(kept["cadence"]), kept["level_dbm0"])


def _span(span: ResolvedSpan, d: int, backup: int | None, found: Resolved) -> SpanSpec:
    row = span.row
    return SpanSpec(
        name=row.name,
        kind=cast(Any, row.kind),
        d_channel=d,
        b_channels=tuple(channel.number for channel in span.bearers.values()),
        lines=line_names(row),
        switch=cast(Any, switch(row)),
        role=cast(Any, row.role),
        backup_d_channel=backup,
        interface=row.nfas_interface,
        number=row.number,
        country=found.described.card(row.card).country,
        numbers=cast(Any, row.numbers),
        overlap=row.overlap,
        did_digits=row.did_digits,
        layer2_hold=row.layer2_hold,
        restart_interval=row.restart_interval,
        exclusive=row.exclusive,
        law="alaw" if row.kind == "e1" else "ulaw",
        echo_taps=0 if row.echo_canceller == "none" else row.echo_taps,
        span=span.span.number,
    )
