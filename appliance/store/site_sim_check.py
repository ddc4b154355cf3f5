"""References among carriers, SIMs, policies and line groups, and limits that get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.store.pstn_defaults import line_names
from appliance.store.pstn_models import PstnSpan

Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]


def sim_problems(rows: Rows) -> Iterator[str]:
    """Every problem of the store as it would be, one line each."""
    yield from _carriers(rows)
    yield from _sims(rows)
    for subject, policy in rows["sim_policy"].items():
        yield from _subject(subject, rows)
        yield from _limits(f"sim_policy.{subject}", policy)
    yield from _line_groups(rows)


def _carriers(rows: Rows) -> Iterator[str]:
    holders: dict[str, str] = {}
    for name, carrier in rows["carrier"].items():
        for prefix in carrier["imsi_prefixes"]:
            other = holders.setdefault(prefix, name)
            if other != name:
                yield f'carrier.{name}.imsi_prefixes: "{prefix}" is also of carrier.{other}; allowed: one of the two'
        if (carrier["ussd_balance"] is None) != (carrier["balance_pattern"] is None):
            yield f"carrier.{name}: ussd_balance and balance_pattern need each other; give both or none"


def _sims(rows: Rows) -> Iterator[str]:
    holders: dict[str, str] = {}
    for iccid, sim in rows["sim"].items():
        if sim["carrier"] is not None and sim["carrier"] not in rows["carrier"]:
            yield f'sim.{iccid}.carrier = "{sim["carrier"]}": there is no such carrier; {have("carrier", rows)}'
        if sim["number"] is not None:
            other = holders.setdefault(sim["number"], iccid)
            if other != iccid:
                yield f'sim.{iccid}.number = "{sim["number"]}": also of sim.{other}; allowed: one of its own'


def _subject(subject: str, rows: Rows) -> Iterator[str]:
    kind, _, name = subject.partition(":")
    if name not in rows[kind]:
        more = "; describe it as [[sim]] first" if kind == "sim" else ""
        yield f'sim_policy.subject = "{subject}": there is no such {kind}; {have(kind, rows)}{more}'


def _limits(place: str, policy: Mapping[str, Any]) -> Iterator[str]:
    if policy["month_reset_day"] is not None and policy["month_minutes"] is None:
        yield f"{place}.month_reset_day: needs month_minutes beside it"
    if (policy["short_stop"] is None) != (policy["short_seconds"] is None):
        yield f"{place}: short_stop and short_seconds need each other; give both or none"
    longest, warn = policy["longest_call"], policy["warn_before"]
    if longest is not None and warn is not None and warn >= longest:
        yield f"{place}.warn_before = {warn}: must be less than longest_call ({longest})"


def _line_groups(rows: Rows) -> Iterator[str]:
    groups = line_groups(rows)
    for name, group in rows["line_group"].items():
        place = f"line_group.{name}"
        named = [("line_order", line) for line in group["line_order"]]
        named += [("prefixes", line) for lines in group["prefixes"].values() for line in lines]
        for key, line in named:
            if groups.get(line) != name:
                yield f'{place}.{key}: "{line}" is no line of this group; lines have it as line_group = "{name}"'
        if group["strategy"] == "fixed-order" and not group["line_order"]:
            yield f"{place}.line_order: missing; fixed-order needs it"
        if group["prefixes"] and group["strategy"] != "by-prefix":
            yield f'{place}.prefixes: has no effect on "{group["strategy"]}"; write strategy = "by-prefix"'


def line_groups(rows: Rows) -> dict[str, str]:
    """The group of each line; a span, whose name stands for all its lines, and each of these are among them."""
    groups = {name: row["line_group"] for table in ("line", "fxo") for name, row in rows[table].items()}
    for name, row in rows["pstn_span"].items():
        groups |= dict.fromkeys([name, *line_names(PstnSpan(**row)).values()], row["line_group"])
    return groups


def have(table: str, rows: Rows) -> str:
    """What there is to refer to, in words."""
    return _listed(list(rows[table]))


def have_lines(rows: Rows) -> str:
    """What lines there are to refer to, in words; of a span its name only."""
    return _listed([name for table in ("line", "fxo", "pstn_span") for name in rows[table]])


def _listed(names: list[str]) -> str:
    return f"there are: {', '.join(names[:10])}{' …' if len(names) > 10 else ''}" if names else "there are none"
