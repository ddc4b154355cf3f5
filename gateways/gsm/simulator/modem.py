"""One simulated modem: its SIM, its radio and its calls, as its family's traits have it.

Behaviour follows 3GPP TS 27.007 and V.250, and the manuals named in families/. What is said on the AT port is in
interpreter.py (dialogue), commands.py and callcommands.py (commands) and urc.py (unsolicited result codes), what a
family does otherwise in families/.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from .audio import Medium, Voice
from .faults import Faults
from .interpreter import Interpreter
from .leg import Identity, Leg, Stat
from .moment import Moment
from .network import Call, Cause, Network
from .output import Output
from .parameters import PARAMETERS, Values
from .power import Power
from .speech import Speech
from .urc import Urc
from .usb import Usb

if TYPE_CHECKING:
    from .commandline import Command
    from .families.base import Traits

# Does one command: (modem, command). An object back: still at work, until `modem.at.proceed()` or `.finish(code)`.
Handler = Callable[["Modem", "Command"], object | None]


class Modem:
    """A modem in the bank; a network.Party. Only the loop's thread may touch it.

    `handlers` are its commands by name, `watchers` are told of power and network; both may be added to.
    """

    paced = True

    def __init__(
        self,
        identity: Identity,
        traits: "Traits",
        network: Network,
        usb: Usb,
        handlers: dict[str, Handler],
        run: Handler,
    ) -> None:
        self.identity: Identity = identity
        self.traits: Traits = traits
        asked = identity.audio
        self.audio = replace(traits.audio, medium=Medium(asked)) if asked else traits.audio
        self.number = identity.number
        self.family = traits.family
        self.handlers = handlers
        self.asked: set[str] = set()  # the commands used since it was switched on
        self.watchers: list[Callable[[Moment], None]] = []
        self.network: Network = network
        self.scheduler = network.scheduler
        self.usb = usb
        self.faults = Faults()
        self.output = Output(usb.at, self.scheduler)
        self.at = Interpreter(self.output, self.faults, lambda command: run(self, command), self._abort)
        self.speech = Speech(self)
        self.voice = Voice(usb.pcm, self.speech.uplink, host_first=self.audio.host_first)
        rules = {name: rule for name, rule in PARAMETERS.items() if name not in traits.without}
        self._rules = {**rules, **traits.parameters}
        self._named = {name: dict(table) for name, table in traits.named.items()}
        self.urc = traits.urcs(self)
        self.power = Power(self)
        self.legs: list[Leg] = []
        self.powered = self.booted = self.sim_up = True
        self.stat, self.csq = 1, 23
        self.sim_present: bool = True
        self.last_cause: Cause | None = None
        self.wake()
        self.default_values()
        network.register(self)
        usb.watch(self._readable, self.voice.readable)
        self._chatter()

    def wake(self) -> None:
        """The radio as after power-on."""
        self.asked.clear()
        self.fun, self.cops_format, self.call_waiting = 1, 0, False
        self.pin_locked = self.identity.pin is not None

    def default_values(self) -> None:
        """The profile as after power-on or ATZ; what lies in the modem's NV memory (`named`) stays."""
        self.values = Values(self._rules, self._named)
        self.voice.enabled, self.voice.muted, self.voice.loop = not self.audio.switched, False, False

    @property
    def registered(self) -> bool:
        return self.visible_stat in {1, 5}

    @property
    def visible_stat(self) -> int:
        """<stat> of +CREG (TS 27.007 §7.2): 0 when the radio is off or there is no usable SIM, 2 while it starts."""
        ready = self.powered and self.sim_present and not self.pin_locked and self.fun == 1
        return (self.stat if self.booted else 2) if ready else 0

    def say(self, *lines: str) -> None:
        if self.powered:
            self.at.say(*lines)

    def tell(self, moment: Moment) -> None:
        for watcher in self.watchers:
            watcher(moment)

    def radio_changed(self) -> None:
        """Say and tell the registration state."""
        self.urc.registration()
        self.tell(Moment.RADIO)

    def set_fun(self, fun: int) -> None:
        """AT+CFUN: 1 full, 4 radio off, 0 minimum."""
        before = self.visible_stat
        self.fun = fun
        if fun != 1:
            self.drop_calls()
        if self.visible_stat != before:
            self.radio_changed()

    def drop_calls(self) -> None:
        """The radio link is lost: the network ends every call."""
        for leg in list(self.legs):
            self.network.release(leg.call, Cause.NETWORK_FAILURE)

    def _readable(self) -> None:
        data = self.usb.at.read()
        if not self.powered:
            return
        if self.faults.deaf:
            self._unheard(data)
        else:
            self.at.received(data)

    def _unheard(self, data: bytes) -> None:
        """A modem that hangs answers nothing, but may still obey a reset when that is what cures it."""
        for pattern, step in ((b"+CFUN=1,1\r", "cfun"), (b"+CRESET\r", "creset")):
            if pattern in data.upper() and step in self.faults.cures():
                self.power.restart(step)

    def _chatter(self) -> None:
        if self.powered:
            for line in self.urc.chatter():
                self.say(line)
        if type(self.urc).chatter is not Urc.chatter:
            self.scheduler.after(self.network.timing.chatter, self._chatter)

    # --- calls: what the commands ask --------------------------------------------------------------------------------

    def voice_leg(self) -> Leg | None:
        """The leg that has the audio."""
        return self.leg_with(Stat.ACTIVE)

    def leg_with(self, stat: Stat) -> Leg | None:
        return next((leg for leg in self.legs if leg.stat is stat), None)

    def dial(self, number: str, withheld: bool) -> Leg:
        active = self.voice_leg()
        if active is not None:
            self.set_stat(active, Stat.HELD)
        call = self.network.dial(self, number, "" if withheld else self.number)
        leg = self._add(Leg(call, self._free_index(), 0, Stat.DIALING, number))
        self.scheduler.after(0, lambda: self.urc.call_changed(leg))
        return leg

    def hang_up(self, leg: Leg, cause: Cause = Cause.NORMAL) -> None:
        """End it from this side. A call that still rings is refused: the caller gets busy unless a cause is named."""
        refused = leg.stat in {Stat.INCOMING, Stat.WAITING} and cause is Cause.NORMAL
        self.network.release(leg.call, Cause.BUSY if refused else cause, self)

    def set_stat(self, leg: Leg, stat: Stat) -> None:
        leg.stat = stat
        self.voice.live = self.voice_leg() is not None
        self.urc.call_changed(leg)

    def _abort(self, token: object) -> None:
        if isinstance(token, Leg):
            self.network.release(token.call, Cause.NORMAL, self)

    def _add(self, leg: Leg) -> Leg:
        self.legs.append(leg)
        return leg

    def leg_of(self, call: Call) -> Leg | None:
        return next((leg for leg in self.legs if leg.call is call), None)

    def _free_index(self) -> int:
        taken = {leg.index for leg in self.legs} | ({1} if self.faults.phantom_data_call else set())
        return next(n for n in range(1, 8) if n not in taken)

    # --- network.Party: how calls go ---------------------------------------------------------------------------------

    def offered(self, call: Call) -> Cause | None:
        if not self.registered:
            return Cause.ABSENT
        if len(self.legs) > 1 or (self.legs and not self.call_waiting):
            return Cause.BUSY
        stat = Stat.WAITING if self.legs else Stat.INCOMING
        leg = self._add(Leg(call, self._free_index(), 1, stat, call.shown))
        # The call is ours only once this returns: ring right after.
        leg.timer = self.scheduler.after(0, lambda: self._ring(leg))
        return None

    def _ring(self, leg: Leg) -> None:
        if leg not in self.legs:
            return
        leg.rings += 1
        self.urc.ring(leg)
        after = self.values.registers[0]
        if after and leg.rings >= after:
            self.network.answer(leg.call)
        elif leg.stat is Stat.INCOMING:
            leg.timer = self.scheduler.after(self.network.timing.ring_interval, lambda: self._ring(leg))

    def alerted(self, call: Call) -> None:
        leg = self.leg_of(call)
        if leg is None:
            return
        self.set_stat(leg, Stat.ALERTING)
        if self.faults.false_answer:
            self._through(leg)

    def connected(self, call: Call) -> None:
        leg = self.leg_of(call)
        if leg is None:
            return
        if leg.timer is not None:
            leg.timer.cancel()
        if leg.stat is not Stat.ACTIVE:
            self._through(leg)

    def _through(self, leg: Leg) -> None:
        """An answered call: +COLP before OK (TS 27.007 §7.8), the call's new state after."""
        self.voice.begin()
        leg.stat, leg.connected_at = Stat.ACTIVE, time.monotonic()
        self.urc.connected(leg)
        if self.at.at_work is leg:
            if leg.direction == 0:
                self.say(f'+COLP: "{leg.number}",{leg.toa},,,')
            self.at.proceed()
        self.set_stat(leg, Stat.ACTIVE)

    def released(self, call: Call) -> None:
        leg = self.leg_of(call)
        if leg is None:
            return
        if leg.timer is not None:
            leg.timer.cancel()
        self.legs.remove(leg)
        self.last_cause = call.cause
        if self.voice_leg() is None:
            self.voice.end()
            if self.audio.per_call:
                self.voice.enabled = False
        if self.at.at_work is leg:
            self.at.finish(self._ending(leg, call.cause))
            self._over(leg, "")
        elif call.released_by is not self:
            self._over(leg, self._ending(leg, call.cause))
        elif self.urc.end_before_ok:
            self._over(leg, "")
        else:
            self.scheduler.after(0, lambda: self._over(leg, ""))

    def _over(self, leg: Leg, result: str) -> None:
        for _ in range(self.faults.times_to_say_the_end()):
            self.urc.over(leg, result)

    def _ending(self, leg: Leg, cause: Cause | None) -> str:
        if leg.stat in {Stat.DIALING, Stat.ALERTING}:
            if cause is Cause.BUSY and self.at.call_progress >= 3:
                return "BUSY"
            if cause is Cause.NO_ANSWER:
                return "NO ANSWER"
        return "NO CARRIER"

    # --- network.Party: speech ---------------------------------------------------------------------------------------

    def speak(self, call: Call) -> bytes | None:
        return self.speech.speak(self.leg_of(call), call)

    def spoke(self, call: Call, at_ns: int, frame: bytes) -> None:
        """Nothing to keep: these are the host's frames."""

    def listen(self, call: Call, _at_ns: int, frame: bytes) -> None:
        self.speech.listen(self.leg_of(call), frame)

    def digit(self, call: Call, digit: str) -> None:
        if self.leg_of(call) is not None and self.powered:
            self.urc.digit(digit)

    def tick(self) -> None:
        self.speech.tick()
