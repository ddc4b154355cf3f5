"""Rows of the store made of a site description, without a store."""

from __future__ import annotations

import tomllib

from appliance.store.pstn_models import Fxo, PstnCard, PstnSpan
from appliance.store.site_check import problems
from appliance.store.site_description import parse_site
from gateways.pstn.config.described import Described

TABLES = ("line", "agent", "extension", "queue", "route", "ivr_flow", "carrier", "sim", "sim_policy", "line_group")


def rows(text: str, country: str = "JP") -> Described:
    """What ``callfloor store apply`` would keep of it; it is checked as there."""
    site = parse_site(tomllib.loads(text), country, "site.toml")
    kept = {
        table: {row.name: row.model_dump() for row in getattr(site, table) or []}
        for table in ("pstn_card", "pstn_span", "fxo")
    }
    found = problems(site, kept | {table: {} for table in TABLES})
    assert not found, found
    return Described(
        tuple(PstnCard(**row) for _, row in sorted(kept["pstn_card"].items())),
        tuple(PstnSpan(**row) for _, row in sorted(kept["pstn_span"].items())),
        tuple(Fxo(**row) for _, row in sorted(kept["fxo"].items())),
    )
