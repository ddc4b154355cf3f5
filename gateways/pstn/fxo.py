"""One FXO line on a DAHDI channel: a ``gateways.line.Line``.

All of it runs in the hardware loop's thread. What is true of the line is kept in ``FxoCall``; this does what it asks of
the channel, and feeds it the channel's events, what is heard, and the time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from appliance.bus_payloads import LineStateName
from appliance.q850 import Cause
from gateways.line import AudioStarted, DialRefused, Ended, LineEvent, ShownCaller
from gateways.loop import HardwareLoop
from gateways.pstn.callerid import CallerIdentity
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.dahdi import Channel, DahdiError, Event, HardwareEvent, Monitor
from gateways.pstn.fxoactions import Dial, Hook, Listen, Output, Ringback, StartAudio, StopAudio
from gateways.pstn.fxocall import FxoCall
from gateways.pstn.fxodial import dial_plan
from gateways.pstn.fxodigits import Digits
from gateways.pstn.fxoear import Ear, Source
from gateways.pstn.fxoport import ChannelLike, FxoPort
from gateways.pstn.fxostate import PHASES, Phase
from gateways.pstn.fxotimings import Timings
from gateways.pstn.hearing import Sound
from gateways.pstn.tones import BusyTone


class FxoLine:
    """See the module. ``tell`` is called in the loop's thread with each event of the line; nothing here raises."""

    def __init__(
        self,
        spec: FxoSpec,
        loop: HardwareLoop,
        tell: Callable[[LineEvent], None],
        timings: Timings | None = None,
        open_channel: Callable[[int], ChannelLike] = Channel,
        open_source: Callable[[int], Source] = Monitor,
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.number = spec.number
        self._loop = loop
        self._tell = tell
        timings = timings or Timings()
        self._log = logging.getLogger(f"gateways.pstn.{spec.name}")
        self._call = FxoCall(spec, timings)
        self._digits = Digits(spec.name, timings)
        self._port = FxoPort(spec, timings, loop, self, open_channel)
        self._ear = Ear(spec, timings, loop, self._heard, self._identified, open_source)
        self._member = False

    # Line

    @property
    def state(self) -> LineStateName:
        return PHASES[self._call.phase].shown

    @property
    def in_call(self) -> bool:
        return self._call.in_call

    @property
    def idle(self) -> bool:
        """True when there is no call and the loop is open."""
        return not self._call.in_call and not PHASES[self._call.phase].off_hook

    def dial(self, number: str, caller: ShownCaller | None = None) -> None:  # noqa: ARG002  # it shows its own number
        spec = self.spec
        try:
            plan = dial_plan(number, spec.country, prefix=spec.dial_prefix, pulse=spec.pulse)
        except ValueError as error:
            self._tell(DialRefused(self.name, Cause.INVALID_NUMBER_FORMAT, str(error)))
            return
        self._do(self._call.dial(plan, self._loop.now()))

    def answer(self) -> None:
        self._do(self._call.answer(self._loop.now()))

    def hang_up(self, cause: int = Cause.NORMAL_CLEARING) -> None:
        self._do(self._call.hang_up(cause, self._loop.now()))

    def send_dtmf(self, digits: str) -> None:
        if self._call.phase is not Phase.TALKING:
            return
        try:
            self._do(self._digits.send(digits, self._loop.now()))
        except ValueError as error:
            self._log.warning("%s", error)

    def mend_audio(self) -> None:
        try:
            self._port.flush()
        except DahdiError as error:
            self._port.lose(str(error))

    # The service

    def start(self) -> None:
        """Open the channel, and serve; where it cannot be opened, try again for ever. In the loop's thread."""
        if not self._member:
            self._member = True
            self._loop.add(self)
        self._port.start()

    def close(self, reason: str) -> None:
        """End any call, leave the line and let go of the channel for good. In the loop's thread."""
        self._port.close()
        self._gone(reason, Cause.TEMPORARY_FAILURE)

    def use_busy_tone(self, tone: BusyTone | None) -> None:
        """Take a learned busy tone from now on, also for the call that is up."""
        self._ear.use_busy_tone(tone)

    def patient(self, on: bool) -> None:
        """While on, neither tones nor silence end the call that is up; off again at its end."""
        self._call.patient = on

    # The channel

    def channel_opened(self) -> None:
        try:
            self._ear.check()
        except DahdiError as error:
            self._port.lose(str(error))
            return
        self._do(self._call.opened(self._loop.now()))

    def channel_lost(self, reason: str) -> None:
        self._gone(reason, Cause.DESTINATION_OUT_OF_ORDER)

    def _gone(self, reason: str, cause: Cause) -> None:
        self._digits.forget()
        self._do(self._call.lost(reason, self._loop.now(), cause))
        self._ear.listen("nothing")

    def battery(self, missing: str | None) -> None:
        self._do(self._call.alarm(missing, self._loop.now()))

    def channel_event(self, event: HardwareEvent) -> None:
        call, now = self._call, self._loop.now()
        self._log.debug("%s", event)
        match event.kind:
            case Event.RINGBEGIN:
                self._do(call.ring_begun(now))
            case Event.RINGOFFHOOK:
                self._do(call.ring_ended(now))
            case Event.ONHOOK:
                self._do(call.battery_dropped(now))
            case Event.POLARITY:
                self._do(call.polarity(now))
            case Event.DIALCOMPLETE:
                self._do(self._digits.sent(now) if self._digits.busy else call.dialled(now))
            case Event.ALARM | Event.NOALARM:
                self._port.look()
            case Event.RX_CNG_DETECTED:  # some cards hear fax machines themselves
                self._do(call.heard(Sound.FAX_CNG, now))
            case Event.RX_CED_DETECTED:
                self._do(call.heard(Sound.FAX_CED, now))
            case Event.REMOVED:
                self._port.lose(f"the card of DAHDI channel {self.spec.channel} was taken out")
            case _:
                pass

    def _heard(self, sound: Sound) -> None:
        self._log.debug("heard %s", sound)
        self._do(self._call.heard(sound, self._loop.now()))

    def _identified(self, identity: CallerIdentity) -> None:
        self._do(self._call.identified(identity, self._loop.now()))

    # Doing what the call asks

    def _do(self, outputs: Iterable[Output]) -> None:
        """Do and tell, in order. A channel that does not obey is lost, once all has been told."""
        trouble: str | None = None
        for output in outputs:
            try:
                self._do_one(output)
            except DahdiError as error:
                trouble = trouble or str(error)
        if trouble is not None:
            self._port.lose(trouble)

    def _do_one(self, output: Output) -> None:
        match output:
            case Listen(to):
                self._ear.listen(to)
            case StartAudio():
                self._port.perform(output)
                fd = self._port.lend()
                if fd is not None:
                    self._tell(AudioStarted(self.name, fd))
            case Hook() | Dial() | StopAudio() | Ringback():
                self._port.perform(output)
            case _:
                if isinstance(output, Ended):
                    self._call_over(output)
                self._tell(output)

    def _call_over(self, ended: Ended) -> None:
        self._log.info("call ended by the %s side, cause %d %s", ended.who, ended.cause, ended.text)
        self._digits.forget()
        self._call.patient = False

    # Time

    def deadline(self) -> float | None:
        times = [part.deadline() for part in (self._call, self._digits, self._port)]
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float) -> None:
        self._do(self._call.tick(now))
        self._do(self._digits.tick(now))
        self._port.tick(now)
