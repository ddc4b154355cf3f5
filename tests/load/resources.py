"""What our processes use: memory, descriptors, threads, sampled over time; a service's children count with it."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

MEASURES: dict[str, Callable[[Iterable[float]], float]] = {"rss_mb": statistics.median, "fds": min, "threads": min}


@dataclass(frozen=True)
class Sample:
    """One service at one moment. ``cpu_percent`` is of one core, since the sample before."""

    at: float  # seconds since the sampling began
    service: str
    rss_mb: float
    fds: int
    threads: int
    cpu_percent: float


class Sampler:
    """Takes a sample of each service every ``every`` seconds on a thread of its own."""

    def __init__(self, pids: Callable[[], dict[str, int]], every: float) -> None:
        self._pids, self._every = pids, every
        self._began = time.monotonic()
        self._used: dict[str, tuple[float, float]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self.samples: list[Sample] = []

    def start(self) -> None:
        """Begin; the first samples are taken at once."""
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Take the last samples and end."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            self._take()
            if self._stop.wait(self._every):
                self._take()
                return

    def _take(self) -> None:
        now = time.monotonic()
        for service, pid in self._pids().items():
            try:
                family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
                rss = sum(process.memory_info().rss for process in family) / 1e6
                fds = sum(process.num_fds() for process in family)
                threads = sum(process.num_threads() for process in family)
                used = sum(sum(process.cpu_times()[:2]) for process in family)
            except psutil.Error:
                continue  # it is being restarted
            before, at = self._used.get(service, (used, now))
            percent = 100 * (used - before) / (now - at) if now > at else 0.0
            self._used[service] = (used, now)
            self.samples.append(Sample(now - self._began, service, rss, fds, threads, percent))


@dataclass(frozen=True)
class Growth:
    """The first quarter of the steady time against its last: medians, and of descriptors and threads the lowest.

    Calls come and go, and each holds descriptors; what a leak leaves behind raises the lowest too.
    """

    service: str
    rss_mb: tuple[float, float]
    fds: tuple[float, float]
    threads: tuple[float, float]
    cpu_percent: float
    rss_mb_an_hour: float  # slope of a straight line through the steady time (Theil and Sen)

    def too_much(self, rss_mb: float, fds: float) -> bool:
        """Did it grow by more than these?"""
        return self.rss_mb[1] - self.rss_mb[0] > rss_mb or self.fds[1] - self.fds[0] > fds


def growth(samples: list[Sample], settled_after: float) -> list[Growth]:
    """Return how each service changed once ``settled_after`` seconds had passed."""
    found = []
    for service in dict.fromkeys(sample.service for sample in samples):
        steady = [sample for sample in samples if sample.service == service and sample.at >= settled_after]
        if len(steady) < 2:
            continue
        quarter = max(1, len(steady) // 4)
        pairs = {
            name: (
                of(getattr(sample, name) for sample in steady[:quarter]),
                of(getattr(sample, name) for sample in steady[-quarter:]),
            )
            for name, of in MEASURES.items()
        }
        cpu = statistics.mean(sample.cpu_percent for sample in steady)
        found.append(Growth(service, pairs["rss_mb"], pairs["fds"], pairs["threads"], cpu, _slope(steady)))
    return found


def _slope(steady: list[Sample]) -> float:
    slopes = [
        (b.rss_mb - a.rss_mb) / (b.at - a.at) for i, a in enumerate(steady) for b in steady[i + 1 :] if b.at > a.at
    ]
    return statistics.median(slopes) * 3600 if slopes else 0.0


def table(rows: list[Growth]) -> str:
    """The figures as text."""
    head = f"{'service':<8} {'RSS MB':>16} {'MB/hour':>8} {'descriptors':>14} {'threads':>12} {'CPU %':>6}"
    lines = [
        f"{row.service:<8} {row.rss_mb[0]:>7.1f} -> {row.rss_mb[1]:>5.1f} {row.rss_mb_an_hour:>8.2f} "
        f"{row.fds[0]:>5.0f} -> {row.fds[1]:>5.0f} {row.threads[0]:>4.0f} -> {row.threads[1]:>4.0f} "
        f"{row.cpu_percent:>6.1f}"
        for row in rows
    ]
    return "\n".join([head, *lines])
