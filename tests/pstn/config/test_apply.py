"""The description put into force, or all left as it was. The real dahdi_cfg: tests/vm/guest/test_pstn_config.py."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.store import Store
from gateways.pstn.config.apply import Applied, ApplyError, apply
from gateways.pstn.config.scan import scan
from gateways.pstn.config.tools import Machine as System
from tests.pstn.config.machine import BEARER, FXO, KERNEL, Machine
from tests.store.site_text import apply as apply_site

GOLDEN = Path(__file__).with_name("golden")
STAND_IN = Path(__file__).with_name("dahdi_cfg.py")
Run = Callable[..., Applied]
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture(name="root")
def root_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an analog card and an E1; its programs are scripts."""
    root = tmp_path / "root"
    made = Machine(root)
    made.dahdi()
    made.span(made.card("0000:03:05.0", "wcaxx", "A8A-1"), 1, "FXO", [FXO] * 4)
    made.span(made.card("0000:05:00.0", "wcte13xp"), 1, "E1", [BEARER] * 31)
    monkeypatch.setattr("gateways.pstn.config.apply.scan", lambda where: scan(where, KERNEL))
    scripts = {
        "dahdi_cfg": f'exec {sys.executable} {STAND_IN} {root} "$@"',
        "modprobe": f"cd {root}; ! cat refuse-$1 2>&- || exit 1; echo $1 >> loaded; mkdir sys/module/$1",
    }
    for name, text in scripts.items():
        script = root / name
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
    return root


@pytest.fixture(name="run")
def run_fixture(root: Path, store: Store, tmp_path: Path) -> Run:
    """Apply what the golden descriptions of an analog card and an E1 say, changed as told."""

    def run(change: tuple[str, str] = ("", ""), seconds: float = 30.0, **options: bool) -> Applied:
        text = ((GOLDEN / "analog.toml").read_text() + (GOLDEN / "e1.toml").read_text()).replace(*change)
        apply_site(store, text, tmp_path)
        system = System(root, str(root / "dahdi_cfg"), str(root / "modprobe"), seconds)
        with store.session() as session:
            return apply(session, machine=system, **options)

    return run


def journal(root: Path) -> list[str]:
    file = root / "runs"
    found = file.read_text().split() if file.exists() else []
    file.unlink(missing_ok=True)
    return found


def conf(root: Path) -> Path:
    return root / "etc/dahdi/system.conf"


def test_what_is_described_is_tried_written_and_carried_out_once(root: Path, run: Run) -> None:
    done = run()
    assert done.changed
    assert done.lines[0] == f"34 channels configured, as in {conf(root)}"
    assert "reboot" in done.lines[1]
    assert journal(root) == ["try", "run"]
    assert "bchan=5-19,21-35\ndchan=20\n" in conf(root).read_text()
    assert conf(root).stat().st_mode & 0o777 == 0o644
    assert "opermode=JAPAN" in (root / "etc/modprobe.d/callfloor-dahdi.conf").read_text()
    again = run()
    assert (again.changed, again.lines) == (False, ["nothing to change"])
    assert journal(root) == []
    assert [file.name for file in conf(root).parent.iterdir()] == ["system.conf"]


def test_after_a_boot_the_file_is_carried_out_though_it_has_not_changed(root: Path, run: Run) -> None:
    run()
    journal(root)
    for file in (root / "sys/devices").rglob("sig"):
        file.write_text("Unconfigured\n")
    assert run().changed
    assert journal(root) == ["try", "run"]
    (root / "sys/bus/dahdi_spans/devices/span-2/lineconfig").write_text("\n")
    assert run().changed


def test_drivers_are_loaded_and_spans_get_numbers(root: Path, run: Run) -> None:
    for name in ("dahdi", "wcaxx", "wcte13xp"):
        for file in sorted((root / "sys/module" / name).rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        (root / "sys/module" / name).rmdir()
    (root / "sys/bus/dahdi_devices/devices/pci:0000:05:00.0/span_count").write_text("2\n")
    lines = run().lines
    assert (root / "loaded").read_text().split() == ["dahdi", "wcaxx", "wcte13xp"]
    assert "the drivers were loaded with it" in lines[1]
    assert (root / "sys/bus/dahdi_devices/devices/pci:0000:05:00.0/auto_assign").read_text() == "1"


def test_spans_are_numbered_by_a_dahdi_that_was_loaded_without(root: Path, run: Run) -> None:
    (root / "sys/module/dahdi/parameters/auto_assign_spans").write_text("0\n")
    run()
    assert (root / "sys/module/dahdi/parameters/auto_assign_spans").read_text() == "1"


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("modprobe: ERROR: could not insert 'wcaxx': Key was rejected by service", "Secure Boot wants it signed"),
        ("modprobe: FATAL: Module wcaxx not found in directory /x", "this version of DAHDI has no such driver"),
        ("modprobe: ERROR: could not insert 'wcaxx': Input/output error", "`dmesg | tail` may say more"),
    ],
)
def test_a_card_whose_driver_does_not_load_does_not_keep_the_others_from_it(
    root: Path, run: Run, said: str, cure: str
) -> None:
    (root / "sys/module/wcaxx").rmdir()
    (root / "refuse-wcaxx").write_text(f"{said}\n")
    done = run()
    assert done.changed
    [remark] = [line for line in done.lines if "wcaxx can't be loaded" in line]
    assert cure in remark


def test_without_dahdi_nothing_is_written(root: Path, run: Run) -> None:
    (root / "sys/module/dahdi/parameters/auto_assign_spans").unlink()
    (root / "sys/module/dahdi/parameters").rmdir()
    (root / "sys/module/dahdi").rmdir()
    (root / "lib/modules" / KERNEL / "modules.dep").write_text("")
    (root / "refuse-dahdi").write_text("modprobe: FATAL: Module dahdi not found in directory /x\n")
    with pytest.raises(ApplyError, match=r"not built for the running kernel .*dkms autoinstall"):
        run()
    assert not conf(root).exists()
    assert list((root / "etc/modprobe.d").iterdir()) == []


@pytest.mark.parametrize("before", [None, "# by hand\nfxsks=1\n"])
def test_what_dahdi_cfg_finds_wrong_is_not_even_put_in_its_place(root: Path, run: Run, before: str | None) -> None:
    if before is not None:
        conf(root).parent.mkdir(parents=True)
        conf(root).write_text(before)
    (root / "fail").write_text("try line 3: No such tone zone known: xx")
    with pytest.raises(ApplyError) as caught:
        run()
    assert str(caught.value) == (
        "dahdi_cfg: line 3: No such tone zone known: xx; 1 error(s) detected; system.conf is as it was"
    )
    assert journal(root) == ["try"]
    assert (conf(root).read_text() if conf(root).exists() else None) == before
    assert not (root / "etc/modprobe.d/callfloor-dahdi.conf").exists()


def test_what_the_kernel_refuses_is_rolled_back_to_what_was_in_force(root: Path, run: Run) -> None:
    run()
    before = conf(root).read_text()
    journal(root)
    (root / "fail").write_text("run DAHDI_ATTACH_ECHOCAN failed on channel 2: Invalid argument (22)")
    with pytest.raises(ApplyError) as caught:
        run(('echo_canceller = "oslec"', 'echo_canceller = "kb1"'))
    assert "DAHDI_ATTACH_ECHOCAN failed on channel 2" in str(caught.value)
    assert "dahdi_cfg does not take it either" in str(caught.value)  # it fails whatever it is given
    assert conf(root).read_text() == before
    assert journal(root) == ["try", "run", "run"]


def test_without_a_file_before_the_new_one_goes(root: Path, run: Run) -> None:
    (root / "fail").write_text("run DAHDI_SPANCONFIG failed on span 2: Invalid argument (22)")
    with pytest.raises(ApplyError, match=r"failed on span 2.*; the new system\.conf was removed"):
        run()
    assert not conf(root).exists()
    assert journal(root) == ["try", "run"]


def test_what_dahdi_cfg_says_it_did_is_looked_at(root: Path, run: Run) -> None:
    (root / "dahdi_cfg").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(ApplyError, match="dahdi_cfg ended well, but channel 1 is not as described"):
        run()
    assert not conf(root).exists()


def test_it_is_refused_while_channels_are_open_and_can_be_forced(root: Path, run: Run) -> None:
    (Machine(root).channel(7) / "in_use").write_text("1\n")
    with pytest.raises(
        ApplyError, match=r"1 of 35 channels are open: stop the gateway \(.*\), or give --force"
    ) as caught:
        run()
    assert caught.value.busy
    assert journal(root) == []
    assert not conf(root).exists()
    assert run(force=True).changed
    assert run().lines == ["nothing to change"]  # and then an open channel does not matter


def test_a_dry_run_shows_what_would_change_and_changes_nothing(root: Path, run: Run) -> None:
    shown = run(dry_run=True)
    assert shown.changed
    assert "+span=2,1,0,ccs,hdb3,crc4" in shown.lines
    assert "channel 1 is not configured" in shown.lines
    assert not (root / "etc").exists()
    run()
    assert run(dry_run=True) == Applied(False, ["nothing to change"])


def test_what_is_not_there_is_left_out_and_said(root: Path, run: Run) -> None:
    done = run(("pci:0000:05:00.0", "pci:0000:06:00.0"))
    assert done.lines[0].startswith("3 channels configured")
    assert done.lines[-1].startswith('left out: card "te" (wcte13xp, pci:0000:06:00.0) was swapped')


def test_dahdi_cfg_that_does_not_end_is_ended_gently(root: Path, run: Run) -> None:
    (root / "hang").touch()
    with pytest.raises(ApplyError, match=r"not done after 1 s; if no dahdi_cfg runs: `rm /dev/shm/sem.dahdi_cfg`"):
        run(seconds=1.0)
    assert (root / "ended").exists()
    assert not conf(root).exists()


def test_two_do_not_apply_at_once(root: Path, run: Run) -> None:
    conf(root).parent.mkdir(parents=True)
    folder = os.open(conf(root).parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with pytest.raises(ApplyError, match="another `callfloor pstn apply` is running"):
        run()
    os.close(folder)
    assert run().changed


def test_programs_that_are_not_there_are_named(root: Path, run: Run) -> None:
    (root / "dahdi_cfg").unlink()
    with pytest.raises(ApplyError, match="dahdi_cfg is not there: `apt install dahdi kmod`"):
        run()
    assert not conf(root).exists()


def test_with_nothing_described_nothing_is_done(root: Path, store: Store) -> None:
    with store.session() as session:
        assert not apply(session, machine=System(root)).changed
    assert not (root / "etc").exists()
