"""SIMCom SIM800 and SIM900: GSM only, on a serial line behind a USB bridge; their audio is analog.

Source: SIM800 Series AT Command Manual V1.10 (AT+CLCC §3.2.23, AT+DDET, AT+CCID, and the result codes of a start).
"""

from ..answers import from_sim
from ..leg import Leg
from ..parameters import parameter as _p
from ..usb import UsbIdentity
from .base import Traits
from .simcom import SimcomClcc, clcc


class Simcom2gUrc(SimcomClcc):
    """+CLCC rows with an empty name, +DTMF."""

    def clcc(self, leg: Leg, stat: int) -> str:
        return super().clcc(leg, stat) + ',""'

    def digit(self, digit: str) -> None:
        if self.modem.values.flag("+DDET"):
            self.modem.say(f"+DTMF: {digit}")


SIMCOM2G = Traits(
    name="simcom2g",
    family="simcom2g",
    manufacturer="SIMCOM_Ltd",
    model="SIMCOM_SIM800L",
    revision="Revision:1418B05SIM800L24",
    usb=UsbIdentity("1a86", "7523", at=0, bridge=True),
    boot=("RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"),
    urcs=Simcom2gUrc,
    identification=("SIM800 R14.18",),
    handlers={
        "+CLCC": clcc,
        "+CCID": from_sim(lambda m: m.identity.iccid),
    },
    parameters={
        "+CLCC": _p("0", "(0,1)"),
        "+DDET": _p("0|0|0|0", "(0,1),(0-10000),(0,1),(0,1)"),
        "+MORING": _p("0", "(0,1)"),
        "+CHFA": _p("0", "(0-4)"),
        "+CMIC": _p("0|2", "(0-4),(0-15)"),
        "+ECHO": _p("0|0|0|0|0|0", ""),
    },
    without=frozenset({"+CEREG"}),
)
