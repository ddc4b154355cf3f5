"""SIMCom SIM7600 and A76xx (LTE).

Source: SIM7500_SIM7600 Series AT Command Manual V2.00 (ATH §3.7 for VOICE CALL: END and its HHMMSS, AT+CLCC, AT+CHUP,
AT+CPCMREG, AT+CRESET, AT+CICCID, "*ATREADY" and the other lines of a start), and field captures for their order.
"""

import time
from typing import TYPE_CHECKING

from ..answers import from_sim, says
from ..audio import Audio, Medium
from ..callcommands import list_calls
from ..commandline import Command, Kind, LineError
from ..interpreter import CmeError
from ..leg import Leg
from ..parameters import parameter as _p
from ..urc import Urc
from ..usb import UsbIdentity
from .base import Traits

if TYPE_CHECKING:
    from ..modem import Modem

RELEASED = 6  # <stat> of the +CLCC that is sent at the end
DEGRADED_TRIES = 2  # field reports: AT+CPCMREG=1 fails so often before it takes


class SimcomClcc(Urc):
    """+CLCC by itself at each change, after AT+CLCC=1."""

    def call_changed(self, leg: Leg) -> None:
        if leg in self.modem.legs and self.modem.values.flag("+CLCC"):
            self.modem.say(self.clcc(leg, leg.stat))

    def call_ended(self, leg: Leg) -> None:
        if self.modem.values.flag("+CLCC"):
            self.modem.say(self.clcc(leg, RELEASED))


class SimcomUrc(SimcomClcc):
    """VOICE CALL: BEGIN and END, MISSED_CALL, +RXDTMF."""

    stray = "+CGEV: EPS PDN ACT 1"
    end_before_ok = True  # manual §3.7: VOICE CALL: END: <time>, then OK

    def connected(self, leg: Leg) -> None:  # noqa: ARG002 - the line names no call
        self.modem.say("VOICE CALL: BEGIN")

    def call_ended(self, leg: Leg) -> None:
        super().call_ended(leg)
        if leg.connected_at is None:
            self.modem.say("VOICE CALL: END")
        else:
            hours, rest = divmod(leg.seconds, 3600)
            self.modem.say(f"VOICE CALL: END: {hours:02}{rest // 60:02}{rest % 60:02}")

    def over(self, leg: Leg, result: str) -> None:
        if result and leg.direction == 1 and leg.connected_at is None:
            if self.modem.values.flag("+CLCC"):
                self.modem.say(self.clcc(leg, RELEASED))
            self.modem.say(f"MISSED_CALL: {time.strftime('%I:%M%p')} {leg.number}".rstrip())
            return
        super().over(leg, result)

    def digit(self, digit: str) -> None:
        if self.modem.values.flag("+DDET"):
            self.modem.say(f"+RXDTMF: {digit}")


def clcc(modem: "Modem", command: Command) -> None:
    """AT+CLCC lists; AT+CLCC=<n> has the list sent at each change."""
    if command.kind is Kind.READ:
        modem.say(f"+CLCC: {modem.values.flag('+CLCC')}")
    elif command.kind is Kind.SET:
        if command.args not in {("0",), ("1",)}:
            raise CmeError(50)
        modem.values.keep("+CLCC", command.args)
    else:
        list_calls(modem, command)


def _cpcmreg(modem: "Modem", command: Command) -> None:
    """AT+CPCMREG=1 while a call is active starts the PCM of the audio interface, 0 stops it (AT+CPCMREG=0,1 too)."""
    if command.kind is Kind.TEST:
        modem.say("+CPCMREG: (0-1)")
    elif command.kind is Kind.READ:
        modem.say(f"+CPCMREG: {int(modem.voice.enabled)}")
    elif command.kind is Kind.SET and command.args[0] == "0":
        modem.voice.enabled = False
    elif command.kind is Kind.SET and command.args[0] == "1" and modem.voice_leg() is not None:
        modem.voice.tries += 1
        if modem.faults.audio_degraded and modem.voice.tries <= DEGRADED_TRIES:
            raise LineError(command.name)
        modem.voice.enabled = True
    else:
        raise LineError(command.name)


def _cpcmfrm(modem: "Modem", command: Command) -> None:
    """The format of the PCM: 0, 8 kHz; this one has no 16 kHz (1)."""
    if command.kind is Kind.READ:
        modem.say("+CPCMFRM: 0")
    elif command.kind is Kind.SET and command.args != ("0",):
        raise LineError(command.name)


def _creset(modem: "Modem", command: Command) -> None:
    if command.kind is Kind.EXECUTE:
        modem.power.restart("creset")


SIMCOM = Traits(
    name="simcom",
    family="simcom",
    manufacturer="SIMCOM INCORPORATED",
    model="SIMCOM_SIM7600E-H",
    revision="+CGMR: LE20B04SIM7600M22",
    usb=UsbIdentity("1e0e", "9001", at=2, audio=4),
    boot=("*ATREADY: 1", "+CPIN: READY", "SMS DONE", "+CGEV: EPS PDN ACT 1", "PB DONE"),
    urcs=SimcomUrc,
    audio=Audio(Medium.TTY, switched=True, per_call=True),
    identification=(
        "Manufacturer: {manufacturer}",
        "Model: {model}",
        "Revision: SIM7600M22_V2.0.1",
        "IMEI: {imei}",
        "+GCAP: +CGSM",
    ),
    handlers={
        "+CLCC": clcc,
        "+CPCMREG": _cpcmreg,
        "+CRESET": _creset,
        "+CICCID": from_sim(lambda m: f"+ICCID: {m.identity.iccid}"),
        "+CPCMFRM": _cpcmfrm,
        "+CNSMOD": says(lambda m: f"+CNSMOD: 0,{8 if m.registered else 0}"),
    },
    parameters={
        "+CLCC": _p("0", "(0,1)"),
        "+DDET": _p("0", "(0,1)"),
        "+COUTGAIN": _p("4", "(0-8)"),
        "+CMICGAIN": _p("3", "(0-8)"),
        "+CECM": _p("0", "(0-9)"),
        "+CSDVC": _p("1", "(1,3,4)"),
    },
)
