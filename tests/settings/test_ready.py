"""A service says before it starts what is in its way: a port held by another, a missing prompt."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from appliance import ports
from appliance.prompt_names import REQUIRED_PROMPTS
from appliance.settings import Settings, SettingsError, load
from image.prompts import required_prompts
from tests.conftest import free_ports


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    panel, core = free_ports(2)
    file = tmp_path / "callfloor.toml"
    file.write_text(f'[paths]\nstate = "state"\n[panel]\nport = {panel}\n[core]\nport = {core}\n')
    prompts = tmp_path / "state" / "prompts" / "en"
    prompts.mkdir(parents=True)
    for name in REQUIRED_PROMPTS:
        (prompts / f"{name}.wav").touch()
    return load(file)


@pytest.fixture
def held_tcp() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_free_machine_is_ready(settings: Settings) -> None:
    settings.check_ready("panel")
    settings.check_ready("pbx")
    settings.check_ready("report")


def test_a_port_in_use_names_key_value_and_program(tmp_path: Path, held_tcp: int) -> None:
    file = tmp_path / "callfloor.toml"
    file.write_text(f"[panel]\nport = {held_tcp}\n")
    with pytest.raises(SettingsError) as caught:
        load(file).check_ready("panel")
    me = f"{psutil.Process().name()} (pid {os.getpid()})"
    wanted = f"{file}: panel.port = {held_tcp}: tcp port in use by {me}; stop it or set another port"
    assert str(caught.value) == wanted


def test_a_udp_port_in_use_is_seen_too(settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", settings.core.port))
        with pytest.raises(
            SettingsError, match=rf"core\.port = {settings.core.port}: udp port in use by .*pid {os.getpid()}"
        ):
            settings.check_ready("pbx")


def test_a_closed_connection_does_not_hold_a_server_up(held_tcp: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()  # closed first on this side: TIME_WAIT
    assert ports.obstacle("tcp", "127.0.0.1", port) is None


def test_an_address_of_another_machine_is_the_hosts_fault(tmp_path: Path) -> None:
    file = tmp_path / "callfloor.toml"
    file.write_text('[panel]\nhost = "192.0.2.1"\n')  # RFC 5737: nobody has it
    with pytest.raises(SettingsError, match=r'panel\.host = "192\.0\.2\.1": no interface of this machine'):
        load(file).check_ready("panel")


def test_a_missing_prompt_is_named_with_what_to_do(settings: Settings) -> None:
    settings.prompt("music").unlink()
    with pytest.raises(SettingsError) as caught:
        settings.check_ready("pbx")
    line = str(caught.value)
    assert line.startswith(
        f'{settings.file}: paths.prompts = "{settings.paths.prompts}": missing prompt en/music.wav; '
    )
    assert "run `make setup`" in line
    settings.check_ready("gsm")  # only the core plays prompts


def test_many_missing_prompts_are_still_one_line(tmp_path: Path) -> None:
    file = tmp_path / "callfloor.toml"
    file.write_text('[paths]\nprompts = "nowhere"\n')
    (line,) = load(file).missing_prompts()
    assert f"and {len(REQUIRED_PROMPTS) - 3} more" in line


def test_the_setup_makes_every_required_prompt() -> None:
    assert set(REQUIRED_PROMPTS) <= set(required_prompts())


def test_the_password_for_the_bus_is_read_or_its_file_named(settings: Settings) -> None:
    file = settings.bus.passwords
    for content in (None, "{", "[]", '{"gsm": "x"}'):
        if content is not None:
            file.write_text(content)
        with pytest.raises(SettingsError) as caught:
            settings.bus_password("pbx")
        assert str(caught.value).startswith(f'{settings.file}: bus.passwords = "{file}": ')
    file.write_text('{"pbx": "s3cret"}')
    assert settings.bus_password("pbx") == "s3cret"
