"""A stand-in for dahdi_cfg in tests: does to a made-up /sys what the real one has the kernel do to the real one.

``dahdi_cfg.py ROOT [-t] -c FILE``. Keeps a journal of its runs in ROOT/runs; fails as ROOT/fail says: the first word is
``try`` or ``run``, the rest what it prints. ROOT/hang makes it never end; it leaves on SIGTERM as the real one does.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

SIGNALLING = {"fxsks": "FXSKS", "fxsls": "FXSLS", "fxsgs": "FXSGS", "bchan": "Clear", "dchan": "HDLCFCS"}


def main(root: Path, arguments: list[str]) -> int:
    trying = "-t" in arguments
    conf = Path(arguments[arguments.index("-c") + 1]).read_text()
    with (root / "runs").open("a") as runs:
        runs.write(f"{'try' if trying else 'run'}\n")
    if (root / "hang").exists():
        signal.signal(signal.SIGTERM, lambda *_: end(root))
        time.sleep(60)
    fail = (root / "fail").read_text().split(" ", 1) if (root / "fail").exists() else ["", ""]
    if fail[0] == ("try" if trying else "run"):
        print(f"Notice: Configuration file is x\n{fail[1]}\n\n1 error(s) detected\n", file=sys.stderr)
        return 1
    if not trying:
        configure(root, conf)
    return 0


def end(root: Path) -> None:
    (root / "ended").touch()
    sys.exit(1)


def configure(root: Path, conf: str) -> None:
    channels = {file.read_text().strip(): file.parent for file in (root / "sys/devices").rglob("channo")}
    echo: set[str] = set()
    for line in conf.splitlines():
        keyword, _, value = line.partition("=")
        if keyword in SIGNALLING:
            for number in numbers(value):
                (channels[number] / "sig").write_text(f"{SIGNALLING[keyword]}\n")
        if keyword == "echocanceller":
            echo |= set(numbers(value.partition(",")[2]))
        if keyword == "span":
            number, _, _, framing, coding, *_ = value.split(",")
            (root / f"sys/bus/dahdi_spans/devices/span-{number}/lineconfig").write_text(f"{coding}/{framing}\n")
    for number, folder in channels.items():
        (folder / "ec_factory").write_text("MG2\n" if number in echo else "\n")


def numbers(value: str) -> list[str]:
    found: list[str] = []
    for part in value.split(","):
        first, _, last = part.partition("-")
        found += [str(number) for number in range(int(first), int(last or first) + 1)]
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
