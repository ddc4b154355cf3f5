"""Balances of SIMs: asked by USSD on a schedule and by command, found by the carrier's rule, kept with their time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from appliance.store.message_models import SimBalance
from appliance.store.sim_models import Carrier
from gateways.gsm.dialects import Identity, Operator
from gateways.gsm.messages.amount import BalanceError, find
from gateways.gsm.messages.events import Balance, UssdAnswer
from gateways.gsm.messages.store import MessageStore
from gateways.gsm.messages.ussd import UssdSession
from gateways.gsm.messages.wire import Wire
from gateways.gsm.policy.config import load_config

FIRST = 20.0
"""Seconds in service before the first look, so that the network's name is known."""
LOOK_EVERY = 600.0
"""Seconds between looks at the rules: whoever changes one has it obeyed in this time."""
BUSY = 30.0
"""Seconds to wait where the line has a call or another USSD session."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A carrier's rule: what to dial, what to answer the menus with, and seconds until it is due (None: never)."""

    steps: tuple[str, ...]
    pattern: str
    due_in: float | None


@dataclass(frozen=True, slots=True)
class Who:
    """What tells a SIM's carrier; ``network`` is what the one that it is on calls itself."""

    iccid: str
    imsi: str | None
    network: str | None


def due_in(every_minutes: int, tried_at: datetime | None, now: datetime) -> float | None:
    """Return the seconds until a balance is to be asked, None: never by itself. A clock set back asks at once."""
    if every_minutes <= 0:
        return None
    if tried_at is None or tried_at > now:
        return 0.0
    return max((tried_at + timedelta(minutes=every_minutes) - now).total_seconds(), 0.0)


def plan(session: Session, now: datetime, who: Who) -> Plan | None:
    """Return the rule of a SIM's carrier, None where it has none.

    The carrier is that of the SIM's policy; without one, the one that has the name of the network: abroad, that says
    nothing of the SIM's balance.
    """
    name = load_config(session).carrier(who.iccid, who.imsi) or who.network
    carrier = session.scalar(select(Carrier).where(Carrier.name == name))
    if carrier is None or carrier.ussd_balance is None or carrier.balance_pattern is None:
        return None
    last = session.get(SimBalance, who.iccid)
    wait = due_in(carrier.balance_every, last.tried_at if last else None, now)
    return Plan(tuple(step.strip() for step in carrier.ussd_balance.split(">")), carrier.balance_pattern, wait)


def keep(session: Session, now: datetime, line: str, iccid: str, pattern: str, answer: UssdAnswer) -> Balance:
    """Store what an answer says of the balance; the last amount stays with its time when it says nothing."""
    row = session.get(SimBalance, iccid) or SimBalance(iccid=iccid)
    row.line, row.tried_at, row.error = line, now, None
    session.add(row)
    if answer.text is None:
        row.error = answer.error or "the network answered without a text"
        return Balance(line, iccid, now, error=row.error)
    text = answer.text.replace("\0", "\N{SYMBOL FOR NULL}")
    try:
        found = find(pattern, text)
    except BalanceError as error:
        row.error = f"{error} (answer: {text})"
        return Balance(line, iccid, now, text=text, error=str(error))
    row.amount, row.text, row.at = found.amount, text, now
    row.currency = found.currency[:16] if found.currency else None
    row.expiry = found.expiry[:32] if found.expiry else None
    return Balance(line, iccid, now, found.amount, row.currency, row.expiry, text)


class BalanceWatch:
    """A line's balance. ``tell`` gets each ``Balance``."""

    def __init__(
        self, line: str, wire: Wire, store: MessageStore, ussd: UssdSession, tell: Callable[[Balance], None]
    ) -> None:
        self._line = line
        self._wire = wire
        self._store = store
        self._ussd = ussd
        self._tell = tell
        self._iccid: str | None = None
        self._imsi: str | None = None
        self._network: str | None = None
        self._look_at: float | None = None
        self._asking: Plan | None = None
        self._steps: list[str] = []

    def in_service(self, iccid: str | None) -> None:
        self._iccid = iccid
        self._look_at = self._wire.now() + FIRST if iccid else None

    def out_of_service(self) -> None:
        self._look_at = self._iccid = None

    def on(self, event: Operator | Identity) -> None:
        """Take what names the carrier."""
        if isinstance(event, Operator):
            self._network = event.name or self._network
        elif event.kind == "imsi":
            self._imsi = event.value

    def refresh(self) -> None:
        """Ask for the balance now, whatever the schedule says; the ``Balance`` told says what came of it."""
        if self._iccid is None:
            at = datetime.now().astimezone()
            self._tell(Balance(self._line, "", at, error="no SIM in service whose number (ICCID) is known"))
        else:
            self._look(now=True)

    def deadline(self) -> float | None:
        return self._look_at if self._asking is None else None

    def tick(self, now: float) -> None:
        if self._asking is None and self._look_at is not None and now >= self._look_at:
            self._look(now=False)

    def _look(self, *, now: bool) -> None:
        self._look_at = self._wire.now() + LOOK_EVERY
        if self._iccid is not None:
            who = Who(self._iccid, self._imsi, self._network)
            self._store.submit(
                lambda session, at: (plan(session, at, who), at), lambda found: self._planned(*found, now)
            )

    def _planned(self, found: Plan | None, at: datetime, now: bool) -> None:
        if self._iccid is None or self._asking is not None:
            return
        if found is None:
            if now:
                error = "no balance rule for this SIM: give its carrier ussd_balance and balance_pattern"
                self._tell(Balance(self._line, self._iccid, at, error=error))
        elif now or found.due_in == 0:
            self._asking, self._steps = found, list(found.steps[1:])
            self._ussd.begin(found.steps[0], lambda answer: self._answered(found, answer))
        elif found.due_in is not None:
            self._look_at = self._wire.now() + min(found.due_in, LOOK_EVERY)

    def _answered(self, asked: Plan, answer: UssdAnswer) -> None:
        if answer.status == "menu" and self._steps:
            self._ussd.reply(self._steps.pop(0), lambda answer: self._answered(asked, answer))
            return
        self._asking = None
        if answer.status == "busy":
            self._look_at = self._wire.now() + BUSY
            return
        if answer.status == "menu":
            self._ussd.cancel()
        self._keep(asked.pattern, answer)

    def pushed(self, answer: UssdAnswer) -> None:
        """The network said something by itself, as many do after a call: it may be the balance."""
        iccid, text = self._iccid, answer.text
        if iccid is None or text is None:
            return
        who = Who(iccid, self._imsi, self._network)

        def work(session: Session, now: datetime) -> Balance | None:
            rule = plan(session, now, who)
            if rule is None:
                return None
            try:
                find(rule.pattern, text)
            except BalanceError:
                return None
            return keep(session, now, self._line, iccid, rule.pattern, answer)

        self._store.submit(work, lambda balance: None if balance is None else self._tell(balance))

    def _keep(self, pattern: str, answer: UssdAnswer) -> None:
        iccid = self._iccid
        if iccid is not None:
            self._store.submit(lambda session, now: keep(session, now, self._line, iccid, pattern, answer), self._tell)
