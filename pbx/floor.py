"""What the parts of the switch share: the site, the calls in progress and their legs, and the ledger's ear for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pbx.acd.agents import Agent
from pbx.calls import Call
from pbx.ledger.book import Book
from pbx.loop import Loop
from pbx.routing import Dialled, FeatureCodes, meaning
from pbx.sip import SipCore
from pbx.site import Site


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the switch must know of the settings. Addresses are ``host:port``."""

    country: str
    timezone: ZoneInfo
    codes: FeatureCodes
    edge: str  # towards the phones
    gateways: dict[str, str]  # gateway name -> address


class Floor:
    """The calls of this core. A leg belongs to at most one call."""

    def __init__(
        self, around: Surroundings, site: Site, sip: SipCore, loop: Loop, wall: Callable[[], datetime], book: Book
    ) -> None:
        self.around = around
        self.site = site
        self.sip = sip
        self.loop = loop
        self.wall = wall
        self.book = book
        self.calls: dict[str, Call] = {}
        self.dispatch_due = False  # somebody waits or somebody is free: look for a match
        self._of_leg: dict[int, Call] = {}
        self._changed_calls: dict[str, Call] = {}
        self._changed_agents: dict[str, Agent] = {}

    def open(self, call: Call) -> None:
        """Enter a call that has begun into table and ledger."""
        call.since = call.ringing_at
        self.calls[call.id] = call
        self._of_leg[call.caller_leg] = call
        more = {"name": call.caller_name, "redirected_from": call.redirected_from}
        told = {key: value for key, value in more.items() if value is not None}
        self.note(call, "ringing", line=call.line, caller=call.caller, did=call.did, **told)

    def close(self, call: Call, by: str, cause: int, talk_seconds: float | None, why: str | None = None) -> None:
        """Take an ended call out and write its end; ``why`` in words where the cause's own do not say enough."""
        del self.calls[call.id]
        self._changed_calls[call.id] = call
        self.book.ended(call, self.wall(), by, cause, talk_seconds, why)

    def note(self, call: Call, kind: str, **data: Any) -> None:
        """Write a step of a call to the ledger and mark it for the bus."""
        self._changed_calls[call.id] = call
        self.book.event(call, self.wall(), kind, **data)

    def call_of(self, leg: int) -> Call | None:
        """Return the call a leg belongs to."""
        return self._of_leg.get(leg)

    def attach(self, leg: int, call: Call) -> None:
        """A leg belongs to a call from now on."""
        self._of_leg[leg] = call

    def detach(self, leg: int) -> bool:
        """A leg belongs to no call any more; False where it did not."""
        return self._of_leg.pop(leg, None) is not None

    def agent_changed(self, agent: Agent) -> None:
        """Mark an agent for ledger and bus, and look for calls to offer."""
        self._changed_agents[agent.number] = agent
        self.dispatch_due = True

    def take_changes(self) -> tuple[list[Agent], list[Call]]:
        """Return the agents and calls that have changed since it was last asked."""
        agents, calls = list(self._changed_agents.values()), list(self._changed_calls.values())
        self._changed_agents.clear()
        self._changed_calls.clear()
        return agents, calls

    def phone(self, extension: str) -> str:
        """Return the URI of a phone, through the edge."""
        return f"sip:{extension}@{self.around.edge}"

    def meaning(self, dialled: str) -> Dialled:
        """Return what a phone of ours means by what it dialled."""
        return meaning(dialled, self.around.codes, self.site.extensions, self.around.country)
