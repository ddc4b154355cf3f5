"""What a DAHDI channel tells: DAHDI_EVENT_* of <dahdi/user.h>."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """Kinds of events, named as in the header.

    On an FXO port RINGOFFHOOK says that a ring is over and ONHOOK that battery was dropped; on an FXS port they say
    that the telephone went off-hook and on-hook.
    """

    ONHOOK = "on-hook"
    RINGOFFHOOK = "ring-off-hook"
    WINKFLASH = "wink-flash"
    ALARM = "alarm"
    NOALARM = "no-alarm"
    ABORT = "abort"  # a D channel's frame was aborted
    OVERRUN = "overrun"  # ... was longer than a block
    BADFCS = "bad-fcs"  # ... had a wrong check sequence
    DIALCOMPLETE = "dial-complete"
    RINGERON = "ringer-on"
    RINGEROFF = "ringer-off"
    HOOKCOMPLETE = "hook-complete"
    BITSCHANGED = "bits-changed"
    PULSE_START = "pulse-start"
    TIMER_EXPIRED = "timer-expired"
    TIMER_PING = "timer-ping"
    POLARITY = "polarity"
    RINGBEGIN = "ring-begin"
    EC_DISABLED = "ec-disabled"
    REMOVED = "removed"  # the card was taken out: close the channel
    NEONMWI_ACTIVE = "neon-mwi-active"
    NEONMWI_INACTIVE = "neon-mwi-inactive"
    TX_CED_DETECTED = "tx-ced"  # a fax machine's answer tone, in what we send
    RX_CED_DETECTED = "rx-ced"  # ... in what we hear; only with an echo canceller on
    TX_CNG_DETECTED = "tx-cng"
    RX_CNG_DETECTED = "rx-cng"
    EC_NLP_DISABLED = "ec-nlp-disabled"
    EC_NLP_ENABLED = "ec-nlp-enabled"
    READ_OVERRUN = "read-overrun"  # these two only after ``Channel.report_losses``
    WRITE_UNDERRUN = "write-underrun"
    PULSEDIGIT = "pulse-digit"
    DTMFDOWN = "dtmf-down"  # these two only from cards that detect digits
    DTMFUP = "dtmf-up"
    OTHER = "other"


_NUMBERED = tuple(Event)[:30]  # DAHDI_EVENT_ONHOOK is 1, DAHDI_EVENT_WRITE_UNDERRUN 30
_DIGITS = {1 << 16: Event.PULSEDIGIT, 1 << 17: Event.DTMFDOWN, 1 << 18: Event.DTMFUP}


@dataclass(frozen=True, slots=True)
class HardwareEvent:
    """An event of a channel; ``digit`` (0-9 * # A-D) with the kinds that have one."""

    kind: Event
    digit: str = ""


def decoded(number: int) -> HardwareEvent | None:
    """Return what DAHDI_GETEVENT's number says; None: no event."""
    if number == 0:
        return None
    for bit, kind in _DIGITS.items():
        if number & bit:
            return HardwareEvent(kind, chr(number & 0xFF))
    known = number <= len(_NUMBERED)
    return HardwareEvent(_NUMBERED[number - 1] if known else Event.OTHER)
