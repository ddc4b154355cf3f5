"""What a user may send, when, and with what in it (Q.931 §3.1, §5; EN 300 403-1), and what is wrong with a message."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from tests.pstn.exchange import bearer, facility, party, progress
from tests.pstn.exchange.coding import CodingError
from tests.pstn.exchange.elements import read
from tests.pstn.exchange.profiles import SpanPlan
from tests.pstn.exchange.q931 import Message


class CallState(IntEnum):
    """States of the network's side (Q.931 §2.1.2)."""

    NULL = 0
    INITIATED = 1
    OVERLAP_SENDING = 2
    OUTGOING_PROCEEDING = 3
    DELIVERED = 4
    PRESENT = 6
    RECEIVED = 7
    CONNECT_REQUEST = 8
    INCOMING_PROCEEDING = 9
    ACTIVE = 10
    DISCONNECT_REQUEST = 11
    DISCONNECT_INDICATION = 12
    RELEASE_REQUEST = 19
    OVERLAP_RECEIVING = 25


_S = CallState
_ALWAYS = {"STATUS", "STATUS ENQUIRY", "FACILITY"}
EXPECTED: dict[CallState, set[str]] = {
    _S.INITIATED: {"DISCONNECT", "RELEASE COMPLETE"},
    _S.OVERLAP_SENDING: {"INFORMATION", "DISCONNECT", "NOTIFY", "PROGRESS"},
    _S.OUTGOING_PROCEEDING: {"DISCONNECT", "NOTIFY", "PROGRESS"},
    _S.DELIVERED: {"DISCONNECT", "NOTIFY", "PROGRESS", "INFORMATION"},
    _S.PRESENT: {"SETUP ACKNOWLEDGE", "CALL PROCEEDING", "ALERTING", "CONNECT", "RELEASE COMPLETE"},
    _S.OVERLAP_RECEIVING: {"CALL PROCEEDING", "ALERTING", "CONNECT", "PROGRESS", "NOTIFY", "DISCONNECT"},
    _S.INCOMING_PROCEEDING: {"ALERTING", "CONNECT", "PROGRESS", "NOTIFY", "DISCONNECT"},
    _S.RECEIVED: {"CONNECT", "PROGRESS", "NOTIFY", "INFORMATION", "DISCONNECT"},
    _S.ACTIVE: {"DISCONNECT", "NOTIFY", "INFORMATION", "CONNECT ACKNOWLEDGE"},
    _S.DISCONNECT_INDICATION: {"RELEASE", "DISCONNECT", "NOTIFY"},
    _S.RELEASE_REQUEST: {"RELEASE", "RELEASE COMPLETE"},
}
"""What a user sends in each of the network's states, besides ``_ALWAYS``."""
_FROM_NETWORK: dict[CallState, set[str]] = {
    _S.INITIATED: {"RELEASE"},
    _S.PRESENT: {"PROGRESS", "DISCONNECT", "RELEASE"},
    _S.INCOMING_PROCEEDING: {"INFORMATION"},
    _S.ACTIVE: {"PROGRESS"},
}
"""What a network sends besides, in the states that our side of such a call has."""

_B, _CH, _C = bearer.BEARER_CAPABILITY, bearer.CHANNEL_IDENTIFICATION, progress.CAUSE
_RI, _ST, _CS = bearer.RESTART_INDICATOR, progress.CALL_STATE, bearer.CHANGE_STATUS
_F, _P, _N, _K = facility.FACILITY, progress.PROGRESS_INDICATOR, progress.NOTIFICATION, party.KEYPAD
_D, _CALLED, _CALLING, _CONNECTED = party.DISPLAY, party.CalledNumber.NUMBER, party.CallingNumber.NUMBER, 0x4C
_REDIRECTING, _ORIGINAL, _COMPLETE, _SIGNAL, _UU, _HLC, _LLC, _NSF = 0x74, 0x73, 0xA1, 0x34, 0x7E, 0x7D, 0x7C, 0x20
_SUBADDRESSES = {0x6D, 0x71}
_REPEAT, _TRANSIT, _CONGESTION = 0xD0, 0x78, 0xB0
MANDATORY: dict[str, set[int]] = {
    "SETUP": {_B},
    "DISCONNECT": {_C},
    "STATUS": {_C, _ST},
    "RESTART": {_RI},
    "RESTART ACKNOWLEDGE": {_RI},
    "NOTIFY": {_N},
    "PROGRESS": {_P},
    "SERVICE": {_CS, _CH},
    "SERVICE ACKNOWLEDGE": {_CS, _CH},
    "FACILITY": {_F},
}
"""Elements without which the message is in error (Q.931 §3.1), from the user."""
_COMMON = {_F, _UU}
ALLOWED: dict[str, set[int]] = {
    "SETUP": {
        _B,
        _CH,
        _P,
        _K,
        _CALLED,
        _CALLING,
        _REDIRECTING,
        _ORIGINAL,
        _COMPLETE,
        _HLC,
        _LLC,
        _NSF,
        _REPEAT,
        _TRANSIT,
    }
    | _SUBADDRESSES,
    "SETUP ACKNOWLEDGE": {_CH, _P},
    "CALL PROCEEDING": {_B, _CH, _P, _HLC},
    "ALERTING": {_B, _CH, _P, _HLC},
    "PROGRESS": {_B, _C, _P, _HLC},
    "CONNECT": {_B, _CH, _P, _HLC, _LLC, _CONNECTED, 0x4D},
    "CONNECT ACKNOWLEDGE": set(),
    "DISCONNECT": {_C, _P},
    "RELEASE": {_C},
    "RELEASE COMPLETE": {_C},
    "INFORMATION": {_COMPLETE, _C, _K, _CALLED},
    "NOTIFY": {_B, _N, _REDIRECTING, 0x76},
    "STATUS": {_C, _ST},
    "STATUS ENQUIRY": set(),
    "RESTART": {_CH, _RI},
    "RESTART ACKNOWLEDGE": {_CH, _RI},
    "FACILITY": {_F, _CALLED, _CALLING},
    "SERVICE": {_CS, _CH},
    "SERVICE ACKNOWLEDGE": {_CS, _CH},
}
"""Elements of codeset 0 that a user may send in each message (Q.931 §3.1, EN 300 403-1 §3.1), besides ``_COMMON``."""


def wrong_in_state(message: Message, state: CallState, plan: SpanPlan) -> str | None:
    """Return what is wrong with that message coming in that state, None when nothing is."""
    more = _FROM_NETWORK.get(state, set()) if plan.role == "user" else set()
    if message.kind in _ALWAYS | EXPECTED.get(state, set()) | more:
        return None
    return f"{message.kind} in state N{state.value} ({state.name})"


def wrong_inside(message: Message, plan: SpanPlan) -> Iterator[str]:
    """Yield what is wrong with the message itself, whenever it comes."""
    if message.reference_octets != 2:
        yield f"call reference of {message.reference_octets} octets on a primary rate interface"
    if message.kind not in ALLOWED:
        yield f"{message.kind} is not used here"
        return
    ordinary = [element for element in message.elements if element.codeset == 0 or element.codeset > 7]
    present = {element.number for element in ordinary}
    for number in sorted(MANDATORY[message.kind] - present if message.kind in MANDATORY else ()):
        yield f"{message.kind} without its mandatory element {number:#04x}"
    allowed = ALLOWED[message.kind] | _COMMON | ({_D} if plan.profile.display_from_user else set())
    for number in sorted(present - allowed) if plan.role == "network" else ():
        yield f"{message.kind} with element {number:#04x}, which a user does not send in it"
    numbers = [element.number for element in ordinary if not element.single]
    if numbers != sorted(numbers):
        yield f"{message.kind}: elements out of order: {' '.join(f'{number:02x}' for number in numbers)}"
    for number in sorted({number for number in numbers if numbers.count(number) > 1} - {_F, _P, _N, _B, _D, _CALLING}):
        yield f"{message.kind}: element {number:#04x} twice"
    yield from _wrong_contents(message, plan)


def _wrong_contents(message: Message, plan: SpanPlan) -> Iterator[str]:
    for element in message.elements:
        try:
            said = read(element)
            if isinstance(said, facility.Facility):
                _ = said.invokes
        except CodingError as error:
            yield f"{message.kind}: {error}"
            continue
        for text in _wrong_value(said, plan):
            yield f"{message.kind}: {text}"


def _wrong_value(said: object, plan: SpanPlan) -> Iterator[str]:
    match said:
        case bearer.Bearer(law=law) if law is not None and law != plan.law:
            yield f"layer 1 is {law}, the span's is {plan.law}"
        case bearer.ChannelId(channels=channels):
            yield from (f"there is no channel {channel}" for channel in channels if channel not in plan.channels)
        case progress.Cause(value=value, location=location, standard=standard):
            if standard != 0:
                yield f"cause of coding standard {standard}"
            elif value not in progress.KNOWN_CAUSES:
                yield f"cause {value} is not of Q.850"
            if location not in (progress.USER, progress.PRIVATE_LOCAL) and _from_user(plan):
                yield f"cause with location {location}, which is not the user's"
        case progress.ProgressIndicator(location=location) if location not in (
            progress.USER,
            progress.PRIVATE_LOCAL,
            progress.PRIVATE_REMOTE,
        ) and _from_user(plan):
            yield f"progress indicator with location {location}, which is not the user's"
        case party.CalledNumber(presentation=presentation) if presentation is not None:
            yield "called party number with octet 3a"
        case party.CallingNumber(screening=party.Screening.NETWORK) if (
            _from_user(plan) and not plan.profile.network_numbers
        ):
            yield "calling party number screened by the network, says the user"
        case party.PartyNumber(kind=party.NumberType.INTERNATIONAL, digits=digits) if digits.startswith("0"):
            yield f"international number {digits!r} with a prefix"
        case _:
            pass


def _from_user(plan: SpanPlan) -> bool:
    return plan.role == "network" and plan.switch != "qsig"


def is_first_response(message: Message) -> bool:
    """Does it settle the channel of a call to the user (Q.931 §5.2.3.1)?"""
    return message.kind in ("SETUP ACKNOWLEDGE", "CALL PROCEEDING", "ALERTING", "CONNECT")
