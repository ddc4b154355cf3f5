"""Driving a modem's one call: what to send for a command of the trunk, and what to make of the answers.

What is true of the call is kept in ``callstate.LineCall``; this sends, and tells what that finds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from gateways.gsm import recovery
from gateways.gsm.at import PING, Command, Finished, Priority
from gateways.gsm.audiosetup import AudioSetup
from gateways.gsm.bringup import HANG_UP_TRIES, rows
from gateways.gsm.callstate import LineCall
from gateways.gsm.dialects import CallerId, CallInfo, CallResult, Dialect, NeutralEvent, Ring
from gateways.gsm.linestate import CALL_STATES
from gateways.gsm.recovery import Timings
from gateways.line import Answered, AudioStarted, DialRefused, Ended, LineEvent, Who


class Wire(Protocol):
    """What call control needs of the modem."""

    def now(self) -> float: ...
    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None: ...
    def cancel(self, priority: Priority) -> None: ...
    def lend_audio(self) -> int:
        """Return a descriptor of the call's audio; PortLostError when the audio port has gone."""

    def restart_when_idle(self, reason: str) -> None:
        """Have the modem boot anew as soon as no call is on it."""

    def of_no_use(self, reason: str) -> None:
        """Take the modem out of service and climb the ladder of recovery."""


class CallControl:
    """See the module. ``tell`` takes every event of the line."""

    def __init__(
        self,
        line: str,
        dialect: Dialect,
        wire: Wire,
        tell: Callable[[LineEvent], None],
        timings: Timings,
        *,
        card: bool = False,
    ) -> None:
        self.call = LineCall(line, early_answer=dialect.AUDIO.early_answer)
        self._line = line
        self._dialect = dialect
        self._wire = wire
        self._tell_one = tell
        self._timings = timings
        self._log = logging.getLogger(f"gateways.gsm.{line}")
        self._audio = AudioSetup(dialect, card, wire, self._audio_started, lambda why: self._give_up(41, why))
        self._rungs: list[Command] = []
        self._asking_cause = False
        self._poll_at: float | None = None
        self._yielding = False
        self._strays = 0  # times in a row that AT+CLCC showed a call that should not be
        self._look_at: float | None = None  # when to see whether it has gone

    def tell(self, events: Iterable[LineEvent]) -> None:
        """Pass events on; after the end of a call, quieten the modem's audio and look whether it agrees."""
        over = through = False
        for event in events:
            over = over or isinstance(event, Ended)
            through = through or isinstance(event, Answered)
            self._tell_one(event)
        if over:
            self._asking_cause, self._strays, self._look_at = False, 0, None
        if over and self.call.state == "cooling-down":
            self._audio.stop()
            self._ask_calls()
        elif over:
            self._audio.forget()
        elif through:
            self._audio.at("active")

    # What the trunk asks for

    def dial(self, number: str) -> None:
        if self.call.state != "idle":
            self._tell_one(DialRefused(self._line, 34, f"the line is {self.call.state}"))
            return
        try:
            command = self._dialect.dial(number)
        except ValueError as error:
            self._tell_one(DialRefused(self._line, 28, str(error)))
            return
        self._log.info("dialling %s", number)
        self.tell(self.call.dial())
        self._poll_at = self._wire.now() + self._timings.setup_poll
        self._audio.at("before")
        self._wire.send(command, self._dialled)

    def answer(self) -> None:
        if self.call.state != "incoming" or self.call.answering:
            return
        self.call.answering = True
        self._audio.at("before")
        if self.call.state == "incoming":
            self._wire.send(self._dialect.answer(), self._answered)

    def hang_up(self, cause: int) -> None:
        if not self.call.talking:
            return
        self._wire.cancel(Priority.CALL)
        self.tell(self.call.hang_up(cause))
        self._rungs = list(self._dialect.hang_up(cause))
        self._climb()

    def send_dtmf(self, digits: str) -> None:
        if self.call.state != "active":
            return
        try:
            for command in self._dialect.dtmf(digits):
                self._wire.send(command, self._dtmf_sent)
        except ValueError as error:
            self._log.warning("%s", error)

    def mend_audio(self) -> None:
        """The far party hears nothing of us: what the family has for that."""
        if self.call.talking and not self._audio.mend():
            self._wire.restart_when_idle("the modem takes no audio any more; only a restart mends it")

    # What the modem answers

    def _audio_started(self) -> None:
        if self.call.talking:
            self._tell_one(AudioStarted(self._line, self._wire.lend_audio()))

    def _dialled(self, answer: Finished) -> None:
        final = answer.final
        if final.kind == "DROPPED" and self._yielding:
            self._end(44, "line", "a call came in first")
        if final.ok and self.call.talking:
            self._audio.at("dialled")
            for line in answer.lines:  # some modems answer ATD when the far party does
                if (event := self._dialect.parse(line, answer.command.text)) is not None:
                    self.on(event)
        if final.ok or final.kind == "DROPPED":
            return
        if final.kind == "TIMEOUT":
            self._give_up(41, "the modem does not answer to dialling")
        else:
            self._doubt(answer)
            causes = {"BUSY": 17, "NO ANSWER": 19}
            self._gone(causes.get(final.kind))

    def _answered(self, answer: Finished) -> None:
        final = answer.final
        if final.ok:
            if self.call.talking:
                self._audio.at("dialled")
            self.tell(self.call.connected())
        elif final.kind == "NO CARRIER":
            self._gone(16)
        elif final.kind != "DROPPED":
            self._give_up(41, f"the modem answers {final} to {answer.command.text}")
            self._doubt(answer)

    def _doubt(self, answer: Finished) -> None:
        """A modem that refuses a call's command may obey no command any more: ask."""
        if answer.final.kind == "ERROR":
            self._wire.send(PING, self._pinged)

    def _pinged(self, answer: Finished) -> None:
        reason = recovery.disobeys(answer)
        if reason is not None:
            self._wire.of_no_use(reason)

    def _dtmf_sent(self, answer: Finished) -> None:
        if not answer.final.ok:
            self._log.warning("digit not sent: %s to %s", answer.final, answer.command.text)

    def _give_up(self, cause: int, text: str) -> None:
        """The modem will not do the call: end it for everybody. If it has one all the same, AT+CLCC will show it."""
        if not self.call.talking:
            return
        self._log.warning("call given up: %s", text)
        self._wire.cancel(Priority.CALL)
        for command in self._dialect.hang_up(cause):
            self._wire.send(command)
        self._end(cause, "line", text)

    def _climb(self) -> None:
        if self._rungs:
            self._wire.send(self._rungs.pop(0), self._hung_up)
        else:
            self._wire.of_no_use(recovery.stuck_call())

    def _hung_up(self, answer: Finished) -> None:
        if self.call.state != "ending":
            return
        if answer.final.ok:
            self._end(self.call.cause, "near")
        else:
            self._climb()

    # What the modem says by itself

    def on(self, event: NeutralEvent) -> None:
        """Take a neutral event that may concern the call."""
        now, before = self._wire.now(), self.call.state
        comes_in = isinstance(event, Ring) or (isinstance(event, CallInfo) and event.state == "incoming")
        if before == "dialling" and comes_in:
            self._yield_to_caller()
        if isinstance(event, Ring):
            self.tell(self.call.ring(now))
        elif isinstance(event, CallerId):
            self.tell(self.call.caller_id(event.number, event.withheld, now))
        elif isinstance(event, CallResult):
            self._gone(event.cause)
        elif isinstance(event, CallInfo) and event.voice and event.state == "ended":
            if self.call.ends(event):
                self._gone(event.cause)
        elif isinstance(event, CallInfo):
            self.tell(self.call.info(event, now))
        if before != "incoming" and self.call.state == "incoming" and not self.call.told:
            self._ask_calls()  # it may know the number sooner than +CLIP tells it

    def _yield_to_caller(self) -> None:
        """A call comes in: if ours still waits behind another command (a message on its way), the caller goes first.

        The modem rings on, and the next RING finds the line free.
        """
        self._yielding = True
        self._wire.cancel(Priority.CALL)
        self._yielding = False

    def _gone(self, cause: int | None) -> None:
        """The far end is gone. Why an unanswered call failed is only in the extended error report."""
        if self.call.state in {"dialling", "alerting"} and cause is None:
            if not self._asking_cause:
                self._asking_cause = True
                self._wire.cancel(Priority.CALL)
                self._wire.send(self._dialect.cause(), self._cause_told)
            return
        self._end(self.call.cause if self.call.state == "ending" else cause or 16, "far")

    def _cause_told(self, answer: Finished) -> None:
        self._asking_cause = False
        self._end(self._dialect.cause_of(answer.lines) or 31, "far")

    def _end(self, cause: int, who: Who, text: str = "") -> None:
        self.tell(self.call.ended(cause, who, self._wire.now(), text))

    # Reconciling with AT+CLCC

    def _ask_calls(self) -> None:
        setting_up = self.call.state in {"dialling", "alerting"}
        self._poll_at = self._wire.now() + (self._timings.setup_poll if setting_up else self._timings.call_poll)
        self._wire.send(self._dialect.calls(), self._listed)

    def _listed(self, answer: Finished) -> None:
        if not answer.final.ok:
            return
        listed = rows(self._dialect, answer)
        if self.call.strays(listed):
            self._end_stray()
            return
        self._strays = 0
        self.tell(self.call.listed(listed, self._wire.now()))

    def _end_stray(self) -> None:
        """Hang up a call that should not be, and look again; one that stays makes the modem useless."""
        self._strays += 1
        if self._strays > HANG_UP_TRIES:
            self._strays = 0
            self._wire.of_no_use(recovery.stuck_call())
            return
        self._log.warning("hanging up a call that should not be")
        for command in self._dialect.hang_up(16):  # all: ATH says OK and leaves the call on modems with AT+CVHU=1
            self._wire.send(command)
        self._look_at = self._wire.now() + self._timings.hang_up_retry
        self.call.settle_again(self._look_at)

    def deadline(self) -> float | None:
        times = [self.call.deadline(), self._audio.retry_at, self._look_at]
        if self.call.state in CALL_STATES:
            times.append(self._poll_at)
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float) -> None:
        self.tell(self.call.tick(now))
        self._audio.tick(now)
        stray = self._look_at is not None and now >= self._look_at
        if stray:
            self._look_at = None
        if stray or (self.call.state in CALL_STATES and (self._poll_at is None or now >= self._poll_at)):
            self._ask_calls()
