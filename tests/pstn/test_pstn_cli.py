"""``callfloor pstn COMMAND``, against a gateway on a machine without cards and against a stand-in that learns."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.bus import CommandRefused
from appliance.cli import main
from tests.bus.broker import eventually
from tests.pstn.gateway_service import NUMBER, Service

Cli = Callable[..., str]
pytestmark = pytest.mark.skipif(Path("/dev/dahdi").exists(), reason="this machine has DAHDI")
TONE: dict[str, Any] = {"frequencies": [400.0], "cadence": [500, 500], "level_dbm0": -21.2}


@pytest.fixture(name="service", scope="module")
def service_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("gateway"))
    try:
        yield service
    finally:
        service.close()


@pytest.fixture(name="cli")
def cli_fixture(service: Service, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command and return what it prints; ``status`` 0: on stdout, else on stderr."""

    def cli(*arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        assert main(["pstn", *arguments, "--settings", str(service.settings)]) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return cli


@pytest.fixture(name="running")
def running_fixture(service: Service) -> Service:
    if service.process is None:
        service.start()
        service.wait_state("fxo-1", "absent")
    return service


def test_without_the_gateway(cli: Cli) -> None:
    assert "pstn is not running; start it" in cli("list", status=1)
    (scanned,) = [row for row in json.loads(cli("scan", "--json")) if row["card"] == "card-1"]
    assert (scanned["state"], scanned["driver"]) == ("missing", "wctdm24xxp")
    assert cli("spans").startswith("no spans")


def test_list_and_show(cli: Cli, running: Service) -> None:
    table = [line.split() for line in cli("list").splitlines()]
    assert table[0] == ["line", "state", "number", "caller", "reason"]
    assert [row[:3] for row in table[1:3]] == [["e1-1.01", "absent", NUMBER], ["e1-1.02", "absent", NUMBER]]
    assert [row["line"] for row in json.loads(cli("list", "--json"))][-2:] == ["fxo-1", "fxo-2"]
    text = cli("show", "e1-1.31").splitlines()
    assert {"line: e1-1.31", "gateway: pstn", "state: absent", f"number: {NUMBER}"} <= set(text)
    assert json.loads(cli("show", "fxo-1", "--json"))["state"] == "absent"


def test_spans_that_only_the_gateway_knows_of(cli: Cli, running: Service) -> None:
    (span,) = json.loads(cli("spans", "--json"))
    assert (span["name"], span["kind"], span["state"], span["calls"]) == ("e1-1", "e1", "absent", 0)
    heading, line = cli("spans").splitlines()
    assert heading.split()[:3] == ["span", "name", "card"]
    assert line.split()[:2] == ["e1-1", "e1"]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("dial", "fxo-1", "110"), "callfloor pstn dial: fxo-1 is not idle\n"),
        (("hangup", "fxo-1"), "callfloor pstn hangup: there is no call on fxo-1\n"),
        (("loopback-test", "fxo-1"), "callfloor pstn loopback-test: no other line with a number is idle"),
        (("take-out", "e1-1.01"), "callfloor pstn take-out: e1-1.01 is no channel of a span that is there\n"),
        (("trace", "e1-1", "on"), "callfloor pstn trace: no span e1-1 is there"),
        (("learn-busy", "fxo-1", "--yes"), "fxo-1 is no FXO port that is there"),
        (("show", "fxo-7"), "callfloor pstn show: no line fxo-7; this gateway has e1-1.01, "),
    ],
)
def test_refusals_say_why(cli: Cli, running: Service, command: tuple[str, ...], says: str) -> None:
    assert says in cli(*command, status=1)


class Learner:
    """A gateway's stand-in that hears a tone."""

    def __init__(self, service: Service) -> None:
        if service.process is not None:
            service.close()
        self.kept: list[Any] = []
        self.heard = threading.Event()
        self.bus = service.broker.bus("pstn", start=False)
        self.bus.serve("line.learn-busy", self._learn)
        self.bus.serve("line.busy-tone", self._keep)
        self.bus.start()
        assert eventually(lambda: self.bus.connected)

    def _learn(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["line"] != "fxo-1":
            raise CommandRefused("not-learned", "no tone was heard")
        return TONE

    def _keep(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.kept.append(arguments)
        return {}


@pytest.fixture(name="learner")
def learner_fixture(tmp_path: Path) -> Iterator[tuple[Learner, Path]]:
    service = Service(tmp_path)
    learner = Learner(service)
    try:
        yield learner, service.settings
    finally:
        service.close()


def test_a_learned_tone_is_shown_and_kept_when_it_is_wanted(
    learner: tuple[Learner, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway, settings = learner
    more = ("--settings", str(settings))
    assert main(["pstn", "learn-busy", "fxo-1", *more]) == 0
    said = capsys.readouterr()
    assert said.out == "frequencies: 400 Hz\ncadence: 500 ms on 500 ms off\nlevel: -21 dBm0\n"
    assert said.err.splitlines()[-1] == "the tone is not kept"
    assert not gateway.kept
    assert main(["pstn", "learn-busy", "fxo-1", "--yes", "--json", *more]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == TONE
    assert said.err.splitlines()[-1] == "fxo-1 ends calls at this tone from now on"
    assert gateway.kept == [{"line": "fxo-1", "tone": TONE}]
    assert main(["pstn", "learn-busy", "fxo-2", "--yes", *more]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "callfloor pstn learn-busy: no tone was heard"
    assert main(["pstn", "learn-busy", "fxo-1", "--forget", *more]) == 0
    assert gateway.kept[-1] == {"line": "fxo-1", "tone": None}
