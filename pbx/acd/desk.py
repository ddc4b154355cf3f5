"""The agents on this floor: log-in and pause, and what their calls do to their state."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from appliance.store.models import AgentEvent
from pbx.acd.agents import BUSY, PHONE_UNREACHABLE, Agent, AgentRefusal
from pbx.loop import Loop, Timer
from pbx.site import AgentSettings

log = logging.getLogger(__name__)

HOLD_OFF_SECONDS = 5.0  # a phone that refused or did not answer is left alone for so long


class AgentDesk:
    """All agents and their wrap-up timers. ``changed`` is called after each change of an agent."""

    def __init__(self, loop: Loop, changed: Callable[[Agent], None]) -> None:
        self._loop = loop
        self._changed = changed
        self._wrap_up: dict[str, Timer] = {}
        self.agents: dict[str, Agent] = {}

    def load(self, settings: Mapping[str, AgentSettings]) -> None:
        """Take over the agents of the site; those who are logged in stay so."""
        for number in self.agents.keys() - settings.keys():
            if self.agents[number].state not in BUSY:
                del self.agents[number]
        for one in settings.values():
            agent = self.agents.setdefault(one.number, Agent(one.number, one.name, since=self._loop.now()))
            agent.name, agent.queues = one.name, one.queues

    def restore(self, last: Mapping[str, AgentEvent]) -> None:
        """Log agents in again as they were when the core stopped; calls they were in are over."""
        for number, event in last.items():
            agent = self.agents.get(number)
            if agent is None or event.state == "logged-out" or event.extension is None:
                continue
            agent.step("login", self._loop.now())
            agent.extension = event.extension
            if event.state == "paused":
                agent.step("pause", self._loop.now())
                agent.reason = event.reason
        for agent in self.agents.values():
            self._changed(agent)

    def get(self, number: str) -> Agent:
        """Return an agent; raise AgentRefusal where there is none."""
        try:
            return self.agents[number]
        except KeyError:
            raise AgentRefusal("unknown-agent", f"there is no agent {number}; check the number") from None

    def at(self, extension: str | None) -> Agent | None:
        """Return the agent who is logged in at an extension."""
        if extension is None:
            return None
        return next((a for a in self.agents.values() if a.extension == extension), None)

    def logged_in(self, queue: str) -> Iterable[Agent]:
        """Return the members of a queue who are logged in."""
        return [a for a in self.agents.values() if queue in a.queues and a.state != "logged-out"]

    def login(self, number: str, extension: str) -> None:
        """Log in at an extension. Who was logged in there is logged out; a second log-in moves the agent."""
        agent = self.get(number)
        if agent.state in BUSY:
            raise AgentRefusal("agent-busy", f"agent {number} is in a call at {agent.extension}; end it first")
        other = self.at(extension)
        if other is not None and other is not agent:
            if other.state in BUSY:
                raise AgentRefusal("extension-busy", f"agent {other.number} is in a call at {extension}; end it first")
            self.logout(other.number)
        self._cancel_wrap_up(agent)
        agent.step("login", self._loop.now())
        agent.extension = extension
        self._changed(agent)

    def logout(self, number: str) -> None:
        """Log out; in a call, when it ends."""
        agent = self.get(number)
        if agent.state == "logged-out":
            raise AgentRefusal("not-logged-in", f"agent {number} is not logged in")
        if agent.state in BUSY:
            agent.after_call, agent.after_call_reason = "logout", None
            return
        self._cancel_wrap_up(agent)
        agent.step("logout", self._loop.now())
        self._changed(agent)

    def pause(self, number: str, reason: str | None) -> None:
        """Take no calls until unpaused; in a call, from its end."""
        agent = self.get(number)
        if agent.state in BUSY:
            agent.after_call, agent.after_call_reason = "pause", reason
            return
        if agent.state == "logged-out":
            raise AgentRefusal("not-logged-in", f"agent {number} is not logged in")
        self._cancel_wrap_up(agent)
        agent.step("pause", self._loop.now())
        agent.reason = reason
        self._changed(agent)

    def unpause(self, number: str) -> None:
        """Take calls again; ends a wrap-up early too."""
        agent = self.get(number)
        if agent.state in BUSY and agent.after_call == "pause":
            agent.after_call = agent.after_call_reason = None
            return
        if agent.state == "logged-out":
            raise AgentRefusal("not-logged-in", f"agent {number} is not logged in")
        if agent.state == "available":
            return
        self._cancel_wrap_up(agent)
        agent.step("unpause", self._loop.now())
        self._changed(agent)

    def phone_busy(self, extension: str, busy: bool) -> None:
        """The phone of an agent begins or ends to speak to a feature code: no offer meanwhile."""
        agent = self.at(extension)
        if agent is not None and agent.phone_busy != busy:
            agent.phone_busy = busy
            self._changed(agent)

    def phone_registered(self, extension: str) -> None:
        """A phone is back: an agent who was paused because it was unreachable takes calls again."""
        agent = self.at(extension)
        if agent is not None and agent.state == "paused" and agent.reason == PHONE_UNREACHABLE:
            agent.step("unpause", self._loop.now())
            self._changed(agent)

    # ---- what calls do

    def ring(self, agent: Agent, call: str) -> None:
        """A call is offered."""
        agent.step("ring", self._loop.now())
        agent.call = call
        self._changed(agent)

    def release(self, agent: Agent, unreachable: bool, at_fault: bool) -> None:
        """An offer ended without an answer. ``at_fault``: the phone refused or did not answer (the caller stayed)."""
        agent.step("release", self._loop.now())
        after_call, reason = agent.after_call, agent.after_call_reason
        agent.after_call = agent.after_call_reason = None
        if after_call == "logout":
            agent.step("logout", self._loop.now())
        elif after_call == "pause" or unreachable:
            agent.step("pause", self._loop.now())
            agent.reason = reason if after_call == "pause" else PHONE_UNREACHABLE
        elif at_fault:
            agent.not_before = self._loop.now() + HOLD_OFF_SECONDS
            self._loop.later(HOLD_OFF_SECONDS, lambda: self._changed(agent))
        self._changed(agent)

    def connect(self, agent: Agent, call: str) -> None:
        """The agent is in a call: one of a queue, a direct one or one they made."""
        self._cancel_wrap_up(agent)
        if agent.state == "on-call":
            return
        agent.back_to_pause = (agent.reason or "") if agent.state == "paused" else None
        agent.step("connect", self._loop.now())
        agent.call = call
        self._changed(agent)

    def finish(self, agent: Agent, call: str, wrap_up: float) -> None:
        """The agent's call is over; ``wrap_up`` seconds of after-call work follow."""
        if agent.state != "on-call" or agent.call != call:
            return
        if agent.finish_call(wrap_up > 0, self._loop.now()) == "wrap-up":
            self._wrap_up[agent.number] = self._loop.later(wrap_up, lambda: self._ready(agent))
        self._changed(agent)

    def _ready(self, agent: Agent) -> None:
        self._wrap_up.pop(agent.number, None)
        if agent.state == "wrap-up":
            agent.step("ready", self._loop.now())
            self._changed(agent)

    def _cancel_wrap_up(self, agent: Agent) -> None:
        timer = self._wrap_up.pop(agent.number, None)
        if timer is not None:
            timer.cancel()
