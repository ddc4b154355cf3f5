"""Carriers, SIMs, policies and line groups in a site description: applied, shown, and refused with a name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.store import Store
from appliance.store.sim_models import Carrier, LineGroup, Sim, SimPolicy
from appliance.store.site_description import SiteError, read_site
from appliance.store.site_show import show_site
from tests.store.site_text import SITE, apply, refused

SIMS = (
    SITE
    + """
[[carrier]]
name = "blue"
imsi_prefixes = ["44010"]
number_prefixes = ["+8190"]
ussd_balance = "*100#"
balance_pattern = '(?P<amount>\\d+) yen'

[[sim]]
iccid = "8981100000000000001"
number = "080-1234-5678"
carrier = "blue"
label = "drawer 1"

[[sim_policy]]
subject = "carrier:blue"
month_minutes = 1000
month_reset_day = 31
window_minutes = "08:00-12:00,100|12:00-20:00,200"
longest_call = 3600
warn_before = 30
billing_unit = 60
min_balance = 100

[[sim_policy]]
subject = "sim:8981100000000000001"
short_stop = 5
short_seconds = 6

[[line_group]]
name = "gsm"
strategy = "by-prefix"
line_order = ["gsm-1"]
prefixes = { "+8190" = ["gsm-1"] }
"""
)


def test_sims_are_applied_shown_and_applied_again(store: Store, tmp_path: Path) -> None:
    changes = [str(change) for change in apply(store, SIMS, tmp_path)]
    assert changes[-5:] == [
        "added carrier blue",
        "added sim 8981100000000000001",
        "added sim_policy carrier:blue",
        "added sim_policy sim:8981100000000000001",
        "added line_group gsm",
    ]
    with store.session() as session:
        assert session.get_one(Carrier, "blue").number_prefixes == ["+8190"]
        sim = session.get_one(Sim, "8981100000000000001")
        assert (sim.number, sim.label, sim.enabled, sim.lock_reason) == ("+818012345678", "drawer 1", True, None)
        policy = session.get_one(SimPolicy, "carrier:blue")
        assert (policy.month_minutes, policy.day_minutes, policy.min_balance) == (1000, None, 100.0)
        assert session.get_one(LineGroup, "gsm").prefixes == {"+8190": ["gsm-1"]}
        shown = show_site(session)
    assert apply(store, shown, tmp_path) == []


def test_a_sim_that_the_gateway_found_stays_with_its_lock(store: Store, tmp_path: Path) -> None:
    until = datetime(2026, 1, 2, tzinfo=UTC)
    with store.session() as session:
        session.add(
            Sim(iccid="8981100000000000009", imsi="440100000000009", lock_reason="3 failed", locked_until=until)
        )
    apply(store, SIMS, tmp_path)
    more = '\n[[sim]]\niccid = "8981100000000000009"\nlabel = "spare"\nenabled = false\n'
    assert [str(change) for change in apply(store, SIMS + more, tmp_path)] == [
        "changed sim 8981100000000000009: label None -> spare, enabled True -> False"
    ]
    assert [change.table for change in apply(store, SIMS, tmp_path)] == []
    with store.session() as session:
        sim = session.get_one(Sim, "8981100000000000009")
        assert (sim.imsi, sim.lock_reason, sim.locked_until) == ("440100000000009", "3 failed", until)
        assert (sim.label, sim.enabled) == ("spare", False)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            'imsi_prefixes = ["44010"]',
            'imsi_prefixes = ["4401"]',
            'carrier.blue.imsi_prefixes = "4401": must be a list',
        ),
        ('["+8190"]\nussd', '["090"]\nussd', 'carrier.blue.number_prefixes = "090": must be a list of "+" and digits'),
        ('"*100#"', '"call me"', 'carrier.blue.ussd_balance = "call me": must be what is dialled'),
        ("(?P<amount>", "(", "carrier.blue.balance_pattern = "),
        ("(?P<amount>", "((?P<amount>", "carrier.blue.balance_pattern = "),
        ('iccid = "8981', 'iccid = "1181', 'sim.1181100000000000001.iccid = "1181100000000000001": must be an ICCID'),
        ('"carrier:blue"', '"blue"', 'sim_policy.blue.subject = "blue": must be "carrier:NAME" or "sim:ICCID"'),
        (
            "reset_day = 31",
            "reset_day = 32",
            "sim_policy.carrier:blue.month_reset_day = 32: must be a whole number from",
        ),
        (
            "minutes = 1000",
            'minutes = "1000"',
            'sim_policy.carrier:blue.month_minutes = "1000": must be a whole number',
        ),
        ("12:00,100|", "12:00,x|", "sim_policy.carrier:blue.window_minutes = "),
        ("08:00-12:00", "08:00-08:00", "sim_policy.carrier:blue.window_minutes = "),
        ("min_balance = 100", 'min_balance = "9"', 'sim_policy.carrier:blue.min_balance = "9": must be an amount of'),
        ('"by-prefix"', '"random"', 'line_group.gsm.strategy = "random": must be "least-recently-used", "least-used"'),
        ('"+8190" = [', '"8190" = [', "line_group.gsm.prefixes = "),
    ],
)
def test_each_wrong_value_is_named(tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert old in SIMS
    file = tmp_path / "site.toml"
    file.write_text(SIMS.replace(old, new), encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        read_site(file, "JP")
    assert str(caught.value).startswith(f"{file}: {wanted}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            'carrier = "blue"',
            'carrier = "red"',
            'sim.8981100000000000001.carrier = "red": there is no such carrier; there are: blue',
        ),
        (
            '"carrier:blue"',
            '"carrier:red"',
            'sim_policy.subject = "carrier:red": there is no such carrier; there are: blue',
        ),
        (
            '"sim:8981100000000000001"',
            '"sim:8981100000000000002"',
            'sim_policy.subject = "sim:8981100000000000002": there is no such sim; there are: 8981100000000000001; '
            "describe it as [[sim]] first",
        ),
        ("month_minutes = 1000\n", "", "sim_policy.carrier:blue.month_reset_day: needs month_minutes beside it"),
        (
            "short_seconds = 6\n",
            "",
            "sim_policy.sim:8981100000000000001: short_stop and short_seconds need each other; give both or none",
        ),
        (
            "longest_call = 3600",
            "longest_call = 30",
            "sim_policy.carrier:blue.warn_before = 30: must be less than longest_call (30)",
        ),
        (
            'ussd_balance = "*100#"\n',
            "",
            "carrier.blue: ussd_balance and balance_pattern need each other; give both or none",
        ),
        (
            "[[sim]]",
            '[[carrier]]\nname = "red"\nimsi_prefixes = ["44010"]\n[[sim]]',
            'carrier.red.imsi_prefixes: "44010" is also of carrier.blue; allowed: one of the two',
        ),
        (
            "[[sim_policy]]",
            '[[sim]]\niccid = "8981100000000000002"\nnumber = "+818012345678"\n[[sim_policy]]',
            'sim.8981100000000000002.number = "+818012345678": also of sim.8981100000000000001; '
            "allowed: one of its own",
        ),
        (
            'line_order = ["gsm-1"]',
            'line_order = ["gsm-9"]',
            'line_group.gsm.line_order: "gsm-9" is no line of this group; lines have it as line_group = "gsm"',
        ),
        (
            '"by-prefix"',
            '"least-used"',
            'line_group.gsm.prefixes: has no effect on "least-used"; write strategy = "by-prefix"',
        ),
        (
            'strategy = "by-prefix"\nline_order = ["gsm-1"]\nprefixes = { "+8190" = ["gsm-1"] }',
            'strategy = "fixed-order"',
            "line_group.gsm.line_order: missing; fixed-order needs it",
        ),
    ],
)
def test_rows_that_do_not_fit_together_are_named(store: Store, tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert old in SIMS
    text = SIMS.replace(old, new, 1)
    assert refused(store, text, tmp_path) == [wanted]
