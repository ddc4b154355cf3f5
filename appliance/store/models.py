"""Tables of the store. One place for names: code, database, panel and docs use these words.

Times are UTC and timezone-aware, numbers E.164 where the number is one (``+818012345678``), ids UUIDv7 (RFC 9562)
as 36-character text so that a technician can read them in ``sqlite3``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import uuid6
from sqlalchemy import JSON, DateTime, Float, ForeignKey, Index, Integer, MetaData, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


def new_id() -> str:
    """Return a UUIDv7: ids sort by the time they were made."""
    return str(uuid6.uuid7())


class UtcDateTime(TypeDecorator[datetime]):
    """A timezone-aware UTC time; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the store. Constraints have names, so that a later migration can drop them on SQLite."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON}  # noqa: RUF012


class Line(Base):
    """A GSM line: one SIM. FXO ports and B channels are lines, too: see ``lines.lines_of`` for all of them."""

    __tablename__ = "line"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)  # gsm-1
    gateway: Mapped[str] = mapped_column(String(16))  # gsm
    number: Mapped[str | None] = mapped_column(String(20))  # E.164 of the SIM; the DID of its calls
    family: Mapped[str] = mapped_column(String(16))  # dialect: quectel
    at_port: Mapped[str | None] = mapped_column(Text)  # device of the AT channel; None: found by imei or usb_path
    pcm_port: Mapped[str | None] = mapped_column(Text)  # device of the audio, or alsa:PCM
    imei: Mapped[str | None] = mapped_column(String(16))  # of the modem that is this line, wherever it is plugged in
    usb_path: Mapped[str | None] = mapped_column(String(64))  # place of the modem, as the kernel writes it: 1-1.4.2
    pin: Mapped[str | None] = mapped_column(String(8))  # of the SIM; tried once
    line_group: Mapped[str] = mapped_column(String(32), default="gsm")
    enabled: Mapped[bool] = mapped_column(default=True)
    out_of_service_reason: Mapped[str | None] = mapped_column(Text)


class Extension(Base):
    """A phone's account. ``ha1`` is MD5(number:realm:password) (RFC 7616 §3.4.2); the password is never kept."""

    __tablename__ = "extension"
    number: Mapped[str] = mapped_column(String(16), primary_key=True)  # also the SIP user name
    name: Mapped[str] = mapped_column(String(64))
    realm: Mapped[str] = mapped_column(String(64))
    ha1: Mapped[str] = mapped_column(String(32))
    enabled: Mapped[bool] = mapped_column(default=True)


class Agent(Base):
    """A person who takes calls; logs in at an extension."""

    __tablename__ = "agent"
    number: Mapped[str] = mapped_column(String(16), primary_key=True)  # typed at log-in, e.g. 2001
    name: Mapped[str] = mapped_column(String(64))
    enabled: Mapped[bool] = mapped_column(default=True)


class Queue(Base):
    """A waiting line of calls and the rules by which agents get them. Times in seconds."""

    __tablename__ = "queue"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    label: Mapped[str] = mapped_column(String(64))
    strategy: Mapped[str] = mapped_column(String(24), default="longest-idle")
    ring_timeout: Mapped[int] = mapped_column(default=20)
    wrap_up: Mapped[int] = mapped_column(default=10)
    max_wait: Mapped[int] = mapped_column(default=600)
    overflow_target: Mapped[str] = mapped_column(String(64), default="hangup")  # a routing target
    announce_every: Mapped[int] = mapped_column(default=30)  # 0: no position announcement
    join_empty: Mapped[bool] = mapped_column(default=False)  # may a call join with no agent logged in
    music: Mapped[str] = mapped_column(String(64), default="music")  # prompt name
    members: Mapped[list[QueueMember]] = relationship(back_populates="queue_row", cascade="all, delete-orphan")


class QueueMember(Base):
    """An agent's membership of a queue."""

    __tablename__ = "queue_member"
    queue: Mapped[str] = mapped_column(ForeignKey("queue.name", ondelete="CASCADE"), primary_key=True)
    agent: Mapped[str] = mapped_column(ForeignKey("agent.number", ondelete="CASCADE"), primary_key=True)
    queue_row: Mapped[Queue] = relationship(back_populates="members")


class Route(Base):
    """One rule of the routing list, read in order of ``position``: the first whose conditions all hold decides.

    ``target`` is ``ivr:NAME``, ``queue:NAME``, ``extension:NUMBER`` or ``hangup``. None holds always.
    """

    __tablename__ = "route"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str | None] = mapped_column(String(32))
    did: Mapped[str | None] = mapped_column(String(20))
    caller_prefix: Mapped[str | None] = mapped_column(String(20))
    weekdays: Mapped[str | None] = mapped_column(String(7))  # digits 1 (Monday) to 7, site time
    from_time: Mapped[str | None] = mapped_column(String(5))  # HH:MM, site time
    to_time: Mapped[str | None] = mapped_column(String(5))
    target: Mapped[str] = mapped_column(String(64))


class IvrFlow(Base):
    """An IVR flow as data; its shape is checked by ``pbx.ivr.flow``."""

    __tablename__ = "ivr_flow"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)


class Call(Base):
    """The ledger: one row a call, whatever became of it. Times are when it first happened; None: it never did.

    ``result``: connected, abandoned, overflow, ended-in-ivr, cancelled, busy, no-answer or failed.
    """

    __tablename__ = "call"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    core: Mapped[str] = mapped_column(String(64))  # which core carried it
    direction: Mapped[str] = mapped_column(String(8))  # inbound | outbound | internal
    state: Mapped[str] = mapped_column(String(12), default="open")  # open | ended | interrupted
    result: Mapped[str | None] = mapped_column(String(16))  # what became of it, in one word
    line: Mapped[str | None] = mapped_column(String(32))
    caller: Mapped[str | None] = mapped_column(String(32))  # None: withheld
    did: Mapped[str | None] = mapped_column(String(32))  # number dialled
    queue: Mapped[str | None] = mapped_column(String(32))
    agent: Mapped[str | None] = mapped_column(String(16))
    extension: Mapped[str | None] = mapped_column(String(16))
    ringing_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]  # the two people could speak
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(10))  # caller | agent | callee | core | line
    cause: Mapped[int | None] = mapped_column(Integer)  # ITU-T Q.850
    cause_text: Mapped[str | None] = mapped_column(Text)
    wait_seconds: Mapped[float | None] = mapped_column(Float)  # in queue until connected or gone
    talk_seconds: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (
        Index("call_ringing_at", "ringing_at"),
        Index("call_queue", "queue", "ringing_at"),
        Index("call_agent", "agent", "ringing_at"),
        Index("call_state", "state"),
    )


class CallEvent(Base):
    """A step of a call: ringing, answered, ivr, queued, offered, connected, ended …, in order of ``seq``."""

    __tablename__ = "call_event"
    call: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(24))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Recording(Base):
    """A recording's file. ``path`` is relative to the recordings folder; channel 1 is the caller, 2 the agent."""

    __tablename__ = "recording"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    call: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="open")  # open | complete | interrupted | missing
    channels: Mapped[int] = mapped_column(default=2)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[float | None] = mapped_column(Float)
    lost_frames: Mapped[int] = mapped_column(default=0)  # frames the writer had no room for


class AgentEvent(Base):
    """A change of an agent's state; the newest row of an agent is restored when the core starts."""

    __tablename__ = "agent_event"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(String(16))
    extension: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))  # logged-out available ringing on-call wrap-up paused
    reason: Mapped[str | None] = mapped_column(String(64))
    call: Mapped[str | None] = mapped_column(String(36))
    __table_args__ = (Index("agent_event_agent", "agent", "at"), Index("agent_event_at", "at"))


class SettingChange(Base):
    """Who changed what in the store, with the value before and after."""

    __tablename__ = "setting_change"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))
    thing: Mapped[str] = mapped_column(String(96))  # table/key
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
