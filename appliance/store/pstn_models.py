"""Tables of the telephone lines: cards, E1/T1 spans with ISDN, FXO ports.

Where a column may be None its default follows from another, the span's kind or the card's country: ``pstn_defaults``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, String
from sqlalchemy.orm import Mapped, mapped_column

from appliance.store.models import Base


class PstnCard(Base):
    """A card of the machine, known by what the kernel calls it, so that a swapped one is noticed."""

    __tablename__ = "pstn_card"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    driver: Mapped[str] = mapped_column(String(32))  # of appliance.pstn_drivers
    location: Mapped[str] = mapped_column(String(64))  # hardware id (serial number), or place: pci:0000:03:05.0
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166-1: electrical mode, tones
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # of the driver, for modprobe


class PstnSpan(Base):
    """An E1 or T1 with ISDN. Each B channel is a line named SPAN.TT, TT being its timeslot: ``e1-1.07``."""

    __tablename__ = "pstn_span"
    name: Mapped[str] = mapped_column(String(29), primary_key=True)
    card: Mapped[str] = mapped_column(String(32))
    port: Mapped[int]  # the card's span, from 1
    kind: Mapped[str] = mapped_column(String(2))  # e1 | t1
    timing: Mapped[int | None]  # 1: first choice as the card's clock, 2: second …; 0: never
    lbo: Mapped[int] = mapped_column(default=0)  # line build-out, of dahdi_cfg: 0 to 7
    framing: Mapped[str | None] = mapped_column(String(3))  # ccs (E1) | esf (T1)
    coding: Mapped[str | None] = mapped_column(String(4))  # hdb3 | b8zs | ami
    crc4: Mapped[bool | None]  # E1: CRC-4 multiframe (ITU-T G.704)
    switch: Mapped[str | None] = mapped_column(String(8))  # euroisdn ni1 ni2 dms100 4ess 5ess qsig
    role: Mapped[str] = mapped_column(String(3), default="cpe")  # cpe | net
    d_channel: Mapped[int | None]  # its timeslot
    timeslots: Mapped[str | None] = mapped_column(String(96))  # of the B channels: 1-15,17-31
    nfas_group: Mapped[str | None] = mapped_column(String(32))  # spans that share D channels
    nfas: Mapped[str | None] = mapped_column(String(8))  # primary | backup | member
    nfas_interface: Mapped[int | None]  # interface identifier (Q.931 §4.5.13)
    number: Mapped[str | None] = mapped_column(String(20))  # E.164; shown when a call brings none
    numbers: Mapped[str] = mapped_column(String(16), default="national")  # national | international | unknown
    overlap: Mapped[bool] = mapped_column(default=False)
    did_digits: Mapped[int] = mapped_column(default=0)  # of a whole DID in overlap receiving; 0: unknown
    exclusive: Mapped[bool] = mapped_column(default=True)  # ask for exactly the channel chosen
    restart_interval: Mapped[int] = mapped_column(default=3600)  # seconds; 0: never
    layer2_hold: Mapped[int] = mapped_column(default=12)  # seconds that calls outlive a dead D channel (T309)
    echo_canceller: Mapped[str] = mapped_column(String(8), default="mg2")
    echo_taps: Mapped[int] = mapped_column(default=128)  # samples of 125 µs
    line_group: Mapped[str] = mapped_column(String(32), default="pstn")
    enabled: Mapped[bool] = mapped_column(default=True)


class Fxo(Base):
    """An FXO port: our end of an exchange's subscriber line. ``busy_tone`` is what a service has learned."""

    __tablename__ = "fxo"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    card: Mapped[str] = mapped_column(String(32))
    port: Mapped[int]  # from 1
    number: Mapped[str | None] = mapped_column(String(20))  # E.164; the DID of its calls
    country: Mapped[str | None] = mapped_column(String(2))  # of the tones heard on it; None: the card's
    start: Mapped[str] = mapped_column(String(6), default="kewl")  # loop | ground | kewl
    caller_id: Mapped[str | None] = mapped_column(String(9))  # none | bell202 | v23 | v23-japan | dtmf
    caller_id_start: Mapped[str | None] = mapped_column(String(14))  # ring | polarity | polarity-india | dtmf
    answer_on_polarity: Mapped[bool] = mapped_column(default=False)
    hang_up_on_polarity: Mapped[bool] = mapped_column(default=False)
    wait_dial_tone: Mapped[float] = mapped_column(Float, default=3.0)  # seconds; 0: dials blind
    dial_prefix: Mapped[str] = mapped_column(String(16), default="")  # 0w: an outside line; w 0.5 s, "," 2 s
    pulse: Mapped[bool] = mapped_column(default=False)
    busy: Mapped[str] = mapped_column(String(7), default="country")  # country | learned | off
    busy_count: Mapped[int] = mapped_column(default=6)  # periods of busy tone that end a call
    silence_hang_up: Mapped[int] = mapped_column(default=0)  # seconds; 0: off
    rx_gain: Mapped[float] = mapped_column(Float, default=0.0)  # dB
    tx_gain: Mapped[float] = mapped_column(Float, default=0.0)
    echo_canceller: Mapped[str] = mapped_column(String(8), default="mg2")
    echo_taps: Mapped[int] = mapped_column(default=128)
    distinctive_ring: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # number -> [ring, pause, ring … ms]
    line_group: Mapped[str] = mapped_column(String(32), default="pstn")
    enabled: Mapped[bool] = mapped_column(default=True)
    busy_tone: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # gateways.pstn.tones.BusyTone
    busy_learned: Mapped[datetime | None]


PSTN_TABLES = (PstnCard.__tablename__, PstnSpan.__tablename__, Fxo.__tablename__)
