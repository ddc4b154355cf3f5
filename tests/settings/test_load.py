"""Reading the settings file: defaults, places, and a clear line for everything wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import settings as settings_module
from appliance.settings import Settings, SettingsError, load
from appliance.settings_sections import BusSettings, PathSettings


def write(folder: Path, text: str) -> Path:
    file = folder / "callfloor.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(file: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(file)
    return str(caught.value).splitlines()


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLFLOOR_SETTINGS", raising=False)
    monkeypatch.setattr(settings_module, "DEFAULT_FILE", tmp_path / "none.toml")
    settings = load()
    assert settings == Settings()
    assert settings.file is None
    assert settings.paths.recordings == Path("/var/lib/callfloor/recordings")
    assert settings.bus.passwords == Path("/var/lib/callfloor/bus-passwords.json")
    assert settings.database_url() == "sqlite:////var/lib/callfloor/callfloor.db"


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, '[site]\nname = "Osaka"\n')
    monkeypatch.setenv("CALLFLOOR_SETTINGS", str(file))
    assert load().site.name == "Osaka"
    assert load().file == file


def test_the_same_file_as_the_defaults_says_nothing_new(tmp_path: Path) -> None:
    assert load(write(tmp_path, "")).model_dump() == Settings().model_dump()


def test_relative_paths_start_at_the_files_folder(tmp_path: Path) -> None:
    text = '[paths]\nstate = "state"\nprompts = "../prompts"\n[database]\nurl = "sqlite:///data/x.db"\n'
    settings = load(write(tmp_path, text))
    assert settings.paths.state == tmp_path / "state"
    assert settings.paths.recordings == tmp_path / "state" / "recordings"
    assert settings.paths.prompts == tmp_path.parent / "prompts"
    assert settings.bus.passwords == tmp_path / "state" / "bus-passwords.json"
    assert settings.database_url() == f"sqlite:///{tmp_path}/data/x.db"


def test_the_state_folder_decides_in_code_as_in_a_file() -> None:
    settings = Settings(paths=PathSettings(state=Path("/srv/x")), bus=BusSettings(port=2000))
    assert settings.bus.passwords == Path("/srv/x/bus-passwords.json")
    assert settings.bus.port == 2000
    assert settings.prompt("music") == Path("/srv/x/prompts/en/music.wav")


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(write(tmp_path, ""))
    with pytest.raises(ValueError, match="frozen"):
        settings.core.port = 1


def test_postgresql_is_reached_by_psycopg_however_it_is_written(tmp_path: Path) -> None:
    settings = load(write(tmp_path, '[database]\nurl = "postgresql://u:p@h/d"\n'))
    assert settings.database_url() == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('[edge]\nport = "abc"', 'edge.port = "abc": must be a whole number from 1 to 65535'),
        ('[edge]\nport = "5060"', 'edge.port = "5060": must be a whole number from 1 to 65535'),
        ("[edge]\nport = 0", "edge.port = 0: must be a whole number from 1 to 65535"),
        ("[edge]\nport = true", "edge.port = true: must be a whole number from 1 to 65535"),
        ("[edge]\nport = 5060.5", "edge.port = 5060.5: must be a whole number from 1 to 65535"),
        (
            "[edge]\nprot = 1",
            "edge.prot = 1: unknown key; allowed in [edge]: host, port, internal_port, events_port, realm",
        ),
        ("[egde]\nport = 1", 'egde = {"port": 1}: unknown section; allowed: site, paths, database, bus, edge, core, '),
        ("edge = 5", "edge = 5: must be a table; write [edge] and its keys below: host, port, "),
        ('[site]\ntimezone = "Asia/Tokio"', 'site.timezone = "Asia/Tokio": must be a name from the time zone database'),
        ('[site]\ntimezone = "Asia"', 'site.timezone = "Asia": must be a name from the time zone database'),
        ('[site]\ntimezone = "../../etc/passwd"', 'site.timezone = "../../etc/passwd": must be a name from'),
        ('[site]\ntimezone = ""', 'site.timezone = "": must be a name from'),
        ('[site]\ncountry = "Japan"', 'site.country = "Japan": must be a two-letter country code'),
        ('[site]\nlanguage = "fr"', 'site.language = "fr": must be "en" or "ja"'),
        ("[paths]\nstate = 5", 'paths.state = 5: must be a path in quotes, such as "/srv/callfloor"'),
        ('[core]\nhost = "a b"', 'core.host = "a b": must be an IP address or host name'),
        ('[features]\nlogin = "11"', 'features.login = "11": must be * or # and 1 to 7 more of 0-9 * #'),
        ("[core]\nrtp_first = 3000\nrtp_last = 3000", "core.rtp_first = 3000: must be below core.rtp_last, 3000"),
        ("[gsm]\nport = 5070", "gsm.port = 5070: port taken by core.port (5070); allowed: a port of its own"),
        ("[panel]\nport = 10500", "core.rtp_first = 10000: port taken by panel.port (10500)"),
        ("[pstn]\nport = 5080", "pstn.port = 5080: port taken by gsm.port (5080); allowed: a port of its own"),
        ("[pstn]\nrtp_last = 25000", "pstn.rtp_first = 25000: must be below pstn.rtp_last, 25000"),
        ("[gsm]\nrtp_first = 19000", "gsm.rtp_first = 19000: port taken by core.rtp_first (10000-19999)"),
        ('[edge]\nhost = "0.0.0.0"\nport = 8080', "panel.port = 8080: port taken by edge.port (8080)"),
        ('[features]\npause = "*111"', 'features.pause = "*111": begins with features.login, "*11"'),
        (
            '[database]\nurl = "mysql://h/d"',
            'database.url = "mysql://h/d": must be "", "sqlite:///FILE" or "postgresql',
        ),
    ],
)
def test_each_mistake_is_one_line_with_file_key_value_and_what_is_allowed(
    tmp_path: Path, text: str, wanted: str
) -> None:
    file = write(tmp_path, text)
    lines = refused(file)
    assert len(lines) == 1
    assert lines[0].startswith(f"{file}: {wanted}")


def test_every_mistake_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    lines = refused(write(tmp_path, '[edge]\nport = "abc"\n[paths]\nstate = 5\n[core]\nhots = ""\n'))
    assert [line.split(": ")[1].split(" =")[0] for line in lines] == ["paths.state", "edge.port", "core.hots"]


def test_the_same_port_on_another_machine_is_no_clash(tmp_path: Path) -> None:
    assert load(write(tmp_path, '[bus]\nhost = "10.0.0.2"\nport = 8080\n')).bus.port == 8080


def test_a_password_in_a_url_is_not_shown(tmp_path: Path) -> None:
    (line,) = refused(write(tmp_path, '[database]\nurl = "mysql://u:s3cret@h/d"\n'))
    assert "s3cret" not in line
    assert "mysql://u:***@h/d" in line


def test_a_long_value_does_not_make_a_long_line(tmp_path: Path) -> None:
    (line,) = refused(write(tmp_path, f'[site]\nlanguage = "{"x" * 1000}"\n'))
    assert len(line) < 300 + len(str(tmp_path))


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    assert refused(missing) == [f"{missing}: no such file; name another with --settings or $CALLFLOOR_SETTINGS"]
    assert refused(tmp_path) == [f"{tmp_path}: can't be read: Is a directory"]
    broken = write(tmp_path, "[edge\nport = 1")
    assert refused(broken)[0].startswith(f"{broken}: not TOML: ")
    assert "line 1" in refused(broken)[0]
    broken.write_bytes(b"[site]\nname = '\xff\xfe'\n")
    assert refused(broken) == [f"{broken}: not UTF-8 text (byte 15)"]
