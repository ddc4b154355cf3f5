"""``callfloor store apply`` tells the services that run; whatever of them is away, the site is applied."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.bus import Bus, CommandRefused
from appliance.cli import main
from tests.bus.broker import Broker, eventually
from tests.conftest import free_port

AGENT = '[[agent]]\nnumber = "2001"\nname = "{name}"\n'
CARD = '[[pstn_card]]\nname = "a"\ndriver = "wcte43x"\nlocation = "pci:0000:03:05.0"\ncountry = "JP"\n'
LINE = '[[line]]\nname = "gsm-1"\ngateway = "gsm"\nfamily = "quectel"\nat_port = "/dev/ttyUSB2"\n'


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    running = Broker(tmp_path)
    yield running
    running.close()


class Site:
    """A throw-away site; ``apply`` gives the exit status and what was printed after the changes."""

    def __init__(self, folder: Path, port: int, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._file = folder / "site.toml"
        self._settings = folder / "callfloor.toml"
        secrets = folder / "bus-passwords.json"
        self._settings.write_text(
            f'[paths]\nstate = "{folder}"\n[bus]\nport = {port}\npasswords = "{secrets}"\n'
            f'[database]\nurl = "sqlite:///{folder}/callfloor.db"\n'
        )
        assert main(["store", "migrate", "--settings", str(self._settings)]) == 0

    def apply(self, text: str) -> tuple[int, list[str]]:
        self._file.write_text(text)
        self._capsys.readouterr()
        status = main(["store", "apply", str(self._file), "--settings", str(self._settings)])
        out = self._capsys.readouterr().out.splitlines()
        counted = next(n for n, line in enumerate(out) if line.endswith((" changed", "nothing to change")))
        return status, out[counted + 1 :]


def serve(bus: Bus, refuse: str = "") -> threading.Semaphore:
    """Answer ``site.reload`` as a service does; the semaphore counts."""
    asked = threading.Semaphore(0)

    def reload(_arguments: dict[str, Any]) -> dict[str, Any]:
        asked.release()
        if refuse:
            raise CommandRefused("store", refuse)
        return {}

    bus.serve("site.reload", reload)
    bus.start()
    assert eventually(lambda: bus.connected)
    return asked


def test_services_that_run_are_told(tmp_path: Path, broker: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    site = Site(tmp_path, broker.port, capsys)
    asked = [serve(broker.bus(name, start=False)) for name in ("pbx", "gsm")]
    assert site.apply(AGENT.format(name="Hanako")) == (0, ["pbx and gsm have been told"])
    assert all(one.acquire(timeout=1) for one in asked)
    assert site.apply(AGENT.format(name="Hanako")) == (0, [])  # nothing has changed
    assert not any(one.acquire(blocking=False) for one in asked)
    status, said = site.apply(LINE)
    assert (status, said[0]) == (0, "pbx and gsm have been told")
    assert said[1].startswith("lines were changed: gsm takes them over at its start (systemctl restart callfloor-gsm")


def test_the_pstn_gateway_is_told_where_it_runs(
    tmp_path: Path, broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Site(tmp_path, broker.port, capsys)
    for name in ("pbx", "gsm", "pstn"):
        serve(broker.bus(name, start=False))
    status, said = site.apply(CARD)
    assert (status, said[0]) == (0, "pbx, gsm and pstn have been told")
    assert said[1].startswith("lines were changed: pstn takes them over at its start (callfloor pstn apply, then")


def test_what_could_not_be_told_is_said_with_what_to_do(
    tmp_path: Path, broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Site(tmp_path, broker.port, capsys)
    pbx = broker.bus("pbx", start=False)
    serve(pbx)
    assert site.apply(AGENT.format(name="One")) == (
        0,
        ["pbx has been told", "gsm is not running: it reads the site when it starts"],
    )
    serve(broker.bus("gsm", start=False), refuse="the database is locked")
    pbx.stop()
    assert site.apply(AGENT.format(name="Two")) == (
        0,
        [
            "pbx is not running: it reads the site when it starts",
            "gsm has not taken it over (the database is locked): systemctl restart callfloor-gsm",
        ],
    )


@pytest.mark.parametrize("secrets", [None, "[]", '{"technician": "x"}'])
def test_a_site_is_applied_without_a_bus(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], secrets: str | None
) -> None:
    site = Site(tmp_path, free_port("tcp"), capsys)
    if secrets is not None:
        (tmp_path / "bus-passwords.json").write_text(secrets)
    status, (said,) = site.apply(AGENT.format(name="Hanako"))
    assert status == 0
    assert said.startswith("the bus is not reachable: what runs reads the site at its next start (systemctl restart")
