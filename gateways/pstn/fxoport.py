"""The channel of an FXO line: opened, tried again where it is not there, prepared, watched, obeyed."""

from __future__ import annotations

import logging
import select
from collections.abc import Callable
from typing import Protocol

from gateways.loop import HUNG_UP, HardwareLoop
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.dahdi import Channel, ChannelInfo, DahdiError, Event, HardwareEvent, Tone
from gateways.pstn.fxoactions import Dial, Hook, Ringback, StartAudio, StopAudio
from gateways.pstn.fxobattery import BatteryWatch
from gateways.pstn.fxotimings import Timings

NO_BATTERY = "no battery: is the line plugged in?"
_MOST_EVENTS = 64
"""The driver's queue (DAHDI_MAX_EVENTSIZE); more at once is a fault that must not hold up the other lines."""


class ChannelLike(Protocol):
    """What the line needs of ``dahdi.Channel``."""

    fd: int

    def info(self) -> ChannelInfo: ...
    def event(self) -> HardwareEvent | None: ...
    def off_hook(self) -> None: ...
    def on_hook(self) -> None: ...
    def ring(self) -> None: ...
    def dial(self, digits: str, pulse: bool = False) -> None: ...
    def tone(self, name: Tone | None) -> None: ...
    def set_zone(self, zone: str) -> None: ...
    def set_gains(self, rx_db: float, tx_db: float) -> None: ...
    def echo_cancel(self, taps: int) -> None: ...
    def flush(self) -> None: ...
    def duplicate(self) -> int: ...
    def close(self) -> None: ...


class Listener(Protocol):
    """Who is told of the channel, in the loop's thread."""

    def channel_opened(self) -> None: ...
    def channel_lost(self, reason: str) -> None: ...
    def channel_event(self, event: HardwareEvent) -> None: ...
    def battery(self, missing: str | None) -> None:
        """The line has battery, or has none for that reason; told again and again."""


class FxoPort:
    """See the module. ``dahdi.DahdiError`` comes from ``perform`` only, and means that the channel is of no use."""

    def __init__(
        self,
        spec: FxoSpec,
        timings: Timings,
        loop: HardwareLoop,
        listener: Listener,
        open_channel: Callable[[int], ChannelLike] = Channel,
    ) -> None:
        self._spec = spec
        self._timings = timings
        self._loop = loop
        self._listener = listener
        self._open_channel = open_channel
        self._log = logging.getLogger(f"gateways.pstn.{spec.name}")
        self._channel: ChannelLike | None = None
        self._battery = BatteryWatch()
        self._look_at: float | None = None  # when to open the channel, or to look whether there is battery
        self._said = ""

    @property
    def open(self) -> bool:
        return self._channel is not None

    # Coming and going

    def start(self) -> None:
        """Open the channel now, or as soon as it can be."""
        self._look_at = self._loop.now() + self._timings.retry
        try:
            self._channel = self._open_channel(self._spec.channel)
            self._prepare(self._channel)
        except (DahdiError, ValueError) as error:
            self.lose(str(error))
            return
        self._said = ""
        self._listener.channel_opened()
        self.look()

    def _prepare(self, channel: ChannelLike) -> None:
        info = channel.info()
        if not info.fxo:
            found = f"DAHDI channel {info.number} is {info.signalling}, no FXO port"
            raise DahdiError(0, f"{found}: look at `callfloor pstn scan`")
        channel.on_hook()
        channel.set_zone(self._spec.zone)
        channel.set_gains(self._spec.rx_gain, self._spec.tx_gain)
        for taps in (self._spec.echo_taps, 0):  # if it is not to be had, now is the time to say so
            channel.echo_cancel(taps)
        self._loop.watch(channel.fd, select.EPOLLPRI, self._ready)

    def lose(self, reason: str) -> None:
        """Let go of a channel that is of no use, and try again later."""
        if reason != self._said:
            self._log.warning("%s", reason)
        self._said = reason
        self._let_go()
        self._look_at = self._loop.now() + self._timings.retry
        self._listener.channel_lost(reason)

    def close(self) -> None:
        """Leave the line and let go of the channel, for good."""
        self._let_go()
        self._look_at = None

    def _let_go(self) -> None:
        self._battery.end()
        channel, self._channel = self._channel, None
        if channel is not None:
            self._loop.unwatch(channel.fd)
            channel.close()  # which opens the loop, if the card is still there

    # What it tells

    def _ready(self, bits: int) -> None:
        for _ in range(_MOST_EVENTS):
            event = self._next_event()
            if event is None:
                break
            self._listener.channel_event(event)
        if bits & HUNG_UP and self.open:
            self.lose(f"DAHDI channel {self._spec.channel} is gone: look at `callfloor pstn scan`")

    def _next_event(self) -> HardwareEvent | None:
        if self._channel is None:
            return None
        try:
            return self._channel.event()
        except DahdiError as error:
            self.lose(str(error))
            return None

    def look(self) -> None:
        """Look whether the line has battery: the driver tells of a change, but the word may be lost."""
        self._look_at = self._loop.now() + self._timings.retry
        info = self._info()
        if info is None:
            return
        alarms = info.alarms
        missing = f"alarm on the line ({', '.join(sorted(alarms))}): look at `callfloor pstn spans`"
        self._listener.battery(None if not alarms else NO_BATTERY if alarms == {"red"} else missing)

    # What it is to do

    def perform(self, action: Hook | Dial | StartAudio | StopAudio | Ringback) -> None:
        """Do an action; nothing without a channel. DahdiError."""
        channel = self._channel
        if channel is None:
            return
        match action:
            case Hook(off=True, seize=True):
                # A groundstart line is seized by grounding; the driver closes the loop after it.
                (channel.ring if self._spec.start == "ground" else channel.off_hook)()
            case Hook(off=True):
                channel.off_hook()
                if self._spec.start != "loop":  # whose exchange drops no battery
                    self._battery.begin(self._loop.now())
            case Hook():
                self._battery.end()
                channel.on_hook()
            case Dial(plan):
                channel.dial(plan.digits, plan.pulse)
            case StartAudio():
                channel.echo_cancel(self._spec.echo_taps)
                channel.flush()
            case StopAudio():
                channel.echo_cancel(0)
            case Ringback(on):
                channel.tone("ringback" if on else None)

    def lend(self) -> int | None:
        """Return a descriptor of the channel's audio, None without a channel. DahdiError."""
        return None if self._channel is None else self._channel.duplicate()

    def flush(self) -> None:
        """Forget what waits to be sent and heard. DahdiError."""
        if self._channel is not None:
            self._channel.flush()

    def deadline(self) -> float | None:
        return min((at for at in (self._look_at, self._battery.at) if at is not None), default=None)

    def tick(self, now: float) -> None:
        """Open the channel, or look at the line, where that is due."""
        if self._battery.at is not None and now >= self._battery.at:
            self._look_at_answered(now)
        if self._look_at is None or now < self._look_at:
            return
        if self.open:
            self.look()
        else:
            self.start()

    def _look_at_answered(self, now: float) -> None:
        """Look at a line that was just answered: see ``BatteryWatch``."""
        info = self._info()
        if info is not None and self._battery.looked(info.battery, now):
            self._listener.channel_event(HardwareEvent(Event.ONHOOK))

    def _info(self) -> ChannelInfo | None:
        """Return what the driver says of the line; None: there is no channel, or no longer."""
        if self._channel is None:
            return None
        try:
            return self._channel.info()
        except DahdiError as error:
            self.lose(str(error))
            return None
