"""Walks one caller through an IVR flow. Pure: what happened goes in, what to do comes out.

A menu's prompt can be cut by a key at any time (barge-in). The time-out for a key runs from the prompt's end.
"""

from __future__ import annotations

from dataclasses import dataclass

from pbx.ivr.flow import Flow, Menu, Play
from pbx.routing import Target, parse_target


@dataclass(frozen=True, slots=True)
class PlayPrompt:
    """Play this prompt; tell ``prompt_ended`` when it is over. What played before stops."""

    prompt: str


@dataclass(frozen=True, slots=True)
class WaitForKey:
    """Call ``timed_out`` if no key has come in this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Leave:
    """The flow is over: send the call there."""

    target: Target


@dataclass(frozen=True, slots=True)
class Note:
    """A step for the ledger."""

    step: str
    what: str  # entered | key | invalid | timeout
    key: str | None = None


Action = PlayPrompt | WaitForKey | Leave | Note


class Walk:
    """Where one caller stands in a flow."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._step = flow.start
        self._tries = 0
        self._left = False
        self._saying_invalid = False

    def start(self) -> list[Action]:
        """Enter the flow."""
        return self._enter(self._flow.start)

    def prompt_ended(self) -> list[Action]:
        """The prompt has been played to its end."""
        if self._left:
            return []
        match self._flow.steps[self._step]:
            case Play(next=following):
                return self._go(following)
            case Menu() as menu if self._saying_invalid:
                self._saying_invalid = False
                return [PlayPrompt(menu.prompt)]
            case Menu() as menu:
                return [WaitForKey(menu.timeout)]

    def key(self, digit: str) -> list[Action]:
        """The caller pressed a key. Keys during an announcement are ignored."""
        step = self._flow.steps[self._step]
        if self._left or not isinstance(step, Menu):
            return []
        if digit in step.keys:
            return [Note(self._step, "key", digit), *self._go(step.keys[digit])]
        note = Note(self._step, "invalid", digit)
        if self._tries >= step.repeat:
            return [note, *self._go(step.on_invalid)]
        self._tries += 1
        self._saying_invalid = True
        return [note, PlayPrompt(step.invalid_prompt)]

    def timed_out(self) -> list[Action]:
        """No key came in time: the menu is played again, or given up."""
        step = self._flow.steps[self._step]
        if self._left or not isinstance(step, Menu):
            return []
        note = Note(self._step, "timeout")
        if self._tries >= step.repeat:
            return [note, *self._go(step.on_timeout)]
        self._tries += 1
        return [note, PlayPrompt(step.prompt)]

    def _enter(self, step: str) -> list[Action]:
        self._step, self._tries, self._saying_invalid = step, 1, False
        return [Note(step, "entered"), PlayPrompt(self._flow.steps[step].prompt)]

    def _go(self, leads_to: str) -> list[Action]:
        if leads_to in self._flow.steps:
            return self._enter(leads_to)
        self._left = True
        return [Leave(parse_target(leads_to))]
