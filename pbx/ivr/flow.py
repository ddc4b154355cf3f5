"""An IVR flow as data: named steps, each a menu or an announcement, ending in routing targets.

    {"start": "menu",
     "steps": {"menu": {"type": "menu", "prompt": "welcome", "timeout": 6, "repeat": 2,
                        "keys": {"1": "queue:sales", "2": "queue:support"},
                        "on_timeout": "queue:support", "on_invalid": "hangup", "invalid_prompt": "invalid"}}}

Where a step leads, a text is either another step's name or a routing target (``queue:sales``, ``hangup``).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pbx.routing import Target, parse_target

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Menu(BaseModel):
    """Plays a prompt and waits for one key. ``repeat`` is how often in all it is played before giving up."""

    model_config = _STRICT
    type: Literal["menu"]
    prompt: str
    keys: dict[str, str]
    timeout: float = Field(default=6, gt=0, le=60)
    repeat: int = Field(default=2, ge=1, le=10)
    on_timeout: str = "hangup"
    on_invalid: str = "hangup"
    invalid_prompt: str = "invalid"

    @field_validator("keys")
    @classmethod
    def _one_key_each(cls, keys: dict[str, str]) -> dict[str, str]:
        if wrong := [key for key in keys if len(key) != 1 or key not in "0123456789*#ABCD"]:
            raise ValueError(f"{wrong[0]!r} is no key; allowed: 0-9 * # A-D, one each")
        return keys


class Play(BaseModel):
    """Plays a prompt, then goes on."""

    model_config = _STRICT
    type: Literal["play"]
    prompt: str
    next: str


StepData = Annotated[Menu | Play, Field(discriminator="type")]


class Flow(BaseModel):
    """A whole flow. Use ``parse``: it also checks where the steps lead."""

    model_config = _STRICT
    start: str
    steps: dict[str, StepData]

    def exits(self, step: StepData) -> list[str]:
        """Return where a step may lead, as written."""
        return [step.next] if isinstance(step, Play) else [*step.keys.values(), step.on_timeout, step.on_invalid]

    def targets(self) -> set[Target]:
        """Return the routing targets that the flow may end in."""
        return {parse_target(e) for step in self.steps.values() for e in self.exits(step) if e not in self.steps}

    def prompts(self) -> set[str]:
        """Return the names of the prompts that the flow plays."""
        names = {step.prompt for step in self.steps.values()}
        return names | {step.invalid_prompt for step in self.steps.values() if isinstance(step, Menu)}


def parse(name: str, definition: dict[str, Any]) -> Flow:
    """Return the checked flow; raise ValueError with one line that names flow, place and what is allowed."""
    try:
        flow = Flow.model_validate(definition)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "flow"
        raise ValueError(f"ivr flow {name}: {place}: {first['msg']}") from None
    if flow.start not in flow.steps:
        raise ValueError(f"ivr flow {name}: start: {flow.start!r} is no step; allowed: {', '.join(flow.steps)}")
    for step_name, step in flow.steps.items():
        for leads_to in flow.exits(step):
            if leads_to in flow.steps:
                continue
            try:
                parse_target(leads_to)
            except ValueError as error:
                steps = ", ".join(flow.steps)
                raise ValueError(f"ivr flow {name}: steps.{step_name}: {error}, or a step: {steps}") from None
    _refuse_silent_loop(name, flow)
    return flow


def _refuse_silent_loop(name: str, flow: Flow) -> None:
    """Refuse announcements that lead to each other in a circle: a caller could never leave it."""
    for begin in flow.steps:
        seen, at = {begin}, begin
        while isinstance(step := flow.steps.get(at), Play):
            at = step.next
            if at in seen:
                raise ValueError(f"ivr flow {name}: steps.{begin}: announcements lead in a circle without a menu")
            seen.add(at)
