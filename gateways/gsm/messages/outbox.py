"""Sending a line's messages, one part at a time, so that calls go in between.

A part is claimed (committed as ``sending``), given to the modem, and settled. Where the line gets a call or is lost
before the claim is committed, the part goes back into the queue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Literal

from gateways.gsm.at import Finished
from gateways.gsm.dialects import Dialect, SmsRef
from gateways.gsm.messages import outbound
from gateways.gsm.messages.events import MessageEvent
from gateways.gsm.messages.outbound import Outgoing
from gateways.gsm.messages.outcome import Lost, Outcome, Sent, Withdrawn, after_sending
from gateways.gsm.messages.store import MessageStore
from gateways.gsm.messages.wire import Wire

LOOK_AGAIN = 0.5
"""Seconds after which a line that had a call is looked at again."""
REFUSED_FOR = 60.0
"""Seconds that a part waits which the SIM's rules refuse."""
REFUSED_PAUSE = 1.0
"""Seconds until another message is tried after such a refusal."""


class Outbox:
    """See the module. ``tell`` gets the events."""

    def __init__(
        self,
        line: str,
        dialect: Dialect,
        wire: Wire,
        store: MessageStore,
        tell: Callable[[Iterable[MessageEvent]], None],
    ) -> None:
        self._line = line
        self._dialect = dialect
        self._wire = wire
        self._store = store
        self._tell = tell
        self._log = logging.getLogger(f"gateways.gsm.{line}")
        self._iccid: str | None = None
        self._service = 0  # number of the time in service; 0: out of service
        self._times = 0
        self._state: Literal["idle", "claiming", "sending", "settling"] = "idle"
        self._flight: Outgoing | None = None  # the part that the modem has
        self._orders = False
        self._lost: Outgoing | None = None  # the last part without an answer, for one that comes late
        self._retry_at = 0.0
        self._held = False

    @property
    def sending(self) -> bool:
        """True while a part is on its way to the modem, or there without an answer."""
        return self._state in {"claiming", "sending"}

    def hold(self) -> None:
        """Begin no more parts: the gateway stops."""
        self._held = True

    def in_service(self, iccid: str | None) -> None:
        self._times += 1
        self._service, self._iccid, self._orders = self._times, iccid, True
        self._lost = None

    def out_of_service(self) -> None:
        self._service = 0
        if self._state == "sending" and self._flight is not None:
            self._settle(self._flight, Lost("the modem went out of service while it was sending"))

    def orders_wait(self) -> None:
        self._orders = True

    def deadline(self) -> float | None:
        ready = self._service and self._orders and self._state == "idle" and not self._held
        return self._retry_at if ready else None

    def tick(self, now: float) -> None:
        at = self.deadline()
        if at is None or now < at:
            return
        if self._wire.quiet():
            self._claim()
        else:
            self._retry_at = now + LOOK_AGAIN

    def _claim(self) -> None:
        self._state, self._orders = "claiming", False
        line, iccid, service = self._line, self._iccid, self._service
        self._store.submit(
            lambda session, now: outbound.claim(session, now, line, iccid),
            lambda result: self._claimed(service, *result),
            self._claim_failed,
        )

    def _claim_failed(self) -> None:
        self._state = "idle"

    def _claimed(self, service: int, outgoing: Outgoing | None, events: list[MessageEvent]) -> None:
        self._tell(events)
        if outgoing is None:
            self._state = "idle"
            return
        if self._service == service and self._wire.quiet():
            self._give(outgoing)
        else:
            self._settle(outgoing, Withdrawn())

    def _give(self, outgoing: Outgoing) -> None:
        refusal = self._wire.message_refusal(outgoing.peer)
        if refusal is not None:
            self._retry_at = self._wire.now() + REFUSED_PAUSE
            self._settle(outgoing, Withdrawn(REFUSED_FOR, f"not sent yet: {refusal}"))
            return
        self._state, self._flight = "sending", outgoing
        service = self._service
        command = self._dialect.sms_send(outgoing.pdu, outgoing.length)
        self._wire.send(command, lambda answer: self._sent(service, outgoing, answer))

    def _sent(self, service: int, outgoing: Outgoing, answer: Finished) -> None:
        if service != self._service or self._state != "sending":
            return  # settled when the line was lost
        events = (self._dialect.parse(line, answer.command.text) for line in answer.lines)
        ref = next((event.ref for event in events if isinstance(event, SmsRef)), None)
        outcome = after_sending(answer.final, ref, outgoing.attempts, written=answer.written)
        if not isinstance(outcome, Sent):
            reason = outcome.reason or "not given to the modem"
            self._log.warning("message %s, part %d to %s: %s", outgoing.message, outgoing.seq, outgoing.peer, reason)
        self._lost = outgoing if isinstance(outcome, Lost) else None
        self._settle(outgoing, outcome)

    def late_reference(self, event: SmsRef) -> None:
        """A +CMGS that belongs to no command: the answer to a part that was given up."""
        lost, self._lost = self._lost, None
        if lost is not None:
            self._write(lost, Sent(event.ref), self._tell)

    def _settle(self, outgoing: Outgoing, outcome: Outcome) -> None:
        self._state, self._flight = "settling", None
        self._write(outgoing, outcome, self._settled)

    def _write(self, outgoing: Outgoing, outcome: Outcome, then: Callable[[list[MessageEvent]], None]) -> None:
        self._store.submit(
            lambda session, now: outbound.settle(session, now, outgoing.message, outgoing.seq, outcome),
            then,
            self._claim_failed,
        )

    def _settled(self, events: list[MessageEvent]) -> None:
        self._state, self._orders = "idle", True
        self._tell(events)
