"""Tables of the SIMs: what is known of each, what it may be used for, and what it was used for.

A SIM is known by its ICCID (ITU-T E.118), so that limits and use follow it from line to line.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from appliance.store.models import Base, new_id


class Carrier(Base):
    """A mobile operator: how its SIMs and its subscribers' numbers are told, and how its balance is asked for."""

    __tablename__ = "carrier"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    imsi_prefixes: Mapped[list[str]] = mapped_column(JSON, default=list)  # MCC and MNC (ITU-T E.212): 44010
    number_prefixes: Mapped[list[str]] = mapped_column(JSON, default=list)  # of calls on its own net: +8190
    ussd_balance: Mapped[str | None] = mapped_column(String(160))  # *100#, menus' answers after >: *100#>1
    balance_pattern: Mapped[str | None] = mapped_column(Text)  # regular expression: amount, maybe currency, expiry
    balance_every: Mapped[int] = mapped_column(default=1440)  # minutes between two questions; 0: by command only


class Sim(Base):
    """A SIM that is described or was seen in a line. What the gateway finds out stands from ``imsi`` on."""

    __tablename__ = "sim"
    iccid: Mapped[str] = mapped_column(String(22), primary_key=True)
    number: Mapped[str | None] = mapped_column(String(20))  # E.164
    carrier: Mapped[str | None] = mapped_column(String(32))  # None: the one whose prefix its IMSI has
    label: Mapped[str | None] = mapped_column(String(64))
    enabled: Mapped[bool] = mapped_column(default=True)  # may it call and send at all
    imsi: Mapped[str | None] = mapped_column(String(15))
    line: Mapped[str | None] = mapped_column(String(32))  # where it was seen last
    first_line: Mapped[str | None] = mapped_column(String(32))
    first_seen: Mapped[datetime | None]
    last_seen: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]  # None with a reason: until somebody unlocks it
    lock_reason: Mapped[str | None] = mapped_column(Text)  # None: it is not locked


class SimPolicy(Base):
    """Limits of one SIM (``sim:ICCID``), or of those of a carrier (``carrier:NAME``) that set none of their own.

    None: no limit of this kind here. Minutes are of outgoing calls, as billed.
    """

    __tablename__ = "sim_policy"
    subject: Mapped[str] = mapped_column(String(48), primary_key=True)
    day_minutes: Mapped[int | None]
    month_minutes: Mapped[int | None]
    month_reset_day: Mapped[int | None]  # 1 to 31; the last day in a month that is shorter
    total_minutes: Mapped[int | None]
    window_minutes: Mapped[str | None] = mapped_column(Text)  # 08:00-12:00,100|12:00-20:00,200 (site time)
    calls_per_hour: Mapped[int | None]
    calls_per_day: Mapped[int | None]
    sms_per_hour: Mapped[int | None]  # parts
    sms_per_day: Mapped[int | None]
    longest_call: Mapped[int | None]  # seconds
    warn_before: Mapped[int | None]  # seconds before a call is cut at which a tone warns
    billing_minimum: Mapped[int | None]  # seconds: 60 of 60+60, 30 of 30+6
    billing_unit: Mapped[int | None]  # seconds: 60 of 60+60, 6 of 30+6
    cool_down: Mapped[int | None]  # seconds from an outgoing call's end to the next one
    failed_stop: Mapped[int | None]  # failed calls in a row that lock the SIM
    unanswered_stop: Mapped[int | None]
    short_stop: Mapped[int | None]
    short_seconds: Mapped[int | None]  # an answered call this long or less is short
    lock_minutes: Mapped[int | None]  # None: a locked SIM waits for somebody to unlock it
    min_balance: Mapped[float | None] = mapped_column(Float)  # below it no call or message goes out


class SimUse(Base):
    """A call over a SIM, written when it begins, when it is answered, now and then, and when it ends."""

    __tablename__ = "sim_use"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    iccid: Mapped[str] = mapped_column(String(22))
    line: Mapped[str] = mapped_column(String(32))
    number: Mapped[str | None] = mapped_column(String(32))  # of the far party
    direction: Mapped[str] = mapped_column(String(8))  # inbound | outbound
    state: Mapped[str] = mapped_column(String(12), default="open")  # open | ended | interrupted
    began: Mapped[datetime]
    answered: Mapped[datetime | None]
    seen: Mapped[datetime]  # when it was last known to go on; a crash leaves no better end
    ended: Mapped[datetime | None]
    seconds: Mapped[float] = mapped_column(Float, default=0.0)  # from answer to end
    billed_seconds: Mapped[int] = mapped_column(default=0)
    cause: Mapped[int | None]  # ITU-T Q.850
    outcome: Mapped[str | None] = mapped_column(String(12))  # good | short | unanswered | failed | cancelled
    answer_delay: Mapped[float | None] = mapped_column(Float)  # seconds from begin to answer
    __table_args__ = (
        Index("sim_use_iccid", "iccid", "began"),
        Index("sim_use_began", "began"),
        Index("sim_use_state", "state"),
    )


class SimSms(Base):
    """How many message parts a SIM sent in one hour; ``hour`` is when the hour began on the site's clock."""

    __tablename__ = "sim_sms"
    iccid: Mapped[str] = mapped_column(String(22), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    parts: Mapped[int]


class LineGroup(Base):
    """How the lines of a group take turns with outgoing calls. A group without a row: least recently used."""

    __tablename__ = "line_group"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    strategy: Mapped[str] = mapped_column(String(24), default="least-recently-used")
    line_order: Mapped[list[str]] = mapped_column(JSON, default=list)  # of fixed-order and round-robin
    prefixes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # by-prefix: number prefix -> lines
