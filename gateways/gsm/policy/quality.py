"""How well a SIM's calls go, and when that falls out of the SIM's own history.

Answer-seizure ratio (ITU-T E.411 §3, E.425): answered calls of all that were tried. ACD: their mean length. Answer
delay: the median time from dialling to answer. The latest calls are compared with earlier blocks of as many calls by
the modified z-score (Iglewicz and Hoaglin 1993: median and MAD, odd beyond 3.5), so that a bad hour in the past neither
hides a new one nor raises an alarm. The usual ratio must also lie outside the present one's Wilson interval.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal, NamedTuple

from gateways.gsm.policy.usage import Outcome

WINDOW_CALLS = 50
WINDOW_TIME = timedelta(hours=24)
BLOCKS = 20
LEAST_CALLS = 20
LEAST_ANSWERED = 10
LEAST_BLOCKS = 6
ODD = 3.5
MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation, of normally distributed values."""
LEAST_RATIO_SPREAD = 0.04
LEAST_LOG_SPREAD = 0.15
"""A history that hardly varied is taken to vary this much, or each small change would be odd."""

ADVICE = {
    ("asr", "low"): "the carrier may bar the SIM, or its numbers are not called well: call by hand, look at the causes",
    ("asr", "high"): "calls may be answered by a machine or by the network: listen to some of them",
    ("acd", "low"): "calls may break or be silent: check signal and audio, listen to some of them",
    ("acd", "high"): "calls may not be ended: see whether hang-ups reach the network",
    ("answer_delay", "low"): "the modem may claim answers at ring-back: see the answers' confidence",
    ("answer_delay", "high"): "the network may take long to set calls up: check signal and cell, try another carrier",
}


class Ended(NamedTuple):
    """An outgoing call that has ended, in columns of ``sim_use``. ``outcome`` None: nobody knows what became of it."""

    began: datetime
    answered: datetime | None
    ended: datetime
    seconds: float
    billed_seconds: int
    outcome: Outcome | None

    @property
    def answer_delay(self) -> float | None:
        """Seconds from dialling to answer; None: not answered."""
        return None if self.answered is None else max(0.0, (self.answered - self.began).total_seconds())


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of some calls. ``low`` and ``high``: Wilson's 95 % interval of ``asr``; ``acd`` and delay in seconds."""

    calls: int
    answered: int
    asr: float
    low: float
    high: float
    acd: float | None
    answer_delay: float | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """``measure`` (asr, acd, answer_delay) has left its history; ``text`` says how and what to check."""

    measure: str
    way: Literal["low", "high"]
    text: str

    def __str__(self) -> str:
        """Return ``asr_low: …``, so that a page can say it in another language."""
        return f"{self.measure}_{self.way}: {self.text}"


def measure(calls: Iterable[Ended]) -> Quality:
    """Return the figures of these calls."""
    rows = list(calls)
    answered = [call for call in rows if call.answer_delay is not None]
    low, high = wilson(len(answered), len(rows))
    return Quality(
        calls=len(rows),
        answered=len(answered),
        asr=len(answered) / len(rows) if rows else 0.0,
        low=low,
        high=high,
        acd=sum(call.seconds for call in answered) / len(answered) if answered else None,
        answer_delay=median(call.answer_delay or 0.0 for call in answered) if answered else None,
    )


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's score interval of a ratio (E. B. Wilson 1927); 0 to 1 where there is nothing."""
    if of == 0:
        return 0.0, 1.0
    ratio, spread = hits / of, z * z / of
    middle = (ratio + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(ratio * (1 - ratio) / of + spread / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def z_score(value: float, history: Sequence[float], least_spread: float) -> float:
    """Return how many robust standard deviations ``value`` lies from the history's median."""
    middle = median(history)
    spread = MAD_TO_SIGMA * median(abs(one - middle) for one in history)
    return (value - middle) / max(spread, least_spread)


def alarms(now: Quality, history: Sequence[Quality]) -> tuple[Alarm, ...]:
    """Return what of ``now`` is odd beside ``history``; too few calls, answers or blocks say nothing."""
    found = []
    if now.calls >= LEAST_CALLS and len(history) >= LEAST_BLOCKS:
        usual = median(block.asr for block in history)
        score = z_score(now.asr, [block.asr for block in history], LEAST_RATIO_SPREAD)
        if abs(score) > ODD and not now.low <= usual <= now.high:
            found.append(_alarm("asr", score, f"{now.asr:.0%} of calls are answered, usual are {usual:.0%}"))
    for name, words in (("acd", "calls last {:.0f} s"), ("answer_delay", "answers take {:.1f} s")):
        value = getattr(now, name)
        past = [getattr(block, name) for block in history if block.answered >= LEAST_ANSWERED]
        if now.answered >= LEAST_ANSWERED and len(past) >= LEAST_BLOCKS:
            score = z_score(_log(value), [_log(one) for one in past], LEAST_LOG_SPREAD)
            if abs(score) > ODD:
                found.append(_alarm(name, score, f"{words.format(value)}, usual are {median(past):.1f} s"))
    return tuple(found)


class Watch:
    """The sliding window of one SIM's latest calls, and the blocks before it."""

    def __init__(self) -> None:
        self._calls: deque[Ended] = deque(maxlen=WINDOW_CALLS)
        self._blocks: deque[Quality] = deque(maxlen=BLOCKS)
        self._since_block = 0

    def ended(self, call: Ended) -> None:
        """Take a call that has ended."""
        if self._since_block == WINDOW_CALLS:
            self._blocks.append(measure(self._calls))
            self._since_block = 0
        self._calls.append(call)
        self._since_block += 1

    def quality(self, now: datetime) -> Quality:
        """Return the figures of the latest calls."""
        return measure(call for call in self._calls if call.began >= now - WINDOW_TIME)

    def alarms(self, now: datetime) -> tuple[Alarm, ...]:
        """Return what is odd at present."""
        whole = self._since_block == WINDOW_CALLS  # else the newest block has calls that the window has, too
        return alarms(self.quality(now), list(self._blocks)[: None if whole else -1])


def _log(seconds: float) -> float:
    return math.log(max(seconds, 0.1))


def _alarm(name: str, score: float, text: str) -> Alarm:
    way: Literal["low", "high"] = "low" if score < 0 else "high"
    return Alarm(name, way, f"{text}; {ADVICE[name, way]}")
