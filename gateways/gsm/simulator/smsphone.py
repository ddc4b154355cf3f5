"""A subscriber's telephone for messages. The methods may be called from any thread; waits have a time limit."""

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from .loop import Loop
from .smsc import Item, Receipt
from .smsparts import Message, Part, Writing, join
from .smspdu import Report, Submit, read_deliver, read_report

if TYPE_CHECKING:
    from .network import Network


class SmsPhone:
    """Sends and receives messages for `number`; an Inbox of the service centre. `sms_reachable` False: switched off."""

    def __init__(self, loop: Loop, network: "Network", number: str) -> None:
        self.number = number
        self.sms_reachable = True
        self.reports: list[Report] = []
        self._loop = loop
        self._network = network
        self._parts: list[Part] = []
        self._news = threading.Condition()
        self._next_reference = random.randrange(256)  # noqa: S311 - telephones start anywhere

    def send_sms(
        self,
        text: str,
        to: str,
        *,
        alphabet: str = "auto",
        shift: str = "both",
        reference_bits: int = 8,
        flash: bool = False,
        split_surrogates: bool = False,
        sender: str = "",
        report: bool = False,
        order: Sequence[int] = (),
        duplicate: Collection[int] = (),
        lose: Collection[int] = (),
        late: Mapping[int, float] | None = None,
        reference: int | None = None,
    ) -> list[Item]:
        """Hand a text to the service centre, in as many parts as it needs; one item for each part handed over.

        alphabet … split_surrogates: see smsparts.Writing. sender: what is shown in place of the number ("SHOP",
        "12345"). order: of the parts, by number from 1; duplicate: parts sent twice; lose: parts never sent; late:
        seconds by which a part comes later. reference: of the concatenation, else counted.
        ValueError: the alphabet does not have a character, or there is no such part. SmsRefused: it is not taken.
        """
        self._next_reference += 1
        number = self._next_reference if reference is None else reference
        bodies = Writing(alphabet, shift, reference_bits, flash, split_surrogates).bodies(text, number)
        wanted = [n for n in order or range(1, len(bodies) + 1) for _ in range(2 if n in duplicate else 1)]
        if not set(wanted) <= set(range(1, len(bodies) + 1)):
            raise ValueError(f"there are {len(bodies)} parts, not {list(order)}")
        waits = late or {}
        centre = self._network.smsc

        def submit(part: int) -> Item:
            message = Submit(to, bodies[part - 1], 0, report)
            return centre.submit(self.number, message, part, sender, waits.get(part, 0.0))

        return self._loop.call(lambda: [submit(part) for part in wanted if part not in lose])

    def messages(self) -> list[Message]:
        """All that came, joined."""
        return join(list(self._parts))

    def wait_messages(self, count: int, timeout: float) -> list[Message]:
        """Until so many have come whole. TimeoutError with what came."""
        with self._news:
            if not self._news.wait_for(lambda: sum(m.complete for m in self.messages()) >= count, timeout):
                raise TimeoutError(f"{self.number} has {[m.text for m in self.messages()]}")
        return self.messages()

    def wait_reports(self, count: int, timeout: float) -> list[Report]:
        with self._news:
            if not self._news.wait_for(lambda: len(self.reports) >= count, timeout):
                raise TimeoutError(f"{self.number} has {self.reports}")
        return list(self.reports)

    def sms_offered(self, tpdu: bytes, answer: Callable[[Receipt], None]) -> None:
        """On the loop's thread, by the service centre."""
        if not self.sms_reachable:
            answer(Receipt.ABSENT)
            return
        with self._news:
            if tpdu[0] & 3 == 2:
                self.reports.append(read_report(tpdu))
            else:
                message = read_deliver(tpdu)
                now: datetime = self._network.smsc.now()
                self._parts.append(Part(message.sender, self.number, message.body, now))
            self._news.notify_all()
        answer(Receipt.TAKEN)
