"""The port that joins a line with the conference, on real DAHDI: no bit changed, no block lost, events in between."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.vm.guest import dahdi

ROOT = Path(__file__).parents[3]
LONGEST = 170.0
ATTEMPTS = 4
"""An emulated machine on a busy one may stand still for longer than any queue is; in one of these runs it does not."""


@pytest.fixture(name="exchange", autouse=True, scope="module")
def exchange_fixture() -> Iterator[None]:
    with dahdi.exchange():
        yield


def run(name: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.vm.guest.run_pcm_port", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    findings: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{name}: {findings}")
    return findings


@pytest.mark.timeout(ATTEMPTS * LONGEST)
def test_no_block_is_lost_through_the_conference() -> None:
    for _ in range(ATTEMPTS):
        found = run("audio")
        if found["dropped"] == [0, 0]:
            break

    assert found["dropped"] == [0, 0]
    assert found["lost"] == [[], []]
    assert found["told"] == ""


def test_what_came_companded_goes_companded() -> None:
    found = run("every_byte")

    assert found["alaw"] == []
    assert found["ulaw"] == [[0x7F, 0xFF]]  # µ-law's two zeros


def test_an_event_that_waits_is_not_the_end_of_the_line() -> None:
    """Read and write fail with errno 500 (ELAST) meanwhile."""
    found = run("events")

    assert found["taken"] == ["polarity", "polarity"]
    assert not found["line_lost"]
    assert found["told"] == ""
    assert sum(found["lost"]) > 50  # it waited for a second, of 50 blocks
    assert min(found["heard_at_last"]) > 25


def test_digits_dialled_by_the_driver_are_not_cut_off() -> None:
    found = run("digits")

    assert found["heard"] == "159#0D"
    assert found["complete"]
    assert found["block_after"] == 320  # the port has left the channel linear, as it got it
