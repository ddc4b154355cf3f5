"""The USSD application server of the virtual network (3GPP TS 22.090, TS 24.090): scripted menus and network requests.

Services by code (`Ussd.services`, to which a test may add):

    *100#  balance                       *123#  menu in 7-bit, with a second level and the way back
    *124#  balance in Japanese (UCS-2)   *125#  menu in Hindi (UCS-2)       *126#  balance in 8-bit (dcs 68)
    *104*<voucher>#  top-up              *190#  ended by the network (m 2)  *191#  the same with a text
    *195#  no answer (m 5)               any other: not supported (m 4)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .balances import Balances

if TYPE_CHECKING:
    from .network import Scheduler

DONE, MORE, ENDED, OTHER_CLIENT, NOT_SUPPORTED, TIMED_OUT = range(6)  # <m> of +CUSD, TS 27.007 §7.15
GSM7, EIGHT_BIT, UCS2 = 15, 68, 72  # <dcs>, TS 23.038 §5
BACK: Final = "back"


@dataclass(frozen=True)
class Answer:
    """What a modem is told: <m>, the text (None: no string) and its <dcs>."""

    m: int
    text: str | None = None
    dcs: int = GSM7


@dataclass(frozen=True)
class Screen:
    """One text of a service; `{balance}` and `{until}` are filled in. With `choices` the session goes on."""

    text: str | None
    choices: dict[str, "Screen | str"] = field(default_factory=dict)
    dcs: int = GSM7
    m: int | None = None

    @property
    def kind(self) -> int:
        return self.m if self.m is not None else MORE if self.choices else DONE


PACKAGES = Screen("Packages:\n1 Voice 60\n2 Data 1GB\n0 Back", {
    "1": Screen("Voice 60 is active now."), "2": Screen("Data 1GB is active now."), "0": BACK})  # fmt: skip
MENU = Screen("SIMNET\n1 Balance\n2 Packages\n3 My number", {
    "1": Screen("Your balance is {balance} yen."), "2": PACKAGES, "3": Screen("Your number: {number}")})  # fmt: skip
HINDI = Screen("मेन्यू\n1 शेष राशि\n2 बाहर", {
    "1": Screen("आपकी शेष राशि ₹{balance} है।", dcs=UCS2), "2": Screen("धन्यवाद", dcs=UCS2)}, UCS2)  # fmt: skip


def default_services() -> dict[str, Screen]:
    return {
        "*100#": Screen("Your balance is {balance} yen, valid until {until}."),
        "*123#": MENU,
        "*124#": Screen("残高は{balance}円です。\n有効期限 {until}", dcs=UCS2),
        "*125#": HINDI,
        "*126#": Screen("Balance: {balance}", dcs=EIGHT_BIT),
        "*190#": Screen(None, m=ENDED),
        "*191#": Screen("Session ended by the network.", m=ENDED),
        "*195#": Screen(None, m=TIMED_OUT),
    }


class Ussd:
    """Sessions by number. `delay`: seconds to an answer; `timeout`: of one that never comes. Loop's thread only."""

    def __init__(self, scheduler: "Scheduler", balances: Balances) -> None:
        self.services = default_services()
        self.delay, self.timeout = 0.05, 1.0
        self.log: list[tuple[str, str]] = []  # (number, what it asked or replied)
        self._scheduler = scheduler
        self._balances = balances
        self._open: dict[str, list[Screen]] = {}  # the screens seen in a session, the last one shown
        self._listeners: dict[str, Callable[[Answer], None]] = {}

    def attach(self, number: str, tell: Callable[[Answer], None]) -> None:
        self._listeners[number] = tell

    def request(self, number: str, text: str) -> None:
        """A code dialled, or a reply in a session. The answer comes through what `attach` was given."""
        self.log.append((number, text))
        seen = self._open.pop(number, [])
        screen = self._next(seen, text) if seen else self._service(number, text)
        if screen is None:
            self._tell(number, Answer(NOT_SUPPORTED), self.delay)
            return
        if screen.kind == MORE:
            self._open[number] = [*seen, screen] if screen not in seen else seen[: seen.index(screen) + 1]
        self._tell(number, self._answer(number, screen), self.timeout if screen.m == TIMED_OUT else self.delay)

    def cancel(self, number: str) -> None:
        self._open.pop(number, None)

    def push(self, number: str, text: str, choices: dict[str, Screen | str] | None = None, dcs: int = GSM7) -> None:
        """Network-initiated: a notice, or with `choices` a request for a reply ("*" takes any)."""
        screen = Screen(text, choices or {}, dcs)
        self._open.pop(number, None)
        if screen.kind == MORE:
            self._open[number] = [screen]
        self._tell(number, self._answer(number, screen), 0)

    def _service(self, number: str, code: str) -> Screen | None:
        voucher = re.fullmatch(r"\*104\*(\d+)#", code)
        if voucher is None:
            return self.services.get(code)
        amount = self._balances.top_up(number, voucher[1])
        return Screen(f"{amount} yen added. Balance {{balance}} yen." if amount else "This voucher is not valid.")

    def _next(self, seen: list[Screen], reply: str) -> Screen | None:
        choice = seen[-1].choices.get(reply) or seen[-1].choices.get("*")
        if choice is None:
            return Screen("Invalid choice.")
        if isinstance(choice, Screen):
            return choice
        return seen[-2] if len(seen) > 1 else seen[-1]

    def _answer(self, number: str, screen: Screen) -> Answer:
        if screen.text is None:
            return Answer(screen.kind)
        until = f"{self._balances.valid_until:%Y/%m/%d}"
        text = screen.text.format(balance=self._balances.of(number), until=until, number=number)
        return Answer(screen.kind, text, screen.dcs)

    def _tell(self, number: str, answer: Answer, after: float) -> None:
        tell = self._listeners.get(number)
        if tell is not None:
            self._scheduler.after(after, lambda: tell(answer))
