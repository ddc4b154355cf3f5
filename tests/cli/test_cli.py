"""The command line: one clean line for every mistake, and services started with what they need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.prompt_names import REQUIRED_PROMPTS
from appliance.store import open_store
from appliance.store.models import Agent, SettingChange
from tests.conftest import free_port

SECONDS = 30


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    file = tmp_path / "callfloor.toml"
    file.write_text('[paths]\nstate = "state"\n')
    return file


def callfloor(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "appliance.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert re.fullmatch(r"callfloor \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["report"], ["report", "weather"], ["store"], ["store", "apply"]]
)
def test_what_is_no_command_ends_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: callfloor" in capsys.readouterr().err


def test_wrong_settings_are_one_line_and_status_2(tmp_path: Path) -> None:
    file = tmp_path / "callfloor.toml"
    file.write_text('[edge]\nport = "abc"\n')
    for arguments in (["--settings", file, "report", "calls"], ["report", "calls", "--settings", file], ["pbx"]):
        environment = os.environ | {"CALLFLOOR_SETTINGS": str(file)}
        command = [sys.executable, "-m", "appliance.cli", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment)
        assert done.returncode == 2
        assert done.stderr == f'{file}: edge.port = "abc": must be a whole number from 1 to 65535\n'
        assert done.stdout == ""


def test_a_service_with_a_missing_prompt_does_not_start(
    settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings_file.write_text(f'[paths]\nstate = "state"\n[core]\nport = {free_port()}\n')
    assert main(["pbx", "--settings", str(settings_file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"and {len(REQUIRED_PROMPTS) - 3} more; run `make setup`" in line


def test_a_missing_database_is_one_line_and_status_1(settings_file: Path) -> None:
    done = callfloor("report", "calls", "--settings", settings_file)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"callfloor: {settings_file.parent}/state/callfloor.db: ")
    assert "run `callfloor store migrate`" in line


def test_the_store_is_made_filled_and_shown(
    settings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[[agent]]\nnumber = "2001"\nname = "Hanako"\n')
    settings = ["--settings", str(settings_file)]
    assert main(["store", "migrate", *settings]) == 0
    assert main(["store", "apply", str(site), "--who", "taro", *settings]) == 0
    assert main(["store", "apply", str(site), *settings]) == 0
    capsys.readouterr()
    assert main(["store", "show", *settings]) == 0
    assert capsys.readouterr().out == '[[agent]]\nnumber = "2001"\nname = "Hanako"\nenabled = true\n'
    store = open_store(f"sqlite:///{tmp_path}/state/callfloor.db")
    with store.session() as session:
        assert [row.who for row in session.query(SettingChange)] == ["taro"]
    store.close()
    site.write_text('[[agent]]\nnumber = "2001"\nnmae = "Hanako"\n')
    assert main(["store", "apply", str(site), *settings]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{site}: agent.2001.name: missing; must be 1 to 64 characters")
    assert second == f"{site}: agent.2001.nmae: unknown key; allowed: number, name, enabled"


def test_a_reader_who_has_enough_is_no_error(settings_file: Path) -> None:
    main(["store", "migrate", "--settings", str(settings_file)])
    store = open_store(f"sqlite:///{settings_file.parent}/state/callfloor.db")
    with store.session() as session:
        session.add_all(Agent(number=str(number), name="x" * 60) for number in range(2000, 4000))
    store.close()
    command = [sys.executable, "-m", "appliance.cli", "store", "show", "--settings", str(settings_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.close()
        assert writer.stderr.read() == b""
        assert writer.wait(SECONDS) == 141


def test_the_command_line_loads_neither_flask_nor_pjsua2_nor_alembic_for_a_report(settings_file: Path) -> None:
    main(["store", "migrate", "--settings", str(settings_file)])
    script = textwrap.dedent(f"""
        import sys
        from appliance.cli import main
        main(["report", "calls", "--settings", {str(settings_file)!r}])
        print(sorted({{"flask", "pjsua2", "alembic", "paho"}} & set(sys.modules)), file=sys.stderr)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stderr == "[]\n"
