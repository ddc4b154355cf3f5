"""The doctor's whole answer, and its judgement of pjsua2, ports, prompts and database."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from appliance.cli import main
from appliance.doctor import site, wheel
from appliance.doctor.finding import Finding
from appliance.prompt_names import REQUIRED_PROMPTS
from appliance.settings import Settings, load
from appliance.store import Store, open_store
from appliance.store.models import IvrFlow, Queue
from tests.conftest import free_ports

GOOD = {
    "version": "2.17",
    "calls": 2048,
    "openssl": "OpenSSL 3.0.17 1 Jul 2025",
    "codecs": ["G722", "PCMA", "PCMU", "opus"],
    "srtp": 4,
    "missing_classes": [],
}


@pytest.fixture
def settings(tmp_path: Path, store_url: str) -> Settings:
    bus, edge, internal, events, core, gsm, pstn, panel = free_ports(8)
    file = tmp_path / "callfloor.toml"
    file.write_text(
        f'[paths]\nstate = "state"\n[database]\nurl = "{store_url}"\n[bus]\nport = {bus}\n'
        f"[edge]\nport = {edge}\ninternal_port = {internal}\nevents_port = {events}\n"
        f"[core]\nport = {core}\nrtp_first = 20000\nrtp_last = 21000\n"
        f"[gsm]\nport = {gsm}\nrtp_first = 21001\nrtp_last = 22000\n"
        f"[pstn]\nport = {pstn}\n[panel]\nport = {panel}\n"
    )
    return load(file)


def put_prompts(settings: Settings, *names: str) -> None:
    for name in names:
        file = settings.prompt(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_whole_answer_in_both_forms(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["doctor", "--settings", str(settings.file)]
    assert main([*command, "--json"]) == 1
    findings = [Finding(**row) for row in json.loads(capsys.readouterr().out)]
    states = {finding.about: finding.state for finding in findings}
    assert states["python"] == "ok"
    assert states["disk state"] == states["prompts"] == "fail"
    assert states["database"] == "ok"
    assert all(finding.advice for finding in findings if finding.state != "ok")
    put_prompts(settings, *REQUIRED_PROMPTS)
    status = main(command)
    lines = capsys.readouterr().out.splitlines()
    failed = [line for line in lines if line.startswith("fail")]
    assert status == (1 if failed else 0)
    assert not [line for line in failed if "disk" in line or "prompts" in line or "port" in line]
    assert any(line.startswith("ok    port core.port") for line in lines)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"calls": 4}, "compiled for 4 calls a process, 600 are wanted"),
        ({"openssl": "OpenSSL 1.0.2u  20 Dec 2019"}, "OpenSSL 3 is wanted, it has OpenSSL 1.0.2u"),
        ({"openssl": "none"}, "OpenSSL 3 is wanted, it has none"),
        ({"codecs": ["PCMU", "PCMA"]}, "codec G722 is missing; codec opus is missing"),
        ({"srtp": 0}, "SRTP is missing"),
        ({"missing_classes": ["PcmPort"]}, "our class PcmPort is missing"),
    ],
)
def test_a_pjsua2_of_another_build_is_refused(change: dict[str, Any], wanted: str) -> None:
    finding = wheel.judge(GOOD | change)
    assert finding.state == "fail"
    assert wanted in finding.text
    assert "make setup" in finding.advice


def test_our_pjsua2_is_well() -> None:
    pytest.importorskip("pjsua2", reason="the wheel isn't installed: run `make setup`")
    finding = wheel.pjsua2()
    assert (finding.state, finding.advice) == ("ok", "")
    assert wheel.judge(GOOD).state == "ok"


def test_a_pjsua2_that_ends_its_process_is_a_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "pjsua2.py").write_text("import os\nos.abort()\n")
    finding = wheel.pjsua2()
    assert (finding.state, finding.text) == ("fail", "doesn't start (status -6): no message")
    (tmp_path / "pjsua2.py").write_text("raise ModuleNotFoundError(\"No module named 'pjsua2'\")\n")
    assert wheel.pjsua2().text == "not installed"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_port_of_another_program_is_a_fail_that_names_it(settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", settings.gsm.port))
        findings = {finding.about: finding for finding in site.ports(settings)}
    assert findings["port core.port"].state == "ok"
    assert findings["port gsm.port"].state == "fail"
    assert "stop it or set another port" in findings["port gsm.port"].advice


def test_prompts_of_flows_and_queues_are_wanted_too(settings: Settings, store: Store) -> None:
    put_prompts(settings, *REQUIRED_PROMPTS)
    assert site.prompts(settings, store).state == "ok"
    step = {"type": "play", "prompt": "spring-sale", "next": "hangup"}
    with store.session() as session:
        session.add(IvrFlow(name="main", definition={"start": "a", "steps": {"a": step}}))
        session.add(IvrFlow(name="wrong", definition={}))
        session.add(Queue(name="sales", label="Sales", music="jazz"))
    finding = site.prompts(settings, store)
    assert finding.state == "fail"
    assert "en/jazz.wav, en/spring-sale.wav" in finding.text
    put_prompts(settings, "jazz", "spring-sale")
    assert site.prompts(settings, store).state == "ok"


def test_a_database_that_is_not_ready_says_what_to_do(bare_url: str) -> None:
    store = open_store(bare_url)
    finding = site.database(store)
    assert finding.state == "fail"
    assert "callfloor store migrate" in finding.advice
    store.migrate()
    assert site.database(store).state == "ok"
    store.close()
