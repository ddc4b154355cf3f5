"""USSD sessions of a line (3GPP TS 22.090, TS 27.007 §7.15): one at a time, menus back and forth.

The answer comes as +CUSD, before or after the OK of AT+CUSD, or never; the network may also speak first. Each request
is answered exactly once, with a ``UssdAnswer``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from gateways.gsm.at import Finished
from gateways.gsm.dialects import Dialect, Ussd
from gateways.gsm.messages.events import UssdAnswer, UssdStatus
from gateways.gsm.messages.wire import Wire
from gateways.gsm.ussdtext import decode_ussd

ANSWER_WITHIN = 45.0
"""Seconds: networks that answer at all do so within 30."""
REPLY_WITHIN = 180.0
"""Seconds that a menu may stand open: networks close it by themselves after one to three minutes."""
Then = Callable[[UssdAnswer], None]

# TS 27.007 §7.15 <m>; 3: the SIM's own program answered the network
_STATUS: dict[int, UssdStatus] = {0: "done", 1: "menu", 2: "ended", 4: "unsupported", 5: "timeout"}
_ERRORS: dict[int, str] = {
    2: "the network ended the session",
    4: "the network does not know this request: check the string with the operator",
    5: "the network did not answer in time: try again",
}


class UssdSession:
    """See the module. ``tell`` gets what nobody asked for; answers go to who asked, by ``then``."""

    def __init__(self, line: str, dialect: Dialect, wire: Wire, tell: Then) -> None:
        self._line = line
        self._dialect = dialect
        self._wire = wire
        self._tell = tell
        self._state: Literal["idle", "asking", "menu"] = "idle"
        self._then: Then | None = None
        self._request = 0  # number of the request: what comes for an earlier one is late
        self._ends: float | None = None

    @property
    def menu_open(self) -> bool:
        return self._state == "menu"

    def refused(self) -> UssdAnswer:
        """Return the answer to a request to a line that is out of service."""
        return self._answer("failed", error="the line is out of service: see its state")

    def begin(self, text: str, then: Then) -> None:
        """Dial a USSD string such as ``*100#``."""
        if self._state != "idle":
            then(self._answer("busy", error="another USSD session is open on this line: wait, or cancel it"))
        elif not self._wire.quiet():
            then(self._answer("busy", error="a call is being set up on this line: try again"))
        else:
            self._ask(text, then)

    def reply(self, text: str, then: Then) -> None:
        """Answer the menu."""
        if self._state == "menu":
            self._ask(text, then)
        else:
            then(self._answer("failed", error="no menu is open on this line: begin with the USSD string"))

    def cancel(self) -> None:
        """End the session, if there is one."""
        if self._state != "idle":
            self._wire.send(self._dialect.ussd_cancel())
            self._finish(self._answer("cancelled", error="cancelled by command"))

    def out_of_service(self) -> None:
        """The modem has gone."""
        if self._state != "idle":
            self._finish(self._answer("failed", error="the modem went out of service: try again when it is back"))

    def _ask(self, text: str, then: Then) -> None:
        try:
            command = self._dialect.ussd(text)
        except ValueError as error:
            then(self._answer("failed", error=str(error)))
            return
        self._request += 1
        number = self._request
        self._state, self._then = "asking", then
        self._ends = self._wire.now() + command.timeout + ANSWER_WITHIN
        self._wire.send(command, lambda answer: self._asked(number, answer))

    def _asked(self, number: int, answer: Finished) -> None:
        for line in answer.lines:
            event = self._dialect.parse(line, answer.command.text)
            if isinstance(event, Ussd):
                self.on(event)
        if number != self._request or self._state != "asking" or answer.final.kind == "OK":
            return
        if answer.final.kind == "TIMEOUT":
            return  # its OK may be lost and its answer still come
        self._finish(self._answer("failed", error=f"the modem answers {answer.final}"))

    def on(self, event: Ussd) -> None:
        """Take a +CUSD."""
        if event.m == 3:
            return
        text = decode_ussd(event.raw, event.dcs) if event.raw else None
        status = _STATUS.get(event.m, "failed")
        answer = self._answer(status, text, _ERRORS.get(event.m) if text is None else None)
        if self._state == "asking":
            self._finish(answer)
        elif event.m == 1:
            self._open_menu()
            self._tell(answer)
        elif self._state == "menu" and event.m != 0:
            self._close()
            self._tell(answer)
        elif text:
            self._tell(self._answer("pushed", text))

    def _finish(self, answer: UssdAnswer) -> None:
        then = self._then
        if answer.status == "menu":
            self._open_menu()
        else:
            self._close()
        if then is not None:
            then(answer)
        else:
            self._tell(answer)

    def _open_menu(self) -> None:
        self._state, self._then = "menu", None
        self._ends = self._wire.now() + REPLY_WITHIN

    def _close(self) -> None:
        self._state, self._then, self._ends = "idle", None, None

    def _answer(self, status: UssdStatus, text: str | None = None, error: str | None = None) -> UssdAnswer:
        return UssdAnswer(self._line, status, text, error)

    def deadline(self) -> float | None:
        return self._ends

    def tick(self, now: float) -> None:
        if self._ends is None or now < self._ends:
            return
        why = "nobody answered the menu" if self._state == "menu" else "the network did not answer: try again"
        self._wire.send(self._dialect.ussd_cancel())
        self._finish(self._answer("timeout", error=why))
