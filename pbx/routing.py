"""Where a call goes: a readable list of rules for calls from lines, and the meaning of what a phone dialled.

Pure: rules, numbers and the time come as arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

import phonenumbers

from appliance.numbers import to_e164

TargetKind = Literal["ivr", "queue", "extension", "hangup"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call is sent: ``ivr:main``, ``queue:sales``, ``extension:101`` or ``hangup``."""

    kind: TargetKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


def parse_target(text: str) -> Target:
    """Return the target that ``text`` names; raise ValueError saying what is allowed."""
    kind, _, name = text.partition(":")
    if kind == "hangup" and not name:
        return Target("hangup")
    if kind in ("ivr", "queue", "extension") and name:
        return Target(kind, name)  # type: ignore[arg-type]
    raise ValueError(f"{text!r} is no target; allowed: ivr:NAME, queue:NAME, extension:NUMBER, hangup")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the routing list; a condition that is None holds always."""

    target: Target
    line: str | None = None
    did: str | None = None
    caller_prefix: str | None = None
    weekdays: str | None = None  # digits 1 (Monday) to 7
    from_time: time | None = None
    to_time: time | None = None

    def holds(self, line: str | None, did: str | None, caller: str | None, local: datetime) -> bool:
        """Say whether all conditions hold for a call at ``local`` (site time)."""
        return (
            self.line in (None, line)
            and self.did in (None, did)
            and (self.caller_prefix is None or (caller or "").startswith(self.caller_prefix))
            and (self.weekdays is None or str(local.isoweekday()) in self.weekdays)
            and self._in_window(local.time())
        )

    def _in_window(self, now: time) -> bool:
        start, end = self.from_time or time.min, self.to_time or time.max
        # A window such as 22:00-06:00 runs over midnight.
        return start <= now < end if start <= end else (now >= start or now < end)


def route(rules: Iterable[Rule], line: str | None, did: str | None, caller: str | None, local: datetime) -> Target:
    """Return the target of the first rule that holds; ``hangup`` where none does."""
    for rule in rules:
        if rule.holds(line, did, caller, local):
            return rule.target
    return Target("hangup")


@dataclass(frozen=True, slots=True)
class Dialled:
    """The meaning of what a phone dialled. ``number``: an agent's, an extension's, or E.164 (digits for emergency)."""

    kind: Literal["login", "logout", "pause", "unpause", "extension", "outside", "wrong"]
    number: str = ""


@dataclass(frozen=True, slots=True)
class FeatureCodes:
    """The codes a phone dials to change its agent's state."""

    login: str
    logout: str
    pause: str
    unpause: str


def meaning(dialled: str, codes: FeatureCodes, extensions: Collection[str], country: str) -> Dialled:
    """Return what ``dialled`` means on a phone of this site."""
    if dialled.startswith(codes.login):
        return Dialled("login", dialled.removeprefix(codes.login))
    if dialled == codes.logout:
        return Dialled("logout")
    if dialled.startswith(codes.pause):
        return Dialled("pause", dialled.removeprefix(codes.pause))
    if dialled == codes.unpause:
        return Dialled("unpause")
    if dialled in extensions:
        return Dialled("extension", dialled)
    if phonenumbers.is_emergency_number(dialled, country):
        return Dialled("outside", dialled)
    number = to_e164(dialled, country)
    return Dialled("outside", number) if number else Dialled("wrong", dialled)
