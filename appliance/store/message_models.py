"""Tables of messages (SMS) and balances. Words: a message is what a person writes or reads, a part is one SMS of it.

A row in ``message`` with direction ``outbound`` and state ``queued`` is an order: whoever adds one (see
``queued_message``) has it sent by the line's gateway, which cuts it in parts. An inbound one is there for people to
read; the parts it came in stay in ``inbound_part``, so that one that comes twice is known.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from appliance.store.models import Base, new_id


class Message(Base):
    """A message, whole.

    ``state`` of an inbound one: ``received``, or ``partial`` while parts of it have not come. Of an outbound one:
    ``queued``, ``sending``, ``sent`` (the network took every part), ``delivered`` (the phone has every part),
    ``failed``, or ``unknown`` (nobody can say whether a part went out, and it is not sent again).
    """

    __tablename__ = "message"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    direction: Mapped[str] = mapped_column(String(8))  # inbound | outbound
    state: Mapped[str] = mapped_column(String(12))
    line: Mapped[str] = mapped_column(String(32))
    iccid: Mapped[str | None] = mapped_column(String(22))  # SIM that received or sent it
    peer: Mapped[str] = mapped_column(String(32))  # sender or recipient: a number, or a sender's name
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[str | None] = mapped_column(Text)  # hexadecimal, of a message that is no text
    flash: Mapped[bool] = mapped_column(default=False)  # class 0: to be shown at once
    parts: Mapped[int] = mapped_column(default=0)  # outbound: 0 until it is cut
    reference: Mapped[int | None] = mapped_column()  # that the parts of a long one share (TS 23.040 §9.2.3.24.1)
    attempts: Mapped[int] = mapped_column(default=0)  # how often the modem was given a part of it
    error: Mapped[str | None] = mapped_column(Text)
    who: Mapped[str | None] = mapped_column(String(64))  # who ordered it
    created_at: Mapped[datetime]  # row made: ordered, or first part stored
    sent_at: Mapped[datetime | None]  # outbound: the network took the last part; inbound: the service centre's time
    delivered_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]  # the last part that came
    __table_args__ = (
        Index("message_created_at", "created_at"),
        Index("message_line", "line", "state"),
        Index("message_peer", "peer", "created_at"),
    )


class MessagePart(Base):
    """One SMS of an outbound message, ready to send. ``state``: as ``Message``'s; ``sending`` is written before the
    modem is given it, so that a crash never has it sent twice.
    """

    __tablename__ = "message_part"
    message: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1
    state: Mapped[str] = mapped_column(String(12))
    pdu: Mapped[str] = mapped_column(Text)  # hexadecimal: service centre's address and TPDU
    length: Mapped[int] = mapped_column()  # octets of the TPDU
    ref: Mapped[int | None] = mapped_column()  # TP-MR, 0 to 255, as the modem told it
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    begun_at: Mapped[datetime | None]  # the modem was given it
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    __table_args__ = (Index("message_part_state", "state"), Index("message_part_ref", "ref", "state"))


class InboundPart(Base):
    """One SMS as it came. ``digest`` tells it from all others, so that it is stored once however often it is read."""

    __tablename__ = "inbound_part"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    message: Mapped[str | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    line: Mapped[str] = mapped_column(String(32))
    sim: Mapped[str] = mapped_column(String(40))  # ICCID, or the line where the SIM does not tell it
    sender: Mapped[str] = mapped_column(String(32))
    reference: Mapped[int | None] = mapped_column()
    seq: Mapped[int] = mapped_column(default=1)
    total: Mapped[int] = mapped_column(default=1)
    sent_at: Mapped[datetime | None]  # the service centre's time stamp
    received_at: Mapped[datetime]
    pdu: Mapped[str] = mapped_column(Text)  # hexadecimal
    __table_args__ = (Index("inbound_part_group", "sim", "sender", "reference", "total"),)


class UndecodedPdu(Base):
    """What a modem gave as a message and nobody can read: kept for a person to look at."""

    __tablename__ = "undecoded_pdu"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    line: Mapped[str] = mapped_column(String(32))
    sim: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]
    raw: Mapped[str] = mapped_column(Text)  # hexadecimal
    error: Mapped[str] = mapped_column(Text)


class SimBalance(Base):
    """The last balance of a SIM, and the last try to ask for it."""

    __tablename__ = "ussd_balance"
    iccid: Mapped[str] = mapped_column(String(22), primary_key=True)
    line: Mapped[str] = mapped_column(String(32))
    amount: Mapped[float | None] = mapped_column(Float)
    currency: Mapped[str | None] = mapped_column(String(16))
    expiry: Mapped[str | None] = mapped_column(String(32))  # as the network writes it
    text: Mapped[str | None] = mapped_column(Text)  # the answer that ``amount`` was found in
    at: Mapped[datetime | None]  # of that answer
    tried_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(Text)  # why the last try gave no amount


def queued_message(line: str, peer: str, text: str, now: datetime, *, flash: bool = False, who: str = "") -> Message:
    """Return an order to send ``text`` from ``line`` to ``peer`` (E.164, or a short code); add it to a session."""
    return Message(
        id=new_id(),
        direction="outbound",
        state="queued",
        line=line,
        peer=peer,
        text=text,
        flash=flash,
        parts=0,
        attempts=0,
        who=who or None,
        created_at=now,
    )
