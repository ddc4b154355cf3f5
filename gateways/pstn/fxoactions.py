"""What an FXO line's state machine asks of its hardware, in the order to be done; line events stand among them."""

from __future__ import annotations

from dataclasses import dataclass

from gateways.line import LineEvent
from gateways.pstn.fxodial import DialPlan
from gateways.pstn.fxostate import Listening


@dataclass(frozen=True, slots=True)
class Hook:
    """Close the loop or open it. ``seize``: to call out, which a groundstart line does in its own way."""

    off: bool
    seize: bool = False


@dataclass(frozen=True, slots=True)
class Dial:
    plan: DialPlan


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen for something else from now on; the same again begins anew."""

    to: Listening


@dataclass(frozen=True, slots=True)
class StartAudio:
    """Lend the channel's audio out (AudioStarted), echo cancelled."""


@dataclass(frozen=True, slots=True)
class StopAudio:
    """The call is over: no echo canceller any more."""


@dataclass(frozen=True, slots=True)
class Ringback:
    """Let who is on the line hear ring-back tone, or no longer."""

    on: bool


Action = Hook | Dial | Listen | StartAudio | StopAudio | Ringback
Output = Action | LineEvent
