"""Quectel EC2x/EG9x/EG2x-G (EC25 and kin), voice on the PCM tty.

Sections § are of Quectel's "EC2x&EG9x&EG2x-G AT Commands Manual" unless TS 27.007 is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateways.gsm.at import Command, Priority, show
from gateways.gsm.dialects import (
    AudioReady,
    CallInfo,
    CallState,
    Chatter,
    Identity,
    InitStep,
    NeutralEvent,
    Restarted,
    Signal,
    Sim,
    Tone,
)
from gateways.gsm.dialects import standard as std
from gateways.gsm.dialects.standard import answer, calls, cause, dial, dtmf, registration, signal, sim, sim_error

__all__ = [
    "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "dial", "dtmf", "hang_up", "identity", "init",
    "parse", "registration", "signal", "sim", "sim_error",
]  # fmt: skip

# §7.23; these are not the numbers of +CLCC
_DSCI_STATES: dict[int, CallState] = {
    1: "held", 2: "dialing", 3: "active", 4: "incoming", 5: "waiting", 6: "ended", 7: "alerting",
}  # fmt: skip
# §7.21: the causes that AT+QHUP may tell the network
_QHUP_CAUSES = frozenset({1, 16, 17, 18, 21, 27, 31, 88})
# §15.8: AT+CEER answers the network's cause as text; the names are those of 3GPP TS 24.008 annex H (Q.850)
_CAUSES = {
    "unassigned/unallocated number": 1,
    "unassigned (unallocated) number": 1,
    "unassigned number": 1,
    "unallocated number": 1,
    "no route to destination": 3,
    "channel unacceptable": 6,
    "operator determined barring": 8,
    "normal call clearing": 16,
    "user busy": 17,
    "no user responding": 18,
    "user alerting, no answer": 19,
    "subscriber absent": 20,
    "call rejected": 21,
    "number changed": 22,
    "non selected user clearing": 26,
    "destination out of order": 27,
    "invalid/incomplete number": 28,
    "invalid number format": 28,
    "facility rejected": 29,
    "response to status enquiry": 30,
    "normal, unspecified": 31,
    "no circuit/channel available": 34,
    "network out of order": 38,
    "temporary failure": 41,
    "switching equipment congestion": 42,
    "access information discarded": 43,
    "requested circuit/channel not available": 44,
    "resources unavailable, unspecified": 47,
    "quality of service unavailable": 49,
    "requested facility not subscribed": 50,
    "incoming calls barred within the cug": 55,
    "bearer capability not authorized": 57,
    "bearer capability not presently available": 58,
    "service/option not available": 63,
    "bearer service not implemented": 65,
    "incompatible destination": 88,
    "interworking, unspecified": 127,
    "client ended call": 16,
    "network ended call": 16,
    "no service available": 38,
    "access failure, unknown source": 41,
}


def _dsci(text: str) -> NeutralEvent:
    # §7.23: id,dir,stat,type,number,num_type[,tone_info]; type 0 is voice, 1 a packet call
    values = std.fields(text)
    index, direction, state, kind = (int(value) for value in values[:4])
    caller = std.number(values[4], values[5]) if len(values) > 5 else None
    return CallInfo(index, direction == 0, _DSCI_STATES[state], caller, kind == 0)


def _qind(text: str) -> NeutralEvent:
    # §4.3: "csq",rssi,ber | "ccinfo",id,dir,state,mode,mpty,number,type[,alpha] (state -1: ended) | "act","LTE" …
    values = std.fields(text)
    if values[0] == "csq":
        return Signal(std.dbm(int(values[1])))
    if values[0] != "ccinfo":
        return Chatter()  # SMS DONE, PB DONE, act, smsfull …
    index, direction, state, mode = (int(value) for value in values[1:5])
    caller = std.number(values[6], values[7]) if len(values) > 7 else None
    name: CallState = "ended" if state == -1 else std.CLCC_STATES[state]
    return CallInfo(index, direction == 0, name, caller, mode == 0)


def _qpcmv(text: str) -> NeutralEvent:
    # "0,0": the module's buffer is full, "1,0": it takes samples again (Voice over USB application note)
    return AudioReady(std.fields(text)[0] == "1")


def _qtonedet(text: str) -> NeutralEvent:
    # §12.13: the digit's ASCII code
    return Tone(chr(int(text)))


def _qsimstat(text: str) -> NeutralEvent:
    # enable,inserted status: 0 removed, 1 inserted, 2 unknown (before initialisation)
    return Sim("MISSING") if std.fields(text)[1] == "0" else Chatter()


def _qccid(text: str) -> NeutralEvent:
    # §5.7; a 19-digit ICCID is padded with F
    return Identity("iccid", text.strip().rstrip("Ff"))


_PARSERS: dict[str, Callable[[str], NeutralEvent]] = {
    "^DSCI": _dsci,
    "+QIND": _qind,
    "+QPCMV": _qpcmv,
    "+QTONEDET": _qtonedet,
    "+QSIMSTAT": _qsimstat,
    "+QCCID": _qccid,
    "+CFUN": lambda _: Chatter(),
    "+QUSIM": lambda _: Chatter(),
}
_WORDS: dict[bytes, NeutralEvent] = {
    b"RDY": Restarted(),
    b"APP RDY": Chatter(),  # seconds after RDY
    b"POWERED DOWN": Chatter(),
    b"NORMAL POWER DOWN": Chatter(),
}


def parse(line: bytes) -> NeutralEvent | None:
    """Return what a line means, or None when it is not understood."""
    return _WORDS.get(line.strip()) or std.parse(line, _PARSERS)


def _step(text: str, purpose: str, required: bool = False) -> InitStep:
    return InitStep(Command(text), required, purpose)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on; none of them survives a restart of the modem."""
    return (
        _step("ATE0", "commands would be echoed"),
        _step("AT+CMEE=2", "errors would have no reason"),  # TS 27.007 §9.1; 2: as text
        _step("AT+QPCMV=0", "audio of a call before this one would go on"),
        _step("AT+CVHU=0", "ATH would not end a voice call"),  # §7.4
        _step("AT+CLIP=1", "callers' numbers would not be shown", required=True),  # TS 27.007 §7.6
        _step("AT+CRC=1", "a data call could not be told from a voice call"),  # §7.18
        # A second call on the SIM kills the audio of the first: let the network say busy (TS 27.007 §7.12).
        _step("AT+CCWA=0,0,1", "a second caller could disturb a call"),
        _step("AT^DSCI=1", "call states would be known by asking only"),  # §7.23
        _step('AT+QINDCFG="ccinfo",1,0', "call states would be known by asking only"),  # §4.3
        _step("AT+CREG=2", "loss of the network would be seen late"),  # TS 27.007 §7.2
        _step("AT+CEREG=2", "loss of the network would be seen late"),
    )


def identity() -> tuple[Command, ...]:
    """Return what asks for IMEI and IMSI (bare digits: TS 27.007 §5.4, §5.6) and ICCID."""
    return (
        Command("AT+CGSN", bare=rb"[0-9]{14,17}"),
        Command("AT+CIMI", bare=rb"[0-9]{14,16}"),
        Command("AT+QCCID", (b"+QCCID:",)),
    )


def hang_up(cause: int) -> tuple[Command, ...]:
    """§7.21, §7.5, §7.3: AT+QHUP tells the network why, the others end whatever call there is."""
    texts = ["AT+CHUP", "ATH"]
    if cause != 16 and cause in _QHUP_CAUSES:
        texts.insert(0, f"AT+QHUP={cause}")
    return tuple(Command(text, timeout=8.0, priority=Priority.HANG_UP) for text in texts)


def cause_of(lines: tuple[bytes, ...]) -> int | None:
    """Return the Q.850 cause in the answer to AT+CEER: text (§4.2, §15.8), or numbers on some firmwares."""
    for line in lines:
        text = show(line).partition(":")[2].strip().strip('"').lower()
        if text in _CAUSES:
            return _CAUSES[text]
        if match := re.fullmatch(r"(?:[0-9]+\s*,\s*)?([0-9]+)", text):
            value = int(match[1])
            return value if 1 <= value <= 127 else None
    return None


def audio_on() -> Command:
    """Voice samples on the NMEA port's tty (port 0). Must be given anew for each call."""
    return Command("AT+QPCMV=1,0", timeout=3.0, priority=Priority.CALL)


def audio_off() -> Command:
    return Command("AT+QPCMV=0", timeout=3.0)
