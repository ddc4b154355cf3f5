"""What a B channel's state machine has done: orders, beside the line events that it has told."""

from __future__ import annotations

from dataclasses import dataclass

from gateways.line import LineEvent, ShownCaller


@dataclass(frozen=True, slots=True)
class SendSetup:
    number: str
    caller: ShownCaller | None


@dataclass(frozen=True, slots=True)
class SendAlerting:
    pass


@dataclass(frozen=True, slots=True)
class SendConnect:
    pass


@dataclass(frozen=True, slots=True)
class Clear:
    """Send what ends the call; ``gone`` is told when it is over."""

    cause: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget the call without a word to the network."""


@dataclass(frozen=True, slots=True)
class StartAudio:
    pass


@dataclass(frozen=True, slots=True)
class StopAudio:
    pass


Order = SendSetup | SendAlerting | SendConnect | Clear | Drop | StartAudio | StopAudio
Step = LineEvent | Order
