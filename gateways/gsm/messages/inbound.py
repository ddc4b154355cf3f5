"""Rows of what comes in. Functions of an open session, run in the message store's thread.

A part is in the store once, however often the modem is read: its digest is its key. Only after the commit is the
modem told to delete it (or the network acknowledged), so a crash in between costs one more reading and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from appliance.store.message_models import InboundPart, Message, UndecodedPdu
from appliance.store.models import new_id
from gateways.gsm.messages.events import MessageEvent, MessageReceived
from gateways.gsm.messages.joining import WAIT, Piece, complete, given_up, groups
from gateways.gsm.sms import Content, Deliver, decode_pdu, join_text

GAP = "[…]"
"""Stands in a text where parts have not come."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something came in. ``iccid``: of the SIM, None where it does not tell it."""

    line: str
    iccid: str | None

    @property
    def sim(self) -> str:
        """What stands for the SIM in keys."""
        return self.iccid or f"line {self.line}"


def digest(sim: str, deliver: Deliver) -> str:
    """Return what tells a part from all others. Not of the whole PDU: bits of it change when the network repeats it."""
    concat = deliver.concat
    place = (concat.ref, concat.seq, concat.total) if concat else None
    known = (sim, deliver.sender, deliver.scts, place, deliver.content.header.elements, deliver.content.data)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def keep(session: Session, now: datetime, origin: Origin, deliver: Deliver) -> list[MessageEvent]:
    """Store a part if it is new, and return the message that it completes."""
    key = digest(origin.sim, deliver)
    if session.get(InboundPart, key) is not None:
        return []
    concat = deliver.concat if deliver.concat and deliver.concat.total > 1 else None
    row = InboundPart(
        digest=key,
        line=origin.line,
        sim=origin.sim,
        sender=deliver.sender,
        # A reference of 16 bits is another than the same number in 8.
        reference=concat.ref + (0x10000 if concat.wide else 0) if concat else None,
        seq=concat.seq if concat else 1,
        total=concat.total if concat else 1,
        sent_at=deliver.scts,
        received_at=now,
        pdu=deliver.pdu.hex(),
    )
    session.add(row)
    session.flush()
    if concat is None:
        return [_message(session, origin.iccid, [row], None)]
    return _join(session, origin.iccid, _siblings(session, row), now)


def keep_undecoded(session: Session, now: datetime, origin: Origin, raw: bytes, error: str) -> list[MessageEvent]:
    """Store what cannot be read, once. There is nothing to tell of it."""
    key = hashlib.sha256(origin.sim.encode() + b"\0" + raw).hexdigest()
    if session.get(UndecodedPdu, key) is None:
        session.add(
            UndecodedPdu(digest=key, line=origin.line, sim=origin.sim, received_at=now, raw=raw.hex(), error=error)
        )
    return []


def give_up_waiting(session: Session, now: datetime) -> list[MessageEvent]:
    """Make messages of parts whose others have not come in time."""
    late = or_(InboundPart.received_at < now - WAIT, InboundPart.received_at > now + WAIT)
    waiting = session.scalars(select(InboundPart).where(InboundPart.message.is_(None), late)).all()
    kin = {(row.sim, row.sender, row.reference, row.total): row for row in waiting}
    return [
        event
        for row in kin.values()
        for event in _join(session, None if row.sim.startswith("line ") else row.sim, _siblings(session, row), now)
    ]


def _siblings(session: Session, row: InboundPart) -> list[InboundPart]:
    """Return the parts that wait for others, and those of messages that lack some, with the row's sender and so on."""
    query = (
        select(InboundPart)
        .outerjoin(Message, InboundPart.message == Message.id)
        .where(
            InboundPart.sim == row.sim,
            InboundPart.sender == row.sender,
            InboundPart.reference == row.reference,
            InboundPart.total == row.total,
            or_(InboundPart.message.is_(None), Message.state == "partial"),
        )
    )
    return list(session.scalars(query))


def _join(session: Session, iccid: str | None, rows: Sequence[InboundPart], now: datetime) -> list[MessageEvent]:
    by_digest = {row.digest: row for row in rows}
    events: list[MessageEvent] = []
    for group in groups([_piece(row) for row in rows]):
        there = next((piece.message for piece in group if piece.message), None)
        is_new = any(piece.message is None for piece in group)
        if is_new and (there or complete(group) or given_up(group, now)):
            events.append(_message(session, iccid, [by_digest[piece.digest] for piece in group], there))
    return events


def _piece(row: InboundPart) -> Piece:
    return Piece(row.digest, row.seq, row.total, row.sent_at or row.received_at, row.received_at, row.message)


def _message(session: Session, iccid: str | None, rows: Sequence[InboundPart], there: str | None) -> MessageReceived:
    """Make the message of parts in order, or complete the one that is ``there``."""
    message = session.get(Message, there) if there else None
    first, missing = rows[0], rows[0].total - len(rows)
    if message is None:
        message = Message(id=new_id(), direction="inbound", line=first.line, iccid=iccid, peer=first.sender)
        message.created_at = min(row.received_at for row in rows)
        session.add(message)
    message.state = "partial" if missing else "received"
    message.text, message.data, message.flash = read(rows)
    message.parts = first.total
    message.reference = first.reference
    message.sent_at = first.sent_at
    message.received_at = max(row.received_at for row in rows)
    message.error = f"{missing} of {first.total} parts have not come" if missing else None
    session.flush()
    for row in rows:
        row.message = message.id
    at, sent_at = message.received_at, message.sent_at
    return MessageReceived(message.line, message.id, message.peer, message.text, message.flash, at, sent_at, missing)


def read(rows: Sequence[InboundPart]) -> tuple[str, str | None, bool]:
    """Return the text of parts in order, their data in hexadecimal if it is no text, and whether they are flash."""
    delivers = [(row.seq, decode_pdu(bytes.fromhex(row.pdu))) for row in rows]
    contents = [(seq, deliver.content) for seq, deliver in delivers if isinstance(deliver, Deliver)]
    flash = any(content.flash for _, content in contents)
    if all(content.binary for _, content in contents):
        return "", "".join(content.data.hex() for _, content in contents), flash
    text, run, expected = "", list[Content](), 1
    for seq, content in contents:
        if seq != expected:
            text, run = text + join_text(run) + GAP, []
        run.append(content)
        expected = seq + 1
    text += join_text(run) + (GAP if expected <= rows[0].total else "")
    return text.replace("\0", "\N{SYMBOL FOR NULL}"), None, flash  # PostgreSQL's text holds no NUL
