"""What the gateway is told of each line, and what people are shown of cards and spans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.store import Store
from appliance.store.pstn_models import Fxo
from gateways.pstn.config import load as module
from gateways.pstn.config.load import Specs, load_specs, specs, store_busy_tone
from gateways.pstn.config.resolve import resolve
from gateways.pstn.config.scan import scan
from gateways.pstn.config.show import CardRow, SpanRow
from gateways.pstn.config.show import scan as cards_shown
from gateways.pstn.config.show import spans as spans_shown
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.config.systemconf import system_conf
from gateways.pstn.config.wanted import wanted
from gateways.pstn.tones import BusyTone
from tests.pstn.config.dahdi_cfg import configure
from tests.pstn.config.machine import BEARER, FXO, KERNEL, NO_MODULE, Machine
from tests.pstn.config.rows import rows
from tests.store.site_text import apply as apply_site

GOLDEN = Path(__file__).with_name("golden")
ANALOG, E1, NFAS = ((GOLDEN / f"{name}.toml").read_text() for name in ("analog", "e1", "nfas"))
TONE = BusyTone((400.0,), (500, 500), -20.0)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "scan", lambda root: scan(root, KERNEL))


@pytest.fixture(name="machine")
def machine_fixture(machine: Machine) -> Machine:
    """With an analog card, an E1 and a card of four T1."""
    machine.dahdi()
    machine.span(machine.card("0000:03:05.0", "wcaxx", "A8A-1", "Wildcard A8A"), 1, "FXO", [FXO, FXO, NO_MODULE, FXO])
    machine.span(machine.card("0000:05:00.0", "wcte13xp", model="Wildcard TE133"), 1, "E1", [BEARER] * 31)
    quad = machine.card("0000:04:00.0", "wct4xxp", spans=4)
    for port in range(1, 5):
        machine.span(quad, port, "T1", [BEARER] * 24)
    return machine


def loaded(machine: Machine, text: str) -> Specs:
    """The specs, after dahdi_cfg has been run."""
    described = rows(text)
    configure(machine.root, system_conf(resolve(described, scan(machine.root, KERNEL))))
    return specs(described, machine.root)


def test_an_fxo_port_with_its_countrys_ways(machine: Machine) -> None:
    fxo, _, problems = loaded(machine, ANALOG)
    assert problems == {}
    first, second, third = fxo
    assert first == FxoSpec(
        "fxo-1", 1, country="JP", zone="jp", caller_id="v23-japan", caller_id_start="polarity", echo_taps=128
    )
    assert (second.channel, second.start) == (2, "loop")
    assert (third.channel, third.country, third.zone) == (4, "GB", "uk")
    assert (third.caller_id, third.caller_id_start, third.echo_taps) == ("v23", "polarity", 0)


def test_what_is_described_goes_before_the_countrys_ways(machine: Machine) -> None:
    text = ANALOG.replace(
        'name = "fxo-1"',
        'name = "fxo-1"\ncaller_id = "bell202"\nbusy_count = 3\nwait_dial_tone = 0\n'
        'distinctive_ring = { "0312345678" = [400, 200, 400] }',
    )
    first = loaded(machine, text).fxo[0]
    assert (first.caller_id, first.caller_id_start, first.busy_count, first.wait_dial_tone) == ("bell202", "ring", 3, 0)
    assert first.distinctive_ring == {(400, 200, 400): "+81312345678"}


def test_an_e1_and_its_lines(machine: Machine) -> None:
    [span] = loaded(machine, E1).spans
    assert (span.kind, span.switch, span.law, span.country, span.span) == ("e1", "euroisdn", "alaw", "DE", 2)
    assert span.d_channel == 4 + 16
    assert span.b_channels == (*range(5, 20), *range(21, 36))
    assert (span.lines[1], span.lines[31], span.channel_of(17)) == ("e1-1.01", "e1-1.31", 21)
    assert (span.interface, span.backup_d_channel) == (None, None)
    with pytest.raises(KeyError):
        span.channel_of(16)


def test_spans_that_share_d_channels(machine: Machine) -> None:
    spans = {span.name: span for span in loaded(machine, NFAS).spans}
    first = 4 + 31
    for name, interface in (("t1-1", 0), ("t1-3", 1), ("t1-4", 2)):
        span = spans[name]
        assert (span.d_channel, span.backup_d_channel) == (first + 24, first + 72)
        assert (span.interface, span.switch, span.law) == (interface, "ni2", "ulaw")
    assert len(spans["t1-4"].b_channels) == 24
    assert (spans["pbx"].d_channel, spans["pbx"].backup_d_channel, spans["pbx"].role) == (first + 48, None, "net")


def test_a_span_without_its_groups_d_channel_says_where_that_is(machine: Machine) -> None:
    text = NFAS.replace('card = "quad"\nport = 1', 'card = "quad"\nport = 5')
    _, spans, problems = loaded(machine, text)
    assert [span.name for span in spans] == ["pbx"]
    assert problems["t1-4.24"] == (
        'its D channel is on span "t1-1", which is not there: span 5 of card "quad" is not there, it has 4: put the'
        " right port into its description"
    )
    assert len(problems) == 23 + 23 + 24


def test_a_line_is_there_or_says_why_not_and_never_both(machine: Machine) -> None:
    text = (ANALOG + E1).replace("port = 4", "port = 3").replace("A8A-1", "pci:0000:03:05.0")
    fxo, spans, problems = loaded(machine, text)
    assert [line.name for line in fxo] == ["fxo-1", "fxo-2"]
    assert [span.name for span in spans] == ["e1-1"]
    assert list(problems) == ["fxo-4"]
    assert "no FXO module" in problems["fxo-4"]


def test_before_dahdi_cfg_was_run_every_line_says_so(machine: Machine) -> None:
    fxo, spans, problems = specs(rows(ANALOG + E1), machine.root)
    assert (fxo, spans, len(problems)) == ([], [], 3 + 30)
    assert problems["fxo-1"] == '"fxo-1" is not configured in DAHDI: `callfloor pstn apply`'
    assert problems["e1-1.31"] == '"e1-1" is not configured in DAHDI: `callfloor pstn apply`'


def test_rows_that_are_not_enabled_are_no_lines(machine: Machine) -> None:
    text = (ANALOG + E1).replace("port = 1", "port = 1\nenabled = false")
    fxo, spans, problems = loaded(machine, text)
    assert ([line.name for line in fxo], spans, problems) == (["fxo-2", "fxo-4"], [], {})
    fxo, spans, problems = specs(rows(text), machine.root / "nothing")
    assert (fxo, spans, list(problems)) == ([], [], ["fxo-2", "fxo-4"])


def test_a_card_that_goes_takes_its_lines_with_it_and_brings_them_back(machine: Machine) -> None:
    before = loaded(machine, E1)
    bus = machine.root / "sys/bus/dahdi_devices/devices/pci:0000:05:00.0"
    bus.rename(machine.root / "away")
    gone = specs(rows(E1), machine.root)
    assert (gone.spans, len(gone.problems)) == ([], 30)
    (machine.root / "away").rename(bus)
    assert specs(rows(E1), machine.root) == before


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_learned_tone_is_kept_and_told(machine: Machine, store: Store, tmp_path: Path) -> None:
    apply_site(store, ANALOG, tmp_path)
    configure(machine.root, (GOLDEN / "analog.conf").read_text())
    with store.session() as session:
        store_busy_tone(session, "fxo-1", TONE, NOW)
        with pytest.raises(LookupError, match='there is no FXO line "fxo-9"'):
            store_busy_tone(session, "fxo-9", TONE, NOW)
    assert load_specs(store, machine.root).fxo[0].busy_tone == TONE
    with store.session() as session:
        assert session.get_one(Fxo, "fxo-1").busy_learned == NOW
        store_busy_tone(session, "fxo-1", None, NOW)
        assert load_specs(session, machine.root).fxo[0].busy_tone is None
        assert session.get_one(Fxo, "fxo-1").busy_learned is None


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_cards_and_spans_are_shown_with_what_they_are_called(machine: Machine, store: Store, tmp_path: Path) -> None:
    apply_site(store, ANALOG + E1.replace("05:00.0", "06:00.0"), tmp_path)
    machine.pci("0000:07:00.0", "wctdm", "netjet")
    configure(machine.root, (GOLDEN / "analog.conf").read_text())
    with store.session() as session:
        cards = cards_shown(session, machine.root)
        spans = spans_shown(session, machine.root)
    analog, missing, quad, te, idle = cards
    assert analog == CardRow("analog", "wcaxx", "Wildcard A8A", "pci:0000:03:05.0", "A8A-1", "3 FXO", "ok")
    assert (missing.card, missing.state) == ("te", "missing")
    assert "was swapped" in missing.advice
    assert (quad.ports, quad.state, te.ports) == ("4 T1", "not described", "1 E1")
    assert te.advice == 'describe it as [[pstn_card]] with driver = "wcte13xp", location = "pci:0000:05:00.0"'
    assert (idle.state, idle.model) == ("no driver", "TDM400P")
    assert "blacklist netjet" in idle.advice
    assert [span.span for span in spans] == [1, 2, 3, 4, 5, 6]
    lines = ["fxo-1", "fxo-2", "fxo-4"]
    wanted_row = SpanRow(1, ", ".join(lines), "analog", 1, "analog", "1-4", 3, "", clock=True, lines=lines)
    assert spans[0] == wanted_row
    assert spans[1] == replace(
        wanted_row, span=2, name="", card="", kind="e1", channels="5-35", configured=0, clock=False, lines=[]
    )


def test_a_channel_is_done_when_it_is_as_described_even_with_the_cards_own_canceller(machine: Machine) -> None:
    loaded(machine, E1)
    (machine.channel(5) / "ec_factory").write_text("VPMOCT032\n")
    (machine.channel(6) / "ec_factory").write_text("\n")
    (machine.channel(7) / "sig").write_text("Unconfigured\n")
    undone = [one.channel.number for one in wanted(resolve(rows(E1), scan(machine.root, KERNEL))) if not one.done]
    assert undone == [6, 7]
