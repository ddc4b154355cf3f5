"""What SIM and network together make of a line, and how to say it to people: pure."""

from __future__ import annotations

from dataclasses import replace

from gateways.gsm.dialects import Identity, Operator, Registration, Signal, Sim, SimState
from gateways.gsm.linestate import Input
from gateways.line import LineIdentity, LineInfo

_SIM: dict[SimState, tuple[Input, str]] = {
    "MISSING": (Input.SIM_MISSING, "the modem finds no SIM: insert one, or clean its contacts"),
    "PIN": (
        Input.SIM_PIN,
        "the SIM asks for its PIN, and none is set for the line or it was not accepted: set the right one with "
        "`callfloor store apply`, or switch the PIN off in a phone",
    ),
    "PUK": (Input.SIM_PUK, "the SIM is blocked: unblock it with its PUK in a phone"),
}
_HOME_OR_ROAMING = frozenset({1, 5})
_SMS_ONLY = frozenset({6, 7})


class Info:
    """Collects ``Signal`` and ``Operator`` events; ``heard`` returns what to tell when they change something."""

    def __init__(self, line: str) -> None:
        self._now = LineInfo(line, None, None)

    def heard(self, event: Signal | Operator) -> tuple[LineInfo, ...]:
        before = self._now
        if isinstance(event, Signal):
            self._now = replace(before, signal_dbm=event.dbm)
        else:
            self._now = replace(before, operator=event.name)
        return () if self._now == before else (self._now,)


class Who:
    """Collects ``Identity`` events into ``now``."""

    def __init__(self, line: str) -> None:
        self.now = LineIdentity(line)

    @property
    def iccid(self) -> str | None:
        """The SIM's number, None while it is not known."""
        return self.now.iccid

    def heard(self, event: Identity) -> None:
        if event.kind in {"imei", "iccid", "imsi", "model"}:
            self.now = replace(self.now, **{event.kind: event.value})


class Service:
    """Collects ``Registration`` and ``Sim`` events; ``verdict`` is the input that they make for the line."""

    def __init__(self) -> None:
        self._sim: SimState = "READY"
        self._stats: dict[str, int] = {}

    def heard(self, event: Registration | Sim) -> None:
        if isinstance(event, Registration):
            if event.domain != "ps":  # packets only: no voice
                self._stats[event.domain] = event.stat
        else:
            self._sim = event.state

    @property
    def blocked(self) -> bool:
        """True while the SIM keeps the modem from the network."""
        return self._sim in _SIM

    def verdict(self) -> tuple[Input, str | None]:
        """Return the input and the reason. Either domain carries voice: circuit-switched, or LTE by IMS."""
        if self._sim in _SIM:
            return _SIM[self._sim]
        stats = set(self._stats.values())
        if stats & _HOME_OR_ROAMING:
            return Input.REGISTERED, None
        if 3 in stats:
            return Input.DENIED, "the network refuses the SIM: ask the operator whether it is active"
        if stats & _SMS_ONLY:
            return Input.DENIED, "the network gives the SIM no voice service: ask the operator"
        return Input.SEARCHING, "no network: check antenna and coverage"
