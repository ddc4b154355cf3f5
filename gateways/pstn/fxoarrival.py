"""An incoming call before it is told of: what is known of the caller, and how long to wait for more. Pure.

Where the number comes depends on the exchange. *ring*: as modem signal or digits between the first and the second ring
(Telcordia GR-30; ETSI EN 300 659-1 §6.1.1). *polarity*: the line is reversed, the number follows, then it rings (EN
300 659-1 §6.1.2; BT SIN 227; Brazil and others with digits). *polarity-india*: the same, but some exchanges announce
the digits by a short ring, and some send them after it, so both ways are open until the second ring. *dtmf*: digits
without any announcement. Japan has its own: the line is reversed, short rings (CAR) ask the terminal to answer, it
takes the data, leaves the line, and then the call rings as any other.

A call is told of once: when the number is complete, or cannot come any more, and a distinctive ring has been told from
others; at the second ring at the latest.
"""

from __future__ import annotations

from gateways.pstn.callerid import CallerIdentity
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.fxoring import BLIND_PAUSE, Cadence, number_of
from gateways.pstn.fxotimings import Timings


class Arrival:
    """See the module. ``told``: the call was told of; ``received``: Japan's answer for the data is behind us."""

    def __init__(self, spec: FxoSpec, timings: Timings) -> None:
        self._spec = spec
        self._timings = timings
        self.cadence = Cadence(timings)
        self.identity: CallerIdentity | None = None
        self.told = False
        self.received = False

    @property
    def _japan(self) -> bool:
        return self._spec.caller_id == "v23-japan"

    @property
    def _may_come(self) -> bool:
        """The number may still come while it rings."""
        return (
            self.identity is None
            and self._spec.caller_id != "none"
            and self._spec.caller_id_start in {"ring", "polarity-india"}
            and not self._japan
        )

    @property
    def listening(self) -> bool:
        """Something may yet come that the caller-ID receiver is to hear."""
        if self.told or self.identity is not None or self._spec.caller_id == "none":
            return False
        return self._may_come or not self.cadence.rings or (self._japan and not self.received)

    @property
    def number(self) -> str | None:
        return self.identity.number if self.identity is not None else None

    @property
    def called(self) -> str | None:
        """The number that was called: by the exchange's word, else by the ring's cadence."""
        if self.identity is not None and self.identity.called:
            return self.identity.called
        return number_of(self.cadence.first, self._spec.distinctive_ring)

    def is_car(self) -> bool:
        """True when the first ring, now over, asks for an answer to take the caller's number (Japan)."""
        if not self._japan or self.told or self.received or self.identity is not None or self.cadence.rings != 1:
            return False
        bursts = self.cadence.first[::2]
        if bursts[0] is not None:
            return bursts[0] <= self._timings.car
        return len(bursts) > 1  # only ends were told: a call's own rings are 3 s apart

    def left_again(self) -> None:
        """The line was left after the data: what rings from now on is the call."""
        self.received = True
        self.cadence = Cadence(self._timings)

    def tell_at(self) -> float | None:
        """Return when the call is to be told of, None when it has been."""
        cadence = self.cadence
        if self.told:
            return None
        if cadence.rings >= 2:
            return cadence.last
        waits = [cadence.last]
        if self._may_come:
            over = cadence.last + (self._timings.longest_ring if cadence.ringing else 0.0)
            waits.append(over + self._timings.caller_id)
        if self._spec.distinctive_ring:
            waits.append(cadence.ring_over_at())
        if self._japan and not self.received and self.identity is None:
            waits.append(self._long_enough_at())
        return max(waits)

    def _long_enough_at(self) -> float:
        """Return when a first ring has lasted too long for CAR."""
        bursts = self.cadence.first[::2]
        if self.cadence.ringing:
            return self.cadence.last + self._timings.car + 0.1  # its end is told 50 ms late
        return self.cadence.last + (BLIND_PAUSE if bursts[-1] is None else 0.0)
