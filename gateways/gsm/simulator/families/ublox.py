"""u-blox SARA and LISA.

Source: u-blox Cellular Modules AT Commands Manual UBX-13002752 R51 (+UCALLSTAT, +UDTMFD, +CCID, +CFUN=16).
"""

from typing import TYPE_CHECKING

from ..answers import from_sim
from ..commandline import Command, Kind
from ..commands import set_function
from ..leg import Leg, Stat
from ..parameters import parameter as _p
from ..urc import Urc
from ..usb import UsbIdentity
from .base import Traits

if TYPE_CHECKING:
    from ..modem import Modem

DISCONNECTED, CONNECTED = 6, 7  # <stat> of +UCALLSTAT beyond those of +CLCC


class UbloxUrc(Urc):
    """+UCALLSTAT: <call>,<stat> after AT+UCALLSTAT=1; +UUDTMFD: <digit> after AT+UDTMFD=1."""

    def call_changed(self, leg: Leg) -> None:
        if leg not in self.modem.legs:
            return
        if leg.stat is Stat.ACTIVE and Stat.ACTIVE not in leg.told:
            leg.told.add(Stat.ACTIVE)
            self._state(leg, CONNECTED)
        self._state(leg, leg.stat)

    def call_ended(self, leg: Leg) -> None:
        self._state(leg, DISCONNECTED)

    def digit(self, digit: str) -> None:
        if self.modem.values.flag("+UDTMFD"):
            self.modem.say(f"+UUDTMFD: {digit}")

    def _state(self, leg: Leg, stat: int) -> None:
        if self.modem.values.flag("+UCALLSTAT"):
            self.modem.say(f"+UCALLSTAT: {leg.index},{int(stat)}")


def _cfun(modem: "Modem", command: Command) -> None:
    """16: a silent reset, as 1,1 elsewhere."""
    if command.kind is Kind.SET and command.args[0] in {"15", "16"}:
        modem.power.restart("cfun")
    else:
        set_function(modem, command)


UBLOX = Traits(
    name="ublox",
    family="ublox",
    manufacturer="u-blox",
    model="SARA-U201",
    revision="23.60",
    usb=UsbIdentity("1546", "1102", at=0),
    boot=("+CPIN: READY", "+UUSIMSTAT: 6"),
    urcs=UbloxUrc,
    identification=("{model}-03S-00",),
    handlers={
        "+CFUN": _cfun,
        "+CCID": from_sim(lambda m: f"+CCID: {m.identity.iccid}"),
    },
    parameters={
        "+UCALLSTAT": _p("0", "(0,1)"),
        "+UDTMFD": _p("0|2", "(0-2),(0-2)"),
        "+UPORTFWD": _p("0", ""),
        "+USPM": _p("1|1|0|0", ""),
        "+UPSV": _p("0", "(0-3)"),
        "+UTI": _p("0", ""),
    },
    without=frozenset({"+CEREG"}),
)
