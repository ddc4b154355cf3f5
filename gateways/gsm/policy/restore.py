"""Reads back what the SIMs were used for, and closes the calls that a crash left open."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from appliance.q850 import Cause
from appliance.store.message_models import SimBalance
from appliance.store.sim_models import Sim, SimSms, SimUse
from gateways.gsm.policy.card import Card
from gateways.gsm.policy.config import Config
from gateways.gsm.policy.limits import billed
from gateways.gsm.policy.quality import Ended
from gateways.gsm.policy.usage import Usage

log = logging.getLogger(__name__)

NOTE_SECONDS = 30
"""How often a call that goes on is noted: the most that a crash leaves unknown of it."""
HISTORY = timedelta(days=32)
"""The longest month of billing, and a day."""


def restore(session: Session, config: Config, zone: ZoneInfo, now: datetime) -> dict[str, Card]:
    """Return all SIMs that are known, by ICCID, with their use until now."""
    cards: dict[str, Card] = {}
    for row in session.scalars(select(Sim)):
        card = cards[row.iccid] = Card(row.iccid, Usage(zone), row.imsi)
        card.configure(config)
        card.use.lock_reason, card.use.locked_until = row.lock_reason, row.locked_until
    _close(session, cards, now)
    _replay(session, cards, now)
    for iccid, hour, parts in session.execute(
        select(SimSms.iccid, SimSms.hour, SimSms.parts).where(SimSms.hour >= now - timedelta(days=2))
    ):
        if iccid in cards:
            cards[iccid].use.sms_sent(hour, parts)
    for iccid, amount in session.execute(select(SimBalance.iccid, SimBalance.amount)):
        if iccid in cards:
            cards[iccid].use.balance = amount
    return cards


def _close(session: Session, cards: dict[str, Card], now: datetime) -> None:
    """End what is open where it was last seen, or one note later: when the next note failed to come, it had ended."""
    for row in session.scalars(select(SimUse).where(SimUse.state == "open")):
        row.state, row.cause = "interrupted", int(Cause.TEMPORARY_FAILURE)
        row.ended = max(row.seen, min(now, row.seen + timedelta(seconds=NOTE_SECONDS)))
        if row.answered is not None:
            row.seconds = max(0.0, (row.ended - row.answered).total_seconds())
            if row.direction == "outbound" and row.iccid in cards:
                row.billed_seconds = billed(row.seconds, cards[row.iccid].policy)
        log.warning("%s: a call was cut off by a crash; it is closed after %.0f s", row.line, row.seconds)
    session.flush()


def _replay(session: Session, cards: dict[str, Card], now: datetime) -> None:
    outbound = SimUse.direction == "outbound"
    columns = [
        getattr(SimUse, name) for name in ("iccid", *Ended._fields)
    ]  # a row as an object takes ten times as long
    query = select(*columns).where(outbound, SimUse.began >= now - HISTORY).order_by(SimUse.began, SimUse.id)
    for iccid, *values in session.execute(query.execution_options(yield_per=2000)):
        if (card := cards.get(iccid)) is not None:
            call = Ended(*values)
            card.use.call_began(call.began)
            card.call_ended(call)
    totals = select(SimUse.iccid, func.sum(SimUse.billed_seconds)).where(outbound).group_by(SimUse.iccid)
    for iccid, total in session.execute(totals):
        if iccid in cards:
            cards[iccid].use.total_seconds = int(total)
