"""The times of an FXO line, in seconds, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """All of one line. Tests take shorter ones."""

    cooling: float = 2.0
    """On-hook before the line is used again. An exchange takes less than about 1.25 s for a hook flash
    (DAHDI_DEFAULT_RXFLASHTIME); DAHDI tells of no ring for 2 s after on-hook (RING_DEBOUNCE_TIME)."""
    stale: float = 0.3
    """After on-hook, in which the end of a ring still belongs to the call before: the driver tells it 50 ms late."""
    caller_id: float = 4.0
    """After the first ring, in which the caller's number may still come: it begins 0.5 to 2 s after the ring
    (Telcordia GR-30, ETSI EN 300 659-1 §6.1) and is over 0.2 s before the next."""
    longest_ring: float = 3.0
    """Of one ring, where its end was not told."""
    prelude: float = 8.0
    """From the announcement (reversal, digits) to the first ring. ETSI EN 300 659-1 §6.1.2 has 0.2 to 0.5 s after the
    data, which is over within 3 s; NTT rings about 1.5 s after on-hook, and DAHDI may miss the first ring then."""
    gone: float = 7.0
    """Without a ring after which the caller has given up: the longest pause in use is 5 s (Finland, Sweden)."""
    gone_least: float = 3.0
    """The same at least, where the cadence has been measured."""
    receiving: float = 7.0
    """Off-hook for the caller's number (Japan). The data come within a moment of it and last about 1 s; NTT's exchange
    gives the terminal 7 s to leave the line again."""
    car: float = 0.8
    """The longest ring that is one of Japan's CAR (0.5 s, 0.5 s pause, for 6 s at most), not a call's (1 s, 2 s)."""
    glare: float = 1.0
    """Off-hook to call out, in which the end of a ring is that of one which we answered: the exchange trips it within
    0.2 s, the driver tells 50 ms later. Told 1.25 s after its bounce time, it means a line without battery."""
    blind: float = 2.7
    """Off-hook before digits where dial tone is not waited for (ETSI TBR 21 §4.8.1: 2.7 to 8 s)."""
    dialling_slack: float = 3.0
    """More than the digits should take, after which the driver's word that they were sent is taken for lost."""
    polarity_guard: float = 0.6
    """After an answer, in which a reversal is part of it and not the far end's hang-up (chan_dahdi: the same)."""
    silent_answer: float = 8.0
    """Of silence after ring-back, longer than any pause in it, after which somebody must have lifted the handset."""
    dial_tone_after: float = 1.0
    """After dialling, in which dial tone may be the last of the one before."""
    digits_guard: float = 0.1
    """From asking that nothing be written, to sending digits in a call: a write would end them."""
    retry: float = 5.0
    """Between two tries to open a channel that is not there, and two looks at a line that had no battery."""
