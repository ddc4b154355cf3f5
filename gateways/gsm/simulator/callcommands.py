"""The call commands of an EC25 (manual, chapter "Call Related Commands"; TS 27.007 §6 and §7; V.250 §6.3)."""

import re
from collections.abc import Callable

from .commandline import Command, Kind, LineError
from .interpreter import CmeError, FinalResult
from .leg import Leg, Stat
from .modem import Modem
from .network import CAUSE_TEXT, Cause
from .tones import DTMF_HZ


def _dial(modem: Modem, command: Command) -> Leg | None:
    """ATD<n>[<mgsm>]; — OK at once, or with AT+COLP=1 when answered. Without ';' it is a data call: none here."""
    text = command.text
    number = "".join(re.findall(r"[0-9*#+A-C]", text.partition(";")[0].split("I")[0]))
    if not text.endswith(";") or not number or not modem.registered or len(modem.legs) > 1:
        raise FinalResult("NO CARRIER")
    leg = modem.dial(number, withheld="I" in text)
    return leg if modem.values.flag("+COLP") else None


def _answer(modem: Modem, _: Command) -> Leg | None:
    leg = modem.leg_with(Stat.INCOMING)
    if leg is None:
        raise FinalResult("NO CARRIER")
    if leg.timer is not None:
        leg.timer.cancel()  # no more rings
    modem.network.answer(leg.call)
    return leg


def _hook(modem: Modem, _: Command) -> None:
    """ATH: OK in any case; with AT+CVHU=1 voice calls stay."""
    if modem.values.flag("+CVHU") == 0:
        _hang_up_all(modem)


def _chup(modem: Modem, command: Command) -> None:
    if command.kind is not Kind.TEST:
        _hang_up_all(modem)


def _hang_up_all(modem: Modem, cause: Cause = Cause.NORMAL) -> None:
    for leg in list(modem.legs):
        modem.hang_up(leg, cause)


def _qhup(modem: Modem, command: Command) -> None:
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


def _clcc(modem: Modem, command: Command) -> None:
    if command.kind is Kind.TEST:
        return
    lines = [
        f'+CLCC: {leg.index},{leg.direction},{leg.stat:d},0,0,"{leg.number}",{leg.toa}'
        for leg in sorted(modem.legs, key=lambda leg: leg.index)
    ]
    if modem.faults.phantom_data_call:
        lines.insert(0, '+CLCC: 1,0,0,1,0,"",128')  # the LTE bearer, as in the manual's example
    if lines:
        modem.say(*lines)


def _chld(modem: Modem, command: Command) -> None:
    """TS 22.030 §6.5.5.1: 0 drop held or refuse waiting, 1 drop active and take the other, 1x drop x, 2 swap."""
    if command.kind is Kind.TEST:
        modem.say("+CHLD: (0,1,1x,2,2x,3,4)")
        return
    what = command.args[0] if command.args else ""
    waiting, held, active = modem.leg_with(Stat.WAITING), modem.leg_with(Stat.HELD), modem.leg_with(Stat.ACTIVE)
    if what == "0" and (waiting or held):
        modem.hang_up(waiting or held, Cause.BUSY if waiting else Cause.NORMAL)  # type: ignore[arg-type]
    elif what == "1" and (active or waiting):
        if active:
            modem.hang_up(active)
        _take(modem, waiting or held)
    elif what == "2" and (active or waiting or held):
        if active:
            modem.set_stat(active, Stat.HELD)
        _take(modem, waiting or held)
    elif len(what) == 2 and what[0] == "1" and (leg := next((x for x in modem.legs if str(x.index) == what[1]), None)):
        modem.hang_up(leg)
    else:
        raise CmeError(3)


def _take(modem: Modem, leg: Leg | None) -> None:
    if leg is None:
        return
    if leg.stat == Stat.WAITING:
        modem.network.answer(leg.call)
    else:
        modem.set_stat(leg, Stat.ACTIVE)


def _vts(modem: Modem, command: Command) -> None:
    """AT+VTS=<dtmf>[,<duration in 0.1 s>]: the network makes the tones towards the far end."""
    if command.kind is Kind.TEST:
        modem.say("+VTS: (0-9,A-D,*,#),(0-255)")
        return
    digits = command.args[0].upper() if command.kind is Kind.SET else ""
    if not digits or any(digit not in DTMF_HZ for digit in digits):
        raise CmeError(50)
    leg = modem.voice_leg()
    if leg is None:
        raise CmeError(3)
    given = command.args[1] if command.args[1:] else ""
    tenths = int(given) if given.isdigit() else modem.values.flag("+VTD")
    for digit in digits:
        modem.voice.send_tone(digit, max(80, 100 * tenths))
        peer = leg.call.peer(modem)
        if peer is not None:
            peer.digit(leg.call, digit)


def _clip(modem: Modem, command: Command) -> None:
    """+CLIP and +COLP read <n>,<m>: m 1, the network offers the service."""
    _with_status(modem, command, "1")


def _clir(modem: Modem, command: Command) -> None:
    _with_status(modem, command, "4")


def _with_status(modem: Modem, command: Command, status: str) -> None:
    name = command.name
    if command.kind is Kind.TEST:
        modem.say(f"{name}: ({'0-2' if name == '+CLIR' else '0,1'})")
    elif command.kind is Kind.READ:
        modem.say(f"{name}: {modem.values.flag(name)},{status}")
    elif command.kind is Kind.SET and command.args[0] in ({"0", "1", "2"} if name == "+CLIR" else {"0", "1"}):
        modem.values.keep(name, command.args[:1])
    else:
        raise CmeError(50)


def _ccwa(modem: Modem, command: Command) -> None:
    """AT+CCWA=[<n>[,<mode>[,<class>]]]: n shows the result code, mode 1/0 registers, mode 2 asks the network."""
    if command.kind is Kind.TEST:
        modem.say("+CCWA: (0,1)")
        return
    if command.kind is Kind.READ:
        modem.say(f"+CCWA: {modem.values.flag('+CCWA')}")
        return
    if command.kind is not Kind.SET or command.args[0] not in {"", "0", "1"}:
        raise CmeError(50)
    modem.values.keep("+CCWA", command.args[:1])
    mode = command.args[1] if command.args[1:] else ""
    if mode == "2":
        modem.say(f"+CCWA: {int(modem.call_waiting)},1")
    elif mode:
        modem.call_waiting = mode == "1"


def _qpcmv(modem: Modem, command: Command) -> None:
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
    modem.voice.enabled = kept == ["1", "0"]


def _ceer(modem: Modem, command: Command) -> None:
    if command.kind is Kind.EXECUTE:
        text = "No cause information available" if modem.last_cause is None else CAUSE_TEXT[modem.last_cause]
        modem.say(f"+CEER: {text}")
    elif command.kind is not Kind.TEST:
        raise LineError(command.name)


CALL_COMMANDS: dict[str, Callable[[Modem, Command], Leg | None]] = {
    "D": _dial,
    "A": _answer,
    "H": _hook,
    "+CHUP": _chup,
    "+QHUP": _qhup,
    "+CLCC": _clcc,
    "+CHLD": _chld,
    "+VTS": _vts,
    "+CLIP": _clip,
    "+COLP": _clip,
    "+CLIR": _clir,
    "+CCWA": _ccwa,
    "+QPCMV": _qpcmv,
    "+CEER": _ceer,
}
