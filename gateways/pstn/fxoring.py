"""The cadence of a ring: what DAHDI's events say of it, whose number it stands for, when it has stopped. Pure.

A ring is one burst or several with short pauses between (distinctive ringing, Telcordia GR-506; Great Britain's double
ring); a pause of ``RING_PAUSE`` ends it. RINGBEGIN comes at the start of a burst, though not within 2 s of on-hook;
RINGOFFHOOK at its end. Either may be missing or come twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateways.pstn.fxotimings import Timings

TRAILER = 0.05
"""Seconds that the driver waits after a burst before it tells of its end (DAHDI_RINGTRAILER)."""
RING_PAUSE = 1.0
"""Seconds: no cadence has a longer pause within a ring, nor a shorter one between two."""
BLIND_PAUSE = 1.6
"""The same between two ends of bursts, where their beginnings were not told."""
DOUBLED = 0.1
"""Seconds in which the same event again is the same burst."""
TOLERANCE, TOLERANCE_MS = 0.25, 100.0
"""How far a burst or pause may be from what was configured."""

Bursts = tuple[float | None, ...]
"""Seconds of burst, pause, burst …; None where it was not seen."""


class Cadence:
    """The rings of one call, fed with its events and their time (monotonic seconds)."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._first: list[float | None] = []
        self._on: float | None = None
        self._off: float | None = None
        self._longest_pause = 0.0
        self.last = 0.0
        self.rings = 0

    @property
    def ringing(self) -> bool:
        """A burst is on, as far as was told."""
        return self._on is not None

    @property
    def first(self) -> Bursts:
        """Return what was seen of the first ring."""
        return tuple(self._first)

    def begun(self, now: float) -> None:
        """A burst has begun."""
        if self._on is not None and now - self._on < DOUBLED:
            return
        pause = now - self._off if self._off is not None and self._on is None else None
        if self.rings == 0 or pause is None or pause >= RING_PAUSE:
            self.rings += 1
            if pause is not None:
                self._longest_pause = max(self._longest_pause, pause)
        elif self.rings == 1:
            self._first.append(pause)
        self._on = self.last = now

    def ended(self, now: float) -> None:
        """A burst is over."""
        if self._on is not None:
            self._burst(max(now - self._on - TRAILER, 0.0))
        else:
            since = now - self.last if self.rings else None
            if since is not None and since < DOUBLED:
                return
            if since is None or since >= BLIND_PAUSE:
                self.rings += 1
            elif self.rings == 1:
                self._first.append(None)  # the pause
            self._burst(None)
        self._on, self._off, self.last = None, now - TRAILER, now

    def _burst(self, seconds: float | None) -> None:
        if self.rings == 1:
            self._first.append(seconds)

    def ring_over_at(self) -> float:
        """Return when the ring that was heard last is over, if nothing more comes."""
        return self.last + (self._timings.longest_ring if self.ringing else RING_PAUSE)

    def gone_at(self) -> float:
        """Return when the caller has given up, if no ring comes until then."""
        if self.ringing:
            return self.last + self._timings.longest_ring + self._timings.gone
        measured = self.rings >= 3 and self._longest_pause > 0
        wait = max(1.5 * self._longest_pause, self._timings.gone_least) if measured else self._timings.gone
        return self.last + min(wait, self._timings.gone)


def number_of(bursts: Bursts, cadences: Mapping[tuple[int, ...], str]) -> str | None:
    """Return the number whose cadence (ms of burst, pause, burst …) was heard; None for none. The nearest one wins."""
    found: tuple[float, str] | None = None
    for cadence, number in cadences.items():
        error = _error(bursts, cadence)
        if error is not None and (found is None or error < found[0]):
            found = error, number
    return found[1] if found is not None else None


def _error(bursts: Bursts, cadence: Sequence[int]) -> float | None:
    wanted = cadence if len(cadence) % 2 else cadence[:-1]  # the pause to the next ring tells them apart no more
    if len(wanted) != len(bursts):
        return None
    error = 0.0
    for heard, milliseconds in zip(bursts, wanted, strict=True):
        if heard is None:
            continue
        off = abs(heard * 1000 - milliseconds)
        if off > max(TOLERANCE_MS, TOLERANCE * milliseconds):
            return None
        error += off
    return error
