"""Line reversal on spans joined in the kernel: a small module of our own teaches it to them (callfloor_reversal.c).

Where the machine was not made with it, it is built when first asked for: a minute under emulation.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
BUILT = Path("/tmp/callfloor-reversal")
MODULE = Path("/sys/module/callfloor_reversal")
LONGEST = 300.0


class ReversalError(Exception):
    """The module cannot be built or loaded; the text is the tool's."""


def learn(fd: int) -> None:
    """Teach the span that ``fd``, an open channel of it, belongs to. Raises ReversalError, OSError."""
    with Path("/run/callfloor-reversal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not MODULE.exists() and subprocess.run(["modprobe", "-q", MODULE.name], check=False).returncode != 0:
            _build()
    (MODULE / "parameters/teach").write_text(str(fd))


def _build() -> None:
    folders = sorted(Path("/usr/src").glob("dahdi-*/include"))
    if not folders:
        raise ReversalError("no DAHDI headers in /usr/src: install dahdi-dkms")
    BUILT.mkdir(exist_ok=True)
    for name in ("Kbuild", "callfloor_reversal.c"):
        shutil.copy(HERE / name, BUILT)
    kernel = f"/lib/modules/{os.uname().release}/build"
    _run("make", "-C", kernel, f"M={BUILT}", f"DAHDI={folders[-1]}", "modules")
    _run("insmod", str(BUILT / "callfloor_reversal.ko"))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode != 0:
        raise ReversalError(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}".strip())
