"""Brings an open modem into service, and keeps watch over its SIM, network and signal from then on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from gateways.gsm import recovery
from gateways.gsm.at import PING, Command, Finished, show
from gateways.gsm.bringup import BringUpError, NoAnswerError, OtherModemError, ScriptRunner, bring_up
from gateways.gsm.callstate import LineCall
from gateways.gsm.device import LineSpec
from gateways.gsm.dialects import Dialect, Identity, NeutralEvent, Operator, Registration, Signal, Sim
from gateways.gsm.linestate import CALL_STATES
from gateways.gsm.link import Link
from gateways.gsm.pins import PinBook, PinEntry
from gateways.gsm.recovery import Timings
from gateways.gsm.service import Info, Service, Who
from gateways.line import LineEvent

WATCHED = (Registration, Sim, Signal, Operator, Identity)
"""The events that are this module's business."""


class Owner(Protocol):
    """What upkeep needs of the modem."""

    def now(self) -> float: ...
    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None: ...
    def tell_calls(self, events: Iterable[LineEvent]) -> None: ...
    def understood(self, event: NeutralEvent) -> None:
        """Take an event that stood in an answer."""

    def ready(self, iccid: str | None) -> None:
        """The modem came into service; the SIM's ICCID, if it told that."""

    def of_no_use(self, reason: str, *, for_good: bool = False) -> None:
        """Take the modem out of service; ``for_good``: no reset would change that."""


class Upkeep:
    """See the module."""

    def __init__(
        self,
        spec: LineSpec,
        dialect: Dialect,
        link: Link,
        call: LineCall,
        owner: Owner,
        tell: Callable[[LineEvent], None],
        timings: Timings,
        pins: PinBook | None,
    ) -> None:
        self._spec = spec
        self._dialect = dialect
        self._link = link
        self._call = call
        self._owner = owner
        self._tell = tell
        self._timings = timings
        self._pins = pins
        self._log = logging.getLogger(f"gateways.gsm.{spec.name}")
        self._service = Service()
        self._who = Who(spec.name)
        self._info = Info(spec.name)
        self._script = ScriptRunner(owner.now, owner.send, self._hear_answer, self._ended, self._failed)
        self._poll_at = 0.0
        self._told_ready = False  # since the last bring-up

    @property
    def running(self) -> bool:
        """True while the modem is being brought up."""
        return self._script.running

    def begin(self) -> None:
        self._service, self._who = Service(), Who(self._spec.name)
        self._told_ready = False
        unlock = PinEntry(self._spec.name, self._spec.pin, self._pins)
        self._script.begin(bring_up(self._dialect, self._timings, unlock, self._spec.imei))

    def drop(self) -> None:
        """The modem is not open any more."""
        self._script.drop()

    def forget_signal(self) -> None:
        self._tell_all(self._info.heard(Signal(None)))

    def on(self, event: NeutralEvent) -> None:
        """Take one of ``WATCHED``."""
        if isinstance(event, Registration | Sim):
            self._on_service(event)
        elif isinstance(event, Signal | Operator):
            self._tell_all(self._info.heard(event))
        elif isinstance(event, Identity):
            self._who.heard(event)

    def _tell_all(self, events: Iterable[LineEvent]) -> None:
        for event in events:
            self._tell(event)

    def _on_service(self, event: Registration | Sim) -> None:
        self._service.heard(event)
        lost_sim = isinstance(event, Sim) and event.state not in {"READY", "BUSY"} and not self._script.running
        self._show()
        if lost_sim:
            self.begin()

    def _show(self) -> None:
        # While the script runs, only what keeps the modem from serving is shown: a call of before may be on it still.
        if self._script.running and not self._service.blocked:
            return
        before = self._call.state
        self._owner.tell_calls(self._call.service(*self._service.verdict()))
        # A call may have come between the search for a network and its being found: then it was idle before.
        if self._call.state == "idle" and (before != "idle" or not self._told_ready):
            self._told_ready = True
            self._owner.ready(self._who.iccid)
            self._poll_at = self._owner.now()

    # The script

    def _failed(self, error: BringUpError) -> None:
        if isinstance(error, OtherModemError):
            self._tell(self._who.now)  # whoever finds the modems may know whose it is, and take it away from here
            if self._link.open:
                self._owner.of_no_use(str(error), for_good=True)
            return
        unheard = isinstance(error, NoAnswerError)
        heard = self._link.channel.heard_bytes
        self._owner.of_no_use(recovery.no_answer(self._spec.at_port, heard) if unheard else str(error))

    def _hear_answer(self, answer: Finished) -> None:
        self._hear_lines(answer)
        if answer.command == self._dialect.sim() and not answer.final.ok:
            self._on_service(Sim(self._dialect.sim_error(answer) or "MISSING"))

    def _hear_lines(self, answer: Finished) -> None:
        for line in answer.lines:
            event = self._dialect.parse(line, answer.command.text)
            if event is None:
                self._log.info("%s: %s", answer.command.text, show(line))
            elif answer.command != self._dialect.calls():
                self._owner.understood(event)

    def _ended(self) -> None:
        self._tell(self._who.now)  # again: who was told that the modem had gone has forgotten it
        self._show()
        self._poll()

    # Network and signal

    def _poll(self) -> None:
        """Ask for network and signal; more often while there is no network."""
        registered = self._call.state == "idle"
        pause = self._timings.signal_poll if registered else self._timings.registration_poll
        self._poll_at = self._owner.now() + pause
        for command in self._dialect.registration() + (self._dialect.signal() if registered else ()):
            self._owner.send(command, self._polled)

    def _polled(self, answer: Finished) -> None:
        self._hear_lines(answer)
        if answer.final.kind == "ERROR":
            self._owner.send(PING, self._pinged)

    def _pinged(self, answer: Finished) -> None:
        reason = recovery.disobeys(answer)
        if reason is not None and self._polls:
            self._owner.of_no_use(reason)

    @property
    def _polls(self) -> bool:
        return not self._script.running and self._call.state not in CALL_STATES

    def deadline(self) -> float | None:
        times = [self._script.resume_at, self._poll_at if self._polls else None]
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float) -> None:
        self._script.tick(now)
        if self._polls and now >= self._poll_at:
            self._poll()
