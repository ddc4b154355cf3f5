"""From an open port to a line in service, as a script: it yields commands and pauses and is sent the answers.

It says what to ask and in what order; what the answers mean (SIM, network, identity) reaches the line by the same way
as the modem's unasked lines, so nothing here parses them, save where the next step depends on it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from gateways.gsm import recovery
from gateways.gsm.at import PING, Command, Final, Finished
from gateways.gsm.dialects import CallInfo, Dialect, Identity, Sim
from gateways.gsm.pins import PinEntry
from gateways.gsm.recovery import Timings

log = logging.getLogger(__name__)
HANG_UP_TRIES = 5


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


class BringUpError(Exception):
    """The modem is of no use now; the text says why and what to do."""


class NoAnswerError(BringUpError):
    """Nothing that came, if anything did, answered AT."""


class OtherModemError(BringUpError):
    """The modem is not the line's own: no reset changes that."""


Script = Generator[Command | Pause, Finished | None, None]


def rows(dialect: Dialect, answer: Finished) -> list[CallInfo]:
    """Return the calls in an answer to the dialect's ``calls``."""
    parsed = (dialect.parse(line, answer.command.text) for line in answer.lines)
    return [call for call in parsed if isinstance(call, CallInfo)]


def bring_up(dialect: Dialect, timings: Timings, pin: PinEntry, imei: str | None = None) -> Script:
    """Return the script; BringUpError comes out of it when the modem cannot serve. ``imei``: the line's own modem's."""
    yield from _find(timings)
    for step in dialect.init():
        answer = yield from _ask(step.command)
        if step.required and not answer.final.ok:
            raise BringUpError(recovery.refused(step.command.text, str(answer.final), step.purpose))
    if imei is not None:
        yield from _verify(dialect, imei)
    yield from _unlock(dialect, timings, pin)
    for command in dialect.identity():
        yield from _ask(command)
    yield from _clear(dialect, timings)
    for command in dialect.registration():
        yield from _ask(command)


def _ask(command: Command) -> Generator[Command | Pause, Finished | None, Finished]:
    """Ask, and once more if no final result came: one may get lost, a second means that nobody is there."""
    for _ in range(2):
        answer = yield command
        assert answer is not None
        if answer.final.kind != "TIMEOUT":
            return answer
    raise NoAnswerError


def _find(timings: Timings) -> Script:
    yield Pause(timings.settle)
    probe = replace(PING, timeout=timings.probe)
    final = Final("TIMEOUT")
    for _ in range(timings.probes):
        answer = yield probe
        assert answer is not None
        final = answer.final
        if final.ok:
            return
        if final.kind != "TIMEOUT":  # else the next probe at once, lest the channel pings in between
            yield Pause(0.05)  # one ERROR follows what was typed before us
    if final.kind != "TIMEOUT":
        raise BringUpError(recovery.refused("AT", str(final), "it obeys no command"))
    raise NoAnswerError


def _verify(dialect: Dialect, imei: str) -> Script:
    """See that it is the line's modem, before its SIM gets a PIN. One that tells no IMEI is taken as it is."""
    for command in dialect.identity():
        answer = yield from _ask(command)
        for line in answer.lines:
            event = dialect.parse(line, command.text)
            if isinstance(event, Identity) and event.kind == "imei":
                if event.value != imei:
                    raise OtherModemError(recovery.other_modem(event.value, imei))
                return


def _unlock(dialect: Dialect, timings: Timings, pin: PinEntry) -> Script:
    """Wait until the SIM is there. A PIN is tried once: three wrong ones would cost the SIM (TS 31.101 §9.5)."""
    tried = False
    while True:
        answer = yield from _ask(dialect.sim())
        states = [event.state for line in answer.lines if isinstance(event := dialect.parse(line), Sim)]
        state = states[-1] if states else dialect.sim_error(answer)
        if state == "READY":
            if tried:
                pin.accepted()
            return
        code = pin.take() if state == "PIN" and not tried else None
        if code is not None:
            tried = True
            yield dialect.enter_pin(code)
            yield Pause(timings.sim_busy_retry)  # the SIM takes a moment to become ready (TS 27.007 §8.3)
            continue
        yield Pause(timings.sim_busy_retry if state == "BUSY" else timings.sim_retry)


def _clear(dialect: Dialect, timings: Timings) -> Script:
    """Hang up a call that an earlier run of ours left behind; one that rings is left to ring."""
    for attempt in range(HANG_UP_TRIES + 1):
        answer = yield from _ask(dialect.calls())
        if not any(row.voice and row.state not in {"incoming", "waiting", "ended"} for row in rows(dialect, answer)):
            return
        if attempt:
            yield Pause(timings.hang_up_retry)
        for command in dialect.hang_up(16):
            yield from _ask(command)
    raise BringUpError(recovery.stuck_call())


class ScriptRunner:
    """Runs one script at a time: ``send`` queues a command, ``hear`` takes each answer before the script goes on,
    ``done`` is called when the script has ended, ``failed`` when it raised; ``now`` is the clock.
    """

    def __init__(
        self,
        now: Callable[[], float],
        send: Callable[[Command, Callable[[Finished], None]], None],
        hear: Callable[[Finished], None],
        done: Callable[[], None],
        failed: Callable[[BringUpError], None],
    ) -> None:
        self._now = now
        self._send = send
        self._hear = hear
        self._done = done
        self._failed = failed
        self._script: Script | None = None
        self.resume_at: float | None = None
        """When the script's pause is over."""

    @property
    def running(self) -> bool:
        return self._script is not None

    def begin(self, script: Script) -> None:
        self._script, self.resume_at = script, None
        self._step(None)

    def drop(self) -> None:
        self._script = self.resume_at = None

    def tick(self, now: float) -> None:
        if self.resume_at is not None and now >= self.resume_at:
            self.resume_at = None
            self._step(None)

    def _step(self, answer: Finished | None) -> None:
        script = self._script
        if script is None:
            return
        try:
            step = next(script) if answer is None else script.send(answer)
        except StopIteration:
            self._script = None
            self._done()
        except BringUpError as error:
            self._script = None
            self._failed(error)
        except Exception:
            self._script = None
            log.exception("a fault in the bring-up")
            self._failed(BringUpError("a fault in the program keeps the modem out of service: see the log"))
        else:
            if isinstance(step, Pause):
                self.resume_at = self._now() + step.seconds
            else:
                self._send(step, lambda answer: self._answered(script, answer))

    def _answered(self, script: Script, answer: Finished) -> None:
        if script is not self._script:
            return  # of a script that was dropped meanwhile
        self._hear(answer)
        if script is self._script:
            self._step(answer)
