"""A B channel as a line: does what its state machine says, with DAHDI for the audio and its span for the signalling."""

from __future__ import annotations

import logging
import select
from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from appliance.bus_payloads import LineStateName
from gateways.line import AudioStarted, FaxHeard, LineEvent, ShownCaller
from gateways.loop import HardwareLoop
from gateways.pstn.config.spec import SpanSpec
from gateways.pstn.dahdierror import DahdiError
from gateways.pstn.dahdievents import Event
from gateways.pstn.fxoactions import Dial, Output
from gateways.pstn.fxodigits import Digits
from gateways.pstn.fxotimings import Timings
from gateways.pstn.libprilibrary import PriError
from gateways.pstn.prievents import Call
from gateways.pstn.priorders import (
    Clear,
    Drop,
    Order,
    SendAlerting,
    SendConnect,
    SendSetup,
    StartAudio,
    Step,
    StopAudio,
)
from gateways.pstn.pristate import PriLine
from gateways.pstn.spanhardware import AudioPort

log = logging.getLogger(__name__)
FAX: dict[Event, Literal["cng", "ced"]] = {Event.RX_CNG_DETECTED: "cng", Event.RX_CED_DETECTED: "ced"}
"""What echo cancellers tell that listen for fax machines."""


class Signalling(Protocol):
    """What a B channel asks of its span. All in the span's thread."""

    def place(self, channel: BChannel, number: str, caller: ShownCaller | None) -> Call:
        """Send SETUP; PriError when it cannot be."""

    def alert(self, call: Call) -> None: ...
    def connect(self, call: Call, slot: int) -> None: ...
    def clear(self, call: Call, cause: int) -> bool:
        """Hang up; True when the call is over at once."""

    def drop(self, call: Call) -> None: ...
    def alarmed(self) -> None:
        """Alarms of the channel's span have come, or have all gone."""

    def port_lost(self, reason: str) -> None:
        """A port does not work any more: the card is gone, or its driver was told so."""


class BChannel:
    """A ``gateways.line.Line``. ``slot`` is where its calls are; see ``trade`` for when that is another's.

    For the span's thread only; ``call`` is libpri's handle of the call that it has or is releasing.
    """

    def __init__(
        self,
        name: str,
        slot: int,
        spec: SpanSpec,
        loop: HardwareLoop,
        span: Signalling,
        tell: Callable[[LineEvent], None],
        listen: float,
    ) -> None:
        self._name, self.slot = name, slot
        self._spec, self._loop, self._span, self._tell = spec, loop, span, tell
        self.machine = PriLine(name, listen)
        self.call: Call | None = None
        self._port: AudioPort | None = None
        self._digits = Digits(name, Timings())

    # The line

    @property
    def name(self) -> str:
        return self._name

    @property
    def number(self) -> str | None:
        return self._spec.number

    @property
    def state(self) -> LineStateName:
        return self.machine.state

    @property
    def in_call(self) -> bool:
        return self.machine.in_call

    @property
    def idle(self) -> bool:
        """No call on it, and none that the network has yet to release."""
        return self.machine.idle

    def dial(self, number: str, caller: ShownCaller | None = None) -> None:
        self.apply(self.machine.dial(number, caller))

    def answer(self) -> None:
        self.apply(self.machine.answer())

    def hang_up(self, cause: int = 16) -> None:
        self.apply(self.machine.hang_up(cause, self._loop.now()))

    def send_dtmf(self, digits: str) -> None:
        """Send digits in the call's audio."""
        if self.state != "active":
            return
        try:
            self._send(self._digits.send(digits, self._loop.now()))
        except ValueError as error:
            log.warning("%s: %s", self._name, error)

    def mend_audio(self) -> None:
        """Bring the channel's driver back to what it was at the call's beginning."""
        if self._port is None:
            return
        self.ready(0)  # while an event waits, the driver neither reads nor writes
        try:
            self._port.flush()
            self._port.set_linear(True)
        except DahdiError as error:
            self._span.port_lost(str(error))

    # Its port

    @property
    def has_port(self) -> bool:
        return self._port is not None

    def alarms(self) -> frozenset[str]:
        """Return the alarms of its span. Raises DahdiError."""
        return self._port.alarms() if self._port is not None else frozenset()

    def take_port(self, port: AudioPort) -> None:
        """Use an open port from now on. Raises DahdiError."""
        port.set_law(self._spec.law)
        self._port = port
        self._watch()

    def drop_port(self) -> None:
        """Close the port."""
        if self._port is not None:
            self._loop.unwatch(self._port.fd)
            self._port.close()
            self._port = None

    def trade(self, other: BChannel) -> None:
        """Change channels with another: the network has chosen its one for our call (Q.931 §5.1.2.2)."""
        for channel in (self, other):
            if channel._port is not None:
                self._loop.unwatch(channel._port.fd)
        self.slot, other.slot = other.slot, self.slot
        self._port, other._port = other._port, self._port
        self._watch()
        other._watch()

    def _watch(self) -> None:
        if self._port is not None:
            self._loop.watch(self._port.fd, select.EPOLLPRI, self.ready)

    def ready(self, _bits: int) -> None:
        """The port has events."""
        try:
            while self._port is not None and (event := self._port.event()) is not None:
                self._happened(event.kind)
        except DahdiError as error:
            self._span.port_lost(str(error))

    def _happened(self, kind: Event) -> None:
        if kind is Event.DIALCOMPLETE:
            self._send(self._digits.sent(self._loop.now()))
        elif kind in (Event.ALARM, Event.NOALARM):
            self._span.alarmed()
        elif kind in FAX and self.state == "active":
            self._tell(FaxHeard(self._name, FAX[kind]))
        elif kind is Event.REMOVED:
            self._span.port_lost("its card was taken out: put it back, or look at `callfloor pstn scan`")

    def _send(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if not isinstance(output, Dial):
                self._tell(output)  # type: ignore[arg-type]
            elif self._port is not None:
                self._port.dial(output.plan.digits)

    # The machine

    def apply(self, steps: list[Step]) -> None:
        """Do and tell what the machine wants, in order."""
        for step in steps:
            if isinstance(step, Order):
                self._do(step)
            else:
                self._tell(step)

    def _do(self, order: Order) -> None:
        match order:
            case SendSetup(number, caller):
                self._place(number, caller)
            case SendAlerting():
                self._with_call(self._span.alert)
            case SendConnect():
                self._with_call(lambda call: self._span.connect(call, self.slot))
            case Clear(cause):
                self._clear(cause)
            case Drop():
                self._with_call(self._span.drop)
                self.call = None
            case StartAudio():
                self._start_audio()
            case StopAudio():
                self._stop_audio()

    def _with_call(self, what: Callable[[Call], object]) -> None:
        if self.call is not None:
            what(self.call)

    def _place(self, number: str, caller: ShownCaller | None) -> None:
        try:
            self.call = self._span.place(self, number, caller)
        except PriError as error:
            log.warning("%s: %s", self._name, error)
            self.apply(self.machine.not_sent(str(error)))

    def _clear(self, cause: int) -> None:
        call = self.call
        if call is None or self._span.clear(call, cause):
            self.call = None
            self.apply(self.machine.gone(cause, "near"))

    def give_way(self) -> Call | None:
        """Leave the channel to the network's call; return our own one, which is being released."""
        call, self.call = self.call, None
        over = True
        for step in self.machine.give_way():
            if isinstance(step, Clear):
                over = call is None or self._span.clear(call, step.cause)
            elif isinstance(step, Order):
                self._do(step)
            else:
                self._tell(step)
        return None if over else call

    def _start_audio(self) -> None:
        if self._port is None:
            return
        try:
            self._port.flush()
            fd = self._port.duplicate()
        except DahdiError as error:
            self._span.port_lost(str(error))
            return
        try:
            self._port.echo_cancel(self._spec.echo_taps)
        except (DahdiError, ValueError) as error:
            log.warning("%s: no echo canceller: %s", self._name, error)
        self._tell(AudioStarted(self._name, fd))

    def _stop_audio(self) -> None:
        self._digits.forget()
        if self._port is None:
            return
        try:
            self._port.echo_cancel(0)
        except DahdiError as error:
            log.debug("%s: %s", self._name, error)

    # Time

    def deadline(self) -> float | None:
        return min((at for at in (self.machine.deadline(), self._digits.deadline()) if at is not None), default=None)

    def tick(self, now: float) -> None:
        self.apply(self.machine.tick(now))
        try:
            self._send(self._digits.tick(now))
        except DahdiError as error:
            self._span.port_lost(str(error))
