"""What a single value can't show: references between rows, and rows that get in each other's way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from appliance.store.site_description import KEYS, SiteDescription
from appliance.store.site_pstn_check import pstn_problems
from appliance.store.site_sim_check import Rows, have, have_lines, line_groups, sim_problems


def problems(site: SiteDescription, rows: Rows) -> list[str]:
    """Every problem of the store as it would be (``rows``) after applying ``site``, one line each."""
    found = [*_named_twice(site), *_lines(rows), *_extensions(site, rows), *_queues(rows), *_routes(rows)]
    return [*found, *_flows(rows), *sim_problems(rows), *pstn_problems(rows)]


def _named_twice(site: SiteDescription) -> Iterator[str]:
    for table, key in KEYS.items():
        for name, times in Counter(getattr(row, key) for row in getattr(site, table) or []).items():
            if times > 1:
                yield f"{table}.{name}: stands {times} times; allowed: once"


def _lines(rows: Rows) -> Iterator[str]:
    for name, line in rows["line"].items():
        if line["gateway"] == "gsm" and not (line["at_port"] or line["imei"] or line["usb_path"]):
            yield f"line.{name}: no modem; allowed: at_port, or imei or usb_path to have it found"
    for key in ("number", "at_port", "pcm_port", "imei", "usb_path"):
        holders: dict[str, str] = {}
        for name, line in rows["line"].items():
            if line[key] is None:
                continue
            other = holders.setdefault(line[key], name)
            if other != name:
                yield f'line.{name}.{key} = "{line[key]}": also {key} of line.{other}; allowed: one of its own'


def _extensions(site: SiteDescription, rows: Rows) -> Iterator[str]:
    for row in site.extension or []:
        if row.password is None and not rows["extension"][row.number]["ha1"]:
            yield f"extension.{row.number}.password: missing; new here or in this realm, it needs one"
        elif row.password is not None and row.number == row.password.get_secret_value():
            yield f"extension.{row.number}.password: the same as its number; allowed: one that can't be guessed"


def _queues(rows: Rows) -> Iterator[str]:
    for name, queue in rows["queue"].items():
        for agent in queue["members"]:
            if agent not in rows["agent"]:
                yield f'queue.{name}.members: agent "{agent}" doesn\'t exist; {have("agent", rows)}'
        yield from _target(f"queue.{name}.overflow_target", queue["overflow_target"], rows)
        if queue["overflow_target"] == f"queue:{name}":
            yield f"queue.{name}.overflow_target: leads back to the queue itself; allowed: another target"


def _routes(rows: Rows) -> Iterator[str]:
    for position, route in rows["route"].items():
        place = f"route.#{position}"
        if route["line"] is not None and route["line"] not in line_groups(rows):
            yield f'{place}.line = "{route["line"]}": there is no such line; {have_lines(rows)}'
        if route["from_time"] is not None and route["from_time"] == route["to_time"]:
            yield f'{place}.to_time = "{route["to_time"]}": the same as from_time; leave both out for the whole day'
        yield from _target(f"{place}.target", route["target"], rows)


def _flows(rows: Rows) -> Iterator[str]:
    from pbx.ivr.flow import parse  # the core's, imported only when there is a flow to check

    for name, row in rows["ivr_flow"].items():
        try:
            json.dumps(row["definition"])
            targets = parse(name, row["definition"]).targets()
        except TypeError:  # TOML has dates and times, JSON hasn't
            yield f"ivr.{name}: a date or time has no place in a flow; write it in quotes"
        except ValueError as error:
            yield f"ivr.{name}: {error}"
        else:
            for target in sorted(str(target) for target in targets):
                yield from _target(f"ivr.{name}", target, rows)


def _target(place: str, target: str, rows: Rows) -> Iterator[str]:
    kind, _, name = target.partition(":")
    table = "ivr_flow" if kind == "ivr" else kind
    if kind != "hangup" and name not in rows.get(table, {}):
        yield f'{place} = "{target}": there is no such {kind}; {have(table, rows)}'
