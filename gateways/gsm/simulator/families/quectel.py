"""Quectel EC25, and the layout of ^DSCI of TD-SCDMA and satellite modules.

Source: Quectel EC2x&EG9x&EG2x-G AT Commands Manual; the second layout is that of captures in public drivers:
^DSCI: id,dir,stat,mode,mpty,"number",type,,cause,transaction,"subaddress",subtype with <stat> as in +CLCC, 6 the end.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from ..answers import from_sim, says
from ..audio import Audio, Medium
from ..commandline import Command, Kind
from ..interpreter import CmeError
from ..leg import Leg
from ..network import Cause
from ..parameters import parameter as _p
from ..urc import Urc
from ..usb import UsbIdentity
from .base import Traits

if TYPE_CHECKING:
    from ..modem import Modem

# Manual, AT^DSCI: <stat> by the <stat> of +CLCC (active, held, dialing, alerting, incoming, waiting).
DSCI_STAT = (3, 1, 2, 7, 4, 5)
DSCI_END = 6
CCINFO_END = -1


class QuectelUrc(Urc):
    """^DSCI and +QIND: "ccinfo", each when it was asked for."""

    stray = '+QIND: "csq",23,99'

    def call_changed(self, leg: Leg) -> None:
        if leg in self.modem.legs:
            self._state(leg, DSCI_STAT[leg.stat], leg.stat)

    def call_ended(self, leg: Leg) -> None:
        self._state(leg, DSCI_END, CCINFO_END)

    def signal(self) -> None:
        indications = self.modem.values.named["+QINDCFG"]
        if indications["all"] == "1" and indications["csq"] == "1":
            self.modem.say(f'+QIND: "csq",{self.modem.csq},99')

    def digit(self, digit: str) -> None:
        if self.modem.values.flag("+QTONEDET"):
            self.modem.say(f"+QTONEDET: {ord(digit)}")

    def _state(self, leg: Leg, dsci: int, ccinfo: int) -> None:
        if self.modem.values.flag("^DSCI"):
            self.modem.say(self._dsci(leg, dsci))
        indications = self.modem.values.named["+QINDCFG"]
        if indications["all"] == "1" and indications["ccinfo"] == "1":
            self.modem.say(f'+QIND: "ccinfo",{leg.index},{leg.direction},{ccinfo},0,0,"{leg.number}",{leg.toa}')

    def _dsci(self, leg: Leg, stat: int) -> str:
        return f"^DSCI: {leg.index},{leg.direction},{stat},0,{leg.number},{leg.toa},0"


class TdUrc(QuectelUrc):
    """The other layout."""

    def _dsci(self, leg: Leg, stat: int) -> str:
        cause = ""
        if stat == DSCI_END:
            cause = str(int(leg.call.cause)) if leg.call.cause is not None else ""
        else:
            stat = int(leg.stat)
        return f'^DSCI: {leg.index},{leg.direction},{stat},0,0,"{leg.number}",{leg.toa},,{cause},0,"",0'


def _qhup(modem: "Modem", command: Command) -> None:
    """AT+QHUP=<cause>[,<idx>]; idx 0 or none: all."""
    if command.kind is Kind.TEST:
        return
    causes = {str(int(c)): c for c in Cause if c in {1, 16, 17, 18, 21, 27, 31, 88}}
    if command.kind is not Kind.SET or command.args[0] not in causes:
        raise CmeError(50)
    index = int(command.args[1]) if command.args[1:] and command.args[1].isdigit() else 0
    legs = [leg for leg in modem.legs if index in {0, leg.index}]
    if index and not legs:
        raise CmeError(3)
    for leg in legs:
        modem.hang_up(leg, causes[command.args[0]])


def _qpcmv(modem: "Modem", command: Command) -> None:
    """AT+QPCMV=<enable>[,<port>]: port 0 the USB NMEA port, 1 the debug UART, 2 USB audio."""
    kept = modem.values.plain["+QPCMV"]
    if command.kind is Kind.TEST:
        modem.say("+QPCMV: (0,1),(0-2)")
    elif command.kind is Kind.READ:
        modem.say(f"+QPCMV: {','.join(kept)}")
    elif command.kind is Kind.SET and command.args[0] == "0":
        kept[:] = ["0"]
    elif command.kind is Kind.SET and command.args[0] == "1" and (command.args[1:] or ("0",))[0] in {"0", "1", "2"}:
        kept[:] = ["1", (command.args[1:] or ("0",))[0]]
    else:
        raise CmeError(50)
    modem.voice.enabled = kept == ["1", "2" if modem.audio.medium is Medium.EXTERNAL else "0"]


def _network_info(modem: "Modem") -> str:
    if not modem.registered:
        return "+QNWINFO: No Service"
    return f'+QNWINFO: "FDD LTE","{modem.network.plmn}","LTE BAND 1",100'


def _loop(modem: "Modem") -> None:
    modem.voice.loop = bool(modem.values.flag("+QAUDLOOP"))


REVISION = "EC25EFAR06A06M4G"

QUECTEL = Traits(
    name="quectel",
    family="quectel",
    manufacturer="Quectel",
    model="EC25",
    revision=REVISION,
    usb=UsbIdentity("2c7c", "0125", at=2, audio=1),
    boot=("RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"),
    urcs=QuectelUrc,
    audio=Audio(Medium.TTY, switched=True),
    identification=("{manufacturer}", "{model}", "Revision: {revision}"),
    handlers={
        "+QHUP": _qhup,
        "+QPCMV": _qpcmv,
        "+QGMR": says(REVISION + "_01.001.01.001"),
        "+QCCID": from_sim(lambda m: f"+QCCID: {m.identity.iccid}"),
        "+CCID": from_sim(lambda m: f"+CCID: {m.identity.iccid}"),
        "+QSPN": from_sim(lambda m: f'+QSPN: "{m.network.operator}","{m.network.operator}","",0,"{m.network.plmn}"'),
        "+QNWINFO": says(_network_info),
        "+QSIMSTAT": says(lambda m: f"+QSIMSTAT: 0,{int(m.sim_present)}"),
        "+QINISTAT": says("+QINISTAT: 7"),
    },
    parameters={
        "+QTONEDET": _p("0", "(0,1)"),
        "+QAUDLOOP": _p("0", "(0,1)"),
        "+QAUDMOD": _p("0", "(0-3)"),
        "+QMIC": _p("20577|14567", "(0-65535),(0-65535)"),
        "+QRXGAIN": _p("20577", "(0-65535)"),
        "+QSIDET": _p("0", "(0-65535)"),
        "+QDAI": _p("1|0|0|4|0|1", "(1-4),(0,1),(0,1),(0-5),(0-1),(0-1)"),
        "+QEEC": _p("0", ""),
        "+QSCLK": _p("0", "(0,1)"),
        "^DSCI": _p("0", "(0,1)"),
        "+QPCMV": _p("0", "(0,1),(0-2)"),
    },
    # AT+X="name",… commands of the manual: one value text for each name, printed as kept.
    named={
        "+QCFG": {
            "nwscanmode": "0",
            "nwscanseq": "0405030201",
            "servicedomain": "2",
            "roamservice": "255",
            "ims": "0,0",
            "volte_disable": "0",
            "usbcfg": "0x2C7C,0x0125,1,1,1,1,1,0,0",
            "usbnet": "0",
            "risignaltype": '"respective"',
            "urc/ri/ring": '"pulse",120,1000,5000,"off",1',
            "urc/ri/smsincoming": '"pulse",120,1',
            "urc/ri/other": '"off",120,1',
            "urc/delay": "0",
            "urc/cache": "0",
            "tone/incoming": "0",
            "ceermode": "0",
            "airplanecontrol": "0",
        },
        "+QURCCFG": {"urcport": '"usbat"'},
        "+QINDCFG": {
            "all": "1",
            "csq": "0",
            "smsfull": "0",
            "ring": "1",
            "smsincoming": "1",
            "act": "0",
            "ccinfo": "0",
        },
        "+QGPSCFG": {"outport": '"usbnmea"', "nmeasrc": "0", "autogps": "0"},
        "+QAUDCFG": {"alc5616": "0"},
    },
    effects={"+QAUDLOOP": _loop},
)

QUECTEL_TD = replace(QUECTEL, name="quectel-td", model="EC20", revision="EC20CEFAR05A05M4G_TD", urcs=TdUrc)
