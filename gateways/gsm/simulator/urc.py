"""Unsolicited result codes by TS 27.007 (§6.11, §7.2, §7.6, §7.11, §7.12). A family's class adds its own."""

from typing import TYPE_CHECKING

from .leg import Leg, Stat

if TYPE_CHECKING:
    from .modem import Modem


class Urc:
    """Says what happened, as far as the settings ask for it. This one is the bare standard's."""

    stray = "+CREG: 1"  # what may come at any time, inside a response too
    end_before_ok = False  # the end of a call hung up here is said before the OK of the command, not after

    def __init__(self, modem: "Modem") -> None:
        self.modem = modem

    # --- calls -------------------------------------------------------------------------------------------------------

    def ring(self, leg: Leg) -> None:
        modem = self.modem
        if leg.stat is Stat.WAITING:
            if modem.values.flag("+CCWA"):
                modem.say(f'+CCWA: "{leg.number}",{leg.toa},1')
        elif modem.values.flag("+CRC"):
            modem.at.result("+CRING: VOICE")
        else:
            modem.at.result("RING")
        if leg.stat is not Stat.WAITING and modem.values.flag("+CLIP"):
            if modem.faults.clip_delay:
                modem.scheduler.after(modem.faults.clip_delay, lambda: self.clip(leg))
            else:
                self.clip(leg)
        if leg.rings == 1:
            self.call_changed(leg)

    def clip(self, leg: Leg) -> None:
        """+CLIP: <number>,<type>,<subaddr>,<satype>,<alpha>,<CLI validity>; validity 1: withheld by the caller."""
        if leg in self.modem.legs and leg.stat is Stat.INCOMING:
            self.modem.say(f'+CLIP: "{leg.number}",{leg.toa},,,,{0 if leg.number else 1}')

    def clcc(self, leg: Leg, stat: int) -> str:
        """A row of +CLCC: <id>,<dir>,<stat>,<mode>,<mpty>,<number>,<type>."""
        return f'+CLCC: {leg.index},{leg.direction},{stat},0,0,"{leg.number}",{leg.toa}'

    def connected(self, leg: Leg) -> None:
        """The call is through; before the OK of ATA."""

    def call_changed(self, leg: Leg) -> None:
        """The call has the state `leg.stat` now; after the OK of the command that did it."""

    def call_ended(self, leg: Leg) -> None:
        """The family's own word for the end, before the result code."""

    def over(self, leg: Leg, result: str) -> None:
        """The end of a call: `result` is the result code, "" when a command of ours ended it."""
        self.call_ended(leg)
        if result:
            self.modem.at.result(result)

    def digit(self, digit: str) -> None:
        """The far end sent this DTMF digit."""

    # --- network and SIM ---------------------------------------------------------------------------------------------

    def registration(self) -> None:
        """+CREG and its two sisters, each by its own <n> (TS 27.007 §7.2)."""
        for name in ("+CREG", "+CGREG", "+CEREG"):
            mode = self.modem.values.flag(name)
            if mode:
                self.modem.say(f"{name}: {self.registration_text(mode)}")

    def registration_text(self, mode: int) -> str:
        stat = self.modem.visible_stat
        place = ',"D509","080D413D",7' if mode == 2 and stat in {1, 5} else ""
        return f"{stat}{place}"

    def signal(self) -> None:
        """The signal changed."""

    def sim(self, present: bool) -> None:
        """The SIM was put in or taken out."""
        self.modem.say("+CPIN: READY" if present else "+CPIN: NOT READY")

    def chatter(self) -> tuple[str, ...]:
        """What the modem says from time to time without need."""
        return ()
