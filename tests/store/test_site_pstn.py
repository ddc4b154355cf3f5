"""Telephone lines in a site description: what is kept, shown and given to the core."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.store import Store
from appliance.store.lines import lines_of, lines_of_spans
from appliance.store.models import Line
from appliance.store.pstn_defaults import b_timeslots, d_timeslot, parse_timeslots
from appliance.store.pstn_models import Fxo, PstnCard, PstnSpan
from appliance.store.site_show import show_site
from pbx.site import load
from tests.store.pstn_text import PSTN
from tests.store.site_text import apply

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TONE = {"frequencies": [400.0], "cadence": [500, 500], "level": -20.0}


def test_what_is_described_is_stored_shown_and_stays_when_applied_again(store: Store, tmp_path: Path) -> None:
    apply(store, PSTN, tmp_path)
    with store.session() as session:
        card = session.get_one(PstnCard, "analog")
        assert (card.country, card.options) == ("JP", {"boostringer": 1})
        port = session.get_one(Fxo, "fxo-1")
        assert (port.number, port.wait_dial_tone) == ("+81312345678", 3.0)
        assert port.distinctive_ring == {"+81312345679": [400, 200, 400]}
        assert session.get_one(Fxo, "fxo-2").rx_gain == 3.0
        span = session.get_one(PstnSpan, "t1-2")
        assert (d_timeslot(span), b_timeslots(span)) == (None, tuple(range(1, 25)))
        shown = show_site(session)
    assert apply(store, PSTN, tmp_path) == []
    assert apply(store, shown, tmp_path) == []


def test_a_learned_busy_tone_outlives_every_description(store: Store, tmp_path: Path) -> None:
    apply(store, PSTN, tmp_path)
    with store.session() as session:
        row = session.get_one(Fxo, "fxo-2")
        row.busy_tone, row.busy_learned = TONE, NOW
    assert apply(store, PSTN, tmp_path) == []
    [change] = apply(store, PSTN.replace("rx_gain = 3", "rx_gain = 4"), tmp_path)
    assert str(change) == "changed fxo fxo-2: rx_gain 3.0 -> 4.0"
    with store.session() as session:
        row = session.get_one(Fxo, "fxo-2")
        assert (row.busy_tone, row.busy_learned, row.rx_gain) == (TONE, NOW, 4.0)
        assert "busy_tone" not in show_site(session)


def test_all_lines_of_a_site_in_one_list(store: Store, tmp_path: Path) -> None:
    apply(store, PSTN + "\n[[line]]\nname = 'gsm-1'\ngateway = 'gsm'\nfamily = 'quectel'\nusb_path = '1-1'\n", tmp_path)
    with store.session() as session:
        session.get_one(Line, "gsm-1").out_of_service_reason = "no SIM"
        session.get_one(PstnSpan, "t1-1").enabled = False
        session.flush()
        lines = {line.name: line for line in lines_of(session)}
    assert list(lines) == sorted(lines)
    assert len(lines) == 1 + 2 + 30 + 23 + 24
    assert (lines["gsm-1"].gateway, lines["gsm-1"].group, lines["gsm-1"].reason) == ("gsm", "gsm", "no SIM")
    channel = lines["e1-1.07"]
    assert (channel.gateway, channel.number, channel.group) == ("pstn", "+81312340000", "pstn")
    assert (channel.span, channel.timeslot) == ("e1-1", 7)
    assert not lines["t1-1.23"].enabled
    assert "t1-1.24" not in lines
    assert "e1-1.16" not in lines
    spans = lines_of_spans(lines.values())
    assert (spans["e1-1"][0], spans["e1-1"][-1], len(spans["e1-1"])) == ("e1-1.01", "e1-1.31", 30)


def test_the_core_knows_ports_and_channels_as_lines_and_a_span_as_all_of_its_own(store: Store, tmp_path: Path) -> None:
    apply(store, PSTN.replace('name = "t1-2"', 'name = "t1-2"\nenabled = false'), tmp_path)
    with store.session() as session:
        site = load(session)
    assert len(site.lines) == 2 + 30 + 23
    assert (site.lines["e1-1.31"].gateway, site.lines["e1-1.31"].group) == ("pstn", "pstn")
    assert site.line_groups["pstn"].prefixes["+81"] == ("fxo-2", *(name for name in site.lines if name[:2] == "e1"))
    assert [rule.line for rule in site.rules][:2] == ["e1-1.01", "e1-1.02"]
    assert [rule.line for rule in site.rules][-1] == "t1-2.24"
    assert len(site.rules) == 31


@pytest.mark.parametrize(("text", "slots"), [("1", (1,)), ("3,1-2", (1, 2, 3)), ("17-18,1", (1, 17, 18))])
def test_timeslots_are_read(text: str, slots: tuple[int, ...]) -> None:
    assert parse_timeslots(text) == slots


@pytest.mark.parametrize("text", ["", "0", "2-1", "1,1", "1-3,2", "1-", "a", "1, 2", "100", "1;2"])
def test_timeslots_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="timeslots"):
        parse_timeslots(text)
