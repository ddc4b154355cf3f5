"""One simulated Quectel EC25: its SIM, its radio and its calls.

Behaviour follows the Quectel EC2x&EG9x&EG2x-G AT Commands Manual, 3GPP TS 27.007 and V.250. What is said on the AT port
is in interpreter.py (dialogue), commands.py and callcommands.py (commands) and urc.py (unsolicited result codes).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .audio import Voice
from .faults import Faults
from .interpreter import Interpreter
from .leg import Identity, Leg, Stat
from .network import Call, Cancellable, Cause, Network, State
from .output import Output
from .parameters import Values
from .tones import SILENCE, ringback
from .urc import BOOT, Urc
from .usb import Usb

if TYPE_CHECKING:
    from .commandline import Command


CommandRunner = Callable[["Modem", "Command"], Leg | None]


class Modem:
    """A modem in the bank; a network.Party. Only the loop's thread may touch it."""

    paced = True

    def __init__(self, identity: Identity, network: Network, usb: Usb, run: CommandRunner) -> None:
        self.identity = identity
        self.number = identity.number
        self.network = network
        self.scheduler = network.scheduler
        self.usb = usb
        self.faults = Faults()
        self.output = Output(usb.at, self.scheduler)
        self.at = Interpreter(self.output, self.faults, lambda command: run(self, command), self._abort)
        self.voice = Voice(usb.pcm, self._uplink)
        self.values = Values()
        self.urc = Urc(self)
        self.legs: list[Leg] = []
        self.powered = True
        self.stat, self.csq, self.sim_present = 1, 23, True
        self.booted = self.sim_up = True
        self._return: Cancellable | None = None
        self.last_cause: Cause | None = None
        self._cadence = 0
        self._profile()
        network.register(self)
        usb.watch(lambda: self.at.received(usb.at.read()), self.voice.readable)

    def _profile(self) -> None:
        self.fun, self.cops_format, self.call_waiting = 1, 0, False
        self.pin_locked = self.identity.pin is not None

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

    # --- power, plug and radio ---------------------------------------------------------------------------------------

    def set_fun(self, fun: int) -> None:
        """AT+CFUN: 1 full, 4 radio off, 0 minimum."""
        before = self.visible_stat
        self.fun = fun
        if fun != 1:
            for leg in list(self.legs):
                self.network.release(leg.call, Cause.NETWORK_FAILURE)
        if self.visible_stat != before:
            self.urc.registration()

    def reset(self) -> None:
        """AT+CFUN=1,1: OK, then the module restarts and its USB interfaces enumerate anew."""
        self.scheduler.after(0.1, lambda: self.unplug(power=True, back_after=self.network.timing.boot))

    def unplug(self, power: bool = True, back_after: float | None = None) -> None:
        """Both ports go, for good or for some seconds. With `power` the module goes down too and its calls end."""
        if self._return is not None:
            self._return.cancel()
        self._return = None if back_after is None else self.scheduler.after(back_after, self.replug)
        self.usb.unplug()
        self.output.clear()
        if not power:
            return
        self.powered = False
        self.voice.end()
        legs, self.legs = self.legs, []
        for leg in legs:
            if leg.timer is not None:
                leg.timer.cancel()
            self._lose(leg.call)

    def _lose(self, call: Call) -> None:
        loss = self.network.timing.radio_loss
        self.scheduler.after(loss, lambda: self.network.release(call, Cause.NETWORK_FAILURE, self))

    def replug(self) -> None:
        self.usb.replug()
        if self.powered:
            return
        self.powered = True
        self.values = Values(named=self.values.named)
        self.at.reset()
        self.voice.enabled = False
        self._profile()
        self.booted = self.sim_up = False
        self._boot(0)

    def _boot(self, step: int) -> None:
        """The start's result codes one by one; the SIM answers from +CPIN on, the network is found at the end."""
        if not self.powered:
            return
        if BOOT[step].startswith("+CPIN"):
            self.sim_up = True
        self.say(BOOT[step])
        if step + 1 < len(BOOT):
            self.scheduler.after(self.network.timing.boot_step, lambda: self._boot(step + 1))
        else:
            self.booted = True
            self.urc.registration()

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

    def _leg(self, call: Call) -> Leg | None:
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
        leg = self._leg(call)
        if leg is None:
            return
        self.set_stat(leg, Stat.ALERTING)
        if self.faults.false_answer:
            self._through(leg)

    def connected(self, call: Call) -> None:
        leg = self._leg(call)
        if leg is None:
            return
        if leg.timer is not None:
            leg.timer.cancel()
        if leg.stat is not Stat.ACTIVE:
            self._through(leg)

    def _through(self, leg: Leg) -> None:
        """An answered call: +COLP before OK (TS 27.007 §7.8), the call's new state after."""
        self.voice.begin()
        leg.stat = Stat.ACTIVE
        if self.at.at_work is leg:
            if leg.direction == 0:
                self.say(f'+COLP: "{leg.number}",{leg.toa},,,')
            self.at.proceed()
        self.set_stat(leg, Stat.ACTIVE)

    def released(self, call: Call) -> None:
        leg = self._leg(call)
        if leg is None:
            return
        if leg.timer is not None:
            leg.timer.cancel()
        self.legs.remove(leg)
        self.last_cause = call.cause
        if self.voice_leg() is None:
            self.voice.end()
        if self.at.at_work is leg:
            self.at.finish(self._ending(leg, call.cause))
            self.urc.call_ended(leg)
        elif call.released_by is self:
            # The manual's example shows the end of the call after the OK of ATH.
            self.scheduler.after(0, lambda: self.urc.call_ended(leg))
        else:
            self.urc.call_ended(leg)
            self.at.result(self._ending(leg, call.cause))

    def _ending(self, leg: Leg, cause: Cause | None) -> str:
        if leg.stat in {Stat.DIALING, Stat.ALERTING}:
            if cause is Cause.BUSY and self.at.call_progress >= 3:
                return "BUSY"
            if cause is Cause.NO_ANSWER:
                return "NO ANSWER"
        return "NO CARRIER"

    # --- network.Party: speech ---------------------------------------------------------------------------------------

    def speak(self, call: Call) -> bytes | None:
        leg, peer = self._leg(call), call.peer(self)
        if leg is None or leg.stat is not Stat.ACTIVE:
            return SILENCE
        tone, frame = self.voice.take_tone(), self.voice.take()
        if tone is not None:
            return tone
        # A far end that is not paced has had the frame the moment it came (_uplink).
        return (frame or SILENCE) if peer is not None and peer.paced else None

    def spoke(self, call: Call, at_ns: int, frame: bytes) -> None:
        """Nothing to keep: these are the host's frames."""

    def listen(self, call: Call, _at_ns: int, frame: bytes) -> None:
        leg = self._leg(call)
        if leg is not None and leg.stat is Stat.ACTIVE:
            self.voice.put(frame)

    def digit(self, call: Call, digit: str) -> None:
        if self.values.flag("+QTONEDET") and self._leg(call) is not None:
            self.say(f"+QTONEDET: {ord(digit)}")

    def _uplink(self, at_ns: int, frame: bytes) -> None:
        leg = self.voice_leg()
        peer = leg.call.peer(self) if leg is not None else None
        if leg is not None and peer is not None and leg.call.audio_open and not peer.paced:
            peer.listen(leg.call, at_ns, frame)

    def tick(self) -> None:
        """Audio without a far end: the loop of AT+QAUDLOOP, and ring-back under a false answer."""
        leg = self.voice_leg()
        if leg is None and self.values.flag("+QAUDLOOP"):
            self.voice.live = True
            self.voice.put(self.voice.take() or SILENCE)
        elif leg is not None and leg.call.state is State.ALERTING:
            cadence = ringback()
            self._cadence = (self._cadence + 1) % len(cadence)
            self.voice.put(cadence[self._cadence])
