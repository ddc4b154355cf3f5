"""One GSM line: port, AT channel, dialect, call control, audio and messages, kept alive: a ``gateways.line.Line``.

All of it runs in the hardware loop's thread. The device comes and goes as it likes; the ladder of recovery says what is
tried and when, and each state that is out of service carries a sentence with what to do.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from gateways.gsm import upkeep
from gateways.gsm.at import Command, Final, Finished, Priority
from gateways.gsm.audio import ALSA
from gateways.gsm.calls import CallControl
from gateways.gsm.companion import Seat
from gateways.gsm.device import LineSpec
from gateways.gsm.dialects import dialect
from gateways.gsm.dialects.events import AudioReady, CallerId, CallInfo, CallResult, NeutralEvent, Restarted, Ring, Tone
from gateways.gsm.linestate import CALL_STATES, Input
from gateways.gsm.link import Link
from gateways.gsm.pins import PinBook
from gateways.gsm.port import PortAbsentError, PortLostError, PortRefusedError, is_plugged, usb_path_of
from gateways.gsm.recovery import Timings
from gateways.gsm.reviver import Power, Reviver
from gateways.gsm.unknown import Unknown
from gateways.line import AudioFlow, Digit, LineEvent, LineLost, LineReady, ShownCaller
from gateways.loop import HardwareLoop

CALLS = (Ring, CallerId, CallInfo, CallResult)


class Modem:
    """See the module. ``tell`` is called in the loop's thread with each event of the line."""

    def __init__(
        self,
        spec: LineSpec,
        loop: HardwareLoop,
        tell: Callable[[LineEvent], None],
        timings: Timings | None = None,
        pins: PinBook | None = None,
        power: Power | None = None,
    ) -> None:
        self.name = spec.name
        self.number = spec.number
        self.dialect = dialect(spec.family)
        self.seat = Seat()
        self._spec = spec
        self._tell = tell
        self._timings = timings or Timings()
        self._log = logging.getLogger(f"gateways.gsm.{spec.name}")
        self._link = Link(loop, self._log, self._understand, self._lost)
        card = (spec.pcm_port or "").startswith(ALSA)
        self._calls = CallControl(spec.name, self.dialect, self, tell, self._timings, card=card)
        self._upkeep = upkeep.Upkeep(spec, self.dialect, self._link, self._calls.call, self, tell, self._timings, pins)
        self._reviver = Reviver(self, tell, self._timings.pace, power)
        self._place: LineSpec | None = spec if spec.at_port else None
        self._was_at = spec.usb_path
        self._nowhere = "its modem is not found yet"
        self._restart_wanted: str | None = None
        self._unknown = Unknown(self._log)
        loop.add(self)

    # Line

    @property
    def state(self) -> str:
        return self._calls.call.state

    @property
    def in_call(self) -> bool:
        return self.state in CALL_STATES

    @property
    def idle(self) -> bool:
        """True when there is no call, nor anything left to say to the modem about the last one."""
        if not self._link.open or self.state not in CALL_STATES | {"cooling-down"}:
            return True
        return self.state == "cooling-down" and self._link.channel.idle

    def dial(self, number: str, caller: ShownCaller | None = None) -> None:  # noqa: ARG002  # a SIM shows its own number
        self._do(lambda: self._calls.dial(number))

    def answer(self) -> None:
        self._do(self._calls.answer)

    def hang_up(self, cause: int = 16) -> None:
        self._do(lambda: self._calls.hang_up(cause))

    def send_dtmf(self, digits: str) -> None:
        self._do(lambda: self._calls.send_dtmf(digits))

    def mend_audio(self) -> None:
        self._do(self._calls.mend_audio)

    def _do(self, what: Callable[[], None]) -> None:
        try:
            what()
        except PortLostError as error:  # the sound card may have gone a moment before we are told
            self._lost(str(error))
        self._link.pump()

    def command(self, command: Command, then: Callable[[Finished], None]) -> None:
        """Have a technician's command sent; ``then`` gets its end, DROPPED at once where no modem is open."""
        if self._link.open:
            self.send(command, then)
            self._link.pump()
        else:
            then(Finished(command, Final("DROPPED")))

    def reset(self) -> None:
        """Close the device and start anew at once; a call on it ends."""
        self.out_of_service(Input.RESTARTED, None, "reset by command")
        self._reviver.start_anew()

    def close(self, reason: str) -> None:
        """Let go of the device for good."""
        self.out_of_service(Input.VANISHED, reason, reason)
        self._reviver.stop()

    def move(self, place: LineSpec | None, why_nowhere: str = "") -> None:
        """The modem is at other ports from now on, or nowhere, for which discovery says why."""
        if place != self._place and self._link.open:
            self._reviver.vanished(why_nowhere or "the modem is at another port", why_nowhere)
        if place is not None and self._place is None:
            self._reviver.appeared()
        self._place, self._nowhere = place, why_nowhere

    # For what lives on the modem

    def now(self) -> float:
        return time.monotonic()

    def quiet(self) -> bool:
        """True while no call is on the line, so that a long command holds nobody up."""
        return self.state == "idle"

    def send(self, command: Command, then: Callable[[Finished], None] | None = None) -> None:
        self._link.send(command, then)

    def pump(self) -> None:
        """Send what may be sent now, where nothing else is about to."""
        self._link.pump()

    def cancel(self, priority: Priority) -> None:
        self._link.cancel(priority)

    def lend_audio(self) -> int:
        return self._link.lend_audio()

    def restart_when_idle(self, reason: str) -> None:
        self._restart_wanted = reason

    def of_no_use(self, reason: str, *, for_good: bool = False) -> None:
        """The modem does not do what it must: climb the ladder, unless no reset would change that (``for_good``)."""
        (self._reviver.refused if for_good else self._reviver.failed)(reason)

    def tell_calls(self, events: Iterable[LineEvent]) -> None:
        self._calls.tell(events)

    def ready(self, iccid: str | None) -> None:
        self._reviver.serving()
        self._tell(LineReady(self.name))
        self.seat.serving(iccid)

    # The device

    @property
    def usb_path(self) -> str | None:
        """Where the modem is plugged; once it has gone, where it was, unless another device is there now."""
        here = usb_path_of(self._place.at_port) if self._place is not None else None
        if here is None and self._was_at is not None and not is_plugged(self._was_at):
            return self._was_at
        return here

    def responsive(self) -> tuple[bool, bool]:
        return self._link.open, self._link.channel.misses == 0 and self._link.channel.answered > 0

    def begin_again(self) -> None:
        if self.state not in CALL_STATES:  # nobody is to dial meanwhile; a call that is stuck is hung up on the way
            self._calls.tell(self._calls.call.broken(Input.RESTARTED, None, ""))
        self._upkeep.begin()
        self._link.pump()

    def ask_restart(self, then: Callable[[Finished], None]) -> None:
        self._upkeep.drop()
        # It may take its time to obey: a call that is dialled from now on would be lost.
        self._calls.tell(self._calls.call.broken(Input.RESTARTED, None, "the modem is being restarted"))
        self.command(self.dialect.restart(), then)

    def _open(self) -> None:
        if self._place is None:
            self._reviver.vanished(self._nowhere, self._nowhere)
            return
        try:
            self._link.connect(self._place)
        except PortAbsentError as error:
            self._reviver.vanished(f"{error}: plug the modem in, or correct the line's ports", str(error))
            return
        except PortRefusedError as error:
            self._reviver.refused(str(error))
            return
        self._was_at = usb_path_of(self._place.at_port) or self._spec.usb_path
        self._reviver.opened()
        if self.state in {"absent", "fault"}:
            self._calls.tell(self._calls.call.opened())
        self.begin_again()

    def out_of_service(self, happened: Input, reason: str | None, text: str) -> None:
        was_open = self._link.open
        self._link.close()
        self._upkeep.drop()
        self._restart_wanted = None
        self.seat.not_serving()
        if happened is Input.RESTARTED and self.state in {"absent", "fault"}:
            return
        events = self._calls.call.broken(happened, reason, text)
        if events:
            self._log.warning("%s: %s", self.state, reason or text)
        self._calls.tell(events)
        if was_open:
            self._tell(LineLost(self.name, text))
            self._upkeep.forget_signal()

    def _lost(self, text: str) -> None:
        self._reviver.vanished(f"{text}: plug the modem in again", text)

    # What comes from it

    def _understand(self, line: bytes) -> None:
        event = self.dialect.parse(line)
        if event is None:
            self._unknown.say(line)
        else:
            self.understood(event)

    def understood(self, event: NeutralEvent) -> None:
        """Take an event of the modem, whether it came unasked or stood in an answer."""
        self.seat.hear(event)
        if isinstance(event, CALLS):
            self._calls.on(event)
        elif isinstance(event, upkeep.WATCHED):
            self._upkeep.on(event)
        elif isinstance(event, AudioReady):
            self._tell(AudioFlow(self.name, event.ready))
        elif isinstance(event, Tone):
            self._tell(Digit(self.name, event.digit))
        elif isinstance(event, Restarted):
            self._restarted()

    def _restarted(self) -> None:
        if not self._link.channel.answered or self._reviver.busy:
            return  # it boots because it has just been plugged in; the script is looking for it
        text = "the modem restarted by itself"
        if self.state != "booting":
            self._calls.tell([*self._calls.call.broken(Input.RESTARTED, None, text), LineLost(self.name, text)])
        self.seat.not_serving()
        self._link.forget()
        self._upkeep.begin()

    # Time

    def deadline(self) -> float | None:
        if not self._link.open:
            return self._reviver.open_at
        soonest = self._link.channel.deadline()
        if self._reviver.busy:  # the others are not looked after, so their deadlines would stay
            return soonest
        times = [part.deadline() for part in (self._calls, self._upkeep, self.seat)]
        return min([soonest, *(at for at in times if at is not None)])

    def tick(self, now: float) -> None:
        if not self._link.open:
            self._open()
            return
        self._link.tick(now)
        if not self._reviver.busy:
            self._look_after(now)
        self._link.pump()

    def _look_after(self, now: float) -> None:
        if self._link.channel.misses >= 2 and not self._upkeep.running:
            self._stopped_answering()
            return
        self._calls.tick(now)
        self._upkeep.tick(now)
        self.seat.tick(now)
        if self._restart_wanted is not None and self.quiet():
            self._reviver.restart(self._restart_wanted)

    def _stopped_answering(self) -> None:
        """Two pings went unanswered already: the ports are opened anew at once."""
        self.out_of_service(Input.RESTARTED, None, "the modem stopped answering AT")
        self._open()
