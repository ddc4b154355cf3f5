"""Messages both ways and USSD through a bank of simulated modems; each text begins with a number of its own."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from appliance.bus import Bus, CommandRefused
from appliance.store.message_models import queued_message
from gateways.gsm.simulator.smsc import Fate, Item, SmsRefused
from tests.call_path.stack import Stack

RECIPIENTS = [f"+81905555000{n}" for n in range(1, 7)]
MARK = re.compile(r"[IO]\d{6}")
SHORT = {
    "plain": "Your order is ready. [A] {B} €5 ~",
    "japanese": "ご注文の品が届きました。ありがとうございます。",
    "hindi": "आपका ऑर्डर तैयार है। धन्यवाद।",
    "emoji": "Danke 👍🏽 — 家族 👨‍👩‍👧‍👦 🇯🇵",
}
LONG = {
    "plain": "All that follows is in several parts: " + "0123456789 {[€]} " * 20,
    "japanese": "本日は晴天なり。明日も晴れるでしょう。" * 9,
    "hindi": "यह एक लंबा संदेश है जो कई भागों में जाता है। " * 6,
    "emoji": "🎉🚀😀 " * 45,
}
ASKED: dict[str, tuple[list[str], str]] = {
    "balance": (["*100#"], "Your balance is"),
    "menu": (["*123#", "2", "1"], "Voice 60 is active now."),
    "menu back": (["*123#", "2", "0", "3"], "Your number: +81"),
    "japanese": (["*124#"], "残高は"),
    "hindi": (["*125#", "1"], "आपकी शेष राशि"),
    "octets": (["*126#"], "Balance:"),
    "ended": (["*191#"], "Session ended by the network."),
    "without text": (["*190#"], "!ussd-ended"),
    "unknown": (["*999#"], "!ussd-unsupported"),
}


@dataclass
class Sent:
    """A message that was handed over. ``items``: of the service centre (inbound). Time of ``time.monotonic``."""

    mark: str
    line: str
    peer: str
    text: str
    at: float
    flash: bool = False
    items: list[Item] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """Did the modem take all parts?"""
        return all(item.fate is Fate.DELIVERED for item in self.items)

    @property
    def times(self) -> tuple[float, float]:
        """When the first and the last part were taken by the modem."""
        taken = [time.monotonic() - (datetime.now(UTC) - at).total_seconds() for i in self.items for at in i.delivered]
        return min(taken, default=self.at), max(taken, default=self.at)


@dataclass
class Asked:
    """A USSD dialogue and how it ended: the last text, or ``!`` and the id of the refusal."""

    line: str
    name: str
    began: float
    ended: float = 0.0
    answer: str = ""
    detail: str = ""

    @property
    def right(self) -> bool:
        return self.answer.startswith(ASKED[self.name][1])


class Texts:
    """Sends a message each way, and asks something by USSD, ``every`` so many seconds."""

    def __init__(self, stack: Stack, bus: Bus, chance: random.Random, every: float) -> None:
        self._stack, self._bus, self._chance, self._every = stack, bus, chance, every
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(what,), name=what.__name__, daemon=True)
            for what in (self._inbound, self._outbound, self._ussd, self._ussd)
        ]
        self._serial = 0
        self._lock = threading.Lock()
        self._in_dialogue: set[str] = set()
        self.inbound: list[Sent] = []
        self.outbound: dict[str, Sent] = {}  # by id in the store
        self.asked: list[Asked] = []
        self.phones = {number: stack.bank.subscriber(number) for number in RECIPIENTS}

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def _repeat(self, what: Any) -> None:
        while not self._stop.wait(self._every * self._chance.uniform(0.5, 1.5)):
            what(self._chance.choice(self._stack.lines))

    def _text(self, way: str) -> tuple[str, str, str]:
        """Return mark, script and text."""
        with self._lock:
            self._serial += 1
            mark = f"{way}{self._serial:06}"
        script = self._chance.choice(list(SHORT))
        texts = LONG if self._chance.random() < 0.35 else SHORT
        return mark, script, f"{mark} {texts[script]}".strip()

    def _inbound(self, line: str) -> None:
        mark, script, text = self._text("I")
        chance, centre = self._chance, self._stack.bank.smsc
        peer = self._stack.bank.subscriber(chance.choice(RECIPIENTS))
        options: dict[str, Any] = {"report": chance.random() < 0.2, "flash": chance.random() < 0.1}
        if script == "hindi" and chance.random() < 0.5:
            options |= {"alphabet": "hindi", "shift": chance.choice(("both", "single", "locking"))}
        options["reference_bits"] = chance.choice((8, 16))
        options["split_surrogates"] = script == "emoji" and chance.random() < 0.3
        twice, late = chance.random() < 0.05, chance.random() < 0.1
        sent = Sent(mark, line, peer.number, text, time.monotonic(), flash=options["flash"])

        def hand_over() -> list[Item]:
            # A fault must meet this message, not one that a line sends.
            if twice and "alphabet" not in options and not centre.pending("refuse"):
                centre.duplicate_next()
            return peer.send_sms(text, self._stack.number(line), late={1: 3.0} if late else None, **options)

        try:
            sent.items = self._stack.bank.loop.call(hand_over)
        except SmsRefused:
            return  # the service centre's fault met this one
        except ValueError:
            options |= {"alphabet": "auto", "shift": "both"}  # the shift table lacks a character
            sent.items = self._stack.bank.loop.call(hand_over)
        self.inbound.append(sent)

    def prove(self) -> None:
        """Every line sends and receives one more message: it is well, and says what it held back."""
        for line in self._stack.lines:
            mark = self._text("I")[0]
            peer = self.phones[RECIPIENTS[0]]
            sent = Sent(mark, line, peer.number, f"{mark} the last", time.monotonic())
            sent.items = peer.send_sms(sent.text, self._stack.number(line))
            self.inbound.append(sent)
            self._outbound(line)

    def _outbound(self, line: str) -> None:
        mark, _, text = self._text("O")
        peer, flash = self._chance.choice(RECIPIENTS), self._chance.random() < 0.15
        message = queued_message(line, peer, text, datetime.now(UTC), flash=flash, who="soak")
        self.outbound[message.id] = Sent(mark, line, peer, text, time.monotonic(), flash)
        with self._stack.store.session() as session:
            session.add(message)
        if not self._stop.is_set() and self._chance.random() < 0.02:
            cause = self._chance.choice((38, 42))
            self._stack.bank.loop.call(lambda: self._stack.bank.smsc.refuse_next(cause))

    def _ussd(self, line: str) -> None:
        with self._lock:
            if line in self._in_dialogue:
                return
            self._in_dialogue.add(line)
        try:
            self._dialogue(line, self._chance.choice(list(ASKED)))
        finally:
            self._in_dialogue.discard(line)

    def _dialogue(self, line: str, name: str) -> None:
        asked = Asked(line, name, time.monotonic())
        self.asked.append(asked)
        try:
            for text in ASKED[name][0]:
                answer = self._bus.ask("gsm", "ussd.send", {"line": line, "text": text}, 110)
                asked.answer = answer.get("text") or ""
        except CommandRefused as refusal:
            asked.answer, asked.detail = f"!{refusal.id}", refusal.message
        asked.ended = time.monotonic()
        if not asked.right:
            self._cancel(line)

    def _cancel(self, line: str) -> None:
        try:
            self._bus.ask("gsm", "ussd.cancel", {"line": line}, 10)
        except CommandRefused:
            return

    def received(self) -> dict[str, Counter[str]]:
        """Return, for each mark, the texts that the subscribers have, and how often; ``parts`` that came twice too."""
        found: dict[str, Counter[str]] = {}
        for phone in self.phones.values():
            for message in phone.messages():
                mark = MARK.search(message.text)
                whole = message.complete and mark is not None
                key = mark[0] if mark is not None and whole else f"incomplete from {message.sender}"
                found.setdefault(key, Counter())[message.text] += max(Counter(message.sequences).values())
        return found
