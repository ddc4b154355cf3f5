"""Tells of a modem only when it is complete: its ttys appear one after the other, within a second or so. Pure.

What goes is told at once. What grows keeps its old picture until it has grown; a new modem stays untold meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateways.gsm.discovery.found import FoundModem


class Settled:
    """``see`` the modems after each event and at ``deadline``; it returns those to tell of. Times are seconds."""

    def __init__(self, quiet: float) -> None:
        """``quiet``: for how long nothing may have changed about a modem."""
        self.quiet = quiet
        self._seen: dict[str, FoundModem] = {}
        self._changed_at: dict[str, float] = {}
        self._told: dict[str, FoundModem] = {}

    def see(self, modems: Iterable[FoundModem], now: float) -> tuple[FoundModem, ...]:
        """Return the modems, each as it is once it has settled."""
        seen = {modem.usb_path: modem for modem in modems}
        changed = [path for path, modem in seen.items() if self._seen.get(path) != modem]
        self._changed_at = {path: at for path, at in self._changed_at.items() if path in seen}
        self._changed_at |= dict.fromkeys(changed, now)
        self._seen = seen
        told = {path: self._picture(path, now) for path in seen}
        self._told = {path: modem for path, modem in told.items() if modem is not None}
        return tuple(self._told.values())

    def deadline(self) -> float | None:
        """Return when to ``see`` again if nothing happens; None: all have settled."""
        waiting = [path for path, modem in self._seen.items() if self._told.get(path) != modem]
        return min((self._changed_at[path] + self.quiet for path in waiting), default=None)

    def _picture(self, path: str, now: float) -> FoundModem | None:
        modem, before = self._seen[path], self._told.get(path)
        if modem == before or now >= self._changed_at[path] + self.quiet:
            return modem
        grows = before is not None and before.devnum == modem.devnum and set(before.ports) <= set(modem.ports)
        return before if grows else None
