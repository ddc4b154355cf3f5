"""Telephone lines that can't be so: each problem is one line with table, row, key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.store import Store
from tests.store.pstn_text import PSTN
from tests.store.site_text import refused

EXTRA_FXO = '\n[[fxo]]\nname = "{0}"\ncard = "{1}"\nport = {2}\n'
EXTRA_SPAN = '\n[[pstn_span]]\nname = "{0}"\ncard = "{1}"\nport = {2}\nkind = "{3}"\n'
LOC = '\n[[pstn_card]]\nname = "loc"\ndriver = "dahdi_dynamic_loc"\nlocation = "DYN/loc/1:0"\n'


def problem(store: Store, tmp_path: Path, text: str, wanted: str) -> None:
    found = refused(store, text, tmp_path)
    assert len(found) == 1, found
    assert found[0].startswith(wanted), found[0]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('driver = "wcaxx"', 'driver = "wcfxo"', 'pstn_card.analog.driver = "wcfxo": must be "wctdm", "wctdm24xxp", '),
        (
            'location = "A8A-12345678"',
            'location = ""',
            'pstn_card.analog.location = "": must be what `callfloor pstn sc',
        ),
        ('country = "US"', 'country = "us"', 'pstn_card.quad.country = "us": must be a two-letter country code in cap'),
        ("{ boostringer = 1 }", "{ boostringer = true }", "pstn_card.analog.options = {"),
        ('kind = "e1"', 'kind = "j1"', 'pstn_span.e1-1.kind = "j1": must be "e1" or "t1"'),
        ('kind = "e1"', 'kind = "e1"\nlbo = 8', "pstn_span.e1-1.lbo = 8: must be a whole number from 0 to 7"),
        (
            'kind = "e1"',
            'kind = "e1"\nframing = "sf"',
            'pstn_span.e1-1.framing = "sf": must be "ccs", "cas", "esf" or ',
        ),
        (
            'kind = "e1"',
            'kind = "e1"\nswitch = "ni3"',
            'pstn_span.e1-1.switch = "ni3": must be "euroisdn", "ni1", "ni2',
        ),
        (
            'kind = "e1"',
            'kind = "e1"\ntimeslots = "0-5"',
            'pstn_span.e1-1.timeslots = "0-5": must be timeslots, each on',
        ),
        (
            'kind = "e1"',
            'kind = "e1"\necho_taps = 100',
            "pstn_span.e1-1.echo_taps = 100: must be 32, 64, 128, 256, 512 ",
        ),
        (
            'kind = "e1"',
            'kind = "e1"\nlayer2_hold = 5',
            "pstn_span.e1-1.layer2_hold = 5: must be a whole number of sec",
        ),
        ('name = "e1-1"', f'name = "{"e" * 30}"', f'pstn_span.{"e" * 30}.name = "{"e" * 30}": must be 1 to 29 letters'),
        ("rx_gain = 3", "rx_gain = 13", "fxo.fxo-2.rx_gain = 13: must be a number of dB from -12 to 12"),
        ("rx_gain = 3", 'rx_gain = "3"', 'fxo.fxo-2.rx_gain = "3": must be a number of dB from -12 to 12'),
        ("rx_gain = 3", "busy_count = 1", "fxo.fxo-2.busy_count = 1: must be a whole number from 2 to 20"),
        ('"v23-japan"', '"v23 japan"', 'fxo.fxo-1.caller_id = "v23 japan": must be "none", "bell202", "v23", "v23-ja'),
        (
            "[400, 200, 400]",
            "[10]",
            "fxo.fxo-1.distinctive_ring = 10: must be numbers and their rings and pauses in ms",
        ),
    ],
)
def test_a_wrong_value_is_named(store: Store, tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert PSTN.count(old) == 1
    problem(store, tmp_path, PSTN.replace(old, new), wanted)


def test_a_line_of_the_pstn_gateway_is_described_as_what_it_is(store: Store, tmp_path: Path) -> None:
    text = '[[line]]\nname = "fxo-9"\ngateway = "pstn"\nfamily = "fxo"\n'
    problem(
        store,
        tmp_path,
        text,
        'line.fxo-9.gateway = "pstn": must be "gsm"; telephone lines are described as [[fxo]] or [[pstn_span]]',
    )


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            "boostringer = 1",
            "fwringdetect = 1",
            "pstn_card.analog.options.fwringdetect: wcaxx has no such option; allow",
        ),
        (
            "boostringer = 1",
            'opermode = "JAPAM"',
            'pstn_card.analog.options.opermode = "JAPAM": must be one of FCC, TB',
        ),
        ("boostringer = 1", "latency = 2", "pstn_card.analog.options.latency = 2: must be a whole number from 3 to 12"),
        ("A8A-12345678", "pci:0000:03:05.0", 'pstn_card.te.location = "pci:0000:03:05.0": also of pstn_card.analog'),
        ("port = 2\nbusy", "port = 9\nbusy", "fxo.fxo-2.port = 9: must be from 1 to 8 on a card of wcaxx"),
        ("port = 2\nbusy", "port = 1\nbusy", 'fxo.fxo-2.port = 1: port 1 of "analog" is also fxo.fxo-1\'s'),
        ('busy = "learned"', 'start = "ground"', 'fxo.fxo-2.start = "ground": FXO modules know no ground start'),
        ("200, 400]", "200]", 'fxo.fxo-1.distinctive_ring."+81312345679" = [400, 200]: must begin and end with a ring'),
        ('"v23-japan"', '"none"\ncaller_id_start = "ring"', "fxo.fxo-1.caller_id_start: has no effect on caller_id = "),
        ('"v23-japan"', '"v23"\ncaller_id_start = "dtmf"', 'fxo.fxo-1.caller_id_start = "dtmf": needs caller_id = "d'),
        ('kind = "e1"', 'kind = "e1"\ncoding = "b8zs"', 'pstn_span.e1-1.coding = "b8zs": must be hdb3 or ami on an E1'),
        (
            'kind = "e1"',
            'kind = "e1"\nframing = "cas"',
            'pstn_span.e1-1.framing = "cas": must be ccs for ISDN on an E1',
        ),
        ('kind = "e1"', 'kind = "e1"\nlbo = 1', "pstn_span.e1-1.lbo = 1: must be 0 on an E1"),
        (
            'kind = "e1"',
            'kind = "e1"\ntimeslots = "1-31"',
            'pstn_span.e1-1.timeslots = "1-31": timeslot 16 is the D ch',
        ),
        ('kind = "e1"', 'kind = "e1"\nd_channel = 17', "pstn_span.e1-1.d_channel = 17: timeslot 17 is the D channel's"),
        ('kind = "e1"', 'kind = "e1"\ntiming = 2', "pstn_span.e1-1.timing = 2: must be from 0 to 1, since"),
        ('kind = "e1"', 'kind = "e1"\ntiming = 0', "pstn_card.te: no span gives it its clock; write timing = 1"),
        ('kind = "e1"', 'kind = "e1"\ndid_digits = 4', "pstn_span.e1-1.did_digits = 4: has no effect without overlap"),
        ('kind = "e1"', 'kind = "e1"\nrestart_interval = 5', "pstn_span.e1-1.restart_interval = 5: must be 0 or at le"),
        ('kind = "e1"', 'kind = "e1"\nnfas = "member"', "pstn_span.e1-1.nfas_group: missing; spans that share D chan"),
        ('card = "te"\nport = 1', 'card = "te"\nport = 2', "pstn_span.e1-1.port = 2: must be from 1 to 1 on a card of"),
        ('"member"', '"member"\nd_channel = 24', "pstn_span.t1-2.d_channel = 24: must be left out with nfas = "),
        (
            '"primary"',
            '"backup"',
            'pstn_span.t1-1.nfas_group = "floor": has 0 spans with nfas = "primary"; allowed: one',
        ),
        ("nfas_interface = 1", "nfas_interface = 0", "pstn_span.t1-2.nfas_interface = 0: also of pstn_span.t1-1"),
        ('"member"', '"member"\nswitch = "ni1"', 'pstn_span.t1-1.nfas_group = "floor": its spans differ in kind, rol'),
        (
            "nfas_interface = 0",
            "nfas_interface = 0\ncrc4 = true",
            "pstn_span.t1-1.crc4 = true: must be left out on a T1",
        ),
        (
            "nfas_interface = 0",
            'nfas_interface = 0\ncoding = "hdb3"',
            'pstn_span.t1-1.coding = "hdb3": must be b8zs or ami on a T1',
        ),
        (
            "nfas_interface = 0",
            'nfas_interface = 0\nframing = "d4"',
            'pstn_span.t1-1.framing = "d4": must be esf for ISDN on a T1',
        ),
        (
            "nfas_interface = 0",
            'nfas_interface = 0\ntimeslots = "1-23,25"',
            'pstn_span.t1-1.timeslots = "1-23,25": must be from 1 to 24 on a T1',
        ),
        ('["fxo-2", "e1-1"]', '["e1-2"]', 'line_group.pstn.prefixes: "e1-2" is no line of this group'),
        (
            'line = "t1-2.24"',
            'line = "t1-1.24"',
            'route.#2.line = "t1-1.24": there is no such line; there are: fxo-1, ',
        ),
    ],
)
def test_what_does_not_go_together_is_named(store: Store, tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert PSTN.count(old) == 1, old
    problem(store, tmp_path, PSTN.replace(old, new), wanted)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (EXTRA_FXO.format("fxo-3", "te", 1), 'fxo.fxo-3.card = "te": cards of wcte13xp have no FXO ports'),
        (
            EXTRA_FXO.format("fxo-3", "ta", 1),
            'fxo.fxo-3.card = "ta": there is no such pstn_card; there are: analog, te',
        ),
        (EXTRA_FXO.format("e1-1", "analog", 3), 'pstn_span.e1-1: the name "e1-1" is also fxo.e1-1\'s'),
        (EXTRA_FXO.format("e1-1.07", "analog", 3), 'pstn_span.e1-1: the name "e1-1.07" is also fxo.e1-1.07\'s'),
        (
            EXTRA_SPAN.format("e1-2", "analog", 1, "e1"),
            'pstn_span.e1-2.card = "analog": cards of wcaxx have no E1 or T1',
        ),
        (EXTRA_SPAN.format("e1-2", "te", 1, "e1"), 'pstn_span.e1-2.port = 1: port 1 of "te" is also pstn_span.e1-1\'s'),
        (EXTRA_SPAN.format("t1-3", "quad", 3, "t1") + "timing = 5\n", "pstn_span.t1-3.timing = 5: must be from 0 to 3"),
        (
            '\n[[pstn_card]]\nname = "te2"\ndriver = "wcte13xp"\nlocation = "x"\n'
            + EXTRA_SPAN.format("t1-3", "te2", 1, "t1"),
            "pstn_card.te2: wcte13xp would get default_linemode = t1 here, e1 by pstn_card.te; a driver has one for",
        ),
        (
            '\n[[pstn_card]]\nname = "a2"\ndriver = "wcaxx"\nlocation = "x"\ncountry = "US"\n'
            "options = { boostringer = 1 }\n",
            "pstn_card.a2: wcaxx would get opermode = USA here, JAPAN by pstn_card.analog",
        ),
        (
            '\n[[pstn_card]]\nname = "b"\ndriver = "wcb4xxp"\nlocation = "x"\n' + EXTRA_SPAN.format("b1", "b", 1, "e1"),
            'pstn_span.b1.card = "b": cards of wcb4xxp have BRI ports, which are not served',
        ),
        (
            LOC.replace("DYN/loc/", ""),
            'pstn_card.loc.location = "1:0": must be "DYN/loc/KEY:ID" with dahdi_dynamic_loc',
        ),
        (
            LOC + "options = { channels = 8 }\n" + EXTRA_FXO.format("f", "loc", 9),
            "fxo.f.port = 9: must be from 1 to 8 on a card of dahdi_dynamic_loc",
        ),
        (
            LOC + EXTRA_FXO.format("f", "loc", 9) + EXTRA_SPAN.format("p", "loc", 1, "t1") + 'timeslots = "9-23"\n',
            'pstn_span.p.port = 9: port 9 of "loc" is also fxo.f\'s',
        ),
        (
            LOC + EXTRA_FXO.format("f", "loc", 9) + 'echo_canceller = "hardware"\n',
            'fxo.f.echo_canceller = "hardware": dahdi_dynamic_loc has none',
        ),
    ],
)
def test_what_more_rows_bring_is_named(store: Store, tmp_path: Path, more: str, wanted: str) -> None:
    problem(store, tmp_path, PSTN + more, wanted)


def test_a_card_with_spans_of_both_kinds_needs_a_driver_that_can_have_them(store: Store, tmp_path: Path) -> None:
    both = PSTN + EXTRA_SPAN.format("e1-4", "quad", 3, "e1")
    found = refused(store, both, tmp_path)
    assert found == [
        f'pstn_span.{span}.kind = "t1": "quad" also has E1 spans, and its driver has one kind for all; set it by '
        "options = { t1e1override = … }"
        for span in ("t1-1", "t1-2")
    ]
