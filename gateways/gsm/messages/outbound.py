"""Rows of what goes out. Functions of an open session, run in the message store's thread.

``sending`` is committed before the modem is given a part. A part that is found ``sending`` when nothing is being sent
was cut off by a crash: it may have gone out, so it becomes ``unknown`` and is never sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from appliance.numbers import same_number
from appliance.store import message_models
from appliance.store.message_models import Message, MessagePart
from gateways.gsm.messages.events import MessageDelivered, MessageEvent, MessageFailed, MessageSent
from gateways.gsm.messages.outcome import (
    Again,
    Failed,
    Lost,
    Outcome,
    Sent,
    Waiting,
    Withdrawn,
    message_state,
    next_part,
    report_words,
)
from gateways.gsm.sms import SmsError, StatusReport, encode_submit

BATCH = 50
"""Messages of a line that are looked at for the next part."""
REPORT_WITHIN = timedelta(days=7)
"""How old a part may be for a status report to be of it: references come round after 256 parts."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far the service centre's time and ours may be apart for a part whose reference is not known."""
STOPPED = "the gateway stopped while it was being sent: it may have gone out; send it anew if it must not be missed"
_OPEN = ("queued", "sending")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A part to give to the modem."""

    message: str
    seq: int
    peer: str
    pdu: bytes
    length: int
    attempts: int


def queued_message(line: str, peer: str, text: str, *, flash: bool = False, who: str = "") -> Message:
    """Return an order, made now, for ``MessageStore.order``; SmsError (a ValueError) where it could not be sent."""
    encode_submit(peer, text, reference=0, flash=flash)
    return message_models.queued_message(line, peer, text, datetime.now(UTC), flash=flash, who=who)


def lines_with_orders(session: Session, now: datetime, lines: Iterable[str]) -> set[str]:
    """Return those of the lines that have something to send now. Named lines, lest every old message be looked at."""
    mine = Message.line.in_(sorted(lines))
    new = select(Message.line).where(
        mine, Message.state == "queued", Message.direction == "outbound", Message.parts == 0
    )
    due = or_(MessagePart.retry_at.is_(None), MessagePart.retry_at <= now)
    parts = select(Message.line).join(MessagePart, MessagePart.message == Message.id)
    waiting = parts.where(MessagePart.state == "queued", Message.state.in_(_OPEN), mine, due)
    return {*session.scalars(new), *session.scalars(waiting)}


def lose_stale(session: Session, now: datetime, line: str | None = None) -> list[MessageEvent]:
    """Make ``unknown`` of what is ``sending``, of a line that is sending nothing (None: of all)."""
    query = select(MessagePart).join(Message, MessagePart.message == Message.id).where(MessagePart.state == "sending")
    if line is not None:
        query = query.where(Message.line == line)
    events: list[MessageEvent] = []
    for part in session.scalars(query.order_by(Message.id, MessagePart.seq)).all():
        events += _settle(session, now, session.get_one(Message, part.message), part, Lost(STOPPED))
    return events


def claim(session: Session, now: datetime, line: str, iccid: str | None) -> tuple[Outgoing | None, list[MessageEvent]]:
    """Take the next part of a line for sending: it is ``sending`` once this is committed."""
    events = lose_stale(session, now, line) + _cut_new(session, line)
    messages = {row.id: row for row in _open_messages(session, line)}
    parts = session.scalars(
        select(MessagePart).where(MessagePart.message.in_(messages)).order_by(MessagePart.message, MessagePart.seq)
    ).all()
    by_key = {(part.message, part.seq): part for part in parts}
    chosen = next_part([Waiting(part.message, part.seq, part.state, part.retry_at) for part in parts], now)
    if chosen is None:
        return None, events
    part, message = by_key[chosen.message, chosen.seq], messages[chosen.message]
    part.state, part.begun_at, part.retry_at = "sending", now, None
    part.attempts += 1
    message.attempts += 1
    message.state, message.iccid = "sending", iccid
    session.flush()
    pdu = bytes.fromhex(part.pdu)
    return Outgoing(message.id, part.seq, message.peer, pdu, part.length, part.attempts), events


def _open_messages(session: Session, line: str, *, uncut: bool = False) -> Sequence[Message]:
    query = select(Message).where(Message.direction == "outbound", Message.line == line, Message.state.in_(_OPEN))
    if uncut:
        query = query.where(Message.parts == 0)
    return session.scalars(query.order_by(Message.created_at, Message.id).limit(BATCH)).all()


def _cut_new(session: Session, line: str) -> list[MessageEvent]:
    events: list[MessageEvent] = []
    for message in _open_messages(session, line, uncut=True):
        reference = _next_reference(session, message)
        try:
            parts = encode_submit(message.peer, message.text, reference=reference, flash=message.flash)
        except SmsError as error:
            message.state, message.error = "failed", str(error)
            events.append(MessageFailed(message.line, message.id, message.error))
            continue
        message.parts = len(parts)
        message.reference = reference if len(parts) > 1 else None
        for seq, part in enumerate(parts, 1):
            row = MessagePart(message=message.id, seq=seq, state="queued", attempts=0)
            row.pdu, row.length = part.pdu.hex(), part.tpdu_length
            session.add(row)
    session.flush()
    return events


def _next_reference(session: Session, message: Message) -> int:
    """Return another reference than that of the line's last long message to the recipient (TS 23.040 §9.2.3.24.1).

    Of the line: it cuts its messages in the order in which they were made, which those of several lines are not.
    """
    last = session.scalars(
        select(Message.reference)
        .where(Message.direction == "outbound", Message.peer == message.peer, Message.line == message.line)
        .where(Message.reference.is_not(None))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(1)
    ).first()
    return 0 if last is None else (last + 1) % 256


def settle(session: Session, now: datetime, message: str, seq: int, outcome: Outcome) -> list[MessageEvent]:
    """Write down what became of a part that was claimed, or that was lost and turns out to have been sent."""
    part, whole = session.get(MessagePart, (message, seq)), session.get(Message, message)
    if part is None or whole is None or part.state not in {"sending", "unknown"}:
        return []
    return _settle(session, now, whole, part, outcome)


def _settle(
    session: Session, now: datetime, message: Message, part: MessagePart, outcome: Outcome
) -> list[MessageEvent]:
    part.error = None if isinstance(outcome, Sent) else outcome.reason
    match outcome:
        case Sent(ref):
            part.state, part.ref, part.sent_at = "sent", ref, now
        case Again(seconds):
            part.state, part.retry_at = "queued", now + timedelta(seconds=seconds)
        case Withdrawn(seconds):
            part.state, part.retry_at = "queued", now + timedelta(seconds=seconds)
            part.attempts -= 1
            message.attempts -= 1
        case Failed(reason):
            part.state = "failed"
            _drop_rest(session, part, reason)
        case Lost():
            part.state = "unknown"
    return _update(session, now, message)


def _drop_rest(session: Session, failed: MessagePart, reason: str) -> None:
    """Half a message is worth nothing: what has not been sent of it is not."""
    session.flush()
    session.execute(
        update(MessagePart)
        .where(MessagePart.message == failed.message, MessagePart.state == "queued")
        .values(state="failed", retry_at=None, error=f"not sent: part {failed.seq} failed: {reason}")
        .execution_options(synchronize_session="fetch")
    )


def _update(session: Session, now: datetime, message: Message) -> list[MessageEvent]:
    """Bring a message up to date with its parts, and say so where it is news."""
    session.flush()
    parts = session.scalars(
        select(MessagePart).where(MessagePart.message == message.id).order_by(MessagePart.seq)
    ).all()
    before, message.state = message.state, message_state(part.state for part in parts)
    # The part that failed says more than those that were not sent for it, so the first error is the message's.
    message.error = next((part.error for part in parts if part.error), None)
    session.flush()
    if message.state == before:
        return []
    first_sent = message.sent_at is None and message.state in {"sent", "delivered"}
    if first_sent:
        message.sent_at = now
    sent: list[MessageEvent] = [MessageSent(message.line, message.id)] if first_sent else []
    if message.state == "delivered":
        message.delivered_at = now
        return [*sent, MessageDelivered(message.line, message.id)]
    if message.state in {"failed", "unknown"}:
        unknown = message.state == "unknown"
        return [MessageFailed(message.line, message.id, message.error or message.state, unknown)]
    return sent


def report(session: Session, now: datetime, line: str, iccid: str | None, told: StatusReport) -> list[MessageEvent]:
    """Take a status report. One that fits nothing we sent (another programme's, or of long ago) changes nothing."""
    found = _reported(session, now, line, iccid, told)
    if found is None or told.outcome == "trying":
        return []
    part, message = found
    part.ref = told.reference
    part.sent_at = part.sent_at or now
    if told.outcome == "delivered":
        part.state, part.error, part.delivered_at = "delivered", None, told.discharged or now
    else:
        part.state, part.error = "failed", f"not delivered: {report_words(told.status)}"
        _drop_rest(session, part, part.error)
    return _update(session, now, message)


def _reported(
    session: Session, now: datetime, line: str, iccid: str | None, told: StatusReport
) -> tuple[MessagePart, Message] | None:
    """Return the newest part sent under the report's reference to its recipient.

    Else the oldest one whose reference we never learnt, if the service centre had it about when we sent it; the modem
    may not have answered for it yet. A report that is told again is of a part that has been reported.
    """
    of_sim = Message.iccid == iccid if iccid else Message.line == line
    query = (
        select(MessagePart)
        .join(Message, MessagePart.message == Message.id)
        .where(of_sim, MessagePart.begun_at > now - REPORT_WITHIN)
    )
    under_reference = query.where(MessagePart.ref == told.reference).order_by(MessagePart.begun_at.desc())
    exact = under_reference.where(MessagePart.state.in_(("sent", "unknown")))
    reported = under_reference.where(MessagePart.state.in_(("delivered", "failed")))
    unreferenced = query.where(MessagePart.ref.is_(None), MessagePart.state.in_(("sent", "unknown", "sending")))
    at_that_time = [*session.scalars(reported), *session.scalars(unreferenced.order_by(MessagePart.begun_at))]
    for part in [*session.scalars(exact), *(row for row in at_that_time if _near(row, told))]:
        message = session.get_one(Message, part.message)
        if same_number(message.peer, told.recipient.number):
            return None if part.state in {"delivered", "failed"} else (part, message)
    return None


def _near(part: MessagePart, told: StatusReport) -> bool:
    begun = part.begun_at
    return told.scts is None or (begun is not None and abs(told.scts - begun) < CLOCKS_DIFFER)
