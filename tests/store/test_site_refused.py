"""A wrong site description is refused as a whole, every problem named with table, row and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from appliance.store import Store
from appliance.store.models import Line, SettingChange
from appliance.store.site_description import SiteError, parse_site, read_site
from tests.store.site_text import SITE, apply, refused


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('name = "gsm-1"', 'name = "gsm 1"', 'line.gsm 1.name = "gsm 1": must be 1 to 32 letters'),
        ('gateway = "gsm"', 'gateway = "isdn"', 'line.gsm-1.gateway = "isdn": must be "gsm"; tele'),
        ("080-1234-5678", "12", 'line.gsm-1.number = "12": must be a phone number of the site'),
        ("/dev/ttyUSB2", "ttyUSB2", 'line.gsm-1.at_port = "ttyUSB2": must be a device\'s path'),
        ('family = "quectel"\n', "", "line.gsm-1.family: missing; must be 1 to 32 letters"),
        (
            'family = "quectel"\n',
            'familly = "q"\nfamily = "q"\n',
            "line.gsm-1.familly: unknown key; allowed: name, gate",
        ),
        ('number = "101"', "number = 101", "extension.#1.number = 101: must be 2 to 16 digits in quotes"),
        ("correct horse", "short", 'extension.101.password = "…": must be 8 to 128 characters'),
        ('label = "Sales"', 'label = "Sales"\nring_timeout = "20"', 'queue.sales.ring_timeout = "20": must be a whole'),
        ('label = "Sales"', 'label = "Sales"\nmax_wait = 0', "queue.sales.max_wait = 0: must be a whole number of sec"),
        ('label = "Sales"', 'label = "Sales"\njoin_empty = 1', "queue.sales.join_empty = 1: must be true or false"),
        (
            'label = "Sales"',
            'label = "Sales"\nstrategy = "all"',
            'queue.sales.strategy = "all": must be "longest-idle"',
        ),
        ('members = ["2002", "2001"]', 'members = "2001"', 'queue.sales.members = "2001": must be a list of agents'),
        ('"51"', '"15671"', 'route.#1.weekdays = "15671": must be digits 1 (Monday) to 7, each once'),
        ('"09:00"', '"9:00"', 'route.#1.from_time = "9:00": must be a time of day in quotes'),
        ('target = "hangup"', 'target = "hangup:x"', 'route.#2.target = "hangup:x": must be "ivr:NAME", "queue:NAME"'),
        (
            '[[route]]\nline = "gsm-1"',
            '[[rout]]\n[[route]]\nline = "gsm-1"',
            "rout: unknown table; allowed: line, pstn_",
        ),
    ],
)
def test_each_wrong_value_is_named_with_table_row_and_key(tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert old in SITE
    file = tmp_path / "site.toml"
    file.write_text(SITE.replace(old, new), encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        read_site(file, "JP")
    assert str(caught.value).startswith(f"{file}: {wanted}")
    assert "\n" not in str(caught.value)


def test_rows_that_are_no_tables_are_named() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"line": {"name": "gsm-1"}}, "x: line: must be written as [[line]], once for each"),
        ({"line": ["gsm-1"]}, "x: line.#1: must be a table of name, gateway, "),
        ({"ivr": {"main": 5}}, "x: ivr.main: must be a table [ivr.NAME]"),
        ({"ivr": {"a b": {}}}, "x: ivr.a b: must be a table [ivr.NAME]"),
        ({"ivr": 5}, "x: ivr.: must be a table [ivr.NAME]"),
    ]
    for data, wanted in cases:
        with pytest.raises(SiteError) as caught:
            parse_site(data, "JP", "x")
        assert str(caught.value).startswith(wanted)


def test_every_broken_reference_is_named_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    text = (
        SITE.replace('["2002", "2001"]', '["2002", "2009"]\noverflow_target = "extension:109"')
        .replace('line = "gsm-1"', 'line = "gsm-9"')
        .replace('target = "hangup"', 'target = "ivr:night"')
        .replace('2 = "extension:101"', '2 = "queue:orders"')
    )
    assert refused(store, text, tmp_path) == [
        'queue.sales.members: agent "2009" doesn\'t exist; there are: 2001, 2002',
        'queue.sales.overflow_target = "extension:109": there is no such extension; there are: 101',
        'route.#1.line = "gsm-9": there is no such line; there are: gsm-1',
        'route.#2.target = "ivr:night": there is no such ivr; there are: main',
        'ivr.main = "queue:orders": there is no such queue; there are: sales',
    ]
    with store.session() as session:
        assert session.scalars(select(Line)).all() == []
        assert session.scalars(select(SettingChange)).all() == []


def test_a_reference_from_what_the_file_leaves_out_counts_too(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    lines = refused(store, "queue = []\n", tmp_path)
    assert lines == ['ivr.main = "queue:sales": there is no such queue; there are none']
    assert refused(store, "agent = []\n", tmp_path)[0].startswith('queue.sales.members: agent "2001" doesn\'t exist')


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ('[[agent]]\nnumber = "2001"\nname = "B"', "agent.2001: stands 2 times; allowed: once"),
        (
            '[[line]]\nname = "gsm-2"\ngateway = "gsm"\nfamily = "quectel"\nat_port = "/dev/ttyUSB2"',
            'line.gsm-2.at_port = "/dev/ttyUSB2": also at_port of line.gsm-1; allowed: one of its own',
        ),
        (
            '[[extension]]\nnumber = "10100101"\nname = "B"\npassword = "10100101"',
            "extension.10100101.password: the same as its number; allowed: one that can't be guessed",
        ),
        (
            '[[queue]]\nname = "q"\nlabel = "q"\noverflow_target = "queue:q"',
            "queue.q.overflow_target: leads back to the queue itself; allowed: another target",
        ),
        (
            '[[route]]\nfrom_time = "09:00"\nto_time = "09:00"\ntarget = "hangup"',
            'route.#3.to_time = "09:00": the same as from_time; leave both out for the whole day',
        ),
        ("[ivr.x]\nstart = 2026-01-01", "ivr.x: a date or time has no place in a flow; write it in quotes"),
    ],
)
def test_rows_in_each_other_s_way_are_named(store: Store, tmp_path: Path, more: str, wanted: str) -> None:
    assert refused(store, f"{SITE}\n{more}\n", tmp_path) == [wanted]


def test_a_wrong_flow_is_refused_in_the_flow_s_words(store: Store, tmp_path: Path) -> None:
    (line,) = refused(store, SITE.replace('start = "menu"', 'start = "begin"'), tmp_path)
    assert line.startswith("ivr.main: ")
    assert "begin" in line


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    for content, wanted in ((None, "can't be read: No such file"), (b"[[", "not TOML: "), (b"\xff", "not UTF-8 text")):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(SiteError, match=wanted):
            read_site(file, "JP")
