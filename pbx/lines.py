"""Which line an outbound call takes: a free one whose SIM may call, by the strategy of its group.

Where there are several groups each puts one line forward, and of those the one that has rested longest is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.bus_payloads import LineStatus
from pbx.linechoice import Candidate, Group, Wanted, choose
from pbx.site import LineSettings, Site

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED = 3  # lines that a refusal names; of a bank of 64 it counts the rest


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call that wants a line: ``number`` as E.164, or an emergency number, which every SIM may call."""

    number: str
    emergency: bool
    gateways: Collection[str]
    tried: Collection[str] = ()


class LineBook:
    """The lines' last known state, and which the core itself is using."""

    def __init__(self, last_used: Mapping[str, datetime]) -> None:
        self._last_used = dict(last_used)
        self._status: dict[str, LineStatus] = {}
        self._in_use: set[str] = set()

    def update(self, status: LineStatus) -> None:
        """A gateway has told a line's state."""
        self._status[status.line] = status

    def take(self, call: Outgoing, site: Site, at: datetime) -> str | None:
        """Reserve the line for a call; None where no line is free whose SIM may call."""
        groups: dict[str, list[Candidate]] = {}
        for line in self._free(call, site):
            if call.emergency or self._refusal(line, at) is None:
                groups.setdefault(line.group, []).append(self._candidate(line.name))
        forward = [self._choose(name, candidates, call, site) for name, candidates in groups.items()]
        taken = min(forward, key=self._rested, default=None)
        if taken is not None:
            self._in_use.add(taken)
            self._last_used[taken] = at
        return taken

    def refusals(self, call: Outgoing, site: Site, at: datetime) -> dict[str, str]:
        """Return the free lines that the call may not have, each with the rule that says so."""
        found = {line.name: self._refusal(line, at) for line in self._free(call, site)}
        return {line: rule for line, rule in found.items() if rule is not None}

    def give_back(self, line: str) -> None:
        """The call over ``line`` has ended."""
        self._in_use.discard(line)

    def _free(self, call: Outgoing, site: Site) -> list[LineSettings]:
        return [
            line
            for line in site.lines.values()
            if line.gateway in call.gateways
            and line.name not in self._in_use
            and line.name not in call.tried
            and line.name in self._status
            and self._status[line.name].state == "idle"
        ]

    def _refusal(self, line: LineSettings, at: datetime) -> str | None:
        """Return the rule that keeps the line's SIM from calling; it is told by the second, so its time counts."""
        sim = self._status[line.name].sim
        if sim is None or (sim.blocked_until is not None and sim.blocked_until <= at):
            return None
        return sim.blocked

    def _candidate(self, line: str) -> Candidate:
        sim = self._status[line].sim
        used, carrier = (0, None) if sim is None else (sim.used_seconds, sim.carrier)
        return Candidate(line, self._last_used.get(line), used, carrier)

    def _choose(self, group: str, candidates: list[Candidate], call: Outgoing, site: Site) -> str:
        used = [line.name for line in site.lines.values() if line.group == group and line.name in self._last_used]
        wanted = Wanted(call.number, max(used, key=self._rested, default=None), site.on_net)
        line = choose(site.line_groups.get(group, Group(group)), candidates, wanted)
        assert line is not None  # there are candidates
        return line

    def _rested(self, line: str) -> tuple[datetime, str]:
        return self._last_used.get(line, _NEVER), line


def refusal_text(refusals: Mapping[str, str]) -> str:
    """Return in words why no free line may call: ``cool_down: the SIM rests … (gsm-1, gsm-2)``, each rule once."""
    rules: dict[str, list[str]] = {}
    for line, text in sorted(refusals.items()):
        rules.setdefault(text.partition(":")[0], []).append(line)
    return "no free line may call: " + "; ".join(f"{refusals[lines[0]]} ({_some(lines)})" for lines in rules.values())


def _some(lines: Iterable[str]) -> str:
    names = list(lines)
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
