"""Random faults on random lines of a simulated bank, and how long each line needs to be in service again.

One fault at a time on a line. A fault counts as recovered when the line has been in service for ``STEADY`` seconds; how
long that took is counted from the fault's end.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateways.gsm.simulator import Bank
from gateways.gsm.simulator.faults import KINDS

IN_SERVICE = frozenset({"idle", "incoming", "dialling", "alerting", "active", "ending", "cooling-down"})
STEADY = 10.0
CALM = 140.0  # seconds between two faults on a line that take it out of service: more than the ladder's memory
UNANSWERED = 95.0  # seconds: the longest that a command to send a message is waited for
LONG = 240.0  # seconds after which a fault that waits for a cure ends by itself

Options = Callable[[random.Random], dict[str, Any]]


@dataclass(frozen=True)
class Plan:
    """One kind: its options, for how many seconds it lasts, whether it takes the line out of service.

    ``cures``: steps of the ladder of which one may have to be found ("restart": the family's own command).
    ``calls``: a call goes on as if nothing were. ``after``: seconds for which it is felt when it is over: a command
    without an answer keeps a modem from all others until it is given up.
    """

    options: Options = lambda _: {}
    lasts: tuple[float, float] = (5.0, 20.0)
    hard: bool = False
    cures: tuple[str, ...] = ()
    calls: bool = False
    after: float = 0.0


def _vanish(chance: random.Random) -> dict[str, Any]:
    path = f"2-1.{chance.randrange(1, 1000)}" if chance.random() < 0.4 else None
    return {"power": chance.random() < 0.6, "path": path}


PLANS: dict[str, Plan] = {
    "error": Plan(lasts=(3, 20), hard=True, cures=("cfun", "reauthorise")),
    "garbage": Plan(lasts=(3, 20), hard=True, cures=("cfun", "reauthorise"), after=UNANSWERED),
    "silence": Plan(lasts=(3, 20), hard=True, cures=("cfun", "reauthorise"), after=UNANSWERED),
    "hang": Plan(lasts=(3, 20), hard=True, cures=("cfun", "reauthorise"), after=UNANSWERED),
    "reboot": Plan(hard=True),
    "vanish": Plan(_vanish, (1, 15), hard=True),
    "urc_inside": Plan(lambda r: {"where": r.choice(("before", "after"))}, calls=True),
    "split": Plan(lambda r: {"size": r.randint(1, 7)}, calls=True),
    "glue": Plan(lambda r: {"seconds": r.uniform(0.01, 0.1)}, calls=True),
    "echo": Plan(calls=True),
    "junk": Plan(calls=True),
    "late_clip": Plan(lambda r: {"seconds": r.uniform(0.1, 1.0)}),
    "missing_ok": Plan(lambda r: {"count": r.randint(1, 2)}, after=UNANSWERED),
    "missing_end": Plan(lasts=(10, 30)),
    "duplicate_end": Plan(lasts=(10, 30), calls=True),
    "no_carrier_storm": Plan(lambda r: {"count": r.randint(5, 50), "interval": r.choice((0.0, 0.02))}, (1.5, 1.5)),
    "false_answer": Plan(lasts=(10, 30)),
    "phantom_data_call": Plan(lasts=(10, 30), calls=True),
    "qpcmv_pause": Plan(lambda r: {"seconds": r.uniform(0.2, 2)}, lasts=(2, 2), calls=True),
    "pcm_pause": Plan(lambda r: {"seconds": r.uniform(0.2, 2)}, lasts=(2, 2), calls=True),
    "audio_degraded": Plan(lasts=(10, 40), cures=("restart",)),
    "registration": Plan(lambda r: {"stat": r.choice((0, 2, 3))}),
    "coverage": Plan(lambda r: {"stat": r.choice((0, 2))}),
    "signal": Plan(lambda r: {"rssi": r.choice((0, 5, 99))}, calls=True),
    "sim": Plan(hard=True),
    "sim_busy": Plan(),
    "sms_busy": Plan(lambda r: {"error": r.choice((314, 500, 38)), "count": r.randint(1, 2)}, calls=True),
    "sms_answer_lost": Plan(lasts=(20, 30), after=UNANSWERED),
    "sms_false_error": Plan(lambda r: {"error": r.choice((500, 332))}, lasts=(20, 30), calls=True),
    "sms_slow": Plan(lambda r: {"seconds": r.uniform(2, 40)}, lasts=(20, 60), after=UNANSWERED),
    "sms_full": Plan(calls=True),
    "cmti_burst": Plan(lambda r: {"count": r.randint(2, 3)}, calls=True),
    "cmti_repeat": Plan(calls=True),
    "sms_urc_inside": Plan(calls=True),
    "ussd_silent": Plan(lasts=(20, 30), calls=True),
}


@dataclass(eq=False)
class Fault:
    """One fault; times are of ``time.monotonic``. ``back``: in service since then, ``over`` once that is sure."""

    line: str
    kind: str
    cure: str
    began: float
    ends: float
    options: dict[str, Any]
    ended: float | None = None
    back: float | None = None
    over: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}>{self.cure}" if self.cure else self.kind

    @property
    def recovery(self) -> float | None:
        """Seconds from its end until the line was in service for good."""
        return max(0.0, self.back - self.ended) if self.over and self.back is not None and self.ended else None

    def touches(self, since: float, until: float) -> bool:
        """Was it at work, or the line not well after it, in that time?"""
        return self.began <= until and (
            not self.over or self.back is None or self.back + 1.0 + PLANS[self.kind].after >= since
        )


@dataclass
class Faults:
    """Sets a fault ``every`` so many seconds and watches the lines. ``state`` returns a line's state on the bus."""

    bank: Bank
    state: Callable[[str], str | None]
    chance: random.Random
    every: float
    usb: bool
    all: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._open: dict[str, Fault] = {}
        self._hard_at: dict[str, float] = {}
        self._turn: list[str] = []
        self._setting = True
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faults", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def cease(self) -> None:
        """Set no more; those at work go on to their ends, but for those that only a call would show."""
        self._setting = False
        for line, fault in list(self._open.items()):
            if fault.kind == "audio_degraded":
                self.bank.clear_faults(line, fault.kind)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def wait_over(self, seconds: float) -> list[Fault]:
        """Wait until all lines have recovered; return those faults of which one has not."""
        until = time.monotonic() + seconds
        while self._open and time.monotonic() < until:
            time.sleep(0.5)
        return list(self._open.values())

    def of(self, line: str | None, since: float, until: float) -> list[Fault]:
        """Return the faults that touched a line (None: any) in a time."""
        return [one for one in list(self.all) if line in {None, one.line} and one.touches(since, until)]

    def _run(self) -> None:
        due = time.monotonic() + self.every
        while not self._stop.wait(0.2):
            now = time.monotonic()
            for fault in list(self._open.values()):
                self._watch(fault, now)
            if self._setting and now >= due:
                due = now + self.every * self.chance.uniform(0.6, 1.4)
                self._set(now)

    def _set(self, now: float) -> None:
        if not self._turn:
            self._turn = self.chance.sample(list(PLANS), len(PLANS))
        kind = self._turn.pop()
        plan = PLANS[kind]
        free = [line for line in self.bank.modems if line not in self._open and self.state(line) in IN_SERVICE]
        calm = [line for line in free if now - self._hard_at.get(line, -CALM) >= CALM or not plan.hard]
        if not calm:
            return
        busy = [line for line in calm if self.state(line) != "idle"]
        line = self.chance.choice(busy if busy and self.chance.random() < 0.5 else calm)
        cure = self.chance.choice(plan.cures) if plan.cures and self.chance.random() < 0.5 else ""
        if cure == "restart":
            cure = "creset" if self.bank.modems[line].family == "simcom" else "cfun"
        elif not self.usb:
            cure = ""
        lasts = LONG if cure else self.chance.uniform(*plan.lasts)
        options = plan.options(self.chance)
        given = options | ({"cured_by": cure} if cure else {}) | ({"lasts": lasts} if KINDS[kind].end else {})
        self.bank.fault(line, kind, **given)
        fault = Fault(line, kind, cure, now, now + (lasts if KINDS[kind].end else plan.lasts[0]), options)
        self._open[line] = fault
        self.all.append(fault)
        if plan.hard or cure:
            self._hard_at[line] = now + lasts

    def _watch(self, fault: Fault, now: float) -> None:
        if fault.ended is None:
            active = self.bank.modems[fault.line].faults.active
            if not (fault.kind in active if KINDS[fault.kind].end else now < fault.ends):
                fault.ended = now
        if fault.ended is None or self.state(fault.line) not in IN_SERVICE:
            fault.back = None
            return
        if fault.back is None:
            fault.back = now
        if now - fault.back >= STEADY:
            fault.over = True
            del self._open[fault.line]
            if PLANS[fault.kind].hard:
                self._hard_at[fault.line] = now


def table(faults: list[Fault]) -> str:
    """Per kind: how often, recovered, and the median and longest recovery in seconds."""
    lines = [f"{'fault':<24} {'times':>5} {'recovered':>9} {'median s':>9} {'longest s':>9}"]
    for name in sorted({one.name for one in faults}):
        of = [one for one in faults if one.name == name]
        times = [one.recovery for one in of if one.recovery is not None] or [float("nan")]
        count = sum(one.over for one in of)
        lines.append(f"{name:<24} {len(of):>5} {count:>9} {statistics.median(times):>9.1f} {max(times):>9.1f}")
    return "\n".join(lines)
