"""Spans with ISDN: what of a description can't be so, by itself or beside others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from appliance.pstn_drivers import DRIVERS
from appliance.store.pstn_defaults import TIMESLOTS, b_timeslots, d_timeslot, switch
from appliance.store.pstn_models import PstnSpan
from appliance.store.site_sim_check import Rows, have

CODINGS = {"e1": ("hdb3", "ami"), "t1": ("b8zs", "ami")}  # ITU-T G.703 §9, ANSI T1.403
FRAMINGS = {"e1": "ccs", "t1": "esf"}


def span_problems(rows: Rows) -> Iterator[str]:
    """Every problem of the spans, one line each."""
    spans = [PstnSpan(**row) for row in rows["pstn_span"].values()]
    for span in spans:
        yield from _card(span, rows)
        yield from _line(span)
        yield from _slots(span)
        yield from _nfas_keys(span)
    yield from _clocks(spans, rows)
    yield from _groups(spans)


def _card(span: PstnSpan, rows: Rows) -> Iterator[str]:
    place = f"pstn_span.{span.name}"
    card = rows["pstn_card"].get(span.card)
    if card is None:
        yield f'{place}.card = "{span.card}": there is no such pstn_card; {have("pstn_card", rows)}'
        return
    driver = DRIVERS[card["driver"]]
    if not driver.spans:
        what = "BRI ports, which are not served" if driver.name == "wcb4xxp" else "no E1 or T1 spans"
        yield f'{place}.card = "{span.card}": cards of {driver.name} have {what}; allowed: an E1/T1 card'
    elif span.port > driver.spans:
        yield f"{place}.port = {span.port}: must be from 1 to {driver.spans} on a card of {driver.name}"
    if driver.dynamic and span.echo_canceller == "hardware":
        yield f'{place}.echo_canceller = "hardware": {driver.name} has none; allowed: one of the others'
    others = {row["kind"] for row in rows["pstn_span"].values() if row["card"] == span.card} - {span.kind}
    override = {"default_linemode", "t1e1override"} & card["options"].keys()
    if others and span.kind == "t1" and not (driver.name == "wct4xxp" and override):
        how = "; set it by options = { t1e1override = … }" if driver.name == "wct4xxp" else ""
        yield f'{place}.kind = "t1": "{span.card}" also has E1 spans, and its driver has one kind for all{how}'


def _line(span: PstnSpan) -> Iterator[str]:
    place = f"pstn_span.{span.name}"
    kind = span.kind.upper()
    if span.coding is not None and span.coding not in CODINGS[span.kind]:
        yield f'{place}.coding = "{span.coding}": must be {" or ".join(CODINGS[span.kind])} on {_an(kind)}'
    if span.framing is not None and span.framing != FRAMINGS[span.kind]:
        yield f'{place}.framing = "{span.framing}": must be {FRAMINGS[span.kind]} for ISDN on {_an(kind)}'
    if span.crc4 and span.kind == "t1":
        yield f"{place}.crc4 = true: must be left out on a T1; CRC-4 is of E1, and esf has its own"
    if span.lbo and span.kind == "e1":
        yield f"{place}.lbo = {span.lbo}: must be 0 on an E1, whose line has one pulse mask (ITU-T G.703)"
    if 0 < span.restart_interval < 60:
        yield f"{place}.restart_interval = {span.restart_interval}: must be 0 or at least 60 seconds"
    if span.did_digits and not span.overlap:
        yield f"{place}.did_digits = {span.did_digits}: has no effect without overlap = true"


def _slots(span: PstnSpan) -> Iterator[str]:
    place = f"pstn_span.{span.name}"
    last = TIMESLOTS[span.kind]
    bearers, signalling = b_timeslots(span), d_timeslot(span)
    if bearers[-1] > last:
        yield f'{place}.timeslots = "{span.timeslots}": must be from 1 to {last} on {_an(span.kind.upper())}'
    if span.d_channel is not None and span.d_channel > last:
        yield f"{place}.d_channel = {span.d_channel}: must be from 1 to {last} on {_an(span.kind.upper())}"
    if signalling in bearers:
        key, value = ("timeslots", f'"{span.timeslots}"') if span.timeslots else ("d_channel", str(span.d_channel))
        yield f"{place}.{key} = {value}: timeslot {signalling} is the D channel's; leave it out of the B channels"


def _nfas_keys(span: PstnSpan) -> Iterator[str]:
    place = f"pstn_span.{span.name}"
    given = {"nfas": span.nfas, "nfas_group": span.nfas_group, "nfas_interface": span.nfas_interface}
    missing = [key for key, value in given.items() if value is None]
    if 0 < len(missing) < len(given):
        yield f"{place}.{missing[0]}: missing; spans that share D channels have {', '.join(given)}"
    if span.nfas == "member" and span.d_channel is not None:
        yield f'{place}.d_channel = {span.d_channel}: must be left out with nfas = "member"; the primary has it'


def _clocks(spans: Sequence[PstnSpan], rows: Rows) -> Iterator[str]:
    """Who gives a card its clock: choices 1, 2 … of its spans, each once, at least one where we are the customer."""
    cards: dict[str, list[PstnSpan]] = defaultdict(list)
    for span in spans:
        if span.card in rows["pstn_card"] and not DRIVERS[rows["pstn_card"][span.card]["driver"]].dynamic:
            cards[span.card].append(span)
    for card, members in cards.items():
        holders: dict[int, str] = {}
        for span in members:
            place = f"pstn_span.{span.name}.timing = {span.timing}"
            if span.timing is not None and span.timing > len(members):
                count = f"{len(members)} span{'s' if len(members) > 1 else ''}"
                yield f'{place}: must be from 0 to {len(members)}, since "{card}" has {count} as clocks to choose from'
            if span.timing and holders.setdefault(span.timing, span.name) != span.name:
                yield f"{place}: also of pstn_span.{holders[span.timing]}; allowed: a choice of its own, or 0"
        if all(span.timing == 0 for span in members) and any(span.role == "cpe" for span in members):
            yield f"pstn_card.{card}: no span gives it its clock; write timing = 1 at one that leads to the operator"


def _groups(spans: Sequence[PstnSpan]) -> Iterator[str]:
    groups: dict[str, list[PstnSpan]] = defaultdict(list)
    for span in spans:
        if span.nfas_group is not None:
            groups[span.nfas_group].append(span)
    for name, members in groups.items():
        place = f'pstn_span.{members[0].name}.nfas_group = "{name}"'
        for part, lowest in (("primary", 1), ("backup", 0)):
            count = sum(span.nfas == part for span in members)
            if not lowest <= count <= 1:
                yield f'{place}: has {count} spans with nfas = "{part}"; allowed: {"one" if lowest else "one or none"}'
        first: dict[int | None, str] = {}
        for span in members:
            other = first.setdefault(span.nfas_interface, span.name)
            if span.nfas_interface is not None and other != span.name:
                yield f"pstn_span.{span.name}.nfas_interface = {span.nfas_interface}: also of pstn_span.{other}"
        if len({(span.kind, span.role, switch(span)) for span in members}) > 1:
            yield f"{place}: its spans differ in kind, role or switch; allowed: the same for all"


def _an(kind: str) -> str:
    return f"an {kind}" if kind == "E1" else f"a {kind}"
