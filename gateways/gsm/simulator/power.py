"""Power, plug and start of one modem, and which faults a restart ends."""

from typing import TYPE_CHECKING

from . import faults
from .moment import Moment
from .network import Call, Cancellable, Cause

if TYPE_CHECKING:
    from .modem import Modem

ENUMERATION = 0.1  # seconds from AT+CFUN=1,1 until the interfaces go

# The steps of a recovery ladder, and what each cures of the faults that name a cure.
CURES = {
    "cfun": {"cfun"},
    "creset": {"cfun", "creset"},
    "reauthorise": {"cfun", "reauthorise"},
    "power": {"cfun", "creset", "reauthorise", "power"},
}


class Power:
    """`restart` and `unplug` may come at any time, `replug` when the ports are away."""

    def __init__(self, modem: "Modem") -> None:
        self._modem = modem
        self._return: Cancellable | None = None
        self._step = ""
        self._run = 0

    def restart(self, step: str, after: float = ENUMERATION) -> None:
        """The module restarts: "cfun" and "creset" by command, "reauthorise" and "power" from outside."""
        modem = self._modem
        if after:
            modem.scheduler.after(after, lambda: self._go(step))
        else:
            self._go(step)

    def unplug(self, power: bool = True, back_after: float | None = None) -> None:
        """Both ports go, for good or for some seconds. With `power` the module goes down too and its calls end."""
        self._step = "power" if power else ""
        self._return_after(back_after)
        self._modem.usb.unplug()
        self._modem.output.clear()
        if power:
            self._down()

    def replug(self) -> None:
        """Back, unless a fault holds it away."""
        modem = self._modem
        faults.heal(modem, CURES.get(self._step, set()))
        if modem.faults.away:
            return
        modem.usb.replug()
        if modem.powered:
            return
        modem.powered = True
        modem.at.reset()
        modem.default_values()
        modem.wake()
        self._run += 1
        self._boot(self._run, 0)

    def _sim_line(self) -> str:
        """+CPIN at the start, as AT+CPIN? would have it (TS 27.007 §8.3)."""
        if not self._modem.sim_present:
            return "+CPIN: NOT INSERTED"
        return "+CPIN: SIM PIN" if self._modem.pin_locked else "+CPIN: READY"

    def _go(self, step: str) -> None:
        modem = self._modem
        away = modem.network.timing.boot
        if modem.traits.usb.bridge and step in {"cfun", "creset"}:
            self._return_after(away)
            self._down()
        else:
            self.unplug(back_after=away)
        self._step = step

    def _return_after(self, seconds: float | None) -> None:
        if self._return is not None:
            self._return.cancel()
        self._return = None if seconds is None else self._modem.scheduler.after(seconds, self.replug)

    def _down(self) -> None:
        modem = self._modem
        modem.powered = modem.booted = False
        modem.voice.end()
        legs, modem.legs = modem.legs, []
        for leg in legs:
            if leg.timer is not None:
                leg.timer.cancel()
            self._lose(leg.call)
        modem.tell(Moment.DOWN)

    def _lose(self, call: Call) -> None:
        """Nobody tells the network that the modem is gone: it finds out after a while."""
        modem = self._modem
        loss = modem.network.timing.radio_loss
        modem.scheduler.after(loss, lambda: modem.network.release(call, Cause.NETWORK_FAILURE, modem))

    def _boot(self, run: int, step: int) -> None:
        """The start's result codes one by one; the SIM answers from the one with CPIN on, the network comes last."""
        modem, lines = self._modem, self._modem.traits.boot
        if not modem.powered or run != self._run:
            return
        modem.sim_up = step >= next((n for n, line in enumerate(lines) if "CPIN" in line), 1)
        if step < len(lines):
            modem.say(self._sim_line() if lines[step] == "+CPIN: READY" else lines[step])
        if step + 1 < len(lines):
            modem.scheduler.after(modem.network.timing.boot_step, lambda: self._boot(run, step + 1))
        else:
            modem.booted = modem.sim_up = True
            modem.tell(Moment.BOOTED)
            modem.radio_changed()
