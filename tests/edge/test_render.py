from __future__ import annotations

import stat
from pathlib import Path

import pytest

from appliance.settings import Settings
from pbx.edge import addresses, databases, render
from pbx.edge.render import EdgeError, Limits
from tests.edge.running import Edge


def settings(directory: Path, **sections: dict[str, object]) -> Settings:
    return Settings.model_validate({"paths": {"state": directory, "run": directory}, **sections})


def test_what_is_written_is_private_and_kamailio_accepts_it(edge: Edge) -> None:
    render.check(edge.settings, edge.config)
    for file in (edge.config, *edge.settings.paths.state.glob("edge-*")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_configuration_that_kamailio_refuses_is_told(edge: Edge, tmp_path: Path) -> None:
    broken = tmp_path / "broken.cfg"
    broken.write_text(edge.config.read_text() + "\nroute[X] { no_such_function(); }\n")
    with pytest.raises(EdgeError, match=r"broken\.cfg.*"):
        render.check(edge.settings, broken)


def test_a_missing_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="is missing"):
        render.render(settings(tmp_path), tmp_path / "edge")


def test_a_wrong_network_is_told(edge: Edge, tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"192\.168\.7\.0/24"):
        render.render(edge.settings, tmp_path / "other", Limits(trusted=("192.168.7.1/24",)))


def test_an_unreadable_table_of_contacts_is_made_anew(edge: Edge) -> None:
    edge.phone("101")
    edge.stop()
    location = edge.settings.paths.state / "edge-location.db"
    location.write_bytes(b"broken" * 1000)
    render.render(edge.settings, edge.config.parent)
    edge.start()
    edge.phone("101")


def test_postgresql_passwords_may_hold_anything_and_stay_out_of_sight(tmp_path: Path) -> None:
    url = "postgresql+psycopg://floor:p%40ss%2Fw%3Ard@db.example:5433/calls?sslmode=require"
    source = databases.subscriber_source(url, tmp_path)
    text = (tmp_path / "postgresql.service").read_text()
    assert "password=p@ss/w:rd\n" in text
    assert "host=db.example\nport=5433\n" in text
    assert "sslmode=require\n" in text
    assert "p@ss" not in source.url + " ".join(source.environment)


def test_every_address_is_listened_on_by_its_own_name(tmp_path: Path) -> None:
    listeners = addresses.outside_listeners(settings(tmp_path, edge={"host": "0.0.0.0"}))
    assert "udp:127.0.0.1:5060" in listeners
    assert "tcp:127.0.0.1:5060" in listeners
    assert not any("0.0.0.0" in listener for listener in listeners)
    assert addresses.outside_listeners(settings(tmp_path, edge={"host": "::1"}))[0] == "udp:[::1]:5060"


def test_the_inside_is_on_loopback_wherever_the_phones_are(tmp_path: Path) -> None:
    given = settings(tmp_path, edge={"host": "192.0.2.1"}, core={"host": "0.0.0.0"})
    assert addresses.inside_address(given) == ("127.0.0.1", 5062)
    assert addresses.core_address(given) == "127.0.0.1:5070"
