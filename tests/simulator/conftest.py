"""A bank with one or more modems and hosts plugged into them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank, Timing

from .host import AtHost, PcmHost


def quick() -> Timing:
    """Short times; a new one for each test, which may change it."""
    return Timing(setup=0.03, no_answer=1.0, ring_interval=5.0, boot=0.2, boot_step=0.02, radio_loss=0.1)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Bank(tmp_path / "bank", lines=2, timing=quick()) as running:
        yield running


@pytest.fixture
def at(bank: Bank) -> Iterator[AtHost]:
    host = AtHost(bank.at_path("gsm-1"))
    host.command("E0")
    yield host
    host.close()


@pytest.fixture
def pcm(bank: Bank) -> Iterator[PcmHost]:
    host = PcmHost(bank.pcm_path("gsm-1"))
    yield host
    host.close()
