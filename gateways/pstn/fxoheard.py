"""What a sound on the line means in each phase of a call: pure tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from appliance.q850 import Cause
from gateways.line import Confidence
from gateways.pstn.fxostate import Input, Phase
from gateways.pstn.hearing import Sound


@dataclass(frozen=True, slots=True)
class End:
    """The call is over."""

    cause: Cause
    text: str


@dataclass(frozen=True, slots=True)
class Connected:
    """The called party answered."""

    confidence: Confidence


Meaning = Input | End | Connected

_REFUSED = {
    Sound.BUSY: End(Cause.USER_BUSY, "busy tone"),
    Sound.CONGESTION: End(Cause.SWITCHING_EQUIPMENT_CONGESTION, "congestion tone"),
    Sound.UNOBTAINABLE: End(Cause.UNALLOCATED_NUMBER, "special information tone: the number is unobtainable"),
}
_NOT_TAKEN = End(Cause.DESTINATION_OUT_OF_ORDER, "dial tone after dialling: the exchange did not take the digits")

SETTING_UP: dict[tuple[Phase, Sound], Meaning] = {
    (Phase.SEIZING, Sound.DIAL): Input.PROCEED,
    (Phase.SEIZING, Sound.BUSY): End(Cause.NO_CIRCUIT_AVAILABLE, "busy tone instead of dial tone"),
    (Phase.SEIZING, Sound.CONGESTION): End(Cause.NO_CIRCUIT_AVAILABLE, "congestion tone instead of dial tone"),
    **{(Phase.PROGRESS, sound): end for sound, end in _REFUSED.items()},
    **{(Phase.ALERTING, sound): end for sound, end in _REFUSED.items()},
    (Phase.PROGRESS, Sound.DIAL): _NOT_TAKEN,
    (Phase.PROGRESS, Sound.RINGBACK): Input.RINGBACK,
    # A voice that no ring-back came before may be an announcement, or a caller's music instead of ring-back.
    (Phase.PROGRESS, Sound.VOICE): Connected("claimed"),
    (Phase.PROGRESS, Sound.FAX_CED): Connected("heard"),
    (Phase.ALERTING, Sound.VOICE): Connected("heard"),
    (Phase.ALERTING, Sound.FAX_CED): Connected("heard"),
    # Ring-back has stopped, and nobody speaks.
    (Phase.ALERTING, Sound.SILENCE): Connected("claimed"),
}
"""While we call. What is not here means nothing."""

HANGING_UP: dict[Sound, str] = {
    Sound.BUSY: "busy tone",
    Sound.CONGESTION: "congestion tone",
    Sound.DIAL: "dial tone",
    Sound.SILENCE: "silence",
}
"""What shows in a call that the far party has gone, with how to say so."""
FAX: dict[Sound, Literal["cng", "ced"]] = {Sound.FAX_CNG: "cng", Sound.FAX_CED: "ced"}
