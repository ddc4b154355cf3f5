"""A telephone exchange without hardware: DAHDI spans that the kernel joins in pairs, our card's and the exchange's.

``python -m tests.vm.guest.dahdi up`` makes them (the workbench has them from boot), ``down`` takes them away, ``show``
says what is where. The exchange's side of our channel N of a pair is channel N + the pair's size.
Not there with such spans: card drivers, line voltage, polarity, caller ID from the driver, hardware echo cancellation.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CONFIG = Path("/etc/dahdi/system.conf")
SPANS = Path("/proc/dahdi")
MODULES = ("dahdi", "dahdi_dynamic", "dahdi_dynamic_loc", "dahdi_echocan_mg2")
ZONES = ("us", "uk", "jp")
PATIENCE = 60.0


class DahdiError(Exception):
    """The spans did not come or go; the text says what to look at."""


@dataclass(frozen=True)
class Side:
    """One end of a pair: the span's number and its channels' numbers. ``d``: 0 where there is no D channel."""

    span: int
    analogue: tuple[int, ...] = ()
    bearers: tuple[int, ...] = ()
    d: int = 0

    def shifted(self, by: int) -> Side:
        """The far end's."""
        return Side(
            self.span + 1,
            tuple(number + by for number in self.analogue),
            tuple(number + by for number in self.bearers),
            self.d and self.d + by,
        )


@dataclass(frozen=True)
class Pair:
    """Two spans of ``size`` channels, joined. Analogue channels are FXO on our side and FXS on the exchange's."""

    key: int
    size: int
    law: str
    ours: Side

    @property
    def exchange(self) -> Side:
        """The other end."""
        return self.ours.shifted(self.size)


def _numbers(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


MIXED = Pair(1, 24, "mulaw", Side(1, analogue=_numbers(1, 8), bearers=_numbers(9, 23), d=24))
"""T1, spans 1 and 2: FXO 1-8 to FXS 25-32, B 9-23 to 33-47, D 24 to 48."""
E1 = Pair(2, 31, "alaw", Side(3, bearers=_numbers(49, 63) + _numbers(65, 79), d=64))
"""PRI, spans 3 and 4: B 49-63,65-79 to 80-94,96-110, D 64 to 95."""
T1 = Pair(3, 24, "mulaw", Side(5, bearers=_numbers(111, 133), d=134))
"""PRI, spans 5 and 6: B 111-133 to 135-157, D 134 to 158."""
ANALOGUE = Pair(4, 30, "alaw", Side(7, analogue=_numbers(159, 188)))
"""Spans 7 and 8: FXO 159-188 to FXS 189-218, for many who develop at once."""
PAIRS = (MIXED, E1, T1, ANALOGUE)


def system_conf() -> str:
    """What dahdi_cfg is to read."""
    text = [f"dynamic=loc,{pair.key}:{end},{pair.size},0" for pair in PAIRS for end in (0, 1)]
    for pair in PAIRS:
        text += _channels(pair.ours, "fxsks", pair.law) + _channels(pair.exchange, "fxoks", pair.law)
        if pair.ours.analogue:
            text.append(f"echocanceller=mg2,{_listed(pair.ours.analogue)}")
    text += [f"loadzone={zone}" for zone in ZONES]
    return "\n".join([*text, f"defaultzone={ZONES[0]}", ""])


def _channels(side: Side, analogue: str, law: str) -> list[str]:
    # The words are crossed: an FXO port is run with FXS signalling, and the other way round.
    kinds = {analogue: side.analogue, "bchan": side.bearers, "dchan": (side.d,) if side.d else ()}
    text = [f"{kind}={_listed(numbers)}" for kind, numbers in kinds.items() if numbers]
    return [*text, f"{law}={_listed(side.analogue + side.bearers)}"]


def _listed(numbers: tuple[int, ...]) -> str:
    """Written as ranges; dahdi_cfg reads lines of a limited length."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def up() -> None:
    """Load the drivers and make the spans, unless they are there. Raises DahdiError."""
    if is_up():
        return
    if any(SPANS.glob("*")):
        down()
    for module in MODULES:
        _run("modprobe", module)
    CONFIG.write_text(system_conf())
    _run("dahdi_cfg", "-c", str(CONFIG))
    _run("udevadm", "settle", f"--timeout={PATIENCE:.0f}")
    last = PAIRS[-1]
    node = Path(f"/dev/dahdi/chan/{last.exchange.span:03d}/{last.size:03d}")
    if not is_up() or not node.exists():
        raise DahdiError(f"{node} does not appear; look at `dahdi_cfg -vv` and `dmesg`")


def down() -> None:
    """Take the spans away, and all drivers but dahdi itself. Raises DahdiError when somebody holds a channel open."""
    subprocess.run(["dahdi_cfg", "-c", str(CONFIG), "-s"], timeout=PATIENCE, check=False)  # its status is 1 either way
    for module in reversed(MODULES[1:]):
        _run("modprobe", "--remove", module)
    CONFIG.unlink(missing_ok=True)


def show() -> None:
    """Print the configuration."""
    print(system_conf(), end="")


def is_up() -> bool:
    """Are all the spans there?"""
    return all((SPANS / str(side.span)).exists() for pair in PAIRS for side in (pair.ours, pair.exchange))


@contextmanager
def exchange() -> Iterator[None]:
    """The spans, for a with block; left as they were found."""
    was = is_up()
    up()
    try:
        yield
    finally:
        if not was:
            down()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE + 5, check=False)
    if done.returncode != 0:
        raise DahdiError(f"{' '.join(command)}: {done.stdout}{done.stderr}".strip())


def main(arguments: list[str]) -> int:
    """``up``, ``down`` or ``show``."""
    if arguments not in (["up"], ["down"], ["show"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        {"up": up, "down": down, "show": show}[arguments[0]]()
    except DahdiError as error:
        print(f"dahdi: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
