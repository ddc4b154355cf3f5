"""One GSM line: port, AT channel, dialect, call control and audio, kept alive. It implements ``gateways.line.Line``.

All of it runs in the hardware loop's thread. The device comes and goes as it likes; the ladder of ``recovery`` says
what is tried and when, and each state that is out of service carries a sentence with what to do.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from gateways.gsm import recovery
from gateways.gsm.at import AtChannel, AtEvent, Command, Finished, Priority, Urc, show
from gateways.gsm.bringup import BringUpError, NoAnswerError, ScriptRunner, bring_up
from gateways.gsm.calls import CallControl
from gateways.gsm.device import Device, LineSpec
from gateways.gsm.dialects import (
    AudioReady,
    Identity,
    NeutralEvent,
    Operator,
    Registration,
    Restarted,
    Signal,
    Sim,
    Tone,
    dialect,
)
from gateways.gsm.linestate import CALL_STATES, Input
from gateways.gsm.loop import HardwareLoop
from gateways.gsm.port import PortAbsentError, PortLostError, PortRefusedError
from gateways.gsm.recovery import Backoff, Timings
from gateways.gsm.service import Info, Service
from gateways.gsm.unknown import Unknown
from gateways.line import AudioFlow, Digit, LineEvent, LineLost, LineReady


class Modem:
    """See the module. ``tell`` is called in the loop's thread with each event of the line."""

    def __init__(
        self, spec: LineSpec, loop: HardwareLoop, tell: Callable[[LineEvent], None], timings: Timings | None = None
    ) -> None:
        self.name = spec.name
        self.number = spec.number
        self._spec = spec
        self._loop = loop
        self._tell = tell
        self._timings = timings or Timings()
        self._dialect = dialect(spec.family)
        self._log = logging.getLogger(f"gateways.gsm.{spec.name}")
        self._calls = CallControl(spec.name, self._dialect, self, tell, self._timings)
        self._backoff = Backoff(self._timings.first_retry, self._timings.longest_retry)
        self._service = Service()
        self._channel = AtChannel(self.now())
        self._device: Device | None = None
        self._script = ScriptRunner(self.now, self.send, self._hear_answer, self._in_service, self._bring_up_failed)
        self._open_at: float | None = self.now()
        self._poll_at = 0.0
        self._unknown = Unknown(self._log)
        self._info = Info(spec.name)
        loop.add(self)

    # Line

    @property
    def state(self) -> str:
        return self._calls.call.state

    @property
    def idle(self) -> bool:
        """True when there is no call, nor anything left to say to the modem about the last one."""
        if self._device is None or self.state not in CALL_STATES | {"cooling-down"}:
            return True
        return self.state == "cooling-down" and self._channel.idle

    def dial(self, number: str) -> None:
        self._calls.dial(number)
        self._pump()

    def answer(self) -> None:
        self._calls.answer()
        self._pump()

    def hang_up(self, cause: int = 16) -> None:
        self._calls.hang_up(cause)
        self._pump()

    def send_dtmf(self, digits: str) -> None:
        self._calls.send_dtmf(digits)
        self._pump()

    def reset(self) -> None:
        """Close the device and start anew at once; a call on it ends."""
        self._out_of_service(Input.RESTARTED, None, "reset by command")
        self._backoff.reset()
        self._open_at = self.now()

    def close(self, reason: str) -> None:
        """Let go of the device for good."""
        self._out_of_service(Input.VANISHED, reason, reason)
        self._open_at = None

    # Wire

    def now(self) -> float:
        return time.monotonic()

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        self._channel.send(command, then)

    def cancel(self, priority: Priority) -> None:
        self._take(list(self._channel.cancel(priority)))

    def lend_audio(self) -> int:
        if self._device is None:
            raise PortLostError(f"{self._spec.pcm_port} has gone")
        return self._device.lend_audio()

    def fail(self, reason: str) -> None:
        self._out_of_service(Input.FAILED, reason, reason)
        self._open_at = self.now() + self._backoff.next()

    # The device

    def _open(self) -> None:
        try:
            self._device = Device(self._spec, self._loop, self._heard, self._lost)
        except PortAbsentError as error:
            self._out_of_service(Input.VANISHED, f"{error}: plug the modem in, or correct the line's ports", str(error))
            self._open_at = self.now() + self._timings.look_for_device
            return
        except PortRefusedError as error:
            self.fail(str(error))
            return
        self._open_at = None
        self._channel = AtChannel(self.now())
        if self.state in {"absent", "fault"}:
            self._calls.tell(self._calls.call.opened())
        self._begin_bring_up()
        self._pump()

    def _begin_bring_up(self) -> None:
        self._service = Service()
        self._script.begin(bring_up(self._dialect, self._timings))

    def _out_of_service(self, happened: Input, reason: str | None, text: str) -> None:
        was_open = self._device is not None
        if self._device is not None:
            self._device.close()
        self._device = None
        self._script.drop()
        if happened is Input.RESTARTED and self.state in {"absent", "fault"}:
            return
        events = self._calls.call.broken(happened, reason, text)
        if events:
            self._log.warning("%s: %s", self.state, reason or text)
        self._tell_all(events)
        if was_open:
            self._tell(LineLost(self.name, text))
            self._tell_all(self._info.heard(Signal(None)))

    def _lost(self, error: PortLostError) -> None:
        self._out_of_service(Input.VANISHED, f"{error}: plug the modem in again", str(error))
        self._open_at = self.now() + self._timings.look_for_device

    def _heard(self, data: bytes) -> None:
        self._take(self._channel.feed(data, self.now()))
        self._pump()

    def _pump(self) -> None:
        """Send what may be sent now."""
        while self._device is not None and (data := self._channel.next_write(self.now())) is not None:
            self._log.debug("-> %s", show(data))
            self._device.write(data)

    def _tell_all(self, events: Iterable[LineEvent]) -> None:
        for event in events:
            self._tell(event)

    # What comes from it

    def _take(self, events: list[AtEvent]) -> None:
        for event in events:
            try:
                if isinstance(event, Urc):
                    self._log.debug("<- %s", show(event.line))
                    self._understand(event.line)
                elif event.then is not None:
                    event.then(event)
            except PortLostError as error:
                self._lost(error)

    def _understand(self, line: bytes) -> None:
        event = self._dialect.parse(line)
        if event is None:
            self._unknown.say(line)
        else:
            self._on(event)

    def _on(self, event: NeutralEvent) -> None:
        if isinstance(event, Registration | Sim):
            self._on_service(event)
        elif isinstance(event, Signal | Operator):
            self._tell_all(self._info.heard(event))
        elif isinstance(event, AudioReady):
            self._tell(AudioFlow(self.name, event.ready))
        elif isinstance(event, Tone):
            self._tell(Digit(self.name, event.digit))
        elif isinstance(event, Identity):
            self._log.info("%s %s", event.kind, event.value)
        elif isinstance(event, Restarted):
            self._on_restarted()
        else:
            self._calls.on(event)

    def _on_service(self, event: Registration | Sim) -> None:
        self._service.heard(event)
        lost_sim = isinstance(event, Sim) and event.state not in {"READY", "BUSY"} and not self._script.running
        self._show_service()
        if lost_sim:
            self._begin_bring_up()

    def _show_service(self) -> None:
        # While the script runs, only what keeps the modem from serving is shown: a call of before may be on it still.
        if self._script.running and not self._service.blocked:
            return
        before = self.state
        self._calls.tell(self._calls.call.service(*self._service.verdict()))
        if self.state == "idle" and before != "idle":
            self._tell(LineReady(self.name))
            self._poll_at = self.now()

    def _on_restarted(self) -> None:
        if not self._channel.answered:
            return  # it boots because it has just been plugged in; the script is looking for it
        text = "the modem restarted by itself"
        if self.state != "booting":
            self._tell_all([*self._calls.call.broken(Input.RESTARTED, None, text), LineLost(self.name, text)])
        self._channel = AtChannel(self.now())
        self._begin_bring_up()

    # Bring-up, polling, time

    def _bring_up_failed(self, error: BringUpError) -> None:
        unheard = isinstance(error, NoAnswerError)
        self.fail(recovery.no_answer(self._spec.at_port, self._channel.heard_bytes) if unheard else str(error))

    def _hear_lines(self, answer: Finished) -> None:
        for line in answer.lines:
            event = self._dialect.parse(line)
            if event is None:
                self._log.info("%s: %s", answer.command.text, show(line))
            elif answer.command != self._dialect.calls():
                self._on(event)

    def _hear_answer(self, answer: Finished) -> None:
        self._hear_lines(answer)
        if answer.command == self._dialect.sim() and not answer.final.ok:
            self._on_service(Sim(self._dialect.sim_error(answer) or "MISSING"))

    def _in_service(self) -> None:
        self._backoff.reset()
        self._show_service()
        self._poll()

    def _poll(self) -> None:
        """Ask for network and signal; more often while there is no network."""
        registered = self.state == "idle"
        self._poll_at = self.now() + (self._timings.signal_poll if registered else self._timings.registration_poll)
        commands = self._dialect.registration()
        if registered:
            commands += self._dialect.signal()
        for command in commands:
            self._channel.send(command, self._hear_lines)

    def deadline(self) -> float | None:
        if self._device is None:
            return self._open_at
        times = [self._channel.deadline(), self._calls.deadline(), self._script.resume_at]
        if not self._script.running and self.state not in CALL_STATES:
            times.append(self._poll_at)
        return min(at for at in times if at is not None)

    def tick(self, now: float) -> None:
        if self._device is None:
            self._open()
            return
        self._take(self._channel.tick(now))
        if self._channel.misses >= 2 and not self._script.running:
            self._out_of_service(Input.RESTARTED, None, "the modem stopped answering AT")
            self._open()
            return
        self._calls.tick(now)
        self._script.tick(now)
        if not self._script.running and self.state not in CALL_STATES and now >= self._poll_at:
            self._poll()
        self._pump()
