"""Huawei E1550, E173, K3765 and their like.

Sources: Huawei MU509 HSDPA LGA Module AT Command Interface Specification (^ORIG, ^CONF, ^CONN, ^CEND §9, ^RSSI, ^MODE,
^SRVST, ^SYSINFO), and captures in public drivers for ^BOOT, ^CVOICE and ^DDSETEX, which sends the audio of a call to
the interface given (2: the second serial one).
"""

from typing import TYPE_CHECKING

from ..answers import from_sim, nothing, says
from ..audio import Audio, Medium
from ..callcommands import send_digits
from ..commandline import Command, Kind
from ..interpreter import CmeError
from ..leg import Leg, Stat
from ..parameters import parameter as _p
from ..urc import Urc
from ..usb import UsbIdentity
from .base import Traits

if TYPE_CHECKING:
    from ..modem import Modem

CLIENT_END, NETWORK_END = 29, 104  # <end_status> of ^CEND


class HuaweiUrc(Urc):
    """Its own line for each step of a call, without a blank after the colon; pushes while AT^CURC is 1."""

    stray = "^RSSI:18"

    def call_changed(self, leg: Leg) -> None:
        lines = {
            Stat.DIALING: f"^ORIG:{leg.index},0",
            Stat.ALERTING: f"^CONF:{leg.index}",
            Stat.ACTIVE: f"^CONN:{leg.index},0",
        }
        if leg in self.modem.legs and leg.stat in lines and leg.stat not in leg.told:
            leg.told.add(leg.stat)
            self.modem.say(lines[leg.stat])

    def call_ended(self, leg: Leg) -> None:
        """<cc_cause> is left out when the network had not yet named one (manual, note under ^CEND)."""
        ours = leg.call.released_by is self.modem
        unnamed = ours and leg.connected_at is None
        cause = "" if unnamed or leg.call.cause is None else f",{int(leg.call.cause)}"
        self.modem.say(f"^CEND:{leg.index},{leg.seconds},{CLIENT_END if ours else NETWORK_END}{cause}")

    def digit(self, digit: str) -> None:
        if self.modem.values.flag("^DDTMFCFG", 1):
            self.modem.say(f"^DDTMF:{digit}")

    def registration(self) -> None:
        super().registration()
        if self.modem.values.flag("^CURC"):
            self.modem.say(f"^SRVST:{2 if self.modem.registered else 0}")
            self.modem.say("^MODE:5,4" if self.modem.registered else "^MODE:0,0")

    def signal(self) -> None:
        if self.modem.values.flag("^CURC"):
            self.modem.say(f"^RSSI:{self.modem.csq}")

    def sim(self, present: bool) -> None:
        self.modem.say(f"^SIMST:{1 if present else 255}")

    def chatter(self) -> tuple[str, ...]:
        if not self.modem.values.flag("^CURC"):
            return ()
        return ("^BOOT:20085682,0,0,0,75", f"^RSSI:{self.modem.csq}")


def _ddsetex(modem: "Modem", command: Command) -> None:
    if command.kind is Kind.SET:
        if command.args[0] != "2" or not modem.legs:
            raise CmeError(3)
        modem.voice.enabled = True


def _cvoice(modem: "Modem", command: Command) -> None:
    """0: voice is allowed; rate, bits and milliseconds of a frame."""
    if command.kind is Kind.TEST:
        modem.say("^CVOICE:(0)")
    elif command.kind is Kind.READ:
        modem.say("^CVOICE:0,8000,16,20")
    elif command.args != ("0",):
        raise CmeError(50)


def _dtmf(modem: "Modem", command: Command) -> None:
    """AT^DTMF=<call>,<digit>: one digit, without A to D."""
    if command.kind is Kind.TEST:
        modem.say("^DTMF:(1-9),(0-9,*,#)")
        return
    leg = modem.voice_leg()
    if len(command.args) != 2 or not set(command.args[1]) < set("0123456789*#") or len(command.args[1]) != 1:
        raise CmeError(50)
    if leg is None or str(leg.index) != command.args[0]:
        raise CmeError(3)
    send_digits(modem, leg, command.args[1], 1)


def _swapped(iccid: str) -> str:
    """As the octets of EF-ICCID come (TS 31.102 §4.2.2): the digits of a pair the other way round."""
    padded = iccid + "F" * (len(iccid) % 2)
    return "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))


def _sysinfo(modem: "Modem") -> str:
    """<service>,<domain>,<roaming>,<system mode>,<SIM>,<lock>,<submode>."""
    service = "2,3,0,5" if modem.registered else "0,0,0,0"
    return f"^SYSINFO:{service},{1 if modem.sim_present else 255},,4"


def _list(modem: "Modem") -> str:
    names = sorted({*modem.handlers, *modem.values.plain})
    return "+CLAC:" + ",".join(names)


HUAWEI = Traits(
    name="huawei",
    family="huawei",
    manufacturer="huawei",
    model="E1550",
    revision="11.608.12.10.00",
    usb=UsbIdentity("12d1", "1001", at=2, audio=1),
    boot=("^BOOT:20085682,0,0,0,75", "^SIMST:1", "^SRVST:2", "^MODE:5,4", "^RSSI:23"),
    urcs=HuaweiUrc,
    audio=Audio(Medium.TTY, switched=True, per_call=True, host_first=True),
    identification=(
        "Manufacturer: {manufacturer}",
        "Model: {model}",
        "Revision: {revision}",
        "IMEI: {imei}",
        "+GCAP: +CGSM,+DS,+ES",
    ),
    handlers={
        "^DDSETEX": _ddsetex,
        "^CVOICE": _cvoice,
        "^DTMF": _dtmf,
        "^SYSINFO": says(_sysinfo),
        "^ICCID": from_sim(lambda m: f"^ICCID: {_swapped(m.identity.iccid)}"),
        "^CSNR": says(lambda m: f"^CSNR:{-113 + 2 * m.csq},-7"),
        "^HWVER": says('^HWVER:"CD6ATCPU"'),
        "^U2DIAG": nothing,
        "^STSF": nothing,
        "^PORTSEL": nothing,
        "+CLAC": says(_list),
    },
    parameters={
        "^CURC": _p("1", "(0,1)"),
        "^USSDMODE": _p("1", "(0,1)"),
        "^DDTMFCFG": _p("0|0", "(0),(0,1)"),
    },
    without=frozenset({"+VTS", "+VTD", "+CEREG", "+CVHU", "+CTZU", "+CTZR"}),
)
