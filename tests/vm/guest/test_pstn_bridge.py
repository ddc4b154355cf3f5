"""All channels of an E1 talk at once, through the gateway to SIP and back, and no block of their audio is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm.guest import dahdi
from tests.vm.guest.pstn_bridge import Gateway

CALLS, SECONDS = 30, 20.0


@pytest.fixture(name="gateway")
def gateway_fixture(tmp_path: Path) -> Iterator[Gateway]:
    with dahdi.exchange(), Gateway(tmp_path) as gateway:
        yield gateway


def test_thirty_calls_at_once(gateway: Gateway) -> None:
    bridged = gateway.talk(CALLS, SECONDS)
    print("\n".join(bridged.report.lines()))
    print(f"gateway: {100 * bridged.gateway_cpu / SECONDS:.0f} % of this core")
    print("\n".join(line for line in gateway.log().splitlines() if "gateways.leg" in line))
    assert len(bridged.report.tallies) == CALLS
    assert bridged.report.clean
