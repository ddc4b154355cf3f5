"""``callfloor report`` as it is typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.store import Store
from appliance.store.models import Agent
from tests.report import ledger

DAY = ["--from", "2026-08-03", "--to", "2026-08-03"]


@pytest.fixture
def settings_file(store: Store, store_url: str, tmp_path: Path) -> Path:
    file = tmp_path / "callfloor.toml"
    file.write_text(f'[paths]\nstate = "state"\n[database]\nurl = "{store_url}"\n', encoding="utf-8")
    return file


@pytest.fixture
def filled(store: Store) -> None:
    with store.session() as session:
        session.add(Agent(number="2001", name="花子"))
        row = ledger.queued(session, 1, wait=4.5, talk=20.0)
        ledger.steps(session, row, "ringing", "ended")
        ledger.recording(session, row, "x.wav")
        ledger.queued(session, 2, wait=3.0, talk=None, caller=None)
        ledger.agent_state(session, 0, "available")
        ledger.agent_state(session, 30, "logged-out")


def report(settings_file: Path, *arguments: str) -> int:
    return main(["report", "--settings", str(settings_file), *arguments])


@pytest.mark.usefixtures("filled")
def test_calls_for_people(settings_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(settings_file, "calls", *DAY) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["time", "direction", "line", "caller"]
    wanted = (
        "2026-08-03 09:01:00 inbound gsm-1 +818011112222 +818012345678 sales 2001 connected 4.5 20.0 caller complete"
    )
    assert first.split() == wanted.split()
    assert "abandoned" in second


@pytest.mark.usefixtures("filled")
def test_calls_for_programs(settings_file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert report(settings_file, "calls", "--json", *DAY) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first["ringing_at"] == "2026-08-03T00:01:00+00:00"
    assert first["recording"]["path"] == str(tmp_path / "state" / "recordings" / "x.wav")
    assert [step["kind"] for step in first["events"]] == ["ringing", "ended"]
    assert second["caller"] is None


@pytest.mark.usefixtures("filled")
def test_calls_for_spreadsheets(settings_file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert report(settings_file, "calls", "--csv", *DAY) == 0
    first, second = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert first["ringing_at"] == "2026-08-03 09:01:00"
    assert first["caller"] == "+818011112222"
    assert first["recording_path"] == str(tmp_path / "state" / "recordings" / "x.wav")
    assert second["recording_path"] == ""


@pytest.mark.usefixtures("filled")
def test_queues_and_agents(settings_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(settings_file, "queues", "--json", *DAY) == 0
    (sales,) = json.loads(capsys.readouterr().out)
    assert (sales["offered"], sales["answered"], sales["answer_rate_percent"]) == (2, 1, 50.0)
    assert report(settings_file, "agents", "--json", *DAY) == 0
    (agent,) = json.loads(capsys.readouterr().out)
    assert (agent["name"], agent["calls"], agent["logged_in_seconds"]) == ("花子", 1, 1800.0)
    assert report(settings_file, "queues", *DAY) == 0
    assert "in 20 s %" in capsys.readouterr().out
    assert report(settings_file, "agents", "--csv", *DAY) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("agent,name,calls,")


def test_an_empty_report_is_a_sentence_for_people_and_an_empty_list_for_programs(
    settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for about, wanted in (
        ("calls", "No calls from"),
        ("queues", "No calls from"),
        ("agents", "No agent activity from"),
    ):
        assert report(settings_file, about, *DAY) == 0
        assert capsys.readouterr().out == f"{wanted} 2026-08-03 00:00 to 2026-08-04 00:00 (JST).\n"
    assert report(settings_file, "calls", "--json", *DAY) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == []
    assert "No calls" in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["calls", "--from", "soon"],
        ["calls", "--to", "2026-13-01"],
        ["agents", "--from", "2026-08-04", "--to", "2026-08-03"],
    ],
)
def test_a_bad_period_is_one_line_and_status_2(
    settings_file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert report(settings_file, *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
