"""Why a call ended: the answer to AT+CEER (3GPP TS 27.007 §6.10) in the words and numbers of the families."""

from __future__ import annotations

import re

from gateways.gsm.dialects import standard as std

# The texts of Qualcomm's firmwares (Quectel EC2x&EG9x manual §15.8, SIMCom SIM7500_SIM7600 manual §19.2), whose names
# for the network's causes are those of 3GPP TS 24.008 annex H (Q.850); last come the modem's own reasons.
_CAUSES = {
    "unassigned/unallocated number": 1,
    "unassigned (unallocated) number": 1,
    "unassigned number": 1,
    "unallocated number": 1,
    "no route to destination": 3,
    "channel unacceptable": 6,
    "operator determined barring": 8,
    "normal call clearing": 16,
    "user busy": 17,
    "no user responding": 18,
    "user alerting, no answer": 19,
    "subscriber absent": 20,
    "call rejected": 21,
    "number changed": 22,
    "non selected user clearing": 26,
    "destination out of order": 27,
    "invalid/incomplete number": 28,
    "invalid number format": 28,
    "facility rejected": 29,
    "response to status enquiry": 30,
    "normal, unspecified": 31,
    "no circuit/channel available": 34,
    "network out of order": 38,
    "temporary failure": 41,
    "switching equipment congestion": 42,
    "access information discarded": 43,
    "requested circuit/channel not available": 44,
    "resources unavailable, unspecified": 47,
    "quality of service unavailable": 49,
    "requested facility not subscribed": 50,
    "incoming calls barred within the cug": 55,
    "bearer capability not authorized": 57,
    "bearer capability not presently available": 58,
    "bearer capability not available": 58,
    "service/option not available": 63,
    "bearer service not implemented": 65,
    "acm >= acmmax": 68,
    "requested facility not implemented": 69,
    "incompatible destination": 88,
    "recovery on timer expiry": 102,
    "protocol error, unspecified": 111,
    "interworking, unspecified": 127,
    "client ended call": 16,
    "network ended call": 16,
    "client rejected incoming call": 21,
    "no service available": 38,
    "access failure, unknown source": 41,
}


# "16 Normal call clearing" (A76xx), "CC setup error",17,"User busy" (u-blox manual, +CEER)
_NUMBERED = re.compile(r'(?:cc [a-z ]*"?\s*,\s*)?([0-9]{1,3})(?:\s[a-z]|\s*,\s*").*')


def cause_of(lines: tuple[bytes, ...]) -> int | None:
    """Return the Q.850 cause in the answer to AT+CEER, None where it has none.

    It may be the cause's name, its number with its name, or numbers alone: ``cause`` or ``location,cause`` (SIM800).
    """
    for line in lines:
        words = std.unquote(std.decode(line).partition(":")[2]).lower()
        if words in _CAUSES:
            return _CAUSES[words]
        match = _NUMBERED.fullmatch(words)
        if match and 1 <= int(match[1]) <= 127:
            return int(match[1])
    return std.cause_of(lines)
