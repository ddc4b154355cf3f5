"""The call commands that all families share (TS 27.007 §6 and §7; V.250 §6.3)."""

import re

from .commandline import Command, Kind, LineError
from .interpreter import CmeError, FinalResult
from .leg import Leg, Stat
from .modem import Handler, Modem
from .network import CAUSE_TEXT, Cause
from .tones import DTMF_HZ


def dial(modem: Modem, command: Command) -> Leg | None:
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


def list_calls(modem: Modem, command: Command) -> None:
    """AT+CLCC."""
    if command.kind is Kind.TEST:
        return
    lines = [modem.urc.clcc(leg, leg.stat) for leg in sorted(modem.legs, key=lambda leg: leg.index)]
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
    send_digits(modem, leg, digits, tenths)


def send_digits(modem: Modem, leg: Leg, digits: str, tenths: int) -> None:
    """Each digit for `tenths` of 0.1 s, 80 ms at least (TS 22.101)."""
    peer = leg.call.peer(modem)
    for digit in digits:
        modem.voice.send_tone(digit, max(80, 100 * tenths))
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


def _ceer(modem: Modem, command: Command) -> None:
    if command.kind is Kind.EXECUTE:
        text = "No cause information available" if modem.last_cause is None else CAUSE_TEXT[modem.last_cause]
        modem.say(f"+CEER: {text}")
    elif command.kind is not Kind.TEST:
        raise LineError(command.name)


CALL_COMMANDS: dict[str, Handler] = {
    "D": dial,
    "A": _answer,
    "H": _hook,
    "+CHUP": _chup,
    "+CLCC": list_calls,
    "+CHLD": _chld,
    "+VTS": _vts,
    "+CLIP": _clip,
    "+COLP": _clip,
    "+CLIR": _clir,
    "+CCWA": _ccwa,
    "+CEER": _ceer,
}
