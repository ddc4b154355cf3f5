"""Feature codes: an agent logs in and out, pauses and unpauses by dialling from the phone.

These are no calls of the floor and leave no ledger row; what they did to the agent is in ``agent_event``.
"""

from __future__ import annotations

import logging

from appliance.q850 import Cause
from pbx.acd.agents import AgentRefusal
from pbx.acd.desk import AgentDesk
from pbx.loop import Loop
from pbx.prompter import Prompter
from pbx.routing import Dialled
from pbx.sip import SipCore

log = logging.getLogger(__name__)

ANSWER_PAUSE = 0.2
_SAID = {
    "login": "agent-logged-in", "logout": "agent-logged-out", "pause": "agent-paused", "unpause": "agent-unpaused",
}  # fmt: skip


class PhoneServices:
    """The legs that speak to a feature code."""

    def __init__(self, sip: SipCore, prompter: Prompter, loop: Loop, agents: AgentDesk) -> None:
        self._sip = sip
        self._prompter = prompter
        self._loop = loop
        self._agents = agents
        self._legs: dict[int, str] = {}  # leg -> extension

    def serve(self, leg: int, extension: str, dialled: Dialled) -> bool:
        """Carry out a feature code and say what came of it; False where ``dialled`` is none."""
        if dialled.kind not in _SAID:
            return False
        self._legs[leg] = extension
        try:
            self._carry_out(extension, dialled)
            prompt = _SAID[dialled.kind]
        except AgentRefusal as refusal:
            log.warning("extension %s: %s refused: %s", extension, dialled.kind, refusal)
            prompt = "wrong-code"
        self._agents.phone_busy(extension, True)
        self._sip.accept(leg)
        self._loop.later(ANSWER_PAUSE, lambda: self._say(leg, prompt))
        return True

    def ended(self, leg: int) -> bool:
        """Forget a leg that has ended; False where it was none of these."""
        if leg not in self._legs:
            return False
        self._agents.phone_busy(self._legs.pop(leg), False)
        self._prompter.stop(leg)
        return True

    def _carry_out(self, extension: str, dialled: Dialled) -> None:
        if dialled.kind == "login":
            self._agents.login(dialled.number, extension)
            return
        agent = self._agents.at(extension)
        if agent is None:
            raise AgentRefusal("not-logged-in", f"nobody is logged in at {extension}")
        match dialled.kind:
            case "logout":
                self._agents.logout(agent.number)
            case "pause":
                self._agents.pause(agent.number, dialled.number or None)
            case _:
                self._agents.unpause(agent.number)

    def _say(self, leg: int, prompt: str) -> None:
        if leg in self._legs:
            self._prompter.say(leg, [prompt], lambda: self._sip.end(leg, Cause.NORMAL_CLEARING))
