"""A process of the call path stays in memory: none of its pages waits for the disk."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from appliance.priority import stay_in_memory
stay_in_memory()
print(open("/proc/self/status").read())
"""


NOBODY_SPECIAL = [
    *("setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"),
    *("prlimit", "--memlock=65536"),
]


def locked(*before: str) -> tuple[int, str]:
    """Return kB that a process has locked, and what it says."""
    done = subprocess.run([*before, sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("VmLck"))
    return int(line.split()[1]), done.stderr


def test_all_that_is_mapped_is_locked() -> None:
    kilobytes, said = locked()
    assert kilobytes > 5000
    assert said == ""


def test_without_the_right_it_says_so_and_goes_on() -> None:
    kilobytes, said = locked(*NOBODY_SPECIAL)
    assert kilobytes == 0
    assert "audio may stumble" in said
