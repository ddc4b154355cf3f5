"""What a span's alarms, its D channel and its hardware come to: may lines be used, how long do calls hold. Pure."""

from __future__ import annotations

from appliance.bus_payloads import LineStateName
from gateways.pstn.spanstatus import SpanState

BOOTING_FOR = 15.0
"""Seconds after opening in which a D channel that does not answer yet is no fault."""
CURES = {
    "red": "no signal, or not in our framing (red alarm): check the cable, then framing and line coding",
    "yellow": "the network does not hear us (yellow alarm): check the transmit pair of the cable",
    "blue": "the network sends all ones (blue alarm): its equipment is out of service, call the carrier",
    "loopback": "the span is looped back: end the loopback test",
    "recovering": "the signal has come back, an alarm is about to clear",
    "not-open": "the card's port is not started: run `callfloor pstn apply`",
}
LAYER2 = "layer 2 is down, nobody answers on the D channel: check switch type and role, or call the carrier"


class SpanHealth:
    """Note what happens by ``opened``, ``closed``, ``layer2_is`` and ``alarms_are``; the rest is asked."""

    def __init__(self, hold: float) -> None:
        """``hold``: seconds that established calls outlive the D channel (T309)."""
        self._hold = hold
        self._open = False
        self._opened_at = 0.0
        self._down_at: float | None = 0.0
        self._been_up = False
        self.alarms: frozenset[str] = frozenset()
        self.layer2 = False
        self._problem: str | None = "not started"
        self._complaint: str | None = None

    def opened(self, alarms: frozenset[str], now: float) -> None:
        """Its channels are ours; layer 2 is not up yet."""
        self._open, self._opened_at, self._been_up = True, now, False
        self.alarms = alarms
        self._note(now)

    def complain(self, text: str) -> None:
        """Both ends take themselves for the user, or for the network."""
        self._complaint = text

    def closed(self, problem: str, now: float) -> None:
        """Its channels are not ours any more."""
        self._open, self._problem = False, problem
        self.layer2, self.alarms = False, frozenset()
        self._note(now)

    def layer2_is(self, up: bool, now: float) -> None:
        self.layer2 = up
        if up:
            self._complaint = None
        self._note(now)

    def alarms_are(self, alarms: frozenset[str], now: float) -> None:
        self.alarms = alarms
        self._note(now)

    def _note(self, now: float) -> None:
        if self.state == "up":
            self._down_at, self._been_up = None, True
        elif self._down_at is None:
            self._down_at = now

    @property
    def state(self) -> SpanState:
        if not self._open:
            return "absent"
        if self.alarms:
            return "alarm"
        return "up" if self.layer2 else "down"

    @property
    def reason(self) -> str | None:
        """Why it is not up, and what to do."""
        match self.state:
            case "absent":
                return self._problem
            case "alarm":
                known = [CURES[alarm] for alarm in CURES if alarm in self.alarms]
                return known[0] if known else f"layer 1 is in alarm ({', '.join(sorted(self.alarms))})"
            case "down":
                return self._complaint or LAYER2
        return None

    def lines(self, now: float) -> tuple[LineStateName, str | None]:
        """The state of a line without a call, and its reason."""
        match self.state:
            case "up":
                return "idle", None
            case "absent":
                return "absent", self.reason
            case "down" if not self._been_up and self._complaint is None and now < self._opened_at + BOOTING_FOR:
                return "booting", None
        return "fault", self.reason

    @property
    def calls_end_at(self) -> float | None:
        """When established calls are to be given up, if it is not up by then."""
        return None if self._down_at is None else self._down_at + self._hold

    def deadline(self, now: float) -> float | None:
        """When ``lines`` changes by itself."""
        at = self._opened_at + BOOTING_FOR
        return at if self.state == "down" and not self._been_up and now < at else None
