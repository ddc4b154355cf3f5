"""The SIM policy of a gateway: asked before each call and message, told of each, in memory and in the store.

All but ``SimPolicy.read`` is called from one thread (the hardware loop's) and returns at once: what is to be kept goes
to the writer's thread. A SIM is known by its ICCID, so its limits, locks and counters move with it from line to line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import phonenumbers

from appliance.store import Store
from appliance.store.models import new_id
from gateways.gsm.policy import rules
from gateways.gsm.policy.card import Card
from gateways.gsm.policy.config import Config, load_config
from gateways.gsm.policy.limits import billed
from gateways.gsm.policy.quality import Ended, Quality
from gateways.gsm.policy.restore import NOTE_SECONDS, restore
from gateways.gsm.policy.rules import Allowed, Refusal
from gateways.gsm.policy.usage import Usage
from gateways.gsm.policy.writer import RowWriter
from gateways.line import Who

log = logging.getLogger(__name__)

Direction = Literal["inbound", "outbound"]
UNHEARD_END = 127
"""ITU-T Q.850 cause of a call whose end nobody told."""


@dataclass(frozen=True, slots=True)
class SimView:
    """What others may know of the SIM in a line. ``blocked`` says why no call may go out now (None: one may)."""

    iccid: str
    carrier: str | None
    label: str | None
    number: str | None
    blocked: str | None
    blocked_until: datetime | None
    used_seconds: int  # billed, of this month
    alarms: tuple[str, ...]


@dataclass(slots=True)
class _Running:
    """A call that goes on; ``row`` is its row of ``sim_use``. Not ``limited``: incoming, or to an emergency number."""

    card: Card
    row: dict[str, Any]
    limited: bool


class SimPolicy:
    """See the module. ``changed(line)`` is called when ``view(line)`` has become another."""

    def __init__(
        self, store: Store, spool: Path, zone: ZoneInfo, country: str, changed: Callable[[str], None] | None = None
    ) -> None:
        self._store = store
        self._zone = zone
        self._country = country
        self._changed = changed or (lambda _line: None)
        self._writer = RowWriter(store, spool)
        self._config = Config()
        self._cards: dict[str, Card] = {}
        self._lines: dict[str, Card] = {}
        self._running: dict[str, _Running] = {}
        self._shown: dict[str, SimView | None] = {}
        self._noted_at: datetime | None = None

    # ---- life

    def start(self, now: datetime) -> None:
        """Read what is known and begin to write; waits for the store. Raises StoreError."""
        self._writer.replay()
        with self._store.session() as session:
            self._config = load_config(session)
            self._cards = restore(session, self._config, self._zone, now)
        self._writer.start()

    def read(self) -> Config:
        """Read what is configured, for ``configure``; may be called from any thread. Raises StoreError."""
        with self._store.session() as session:
            return load_config(session)

    def configure(self, config: Config, now: datetime) -> None:
        """The site description was changed."""
        self._config = config
        for card in self._cards.values():
            card.configure(config)
        self._show_all(now)

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all is in the store."""
        return self._writer.flush(timeout)

    def stop(self) -> None:
        """Write what is left and end."""
        self._writer.stop()

    @property
    def failing(self) -> str | None:
        """Why nothing can be written at present."""
        return self._writer.failing

    # ---- SIMs

    def sim_seen(self, line: str, iccid: str, imsi: str | None, now: datetime) -> None:
        """The line's modem has told its SIM. A SIM that was in another line has moved."""
        card = self._cards.get(iccid)
        row: dict[str, Any] = {"iccid": iccid, "line": line, "last_seen": now}
        if card is None:
            card = self._cards[iccid] = Card(iccid, Usage(self._zone))
            row |= {"first_line": line, "first_seen": now}
        if imsi is not None:
            card.imsi = row["imsi"] = imsi
        if card.line is not None and card.line != line:
            log.info("SIM %s has moved from %s to %s; its limits go with it", iccid, card.line, line)
            self.sim_gone(card.line, now)
        if line in self._lines and self._lines[line] is not card:
            self._lines[line].line = None
        card.line = line
        card.configure(self._config)
        self._lines[line] = card
        self._writer.put("sim", row)
        self._show(line, now)

    def sim_gone(self, line: str, now: datetime) -> None:
        """The line has no SIM that is known. A call that it has goes on counting for the SIM it began with."""
        card = self._lines.pop(line, None)
        if card is not None:
            card.line = None
            self._show(line, now)

    def unlock(self, iccid: str, now: datetime) -> bool:
        """Lift a lock; False where there is no such SIM."""
        card = self._cards.get(iccid)
        if card is not None:
            self._lock(card, None, None, now)
        return card is not None

    def balance_told(self, iccid: str, amount: float, now: datetime) -> None:
        """The SIM's balance is known (again)."""
        if (card := self._cards.get(iccid)) is not None:
            card.use.balance = amount
            self._show_card(card, now)

    # ---- questions

    def may_dial(self, line: str, number: str, now: datetime) -> Refusal | Allowed:
        """Say whether a call to ``number`` may go out. Emergency numbers always may."""
        if self._is_emergency(number):
            return Allowed()
        card = self._lines.get(line)
        if card is None:
            return self._unknown(line) or Allowed()
        return rules.check(card.policy, card.use, now) or rules.allowed(card.policy, card.use, now)

    def may_send(self, line: str, parts: int, now: datetime) -> Refusal | None:
        """Say why a message of so many parts may not be sent; None: it may."""
        card = self._lines.get(line)
        return self._unknown(line) if card is None else rules.check_sms(card.policy, card.use, now, parts)

    def view(self, line: str, now: datetime) -> SimView | None:
        """Return what the bus is to show of the line's SIM."""
        card = self._lines.get(line)
        if card is None:
            return None
        refusal = rules.check(card.policy, card.use, now)
        return SimView(
            iccid=card.iccid,
            carrier=card.carrier,
            label=card.settings.label,
            number=card.settings.number,
            blocked=None if refusal is None else f"{refusal.rule}: {refusal.text}",
            blocked_until=None if refusal is None else refusal.until,
            used_seconds=card.use.month_seconds(now, card.policy.month_reset_day or 1),
            alarms=tuple(str(alarm) for alarm in card.alarms),
        )

    def quality(self, line: str, now: datetime) -> Quality | None:
        """Return the figures of the latest outgoing calls of the line's SIM."""
        card = self._lines.get(line)
        return None if card is None else card.watch.quality(now)

    # ---- what happens

    def call_began(self, line: str, number: str | None, direction: Direction, now: datetime) -> None:
        """A call is dialled, or comes in. On a line whose SIM is not known nothing can be counted."""
        if line in self._running:
            self.call_ended(line, UNHEARD_END, "line", now)
        card = self._lines.get(line)
        if card is None:
            return
        limited = direction == "outbound" and not self._is_emergency(number or "")
        row = {
            "id": new_id(), "iccid": card.iccid, "line": line, "number": number and number[:32], "direction": direction,
            "state": "open", "began": now, "seen": now, "seconds": 0.0, "billed_seconds": 0,
        }  # fmt: skip
        self._running[line] = _Running(card, row, limited)
        if limited:
            card.use.call_began(now)
        self._writer.put("sim_use", row)
        self._show_card(card, now)

    def call_answered(self, line: str, now: datetime) -> Allowed:
        """The call is through; returns how long it may last from now and when to warn."""
        call = self._running.get(line)
        if call is None:
            return Allowed()
        delay = max(0.0, (now - call.row["began"]).total_seconds())
        call.row |= {"answered": now, "seen": now, "answer_delay": delay}
        self._writer.put("sim_use", call.row)
        return rules.allowed(call.card.policy, call.card.use, now) if call.limited else Allowed()

    def call_ended(self, line: str, cause: int, by: Who, now: datetime, seconds: float | None = None) -> None:
        """The call is over. ``seconds`` from answer to end, where a better clock than the wall's has measured them."""
        call = self._running.pop(line, None)
        if call is None:
            return
        card, row = call.card, call.row
        answered: datetime | None = row.get("answered")
        if seconds is None or answered is None:
            seconds = 0.0 if answered is None else max(0.0, (now - answered).total_seconds())
        row |= {"state": "ended", "seen": now, "ended": now, "seconds": seconds, "cause": cause}
        lock = None
        if call.limited:
            outcome = rules.outcome_of(answered is not None, seconds, cause, by, card.policy)
            cost = billed(None if answered is None else seconds, card.policy)
            row |= {"outcome": outcome, "billed_seconds": cost}
            lock = card.call_ended(Ended(row["began"], answered, now, seconds, cost, outcome))
        self._writer.put("sim_use", row)
        if lock is not None:
            self._lock(card, lock.reason, lock.until, now)
        self._watch(card, now)
        self._show_card(card, now)

    def sms_sent(self, line: str, parts: int, now: datetime) -> None:
        """Parts of a message went out."""
        if (card := self._lines.get(line)) is not None:
            hour, sum_of_hour = card.use.sms_sent(now, parts)
            self._writer.put("sim_sms", {"iccid": card.iccid, "hour": hour, "parts": sum_of_hour})

    def tick(self, now: datetime) -> None:
        """To be called each second or so: notes the calls that go on, and tells lines that may be used again."""
        if self._noted_at is None or abs((now - self._noted_at).total_seconds()) >= NOTE_SECONDS:
            self._noted_at = now
            for call in self._running.values():
                call.row["seen"] = now
                self._writer.put("sim_use", call.row)
        self._show_all(now)

    # ---- within

    def _is_emergency(self, number: str) -> bool:
        """112 and 911 work from every SIM (3GPP TS 22.101 §10.1.1), the country's own beside them."""
        return number in {"112", "911"} or phonenumbers.is_emergency_number(number, self._country)

    def _unknown(self, line: str) -> Refusal | None:
        """A SIM that nobody knows cannot be held to limits, so where there are any it is not used."""
        if not self._config.policies:
            return None
        text = f"{line} has not told which SIM it has; see that one is in it and that its modem answers AT+CCID"
        return Refusal("sim_unknown", text, None)

    def _lock(self, card: Card, reason: str | None, until: datetime | None, now: datetime) -> None:
        card.use.lock_reason, card.use.locked_until = reason, until
        self._writer.put("sim", {"iccid": card.iccid, "lock_reason": reason, "locked_until": until})
        log.warning("SIM %s in %s is %s", card.iccid, card.line, f"locked: {reason}" if reason else "unlocked")
        self._show_card(card, now)

    def _watch(self, card: Card, now: datetime) -> None:
        before = {alarm.measure for alarm in card.alarms}
        card.alarms = card.watch.alarms(now)
        for alarm in card.alarms:
            if alarm.measure not in before:
                log.warning("SIM %s in %s: %s", card.iccid, card.line, alarm.text)

    def _show_all(self, now: datetime) -> None:
        for line in self._lines:
            self._show(line, now)

    def _show_card(self, card: Card, now: datetime) -> None:
        if card.line is not None:
            self._show(card.line, now)

    def _show(self, line: str, now: datetime) -> None:
        view = self.view(line, now)
        if view != self._shown.get(line):
            self._shown[line] = view
            self._changed(line)
