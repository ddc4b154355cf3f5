"""What libpri's event structs say, as plain data: nothing of libpri's memory is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateways.pstn.libpri_h import (
    ALLOWED,
    AUDIO_3K1,
    CHAR_SETS,
    PROGRESS_INBAND,
    PROGRESS_NOT_END_TO_END,
    RESTRICTED,
    RESTRICTION,
    SPEECH,
    SUBCMD_CONNECTED_LINE,
    SUBCMD_REDIRECTING,
)
from gateways.pstn.libprilibrary import octets
from gateways.pstn.prievents import (
    Call,
    CallerNamed,
    Connected,
    Digits,
    Disconnecting,
    Gone,
    LinkDown,
    LinkUp,
    Misconfigured,
    Party,
    PriEvent,
    Proceeding,
    Progress,
    RestartAcknowledged,
    Restarted,
    Ring,
    Ringing,
    Service,
    SetupAcknowledged,
)
from gateways.pstn.q931frame import DISCONNECT, INFORMATION_FOLLOWING, announces, message_of

HANGUP, HANGUP_ACK, HANGUP_REQ, RING = 6, 9, 15, 5
"""PRI_EVENT_* that begin and end calls."""
DCHAN_UP, DCHAN_DOWN, RESTART, CONFIG_ERR, RESTART_ACK, SERVICE, SERVICE_ACK = 1, 2, 3, 4, 10, 19, 20
SIGNALLING = 1 << 17  # in an event's channel: no B channel, a connection for supplementary services
_INBAND = PROGRESS_INBAND | PROGRESS_NOT_END_TO_END

CALL_MEMBER = {
    RING: "ring", HANGUP: "hangup", 7: "ringing", 8: "answer", HANGUP_ACK: "hangup", 11: "facility", 12: "ring",
    13: "proceeding", 14: "setup_ack", HANGUP_REQ: "hangup", 16: "notify", 17: "proceeding", 18: "digit",
}  # fmt: skip
"""PRI_EVENT_* of calls → member of the union."""


def without_call(event: Any) -> PriEvent | None:
    """Return an event that is no call's; None: nothing that we need."""
    match event.e:
        case 1:
            return LinkUp()
        case 2:
            return LinkDown()
        case 3:
            slot = slot_of(event.restart.channel)
            return Restarted() if slot is None else Restarted((slot,))
        case 4:
            return Misconfigured(_text(event.err.err).strip())
        case 10:
            return RestartAcknowledged(slot_of(event.restartack.channel))
        case 19 | 20:
            member = event.service
            slot = slot_of(member.channel)
            return None if slot is None else Service(slot, member.changestatus, event.e == SERVICE_ACK)
    return None


def of_call(event: Any, call: Call, frame: bytes) -> PriEvent | None:
    """Return a call's event; ``frame`` is the one that brought it, if one did. None: nothing that we need."""
    member = getattr(event, CALL_MEMBER[event.e])
    slot = slot_of(member.channel)
    match event.e:
        case 5:
            return _ring(member, call, frame)
        case 12:
            return Digits(call, _text(member.callednum), bool(member.complete))
        case 18:
            return Digits(call, _text(member.digits), False)
        case 14:
            return SetupAcknowledged(call, slot, bool(member.progressmask & _INBAND))
        case 13:
            return Proceeding(call, slot, bool(member.progressmask & _INBAND))
        case 17:
            return Progress(call, bool(member.progressmask & _INBAND))
        case 7:
            return Ringing(call, slot, bool(member.progressmask & _INBAND))
        case 8:
            return Connected(call, slot)
        case 15:
            return Disconnecting(call, _cause(member.cause), _announced(frame))
        case 6 | 9:
            return Gone(call, _cause(member.cause))
        case 11:
            return _facility(member, call)
    return None


def slot_of(channel: int) -> int | None:
    """Return the slot in an event's channel (libpri.h, "Event channel parameter encoding"); None: any, or not said."""
    if channel < 0 or channel & 0xFF in (0, 0xFF):
        return None
    return channel & 0x7FFF


def _ring(ring: Any, call: Call, frame: bytes) -> Ring:
    caller = _caller(ring.calling)
    redirecting = next(
        (_party(command.u.redirecting, "from") for command in _commands(ring.subcmds, SUBCMD_REDIRECTING)), None
    )
    signalling = ring.channel > 0 and bool(ring.channel & SIGNALLING)
    return Ring(
        call,
        None if signalling else slot_of(ring.channel),
        not ring.flexible,
        ring.ctype in (SPEECH, AUDIO_3K1),
        signalling,
        bool(ring.complete),
        _text(ring.callednum) or _text(ring.keypad_digits),
        caller,
        redirecting,
        INFORMATION_FOLLOWING in frame and (caller is None or caller.name is None),
    )


def _caller(party: Any) -> Party | None:
    name = _name(party.name)
    if not party.number.valid:
        return Party("", name=name) if name else None
    return Party(_text(party.number.str), party.number.plan, _withheld(party.number.presentation), name)


def _party(parties: Any, which: str) -> Party | None:
    number = getattr(parties, which).number
    if not number.valid:
        return None
    return Party(_text(number.str), number.plan, _withheld(number.presentation))


def _withheld(presentation: int) -> bool:
    return bool(presentation & RESTRICTION == RESTRICTED)


def _name(name: Any) -> str | None:
    if not name.valid or name.presentation & RESTRICTION != ALLOWED:
        return None
    return _text(name.str, CHAR_SETS.get(name.char_set, "iso8859-1")) or None


def _facility(facility: Any, call: Call) -> CallerNamed | None:
    for command in _commands(facility.subcmds, SUBCMD_CONNECTED_LINE):
        return CallerNamed(call, _name(command.u.connected_line.id.name))
    return None


def _commands(commands: Any, kind: int) -> Iterator[Any]:
    if not commands:
        return
    for index in range(min(commands.counter_subcmd, 8)):
        if commands.subcmd[index].cmd == kind:
            yield commands.subcmd[index]


def _announced(frame: bytes) -> bool:
    message = message_of(frame)
    return message is not None and message.kind == DISCONNECT and announces(frame, message)


def _cause(cause: int) -> int:
    return cause if 0 < cause < 128 else 31


def _text(characters: Any, encoding: str = "iso8859-1") -> str:
    """Return the text of a char array, up to its zero; controls, which networks do put into names, become spaces."""
    text = octets(characters).decode(encoding, "replace")
    return "".join(character if character.isprintable() else " " for character in text).strip()
