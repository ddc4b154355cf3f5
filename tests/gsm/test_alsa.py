"""Sound cards, as ALSA's `file` plugin over `null`: the real reading and writing, paced by a FIFO. See tests/vm too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FRAME = 320
CONFIGURATION = """
pcm.modem {{
  type asym
  playback.pcm {{ type file slave.pcm {{ type null }} file "{folder}/played" format raw }}
  capture.pcm {{ type file slave.pcm {{ type null }} file /dev/null infile "{folder}/capture" format raw }}
}}
pcm.broken {{ type file }}
pcm.stereo {{
  type multi
  slaves.a {{ pcm {{ type null }} channels 2 }}
  bindings {{ 0 {{ slave a channel 0 }} 1 {{ slave a channel 1 }} }}
}}
"""


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    (tmp_path / "asound.conf").write_text(CONFIGURATION.format(folder=tmp_path))
    os.mkfifo(tmp_path / "capture")
    return tmp_path


def run(what: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-X", "faulthandler", "-W", "error", "-m", "tests.gsm.run_card", what, str(folder)]
    environment = {**os.environ, "ALSA_CONFIG_PATH": str(folder / "asound.conf")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["threads"] == 1
    return found


def test_audio_both_ways_and_nothing_of_an_earlier_call(folder: Path) -> None:
    found = run("audio", folder)

    played = (folder / "played").read_bytes()
    numbers = [int.from_bytes(played[at : at + 2], "little") for at in range(0, len(played), FRAME)]
    for call, told in zip((1, 2), found["calls"], strict=True):
        mine = [number for number in numbers if number // 1000 == call]
        assert len(mine) > 90
        assert len(set(mine)) > 0.97 * len(mine)
        assert mine == sorted(mine)
        assert mine[0] in range(1000 * call, 1000 * call + 9)
        heard = told["heard"]
        assert len(heard) > 90
        # The FIFO, unlike a card, keeps what comes between two calls: more than the socket takes at once.
        assert all(other == one + 1 for one, other in pairwise(heard[20:]))
        counts = told["counts"]
        assert counts["xruns_in"] == counts["xruns_out"] == counts["stalls"] == 0
    assert not any(number // 1000 == 1 for number in numbers[numbers.index(2000) :])
    assert numbers[:5] == [0] * 5  # primed with silence
    assert found["left_open"] == 0


def test_a_new_call_takes_the_card_from_the_old_one(folder: Path) -> None:
    found = run("lent_twice", folder)

    assert found["ended"] == [True, True]
    assert found["heard"] > 5
    assert found["left_open"] <= 1


def test_a_card_that_fails_hangs_up(folder: Path) -> None:
    found = run("gone", folder)

    assert (found["before"], found["after"]) == (0, 1)
    assert found["drained"]
    assert found["refused"] == "modem has gone"


def test_a_card_that_cannot_be_opened_says_why(folder: Path) -> None:
    found = run("names", folder)

    assert found["hw:CARD=Nothing"] == "PortAbsentError: sound card Nothing is not there"
    assert found["plughw:7"] == "PortAbsentError: sound card 7 is not there"
    assert found["nothing"] == "PortAbsentError: nothing is not there"
    assert found["broken"].startswith("PortRefusedError: broken cannot be opened (Invalid argument)")
    assert found["stereo"].startswith("PortRefusedError: stereo does not do 8 kHz mono")
