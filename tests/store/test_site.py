"""Applying a site description: all or nothing, once or twice, and who changed what is kept without secrets."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sqlalchemy import select

from appliance.store import Store
from appliance.store.models import Agent, Extension, IvrFlow, Line, Queue, QueueMember, Route, SettingChange
from appliance.store.site_show import show_site
from tests.store.site_text import SITE, apply, refused


def changes_kept(store: Store) -> list[SettingChange]:
    with store.session() as session:
        return list(session.scalars(select(SettingChange).order_by(SettingChange.id)))


def test_a_description_fills_the_store(store: Store, tmp_path: Path) -> None:
    changes = apply(store, SITE, tmp_path)
    assert [str(change) for change in changes] == [
        "added line gsm-1",
        "added extension 101",
        "added agent 2001",
        "added agent 2002",
        "added queue sales",
        "added route 1",
        "added route 2",
        "added ivr_flow main",
    ]
    with store.session() as session:
        line = session.get_one(Line, "gsm-1")
        assert (line.number, line.enabled, line.line_group) == ("+818012345678", True, "gsm")
        extension = session.get_one(Extension, "101")
        assert extension.ha1 == hashlib.md5(b"101:callfloor:correct horse").hexdigest()
        assert [route.target for route in session.scalars(select(Route).order_by(Route.position))] == [
            "ivr:main",
            "hangup",
        ]
        assert session.get_one(Route, 1).weekdays == "15"
        assert session.get_one(Queue, "sales").max_wait == 600
        members = session.scalars(select(QueueMember.agent).order_by(QueueMember.agent)).all()
        assert members == ["2001", "2002"]
        assert session.get_one(IvrFlow, "main").definition["start"] == "menu"


def test_applying_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    kept = len(changes_kept(store))
    assert apply(store, SITE, tmp_path) == []
    assert len(changes_kept(store)) == kept


def test_what_is_shown_can_be_applied_again(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    with store.session() as session:
        shown = show_site(session)
    assert "correct horse" not in shown
    assert hashlib.md5(b"101:callfloor:correct horse").hexdigest() not in shown
    assert apply(store, shown, tmp_path) == []


def test_odd_texts_survive_showing(store: Store, tmp_path: Path) -> None:
    name = 'q"uo\\te 花 \U0001f4de'
    apply(store, f"[[agent]]\nnumber = '2001'\nname = {json.dumps(name, ensure_ascii=False)}\n", tmp_path)
    with store.session() as session:
        assert session.get_one(Agent, "2001").name == name
        shown = show_site(session)
    assert apply(store, shown, tmp_path) == []


def test_a_change_is_kept_with_who_before_and_after(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    changes = apply(store, SITE.replace('label = "Sales"', 'label = "Orders"\nwrap_up = 5'), tmp_path, who="taro")
    assert [str(change) for change in changes] == ["changed queue sales: label Sales -> Orders, wrap_up 10 -> 5"]
    newest = changes_kept(store)[-1]
    assert (newest.who, newest.thing) == ("taro", "queue/sales")
    assert newest.before is not None
    assert newest.after is not None
    assert (newest.before["wrap_up"], newest.after["wrap_up"]) == (10, 5)


def test_members_can_change_alone(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    changes = apply(store, SITE.replace('["2002", "2001"]', '["2002"]'), tmp_path)
    assert [change.key for change in changes] == ["sales"]
    with store.session() as session:
        assert session.scalars(select(QueueMember.agent)).all() == ["2002"]


def test_what_a_table_leaves_out_is_removed_and_absent_tables_stay(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    changes = apply(store, '[[route]]\ntarget = "queue:sales"\n', tmp_path)
    assert [str(change) for change in changes] == [
        "changed route 1: line gsm-1 -> None, weekdays 15 -> None, from_time 09:00 -> None, to_time 18:00 -> None, "
        "target ivr:main -> queue:sales",
        "removed route 2",
    ]
    with store.session() as session:
        assert session.get(Line, "gsm-1") is not None


def test_queue_and_agents_can_go_together(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    apply(store, "agent = []\nqueue = []\nroute = []\nivr = {}\n", tmp_path)
    with store.session() as session:
        for model in (Agent, Queue, QueueMember, Route, IvrFlow):
            assert session.scalars(select(model)).all() == []


def test_a_service_s_own_column_is_left_alone(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    with store.session() as session:
        session.get_one(Line, "gsm-1").out_of_service_reason = "no SIM"
    apply(store, SITE.replace("ttyUSB1", "ttyUSB7"), tmp_path)
    with store.session() as session:
        line = session.get_one(Line, "gsm-1")
        assert (line.pcm_port, line.out_of_service_reason) == ("/dev/ttyUSB7", "no SIM")


def test_a_new_password_is_kept_as_a_digest_and_only_said_to_have_changed(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    changes = apply(store, SITE.replace("correct horse", "battery staple"), tmp_path)
    assert [str(change) for change in changes] == ["changed extension 101: password"]
    everything = json.dumps([[row.before, row.after] for row in changes_kept(store)])
    for secret in ("correct horse", "battery staple", "ha1"):
        assert secret not in everything
    assert '"password": "changed"' in everything
    with store.session() as session:
        digest = hashlib.md5(b"101:callfloor:battery staple").hexdigest()
        assert session.get_one(Extension, "101").ha1 == digest


def test_an_extension_without_a_password_keeps_its_own_within_its_realm(store: Store, tmp_path: Path) -> None:
    apply(store, SITE, tmp_path)
    without = SITE.replace('password = "correct horse"\n', "")
    assert apply(store, without, tmp_path) == []
    (line,) = refused(store, without, tmp_path, realm="elsewhere")
    assert line.startswith("extension.101.password: missing;")


LINE = '[[line]]\nname = "gsm-9"\ngateway = "gsm"\nfamily = "huawei"\nimei = "490154203237518"\n'


def test_a_line_known_by_its_imei_keeps_the_pin_that_is_not_shown(store: Store, tmp_path: Path) -> None:
    apply(store, LINE + 'pin = "1234"\n', tmp_path)
    with store.session() as session:
        assert (session.get_one(Line, "gsm-9").pin, session.get_one(Line, "gsm-9").at_port) == ("1234", None)
        assert "1234" not in show_site(session).replace("490154203237518", "")
    assert apply(store, LINE, tmp_path) == []
    [change] = apply(store, LINE + 'pin = ""\n', tmp_path)
    assert change.after is not None
    assert change.after["pin"] == "changed"
    with store.session() as session:
        assert session.get_one(Line, "gsm-9").pin is None
    assert all("1234" not in json.dumps([one.before, one.after]) for one in changes_kept(store))


def test_a_line_needs_a_modem(store: Store, tmp_path: Path) -> None:
    [problem] = refused(store, '[[line]]\nname = "gsm-9"\ngateway = "gsm"\nfamily = "huawei"\n', tmp_path)
    assert problem.startswith("line.gsm-9: no modem; allowed: at_port")
