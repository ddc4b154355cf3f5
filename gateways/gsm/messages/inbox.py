"""Taking in what a line receives: from the modem's storage, or directly from the network.

What is in storage is read, committed and only then deleted; what came directly is committed and only then
acknowledged (TS 27.005 §3.4.4): until then it is the modem's or the network's to keep, and comes again after a crash.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable

from gateways.gsm.at import Finished
from gateways.gsm.dialects import Dialect, SmsPdu, SmsStored, SmsText
from gateways.gsm.messages import inbound, outbound
from gateways.gsm.messages.events import MessageEvent
from gateways.gsm.messages.inbound import Origin
from gateways.gsm.messages.slots import Slots
from gateways.gsm.messages.store import MessageStore, Work
from gateways.gsm.messages.wire import Wire
from gateways.gsm.sms import Deliver, SmsError, StatusReport, decode_pdu

FIRST_RETRY = 15.0
LONGEST_RETRY = 3600.0
"""Seconds until storage is listed again after something in it could not be read or deleted; doubled each time."""
LIST_EVERY = 300.0
"""Seconds: a notice (+CMTI) may get lost, so storage is listed now and then in any case."""
_OWN = frozenset({2, 3})  # <stat> of messages that were stored to be sent


class Inbox:
    """See the module. ``tell`` gets the events."""

    def __init__(
        self,
        line: str,
        dialect: Dialect,
        wire: Wire,
        store: MessageStore,
        tell: Callable[[Iterable[MessageEvent]], None],
    ) -> None:
        self._origin = Origin(line, None)
        self._dialect = dialect
        self._wire = wire
        self._store = store
        self._tell = tell
        self._log = logging.getLogger(f"gateways.gsm.{line}")
        self._slots = Slots()
        self._service = 0  # number of the time in service: what is for an earlier one is void
        self._list_at: float | None = None
        self._retry = FIRST_RETRY
        self._listing = self._list_again = False

    def in_service(self, iccid: str | None) -> None:
        self.out_of_service()
        self._origin = Origin(self._origin.line, iccid)
        self._retry = FIRST_RETRY
        self._list()

    def out_of_service(self) -> None:
        self._service += 1
        self._slots.forget()
        self._list_at, self._listing, self._list_again = None, False, False

    def deadline(self) -> float | None:
        return self._list_at

    def tick(self, now: float) -> None:
        if self._list_at is not None and now >= self._list_at:
            self._list()

    # What the modem says by itself

    def stored(self, event: SmsStored) -> None:
        """+CMTI, +CDSI."""
        if self._slots.announced(event.index):
            self._read(event.index)

    def full(self) -> None:
        """The storage is full: what is in it must go, whether we were told of it or not."""
        self._log.warning("the modem's storage of messages is full")
        self._list()

    def direct(self, event: SmsPdu) -> None:
        """+CMT, +CDS: not in storage."""
        self._commit(self._work_for(_whole(event), event.report), self._acknowledging(), _whole(event))

    def text(self, event: SmsText) -> None:
        """A message in text mode, which nobody asked for: kept as it is, since it carries no PDU to decode."""
        raw = repr(event).encode()
        self._commit(self._undecoded(raw, "the modem told it in text mode: reset the line"), self._acknowledging(), raw)

    def _acknowledging(self) -> Callable[[], None]:
        service = self._service

        def acknowledge() -> None:
            command = self._dialect.sms_acknowledge()
            if command is not None and service == self._service:
                self._wire.send(command, self._acknowledged)

        return acknowledge

    def _acknowledged(self, answer: Finished) -> None:
        """A modem that was not acknowledged in time tells no more (TS 27.005 §3.4.4): have it tell again."""
        if answer.final.ok:
            return
        for step in self._dialect.init():
            if "+CNMI" in step.command.text.upper():
                self._wire.send(step.command)
        self._list()

    # Storage

    def _list(self) -> None:
        self._list_at = self._wire.now() + LIST_EVERY
        if self._listing:
            self._list_again = True
            return
        self._listing, self._list_again = True, False
        service = self._service
        self._wire.send(self._dialect.sms_list(), lambda answer: self._listed(service, answer))

    def _listed(self, service: int, answer: Finished) -> None:
        if service != self._service:
            return
        self._listing = False
        if not answer.final.ok:
            self._try_later()
        if self._list_again:
            self._list()
        for row in answer.lines:
            event = self._dialect.parse(row, answer.command.text)
            index = event.index if isinstance(event, SmsPdu | SmsText) else _index(row)
            if index is None or not self._slots.listed(index):
                continue
            if isinstance(event, SmsPdu):
                self._found(index, event)
            else:
                self._read(index)  # a row that was garbled on its way, maybe

    def _read(self, index: int) -> None:
        service = self._service
        self._wire.send(self._dialect.sms_read(index), lambda answer: self._was_read(service, index, answer))

    def _was_read(self, service: int, index: int, answer: Finished) -> None:
        if service != self._service:
            return
        events = [self._dialect.parse(line, answer.command.text) for line in answer.lines]
        found = next((event for event in events if isinstance(event, SmsPdu)), None)
        if found is not None:
            self._found(index, found)
        elif answer.final.ok and answer.lines:
            self._odd(index, b"\n".join(answer.lines))
        elif answer.final.ok or answer.final.code == 321:  # TS 27.005 §3.2.5: invalid memory index
            self._freed(index)  # nothing there
        else:
            self._give_up(index)

    def _found(self, index: int, event: SmsPdu) -> None:
        pdu = _whole(event)
        if event.stat in _OWN:
            self._slots.leave(index)
        elif _sound(pdu, event) or self._slots.odd(index, pdu) == "keep":
            self._commit(self._work_for(pdu, event.report), self._deleting(index), pdu)
        else:
            self._read(index)

    def _odd(self, index: int, raw: bytes) -> None:
        """What was read has no PDU. (A modem in text mode, or a line that was garbled on its way.)"""
        if self._slots.odd(index, raw) == "read":
            self._read(index)
        else:
            self._commit(self._undecoded(raw, "the modem's answer has no PDU"), self._deleting(index), raw)

    def _deleting(self, index: int) -> Callable[[], None]:
        service = self._service

        def delete() -> None:
            if service == self._service:  # else another message may be in its place by now
                command = self._dialect.sms_delete(index)
                self._wire.send(command, lambda answer: self._deleted(service, index, answer))

        return delete

    def _deleted(self, service: int, index: int, answer: Finished) -> None:
        if service != self._service:
            return
        if answer.final.ok:
            self._retry = FIRST_RETRY
            self._freed(index)
        else:
            self._log.warning("a message could not be deleted from place %d: %s", index, answer.final)
            self._give_up(index)

    def _freed(self, index: int) -> None:
        if self._slots.free(index):
            self._read(index)

    def _give_up(self, index: int) -> None:
        self._slots.leave(index)
        self._try_later()

    def _try_later(self) -> None:
        at = self._wire.now() + self._retry
        self._list_at = at if self._list_at is None else min(self._list_at, at)
        self._retry = min(self._retry * 2, LONGEST_RETRY)

    # The store

    def _work_for(self, pdu: bytes, is_report: bool) -> Work[list[MessageEvent]]:
        origin = self._origin
        try:
            decoded = decode_pdu(pdu, report=is_report)
        except SmsError as error:
            return self._undecoded(pdu, str(error))
        if isinstance(decoded, Deliver):
            return lambda session, now: inbound.keep(session, now, origin, decoded)
        if isinstance(decoded, StatusReport):
            return lambda session, now: outbound.report(session, now, origin.line, origin.iccid, decoded)
        return self._undecoded(pdu, "the modem told a message to send as one received")

    def _undecoded(self, raw: bytes, error: str) -> Work[list[MessageEvent]]:
        origin = self._origin
        self._log.error("a message cannot be read and is kept as it is: %s: %s", error, raw.hex())
        return lambda session, now: inbound.keep_undecoded(session, now, origin, raw, error)

    def _commit(self, work: Work[list[MessageEvent]], then: Callable[[], None], raw: bytes) -> None:
        def committed(events: list[MessageEvent]) -> None:
            then()
            self._tell(events)

        def failed() -> None:
            # A row that the database refuses: keep the bytes at least, so that the place becomes free.
            origin, error = self._origin, "the store refused it: see the gateway's log"
            self._store.submit(lambda session, now: inbound.keep_undecoded(session, now, origin, raw, error), committed)

        self._store.submit(work, committed, failed)


def _whole(event: SmsPdu) -> bytes:
    """Return the PDU with a service centre's address before it, which some modems leave out (TS 27.005 §3.1)."""
    return b"\0" + event.pdu if event.length is not None and event.length == len(event.pdu) else event.pdu


def _sound(pdu: bytes, event: SmsPdu) -> bool:
    """Say whether a PDU has the length that the modem told, and can be decoded: that it came ungarbled."""
    try:
        decode_pdu(pdu, report=event.report)
    except SmsError:
        return False
    return event.length is None or len(pdu) == event.length + 1 + pdu[0]


def _index(row: bytes) -> int | None:
    """Return the place of a listing's row that cannot be read otherwise."""
    match = re.match(rb"\+CMGL:\s*([0-9]+)", row)
    return int(match[1]) if match else None
