"""A bank comes up in sequence: few modems of one hub at a time, spaced. Pure.

A modem that looks for its network draws its largest current (2 A peaks at full GSM power); a hub full of them that
start together browns out, and some do not come up at all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Member:
    hub: str
    since: float | None = None  # None: waits for its turn


def hub_of(usb_path: str) -> str:
    """Return the hub's USB path: ``1-1.4.2`` → ``1-1.4``, ``1-1`` → ``usb1``."""
    hub, dot, _ = usb_path.rpartition(".")
    return hub if dot else f"usb{usb_path.partition('-')[0]}"


class Sequence:
    """``ask`` for a turn, take those of ``due``, and say ``done`` when the modem is up or has failed.

    Seconds: two starts of one hub are ``spacing`` apart; a turn ends by itself after ``longest``, so that a modem that
    never says anything does not keep the others of its hub back.
    """

    def __init__(self, per_hub: int = 2, spacing: float = 1.0, longest: float = 45.0) -> None:
        self._per_hub, self._spacing, self._longest = per_hub, spacing, longest
        self._members: dict[str, _Member] = {}
        self._last: dict[str, float] = {}  # hub → its last start

    def ask(self, line: str, usb_path: str | None) -> None:
        """Wait for a turn; again: stay where one is. A line without USB path waits for nobody but the like."""
        self._members.setdefault(line, _Member(hub_of(usb_path) if usb_path else ""))

    def done(self, line: str) -> None:
        """Free the turn, or give up waiting for one."""
        self._members.pop(line, None)

    def due(self, now: float) -> list[str]:
        """Return the lines whose turn begins now, in the order in which they asked."""
        begun = []
        for line, member in self._members.items():
            if member.since is None and self._free_at(member.hub) <= now:
                member.since = self._last[member.hub] = now
                begun.append(line)
        return begun

    def deadline(self) -> float | None:
        """Return when the next turn begins if nobody says ``done`` before, maybe in the past; None: nobody waits."""
        hubs = {member.hub for member in self._members.values() if member.since is None}
        return min((self._free_at(hub) for hub in hubs), default=None)

    def _free_at(self, hub: str) -> float:
        """Return when the hub may start one more. It does not depend on when one asks: a loop waits for it."""
        spaced = self._last.get(hub, -self._spacing) + self._spacing
        ends = sorted(m.since + self._longest for m in self._members.values() if m.hub == hub and m.since is not None)
        return spaced if len(ends) < self._per_hub else max(spaced, ends[-self._per_hub])
