"""Runs IVR walks on legs: prompts out, keys in."""

from __future__ import annotations

from collections.abc import Callable

from pbx.calls import Call
from pbx.ivr.engine import Action, Leave, Note, PlayPrompt, WaitForKey, Walk
from pbx.ivr.flow import Flow
from pbx.loop import Loop, Timer
from pbx.prompter import Prompter
from pbx.routing import Target


class IvrRunner:
    """The callers who are in an IVR flow."""

    def __init__(
        self,
        prompter: Prompter,
        loop: Loop,
        note: Callable[[Call, Note], None],
        leave: Callable[[Call, Target], None],
    ) -> None:
        self._prompter = prompter
        self._loop = loop
        self._note = note
        self._leave = leave
        self._walks: dict[str, Walk] = {}
        self._waits: dict[str, Timer] = {}

    def enter(self, call: Call, flow: Flow) -> None:
        """Send a call through a flow; ``leave`` is called with where it comes out."""
        walk = self._walks[call.id] = Walk(flow)
        self._act(call, walk.start())

    def key(self, call: Call, digit: str) -> bool:
        """Give a key to a call's walk; False where the call is in no flow."""
        walk = self._walks.get(call.id)
        if walk is None:
            return False
        self._act(call, walk.key(digit))
        return True

    def drop(self, call: Call) -> None:
        """The call has ended or left."""
        self._walks.pop(call.id, None)
        self._cancel_wait(call)
        self._prompter.stop(call.caller_leg)

    def _act(self, call: Call, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Note():
                    self._note(call, action)
                case PlayPrompt(prompt):
                    self._cancel_wait(call)
                    self._prompter.say(call.caller_leg, [prompt], lambda: self._walked(call, Walk.prompt_ended))
                case WaitForKey(seconds):
                    self._cancel_wait(call)
                    wait = self._loop.later(seconds, lambda: self._walked(call, Walk.timed_out))
                    self._waits[call.id] = wait
                case Leave(target):
                    self.drop(call)
                    self._leave(call, target)

    def _walked(self, call: Call, what: Callable[[Walk], list[Action]]) -> None:
        walk = self._walks.get(call.id)
        if walk is not None:
            self._act(call, what(walk))

    def _cancel_wait(self, call: Call) -> None:
        timer = self._waits.pop(call.id, None)
        if timer is not None:
            timer.cancel()
