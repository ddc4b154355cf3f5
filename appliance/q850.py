"""Causes of a call's end: ITU-T Q.850 numbers, and how SIP answers map to them and back.

Mapping: RFC 3398 §7.2.4.1 and §8.2.6.1; carried in SIP by the Reason header of RFC 3326.
"""

from __future__ import annotations

import re
from enum import IntEnum


class Cause(IntEnum):
    """The causes that we send or meet most (ITU-T Q.850 §2.2.7)."""

    UNALLOCATED_NUMBER = 1
    NO_ROUTE = 3
    NORMAL_CLEARING = 16
    USER_BUSY = 17
    NO_USER_RESPONDING = 18
    NO_ANSWER = 19
    SUBSCRIBER_ABSENT = 20
    CALL_REJECTED = 21
    NUMBER_CHANGED = 22
    DESTINATION_OUT_OF_ORDER = 27
    INVALID_NUMBER_FORMAT = 28
    NORMAL_UNSPECIFIED = 31
    NO_CIRCUIT_AVAILABLE = 34
    NETWORK_OUT_OF_ORDER = 38
    TEMPORARY_FAILURE = 41
    SWITCHING_EQUIPMENT_CONGESTION = 42
    REQUESTED_CHANNEL_UNAVAILABLE = 44
    RESOURCE_UNAVAILABLE = 47
    BEARER_NOT_AVAILABLE = 58
    INCOMPATIBLE_DESTINATION = 88
    RECOVERY_ON_TIMER_EXPIRY = 102
    INTERWORKING = 127


TEXT = {
    Cause.UNALLOCATED_NUMBER: "Unallocated number",
    Cause.NO_ROUTE: "No route to destination",
    Cause.NORMAL_CLEARING: "Normal call clearing",
    Cause.USER_BUSY: "User busy",
    Cause.NO_USER_RESPONDING: "No user responding",
    Cause.NO_ANSWER: "No answer",
    Cause.SUBSCRIBER_ABSENT: "Subscriber absent",
    Cause.CALL_REJECTED: "Call rejected",
    Cause.NUMBER_CHANGED: "Number changed",
    Cause.DESTINATION_OUT_OF_ORDER: "Destination out of order",
    Cause.INVALID_NUMBER_FORMAT: "Invalid number format",
    Cause.NORMAL_UNSPECIFIED: "Normal, unspecified",
    Cause.NO_CIRCUIT_AVAILABLE: "No circuit/channel available",
    Cause.NETWORK_OUT_OF_ORDER: "Network out of order",
    Cause.TEMPORARY_FAILURE: "Temporary failure",
    Cause.SWITCHING_EQUIPMENT_CONGESTION: "Switching equipment congestion",
    Cause.REQUESTED_CHANNEL_UNAVAILABLE: "Requested circuit/channel not available",
    Cause.RESOURCE_UNAVAILABLE: "Resource unavailable",
    Cause.BEARER_NOT_AVAILABLE: "Bearer capability not presently available",
    Cause.INCOMPATIBLE_DESTINATION: "Incompatible destination",
    Cause.RECOVERY_ON_TIMER_EXPIRY: "Recovery on timer expiry",
    Cause.INTERWORKING: "Interworking, unspecified",
}

_FROM_SIP = {
    200: 16, 400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127,
    414: 127, 415: 79, 416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1,
    486: 17, 487: 16, 488: 88, 500: 41, 501: 79, 502: 38, 503: 41, 504: 102, 505: 127, 513: 127, 600: 17, 603: 21,
    604: 1, 606: 88,
}  # fmt: skip

_TO_SIP = {
    1: 404, 2: 404, 3: 404, 16: 480, 17: 486, 18: 408, 19: 480, 20: 480, 21: 603, 22: 410, 27: 502, 28: 484, 31: 480,
    34: 503, 38: 503, 41: 503, 42: 503, 44: 503, 47: 503, 58: 503, 88: 488, 102: 504, 127: 500,
}  # fmt: skip

_REASON = re.compile(r"^Reason\s*:.*?\bQ\.850\s*;\s*cause\s*=\s*(\d{1,3})", re.IGNORECASE | re.MULTILINE)
_REASON_TEXT = re.compile(
    r'^Reason\s*:.*?\bQ\.850\s*;[^,\r\n]*?\btext\s*=\s*"((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE | re.MULTILINE
)


def from_sip(status: int) -> int:
    """Return the Q.850 cause for a SIP final status (RFC 3398 §8.2.6.1); 31 where the table has none."""
    return _FROM_SIP.get(status, int(Cause.NORMAL_UNSPECIFIED))


def to_sip(cause: int) -> int:
    """Return the SIP status that refuses a call for a Q.850 cause (RFC 3398 §7.2.4.1); 480 where the table has none."""
    return _TO_SIP.get(cause, 480)


def text(cause: int) -> str:
    """Return the cause in words."""
    try:
        return TEXT[Cause(cause)]
    except (ValueError, KeyError):
        return f"Q.850 cause {cause}"


def reason_header(cause: int, words: str | None = None) -> str:
    """Return the value of a Reason header (RFC 3326): ``Q.850;cause=16;text="Normal call clearing"``."""
    return f'Q.850;cause={int(cause)};text="{(words or text(cause)).replace(chr(34), chr(39))}"'


def from_reason(message: str) -> int | None:
    """Return the Q.850 cause of a SIP message's Reason header, None where it has none."""
    found = _REASON.search(message)
    return int(found.group(1)) if found else None


def reason_text(message: str) -> str:
    """Return the words beside that cause, '' where there are none."""
    found = _REASON_TEXT.search(message)
    return re.sub(r"\\(.)", r"\1", found.group(1)) if found else ""
