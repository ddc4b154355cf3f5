"""Cards, FXO ports and the names of lines: what of a description can't be so. Spans: ``site_span_check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.pstn_drivers import DRIVERS, allowed, fits, module_options
from appliance.store.pstn_defaults import b_timeslots, d_timeslot, line_names
from appliance.store.pstn_models import PstnSpan
from appliance.store.site_sim_check import Rows, have
from appliance.store.site_span_check import span_problems

Card = Mapping[str, Any]


def pstn_problems(rows: Rows) -> Iterator[str]:
    """Every problem of the store as it would be, one line each."""
    yield from _names(rows)
    for name, card in rows["pstn_card"].items():
        yield from _options(name, card)
    yield from _places(rows)
    yield from _driver_options(rows)
    for name, fxo in rows["fxo"].items():
        yield from _port(name, fxo, rows)
        yield from _hearing(name, fxo)
    yield from span_problems(rows)
    yield from _ports_twice(rows)


def _names(rows: Rows) -> Iterator[str]:
    """Lines, FXO ports, spans and their channels share one name space: topics, routes and the ledger name them so."""
    holders: dict[str, str] = {}
    for table in ("line", "fxo", "pstn_span"):
        for name, row in rows[table].items():
            names = [name, *line_names(PstnSpan(**row)).values()] if table == "pstn_span" else [name]
            for one in names:
                other = holders.setdefault(one, f"{table}.{name}")
                if other != f"{table}.{name}":
                    yield f'{table}.{name}: the name "{one}" is also {other}\'s; allowed: one of its own'


def _options(name: str, card: Card) -> Iterator[str]:
    options = DRIVERS[card["driver"]].options
    for key, value in card["options"].items():
        place = f"pstn_card.{name}.options.{key}"
        shown = f'"{value}"' if isinstance(value, str) else value
        if key not in options:
            yield f"{place}: {card['driver']} has no such option; allowed: {', '.join(options) or 'none'}"
        elif not fits(value, options[key]):
            yield f"{place} = {shown}: must be {allowed(options[key])}"


def _places(rows: Rows) -> Iterator[str]:
    holders: dict[str, str] = {}
    for name, card in rows["pstn_card"].items():
        place = f'pstn_card.{name}.location = "{card["location"]}"'
        other = holders.setdefault(card["location"], name)
        if other != name:
            yield f"{place}: also of pstn_card.{other}; allowed: one of its own"
        if DRIVERS[card["driver"]].dynamic and not card["location"].startswith("DYN/loc/"):
            yield f'{place}: must be "DYN/loc/KEY:ID" with {card["driver"]}, such as "DYN/loc/1:0"'


def _driver_options(rows: Rows) -> Iterator[str]:
    """A driver has one set of options for all of its cards."""
    set_by: dict[tuple[str, str], tuple[str, object]] = {}
    for name, card in rows["pstn_card"].items():
        kinds = {span["kind"] for span in rows["pstn_span"].values() if span["card"] == name}
        options = module_options(DRIVERS[card["driver"]], card["country"], kinds, card["options"])
        for key, value in options.items():
            other, had = set_by.setdefault((card["driver"], key), (name, value))
            if had != value:
                yield (
                    f"pstn_card.{name}: {card['driver']} would get {key} = {value} here, {had} by pstn_card.{other};"
                    f" a driver has one for all its cards: write options = {{ {key} = … }} at both"
                )


def _port(name: str, fxo: Mapping[str, Any], rows: Rows) -> Iterator[str]:
    place = f"fxo.{name}"
    card = rows["pstn_card"].get(fxo["card"])
    if card is None:
        yield f'{place}.card = "{fxo["card"]}": there is no such pstn_card; {have("pstn_card", rows)}'
        return
    driver = DRIVERS[card["driver"]]
    if not driver.fxo:
        yield f'{place}.card = "{fxo["card"]}": cards of {driver.name} have no FXO ports; allowed: an analog card'
    elif fxo["port"] > _ports(card):
        yield f"{place}.port = {fxo['port']}: must be from 1 to {_ports(card)} on a card of {driver.name}"
    if fxo["start"] == "ground" and not driver.dynamic:
        yield f'{place}.start = "ground": FXO modules know no ground start; allowed: "kewl" or "loop"'
    if fxo["echo_canceller"] == "hardware" and driver.dynamic:
        yield f'{place}.echo_canceller = "hardware": {driver.name} has none; allowed: one of the others'


def _ports(card: Card) -> int:
    driver = DRIVERS[card["driver"]]
    return int(card["options"].get("channels", driver.fxo)) if driver.dynamic else driver.fxo


def _hearing(name: str, fxo: Mapping[str, Any]) -> Iterator[str]:
    place = f"fxo.{name}"
    if fxo["caller_id"] == "none" and fxo["caller_id_start"] is not None:
        yield f'{place}.caller_id_start: has no effect on caller_id = "none"; leave it out'
    if fxo["caller_id_start"] == "dtmf" and fxo["caller_id"] not in ("dtmf", None):
        yield f'{place}.caller_id_start = "dtmf": needs caller_id = "dtmf" beside it'
    for number, cadence in fxo["distinctive_ring"].items():
        if len(cadence) % 2 == 0:
            yield f'{place}.distinctive_ring."{number}" = {cadence}: must begin and end with a ring, pauses between'


def _ports_twice(rows: Rows) -> Iterator[str]:
    """On a dynamic card FXO ports and timeslots are of the same span: none may be both."""
    holders: dict[tuple[str, str, int], str] = {}
    places = [(f"fxo.{name}", fxo["card"], "", fxo["port"]) for name, fxo in rows["fxo"].items()]
    for name, span in rows["pstn_span"].items():
        places.append((f"pstn_span.{name}", span["card"], "span", span["port"]))
        card = rows["pstn_card"].get(span["card"])
        if card is not None and DRIVERS[card["driver"]].dynamic:
            row = PstnSpan(**span)
            slots = [*b_timeslots(row), *([] if d_timeslot(row) is None else [d_timeslot(row) or 0])]
            places += [(f"pstn_span.{name}", span["card"], "", slot) for slot in slots]
    for place, on, what, port in places:
        other = holders.setdefault((on, what, port), place)
        if other != place:
            yield f'{place}.port = {port}: port {port} of "{on}" is also {other}\'s; allowed: one of its own'
