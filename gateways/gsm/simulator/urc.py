"""Unsolicited result codes of one modem (manual, chapter "Summary of URC"; TS 27.007 §7.6, §7.11, §7.12)."""

from typing import TYPE_CHECKING

from .leg import Leg, Stat

if TYPE_CHECKING:
    from .modem import Modem

# Manual, AT^DSCI: <stat> by the <stat> of +CLCC (active, held, dialing, alerting, incoming, waiting).
DSCI_STAT = (3, 1, 2, 7, 4, 5)
DSCI_END = 6
CCINFO_END = -1

BOOT = ("RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE")


class Urc:
    """Says what happened, as far as the settings ask for it."""

    def __init__(self, modem: "Modem") -> None:
        self._modem = modem

    def ring(self, leg: Leg) -> None:
        modem = self._modem
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
        if leg in self._modem.legs and leg.stat is Stat.INCOMING:
            self._modem.say(f'+CLIP: "{leg.number}",{leg.toa},,,,{0 if leg.number else 1}')

    def call_changed(self, leg: Leg) -> None:
        if leg in self._modem.legs:
            self._state(leg, DSCI_STAT[leg.stat], leg.stat)

    def call_ended(self, leg: Leg) -> None:
        self._state(leg, DSCI_END, CCINFO_END)

    def registration(self) -> None:
        """+CREG and its two sisters, each by its own <n> (TS 27.007 §7.2)."""
        for name in ("+CREG", "+CGREG", "+CEREG"):
            mode = self._modem.values.flag(name)
            if mode:
                self._modem.say(f"{name}: {self.registration_text(mode)}")

    def signal(self) -> None:
        indications = self._modem.values.named["+QINDCFG"]
        if indications["all"] == "1" and indications["csq"] == "1":
            self._modem.say(f'+QIND: "csq",{self._modem.csq},99')

    def registration_text(self, mode: int) -> str:
        stat = self._modem.visible_stat
        place = ',"D509","080D413D",7' if mode == 2 and stat in {1, 5} else ""
        return f"{stat}{place}"

    def _state(self, leg: Leg, dsci: int, ccinfo: int) -> None:
        modem = self._modem
        if modem.values.flag("^DSCI"):
            modem.say(f"^DSCI: {leg.index},{leg.direction},{dsci},0,{leg.number},{leg.toa},0")
        indications = modem.values.named["+QINDCFG"]
        if indications["all"] == "1" and indications["ccinfo"] == "1":
            modem.say(f'+QIND: "ccinfo",{leg.index},{leg.direction},{ccinfo},0,0,"{leg.number}",{leg.toa}')
