"""How long the core thinks about who gets the next call: ``pbx.acd.choice`` on a large floor and on a small one."""

from __future__ import annotations

import random
import statistics
import time
from typing import Any

from pbx.acd.agents import Agent
from pbx.acd.choice import Waiting, choose

QUEUES, WAITING, CHOICES = 20, 100, 2000
LARGE, SMALL = 300, 30
NOW = 10_000.0


def measure() -> dict[str, Any]:
    """Choose on both floors in turn; milliseconds of processor time a choice."""
    chance = random.Random(1)
    times: dict[int, list[float]] = {LARGE: [], SMALL: []}
    for _ in range(CHOICES):
        for size, taken in times.items():
            floor, waiting = _floor(chance, size), _waiting(chance)
            began = time.process_time()
            choose(waiting, floor, NOW)
            taken.append(1000 * (time.process_time() - began))
    (p50, p99), (small, small_p99) = _percentiles(times[LARGE]), _percentiles(times[SMALL])
    return {
        "agents": LARGE, "queues": QUEUES, "waiting": WAITING, "choices": CHOICES,
        "p50_ms": round(p50, 3), "p99_ms": round(p99, 3), "small_agents": SMALL, "ratio": round(p50 / small, 2),
        "ratio_p99": round(p99 / small_p99, 2),
    }  # fmt: skip


def _floor(chance: random.Random, size: int) -> list[Agent]:
    """Everybody speaks but for none, one or two: with calls waiting a floor has no more idle agents than that."""
    names = [f"queue-{n}" for n in range(QUEUES)]
    floor = [
        Agent(str(2000 + n), f"Agent {n}", tuple(chance.sample(names, 3)), "on-call", NOW - chance.uniform(1, 600))
        for n in range(size)
    ]
    for free in chance.sample(floor, chance.randrange(3)):
        free.state = "available"
    return floor


def _waiting(chance: random.Random) -> list[Waiting]:
    return [
        Waiting(f"call-{n}", f"queue-{chance.randrange(QUEUES)}", NOW - chance.uniform(0, 300)) for n in range(WAITING)
    ]


def _percentiles(values: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(values, n=100)
    return cuts[49], cuts[98]
