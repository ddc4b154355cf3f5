"""Run one of this package's scripts and read what it found."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def command(script: str, *arguments: object) -> list[str]:
    """The command line of `script`, to be run in ROOT."""
    return [sys.executable, "-X", "faulthandler", "-m", f"tests.pjsua2.{script}", *map(str, arguments)]


def run_script(script: str, *arguments: object, seconds: float = 30, **options: Any) -> dict[str, Any]:
    """Run a script to its end and return its findings."""
    done = subprocess.run(
        command(script, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    findings: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return findings
