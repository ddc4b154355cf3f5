"""The short message service centre of the virtual network: store and forward (3GPP TS 23.040 §3.2, §9.2).

    submit ─► accepted ─delay─► queue of the recipient ─► offered ─► taken ─► delivered (+ status report)
       └► refused                      ▲───── retry ─────┴► absent, full, not acknowledged

One message at a time is offered to a recipient, in order, exactly once unless a fault says otherwise. All it accepted
and delivered stays listed. Times are UTC. Only the loop's thread may call what acts; lists and counts may be read
from any thread, and the `…_next` methods (faults) may be called from any.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .smsparts import Message, Part, join
from .smspdu import Body, Deliver, Report, Submit, utc_now, write_deliver, write_report

if TYPE_CHECKING:
    from .network import Scheduler


class Receipt(StrEnum):
    """What a recipient says to an offer."""

    TAKEN = "taken"
    FULL = "full"  # RP-ERROR 22, memory capacity exceeded
    ABSENT = "absent"
    REFUSED = "refused"  # RP-ERROR 111 or no answer


class Fate(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    LOST = "lost"


class Inbox(Protocol):
    """A modem or a subscriber, to the service centre. `answer` is called once, at once or later."""

    def sms_offered(self, tpdu: bytes, answer: Callable[[Receipt], None]) -> None: ...


class SmsRefused(RuntimeError):
    """The service centre does not take it. `cause`: RP-cause, TS 24.011 table 8.4."""

    def __init__(self, cause: int) -> None:
        super().__init__(f"RP-cause {cause}")
        self.cause = cause


@dataclass(eq=False)
class Item:
    """One message in the service centre. `delivered`: the times it was taken (more than one only by a fault)."""

    sender: str
    to: str
    at: datetime
    body: Body | None
    reference: int = 0
    report: bool = False
    shown: str = ""
    status: Report | None = None  # in place of a body: a status report
    fate: Fate = Fate.WAITING
    attempts: int = 0
    delivered: list[datetime] = field(default_factory=list)
    expires: float = 0.0


@dataclass(eq=False)
class _Route:
    """A recipient's queue; `asked` the offer that is not answered yet."""

    number: str
    inbox: Inbox | None = None
    queue: deque[Item] = field(default_factory=deque)
    asked: object | None = None
    retrying: bool = False


class SmsCentre:
    """`delay`, `retry`, `validity`: seconds until a message is offered, between offers, and until it is given up."""

    def __init__(
        self, scheduler: "Scheduler", international: Callable[[str], str], number: str = "+819000000000"
    ) -> None:
        self.number = number
        self.delay, self.retry, self.validity = 0.05, 1.0, 86400.0
        self.zone = timezone(timedelta(hours=9))
        self.now: Callable[[], datetime] = utc_now
        self.accepted: list[Item] = []
        self.reports: list[Item] = []
        self.counts: Counter[str] = Counter()
        self.on_accepted: Callable[[str], None] = lambda _: None
        self._scheduler = scheduler
        self._international = international
        self._routes: dict[str, _Route] = {}
        self._faults: dict[str, list[int]] = {}

    # --- faults ------------------------------------------------------------------------------------------------------

    def refuse_next(self, cause: int = 21, count: int = 1) -> None:
        """The next submissions are refused with that RP-cause (TS 24.011 table 8.4; the modem's +CMS ERROR)."""
        self._faults.setdefault("refuse", []).extend([cause] * count)

    def lose_next(self, count: int = 1) -> None:
        """The next messages are accepted and never delivered."""
        self._faults.setdefault("lose", []).extend([0] * count)

    def duplicate_next(self, count: int = 1) -> None:
        """The next messages are delivered twice."""
        self._faults.setdefault("duplicate", []).extend([0] * count)

    def fail_next(self, status: int = 0x41, count: int = 1) -> None:
        """The next messages fail for good with that TP-ST (TS 23.040 §9.2.3.15) in their status report."""
        self._faults.setdefault("fail", []).extend([status] * count)

    def pending(self, kind: str) -> int:
        """How many of a kind of faults ("refuse", "lose", "duplicate", "fail") are still to come."""
        return len(self._faults.get(kind, ()))

    def _fault(self, kind: str) -> int | None:
        pending = self._faults.get(kind)
        return pending.pop(0) if pending else None

    # --- what parties do ---------------------------------------------------------------------------------------------

    def attach(self, number: str, inbox: Inbox) -> None:
        self._route(number).inbox = inbox

    def submit(self, sender: str, message: Submit, reference: int, shown: str = "", late: float = 0.0) -> Item:
        """Take a message (RP-ACK). `shown`: the originating address if not the sender's number. Raises SmsRefused."""
        cause = self._fault("refuse")
        if cause is not None:
            self.counts["refused"] += 1
            raise SmsRefused(cause)
        to = self._international(message.to)
        item = Item(sender, to, self.now(), message.body, reference, message.report, shown or sender)
        self.accepted.append(item)
        self.counts["accepted"] += 1
        self.on_accepted(sender)
        status = self._fault("fail")
        if self._fault("lose") is not None:
            item.fate = Fate.LOST
            self.counts["lost"] += 1
        elif status is not None or to not in self._routes or self._routes[to].inbox is None:
            # TS 23.040 §9.2.3.15: 0x43 "not obtainable" for a number that nobody has.
            code = 0x43 if status is None else status
            self._scheduler.after(self.delay, lambda: self._failed(item, code))
        else:
            copies = 1 if self._fault("duplicate") is None else 2
            self._enqueue(item, self.delay + late, copies)
        return item

    def alert(self, number: str) -> None:
        """The recipient is there again or has memory again (RP-SMMA): offer what waits."""
        self._serve(self._route(number))

    # --- what is listed ----------------------------------------------------------------------------------------------

    def messages(self, sender: str | None = None, to: str | None = None) -> list[Message]:
        """All it accepted, joined and decoded."""
        return join(Part(i.sender, i.to, i.body, i.at) for i in self._listed(sender, to) if i.body is not None)

    def deliveries(self, sender: str | None = None, to: str | None = None) -> list[Message]:
        """All that was taken by its recipient, joined and decoded; what was delivered twice is there twice."""
        times = [(at, item) for item in self._listed(sender, to) for at in list(item.delivered)]
        times.sort(key=lambda one: one[0])
        return join(Part(item.sender, item.to, item.body, at) for at, item in times if item.body is not None)

    def _listed(self, sender: str | None, to: str | None) -> list[Item]:
        return [i for i in list(self.accepted) if sender in {None, i.sender} and to in {None, i.to}]

    @property
    def waiting(self) -> int:
        """Messages and reports that are not delivered yet."""
        return sum(item.fate is Fate.WAITING for item in [*self.accepted, *self.reports])

    # --- forwarding --------------------------------------------------------------------------------------------------

    def _route(self, number: str) -> _Route:
        return self._routes.setdefault(number, _Route(number))

    def _enqueue(self, item: Item, after: float, copies: int = 1) -> None:
        route = self._route(item.to)
        item.expires = self.now().timestamp() + self.validity

        def arrive() -> None:
            route.queue.extend([item] * copies)
            if not route.retrying:
                self._serve(route)

        self._scheduler.after(after, arrive)

    def _serve(self, route: _Route) -> None:
        if route.asked is not None or not route.queue or route.inbox is None:
            return
        item = route.queue[0]
        if item.expires < self.now().timestamp():
            route.queue.popleft()
            self._failed(item, 0x46)
            self._serve(route)
            return
        item.attempts += 1
        self.counts["offers"] += 1
        ticket = route.asked = object()
        route.inbox.sms_offered(self._tpdu(item, len(route.queue) > 1), lambda r: self._answered(route, ticket, r))

    def _answered(self, route: _Route, ticket: object, receipt: Receipt) -> None:
        if route.asked is not ticket:
            return
        route.asked = None
        if receipt is Receipt.TAKEN:
            self._taken(route.queue.popleft())
            self._scheduler.after(0, lambda: self._serve(route))
        elif not route.retrying:
            self.counts[receipt] += 1
            route.retrying = True
            self._scheduler.after(self.retry, lambda: self._again(route))

    def _again(self, route: _Route) -> None:
        route.retrying = False
        self._serve(route)

    def _taken(self, item: Item) -> None:
        item.delivered.append(self.now())
        if item.status is not None:
            item.fate = Fate.DELIVERED
            self.counts["reports"] += 1
            return
        self.counts["delivered" if len(item.delivered) == 1 else "duplicates"] += 1
        if item.fate is Fate.WAITING:
            item.fate = Fate.DELIVERED
            self._report(item, 0)

    def _failed(self, item: Item, status: int) -> None:
        item.fate = Fate.FAILED
        self.counts["failed"] += 1
        self._report(item, status)

    def _report(self, item: Item, status: int) -> None:
        if not item.report:
            return
        times = item.at.astimezone(self.zone), self.now().astimezone(self.zone)
        told = Report(item.to, item.reference, *times, status)
        report = Item(item.to, item.sender, self.now(), None, item.reference, status=told)
        self.reports.append(report)
        self._enqueue(report, self.delay)

    def _tpdu(self, item: Item, more: bool) -> bytes:
        if item.body is None and item.status is not None:
            return write_report(item.status)
        assert item.body is not None
        return write_deliver(Deliver(item.shown, item.body, item.at.astimezone(self.zone), more, item.report))
