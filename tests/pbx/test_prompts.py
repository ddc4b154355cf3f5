"""A prompt that is done with in the instant of its end does not end the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS = 25


def test_players_are_destroyed_as_their_files_end(tmp_path: Path) -> None:
    pytest.importorskip("pjsua2", reason="the wheel isn't installed: run `make setup`")
    command = [sys.executable, "-m", "tests.pbx.prompts_process", str(tmp_path), str(ROUNDS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split()[-1:] == [str(ROUNDS)], done.stderr[-2000:]
    assert done.returncode == 0
