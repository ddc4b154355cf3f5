"""The service centre of the virtual network, with a clock that the test turns."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateways.gsm.simulator.balances import Balances
from gateways.gsm.simulator.smsc import Fate, Item, Receipt, SmsCentre, SmsRefused
from gateways.gsm.simulator.smsparts import Writing
from gateways.gsm.simulator.smspdu import Submit, read_deliver, read_report

from .test_network import Clock


class Mailbox:
    """Answers offers as told; keeps what it took."""

    def __init__(self, *receipts: Receipt | None) -> None:
        self.receipts = list(receipts)
        self.taken: list[bytes] = []
        self.pending: Callable[[Receipt], None] | None = None

    def sms_offered(self, tpdu: bytes, answer: Callable[[Receipt], None]) -> None:
        receipt = self.receipts.pop(0) if self.receipts else Receipt.TAKEN
        if receipt is None:
            self.pending = answer
            return
        if receipt is Receipt.TAKEN:
            self.taken.append(tpdu)
        answer(receipt)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def centre(clock: Clock) -> SmsCentre:
    made = SmsCentre(clock, lambda number: "+81" + number[1:] if number.startswith("0") else number)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made.now = lambda: start + timedelta(seconds=clock.now)
    return made


def send(centre: SmsCentre, text: str = "hi", to: str = "+8102", report: bool = True) -> list[Item]:
    bodies = Writing().bodies(text, 5)
    return [centre.submit("+8101", Submit(to, body, 0, report), n) for n, body in enumerate(bodies, 40)]


def boxes(centre: SmsCentre, *receipts: Receipt | None) -> tuple[Mailbox, Mailbox]:
    sender, to = Mailbox(), Mailbox(*receipts)
    centre.attach("+8101", sender)
    centre.attach("+8102", to)
    return sender, to


def test_delivered_once_with_a_report(centre: SmsCentre, clock: Clock) -> None:
    sender, to = boxes(centre)
    (item,) = send(centre, to="002")
    assert (item.to, item.fate, to.taken) == ("+8102", Fate.WAITING, [])
    clock.pass_time(1)
    assert [read_deliver(tpdu).body.text for tpdu in to.taken] == ["hi"]
    report = read_report(sender.taken[0])
    assert (report.to, report.reference, report.status) == ("+8102", 40, 0)
    assert (item.fate, item.attempts, centre.waiting) == (Fate.DELIVERED, 1, 0)
    assert [m.text for m in centre.deliveries(to="+8102")] == ["hi"]


def test_kept_and_offered_again_in_order(centre: SmsCentre, clock: Clock) -> None:
    _, to = boxes(centre, Receipt.ABSENT, Receipt.FULL, Receipt.REFUSED)
    items = send(centre, "a" * 200, report=False)
    clock.pass_time(2.5)
    assert to.taken == []
    assert centre.waiting == 2
    clock.pass_time(2)
    assert [read_deliver(tpdu).more for tpdu in to.taken] == [True, False]
    assert [item.attempts for item in items] == [4, 1]
    assert [m.sequences for m in centre.deliveries()] == [[1, 2]]


def test_one_offer_at_a_time_and_an_alert_does_not_wait(centre: SmsCentre, clock: Clock) -> None:
    _, to = boxes(centre, None, Receipt.ABSENT)
    send(centre)
    send(centre, "second")
    clock.pass_time(30)
    assert (centre.counts["offers"], to.taken) == (1, [])
    assert to.pending is not None
    to.pending(Receipt.REFUSED)
    to.pending(Receipt.TAKEN)  # too late: already answered
    centre.alert("+8102")
    assert centre.counts["offers"] == 2
    centre.alert("+8102")
    clock.pass_time(1)
    assert [read_deliver(tpdu).body.text for tpdu in to.taken] == ["hi", "second"]


def test_faults(centre: SmsCentre, clock: Clock) -> None:
    sender, to = boxes(centre)
    centre.refuse_next(38)
    with pytest.raises(SmsRefused, match="38"):
        send(centre)
    centre.lose_next()
    (lost,) = send(centre)
    centre.duplicate_next()
    (double,) = send(centre)
    centre.fail_next(0x45)
    (failed,) = send(centre)
    clock.pass_time(5)
    assert [lost.fate, double.fate, failed.fate] == [Fate.LOST, Fate.DELIVERED, Fate.FAILED]
    assert (len(to.taken), len(double.delivered), lost.delivered) == (2, 2, [])
    assert sorted(read_report(tpdu).status for tpdu in sender.taken) == [0, 0x45]
    assert centre.counts["refused"] == centre.counts["lost"] == centre.counts["duplicates"] == 1


def test_nobody_has_the_number_and_validity_ends(centre: SmsCentre, clock: Clock) -> None:
    sender, _ = boxes(centre, *[Receipt.ABSENT] * 99)
    centre.validity = 10
    send(centre, to="+8109")
    (item,) = send(centre)
    clock.pass_time(30)
    assert item.fate is Fate.FAILED
    assert [read_report(tpdu).status for tpdu in sender.taken] == [0x43, 0x46]


def test_money() -> None:
    money = Balances(start=100, per_sms=3, per_minute=20)
    money.charge_sms("+1")
    money.charge_call("+1", 0.5)
    money.charge_call("+1", 60.0)
    assert money.of("+1") == 37
    assert money.top_up("+1", "1234567890") == 500
    assert money.top_up("+1", "1234567890") is None
    assert (money.of("+1"), money.of("+2")) == (537, 100)
