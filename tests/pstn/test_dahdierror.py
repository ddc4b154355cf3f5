"""What is said when there is no DAHDI: which of its causes it is, and the command that helps."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from gateways.pstn import dahdierror
from gateways.pstn.dahdi import Channel, DahdiError, spans
from gateways.pstn.dahdierror import opening, told, why_missing

RELEASE = "6.12.0-test"


@pytest.fixture(name="machine", autouse=True)
def machine_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, folder in (("MODULE", "sys/module/dahdi"), ("MODULES", "lib/modules"), ("DEVICES", "dev/dahdi")):
        monkeypatch.setattr(dahdierror, name, tmp_path / folder)
    return tmp_path


def test_not_built_for_this_kernel(machine: Path) -> None:
    assert f"dkms autoinstall -k {RELEASE}" in why_missing(RELEASE)
    assert f"linux-headers-{RELEASE}" in why_missing(RELEASE)


@pytest.mark.parametrize(
    "where", ["updates/dkms/dahdi.ko.xz", "updates/dkms/dahdi.ko", "kernel/drivers/dahdi/dahdi.ko"]
)
def test_built_but_not_loaded(machine: Path, where: str) -> None:
    module = machine / "lib/modules" / RELEASE / where
    module.parent.mkdir(parents=True)
    module.touch()

    assert why_missing(RELEASE) == "the dahdi driver is not loaded: run `modprobe dahdi`"


def test_loaded_but_no_nodes(machine: Path) -> None:
    (machine / "sys/module/dahdi").mkdir(parents=True)

    assert "udevadm trigger" in why_missing(RELEASE)


def test_no_clock(machine: Path) -> None:
    (machine / "sys/module/dahdi").mkdir(parents=True)
    (machine / "dev/dahdi").mkdir(parents=True)

    assert "no span" in why_missing(RELEASE)


@pytest.mark.skipif(Path("/dev/dahdi").exists(), reason="this machine has DAHDI")
def test_a_machine_without_dahdi() -> None:
    for use in (lambda: Channel(1), spans):
        with pytest.raises(DahdiError, match="the dahdi driver is not built for this kernel") as caught:
            use()
        assert caught.value.errno == errno.ENOENT


def test_the_number_and_the_cure_are_kept() -> None:
    with pytest.raises(DahdiError) as caught, told("channel 7", {errno.EBUSY: "stop it"}):
        raise OSError(errno.EBUSY, "busy")

    assert caught.value.errno == errno.EBUSY
    assert str(caught.value) == "channel 7: stop it"


def test_what_nobody_foresaw_is_told_too() -> None:
    with pytest.raises(DahdiError, match=r"channel 7: Invalid argument \(errno 22\)"), told("channel 7"):
        raise OSError(errno.EINVAL, "invalid")


def test_not_permitted() -> None:
    with pytest.raises(DahdiError, match="must be in the group of /dev/dahdi"), opening("/dev/dahdi/ctl"):
        raise PermissionError(errno.EACCES, "no")
