"""What a subscriber does when the gateway calls, and how a caller is shown to the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.pstn.exchange.bearer import Capability
from tests.pstn.exchange.elements import Element
from tests.pstn.exchange.party import NumberType, Reason

Choice = Literal["exclusive", "preferred", "any", "unnamed"]
"""How SETUP speaks of the channel: this one only; this one rather; any (Q.931 §4.5.13); no element at all."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A called subscriber. Times are seconds from the step before; None: the step does not come.

    ``refuses``: Q.850 cause after ``answers_after`` seconds, by ``refuses_by``; ``inband``: tones are in the B channel,
    so progress indicator 8 is sent (the tones are the test's); ``silent``: SETUP is not answered at all;
    ``connected`` and ``connected_name`` are shown as connected number and in Display; ``acknowledges``: SETUP
    ACKNOWLEDGE comes before CALL PROCEEDING, though the number is whole; ``progress``: description of a progress
    indicator in CALL PROCEEDING; ``channel``: another channel than the gateway asked for, where it left that open.
    """

    proceeds_after: float | None = 0.0
    alerts_after: float | None = 0.02
    answers_after: float | None = 0.05
    refuses: int | None = None
    refuses_by: Literal["DISCONNECT", "RELEASE", "RELEASE COMPLETE"] = "DISCONNECT"
    hangs_up_after: float | None = None
    cause: int = 16
    inband: bool = False
    silent: bool = False
    connected: str | None = None
    connected_name: str | None = None
    acknowledges: bool = False
    progress: int | None = None
    channel: int | None = None


ANSWERS = Behaviour()
BUSY = Behaviour(alerts_after=None, refuses=17)
NO_ANSWER = Behaviour(answers_after=None)
AT_ONCE = Behaviour(alerts_after=None, answers_after=0.0)
"""CONNECT with no ALERTING before it."""
UNKNOWN_NUMBER = Behaviour(proceeds_after=None, alerts_after=None, refuses=1, refuses_by="RELEASE COMPLETE")


@dataclass(frozen=True, slots=True)
class Offer:
    """A call to the gateway.

    ``to`` and ``number`` are E.164, or digits that are sent as they are with ``to_kind`` / ``number_kind``.
    ``name_later``: seconds after which the name comes in a FACILITY message. ``overlap``: seconds between digits, of
    which SETUP has the first ``digits_at_once``. ``extra`` elements are put into SETUP, known to anybody or not.
    """

    to: str
    number: str | None = None
    name: str | None = None
    channel: int | None = None
    choice: Choice = "exclusive"
    restricted: bool = False
    name_later: float | None = None
    overlap: float | None = None
    digits_at_once: int = 0
    redirecting: str | None = None
    reason: Reason = Reason.UNCONDITIONAL
    to_kind: NumberType | None = None
    number_kind: NumberType | None = None
    capability: Capability = "3.1 kHz audio"
    complete: bool = False
    caller_not_isdn: bool = False
    extra: tuple[Element, ...] = ()
