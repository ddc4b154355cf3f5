"""ZTE K3565-Z and MF6xx (Qualcomm).

Source: AT Command Set for ZTE Wireless Data Product V1.8, and captures in public clients: ATD gives no OK, CONNECT
comes at the answer, HANGUP: <call> at the end, +ZUSIMR, +ZDONR and +ZPASR at any time. zte-mf says OK to ATD at once.
"""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..answers import from_sim, says
from ..callcommands import dial
from ..commandline import Command
from ..interpreter import FinalResult
from ..leg import Leg
from ..parameters import parameter as _p
from ..urc import Urc
from ..usb import UsbIdentity
from .base import Traits

if TYPE_CHECKING:
    from ..modem import Modem


class ZteUrc(Urc):
    """CONNECT and HANGUP for calls, +ZPASR and +ZDONR for the network, +ZUSIMR until AT+CPMS was used."""

    stray = "+ZUSIMR:2"

    def connected(self, leg: Leg) -> None:
        if leg.direction == 0:
            self.modem.at.result("CONNECT")

    def call_ended(self, leg: Leg) -> None:
        self.modem.at.result(f"HANGUP: {leg.index}")

    def over(self, leg: Leg, result: str) -> None:
        """A call that was through ends with HANGUP alone."""
        super().over(leg, "" if leg.connected_at is not None else result)

    def registration(self) -> None:
        super().registration()
        network = self.modem.network
        if self.modem.registered:
            plmn = re.fullmatch(r"(\d{3})(\d+)", network.plmn)
            codes = f"{int(plmn[1])},{int(plmn[2])}" if plmn else "0,0"
            self.modem.say(f'+ZDONR: "{network.operator}",{codes},"CS_PS","ROAM_OFF"')
        self.modem.say(_access(self.modem))

    def sim(self, present: bool) -> None:
        self.modem.say(f"+ZUSIMR:{2 if present else 0}")

    def chatter(self) -> tuple[str, ...]:
        return () if "+CPMS" in self.modem.asked else ("+ZUSIMR:2",)


def _access(modem: "Modem") -> str:
    return f'+ZPASR: "{"UMTS" if modem.registered else "No Service"}"'


def _dial(modem: "Modem", command: Command) -> None:
    dial(modem, command)
    raise FinalResult("")


ZTE = Traits(
    name="zte",
    family="zte",
    manufacturer="ZTE INCORPORATED",
    model="K3565-Z",
    revision="BD_P673A2V1.0.0B09",
    usb=UsbIdentity("19d2", "0063", at=1),
    boot=("+ZUSIMR:2", '+ZDONR: "Not Found"', '+ZPASR: "Limited Service"'),
    urcs=ZteUrc,
    identification=(
        "Manufacturer: {manufacturer}",
        "Model: {model}",
        "Revision: {revision}",
        "IMEI: {imei}",
        "+GCAP: +CGSM,+DS,+ES",
    ),
    handlers={
        "D": _dial,
        "+ZPAS": says(lambda m: '+ZPAS: "UMTS","CS_PS"' if m.registered else '+ZPAS: "No Service"'),
        "+ZGETICCID": from_sim(lambda m: f"+ZGETICCID: {m.identity.iccid}"),
    },
    parameters={"+ZOPRT": _p("5", "(5,6)"), "+ZSNT": _p("0|0|0", "(0-2),(0-1),(0-2)")},
    without=frozenset({"+CEREG", "+CVHU"}),
)

ZTE_MF = replace(ZTE, name="zte-mf", model="MF626", handlers={k: h for k, h in ZTE.handlers.items() if k != "D"})
