"""What the doctor says of telephone lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.doctor import telephony
from appliance.doctor.finding import Finding
from appliance.store import Store, open_store
from gateways.pstn.config.modprobe import modprobe_conf
from gateways.pstn.config.resolve import resolve
from gateways.pstn.config.scan import scan
from gateways.pstn.config.systemconf import system_conf
from tests.pstn.config.dahdi_cfg import configure
from tests.pstn.config.machine import BEARER, FXO, KERNEL, Machine
from tests.pstn.config.rows import rows
from tests.store.site_text import apply

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
GOLDEN = Path(telephony.__file__).parents[2] / "tests/pstn/config/golden"
SITE = "".join((GOLDEN / f"{name}.toml").read_text() for name in ("analog", "e1"))


@pytest.fixture(name="machine")
def machine_fixture(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with the cards of the description, all configured as described."""
    monkeypatch.setattr(telephony, "scan", lambda root: scan(root, KERNEL))
    apply(store, SITE, tmp_path)
    machine = Machine(tmp_path / "root")
    machine.dahdi()
    machine.span(machine.card("0000:03:05.0", "wcaxx", "A8A-1", "Wildcard A8A"), 1, "FXO", [FXO] * 4)
    machine.span(machine.card("0000:05:00.0", "wcte13xp", model="TE133"), 1, "E1", [BEARER] * 31)
    text = system_conf(resolve(rows(SITE), scan(machine.root, KERNEL)))
    configure(machine.root, text)
    machine.write("etc/dahdi/system.conf", text)
    machine.write("etc/modprobe.d/callfloor-dahdi.conf", modprobe_conf(rows(SITE)))
    return machine


def wrong(store: Store, machine: Machine) -> list[Finding]:
    return [finding for finding in telephony.findings(store, machine.root) if finding.state != "ok"]


def test_all_is_as_described(store: Store, machine: Machine) -> None:
    findings = list(telephony.findings(store, machine.root))
    assert [(finding.about, finding.state) for finding in findings] == [
        ("dahdi", "ok"),
        ("card analog", "ok"),
        ("card te", "ok"),
        ("dahdi configuration", "ok"),
    ]
    assert findings[1].text == "Wildcard A8A at pci:0000:03:05.0 (A8A-1)"


def test_nothing_is_said_where_nothing_is_described_or_readable(store: Store, tmp_path: Path) -> None:
    assert list(telephony.findings(store, tmp_path)) == []
    assert list(telephony.findings(open_store(f"sqlite:///{tmp_path}/none.db"), tmp_path)) == []


def test_a_new_kernel_without_the_driver(store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.root / "sys/module/dahdi/parameters/auto_assign_spans").unlink()
    (machine.root / "sys/module/dahdi/parameters").rmdir()
    (machine.root / "sys/module/dahdi").rmdir()
    monkeypatch.setattr(telephony, "scan", lambda root: scan(root, "6.12.99-new"))
    [finding] = wrong(store, machine)
    assert (finding.about, finding.state) == ("dahdi", "fail")
    assert finding.text == "DAHDI's driver is not built for the running kernel 6.12.99-new"
    assert finding.advice.startswith("`apt install linux-headers-$(uname -r) && dkms autoinstall`")


def test_a_card_that_was_swapped_is_one_finding_and_the_new_one_another(store: Store, machine: Machine) -> None:
    (machine.root / "sys/bus/dahdi_devices/devices/pci:0000:03:05.0/hardware_id").write_text("A8A-2\n")
    swapped, new, configuration = wrong(store, machine)
    assert (swapped.about, swapped.state) == ("card analog", "fail")
    assert "was swapped: another of its kind is there, Wildcard A8A at pci:0000:03:05.0 (A8A-2)" in swapped.text
    assert swapped.advice.startswith("put it back, or describe the new one (location = ")
    assert (new.about, new.state) == ("card", "warn")
    assert new.text == "Wildcard A8A at pci:0000:03:05.0 (A8A-2) is not described"
    assert configuration.about == "dahdi configuration"


def test_cards_that_nobody_described(store: Store, machine: Machine) -> None:
    machine.pci("0000:07:00.0", "wctdm", "netjet")
    machine.span(machine.card("0000:08:00.0", "wct4xxp", model="TE410P"), 1, "E1", [BEARER] * 31)
    other, idle = wrong(store, machine)
    assert (other.text, other.state) == ("TE410P at pci:0000:08:00.0 is not described", "warn")
    assert 'driver = "wct4xxp"' in other.advice
    assert idle.text == "TDM400P at pci:0000:07:00.0 is in the hands of another driver, netjet"
    assert "blacklist netjet" in idle.advice


@pytest.mark.parametrize(
    ("alarms", "texts"),
    [
        (4, ["yellow alarm: the far end does not hear us"]),
        (8, ["red alarm: no signal from the far end"]),
        (8 | 4, ["red alarm: no signal from the far end"]),
        (16, ["blue alarm: equipment before the far end has failed"]),
        (2, ["loopback alarm: it is looped back for a test"]),
        (1 | 32, []),  # recovering; nobody has opened it
    ],
)
def test_an_alarm_on_a_span(store: Store, machine: Machine, alarms: int, texts: list[str]) -> None:
    (machine.root / "sys/bus/dahdi_spans/devices/span-2/alarms").write_text(f"{alarms:#x}\n")
    assert [finding.text for finding in wrong(store, machine)] == texts


def test_a_port_without_line_voltage(store: Store, machine: Machine) -> None:
    (machine.channel(2) / "alarms").write_text("RED \n")
    [finding] = wrong(store, machine)
    assert (finding.about, finding.text) == ("line fxo-2", "no line voltage")
    assert finding.advice == "check the cable from the exchange to port 2 of card analog"


@pytest.mark.parametrize("file", ["dahdi/system.conf", "modprobe.d/callfloor-dahdi.conf"])
def test_files_that_differ_from_the_store(store: Store, machine: Machine, file: str) -> None:
    machine.write(f"etc/{file}", "# by hand\n")
    [finding] = wrong(store, machine)
    assert (finding.about, finding.state) == ("dahdi configuration", "fail")
    assert finding.advice.startswith("`callfloor pstn apply`")


def test_a_span_that_is_not_there(store: Store, machine: Machine, tmp_path: Path) -> None:
    apply(store, SITE.replace("port = 4", "port = 8"), tmp_path)
    line, configuration = wrong(store, machine)
    assert (line.about, line.text) == ("line fxo-4", 'port 8 of card "analog" is not there, it has 4 ports')
    assert line.advice == "put the right port into its description"
    assert configuration.about == "dahdi configuration"
