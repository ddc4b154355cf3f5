"""Quectel EC2x/EG9x/EG2x-G (EC25 and kin) and, where they differ, the UG and M series; voice on the PCM tty or UAC.

Sections § are of Quectel's "EC2x&EG9x&EG2x-G AT Commands Manual" unless TS 27.007 is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateways.gsm.at import Command, Priority
from gateways.gsm.dialects import (
    AudioPlan,
    AudioReady,
    CallInfo,
    CallState,
    Chatter,
    InitStep,
    NeutralEvent,
    Operator,
    Ready,
    Restarted,
    Signal,
    Sim,
    SmsMemoryFull,
    Tone,
)
from gateways.gsm.dialects import standard as std
from gateways.gsm.dialects.callrow import DISCONNECTED, call_row
from gateways.gsm.dialects.causes import cause_of
from gateways.gsm.dialects.standard import (
    answer,
    calls,
    cause,
    dial,
    dtmf,
    enter_pin,
    registration,
    restart,
    signal,
    sim,
    sim_error,
    sms_acknowledge,
    sms_delete,
    sms_list,
    sms_read,
    sms_send,
    ussd,
    ussd_cancel,
)

__all__ = [
    "AUDIO", "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "dial", "dtmf", "enter_pin", "hang_up",
    "identity", "init", "parse", "rearm_audio", "registration", "restart", "signal", "sim", "sim_error",
    "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "ussd", "ussd_cancel",
]  # fmt: skip

AUDIO = AudioPlan("tty", "before", card=(Command("AT+QPCMV=1,2", timeout=3.0, priority=Priority.CALL),))
"""AT+QPCMV must be given anew for each call; before the call it also carries the ring-back tone."""

# §7.23; these are not the numbers of +CLCC
_DSCI_STATES: Mapping[int, CallState] = {
    1: "held", 2: "dialing", 3: "active", 4: "incoming", 5: "waiting", 6: "ended", 7: "alerting",
}  # fmt: skip
# §4.3, +QIND: "ccinfo"
_CCINFO_STATES: Mapping[int, CallState] = {**DISCONNECTED, -1: "ended"}
# §7.21: the causes that AT+QHUP may tell the network
_QHUP_CAUSES = frozenset({1, 16, 17, 18, 21, 27, 31, 88})
_READY = {"SMS DONE": Ready("sms"), "PB DONE": Ready("sim")}


def _dsci(text: str) -> NeutralEvent:
    values = std.fields(text)
    if _dsci_by_clcc(values):
        # TD-SCDMA, Unisoc and satellite firmwares: id,dir,stat,mode,mpty,"number",type[,bs_type,cause,tid…]
        call = call_row(values)
        cause_told = std.whole(std.field(values, 8)) or 0
        ended_by = cause_told if call.state == "ended" and 1 <= cause_told <= 127 else None
        return CallInfo(call.index, call.outgoing, call.state, call.number, call.voice, cause=ended_by)
    # §7.23: id,dir,stat,type,number,num_type[,tone_info]; type 0 is voice, 1 a packet call
    index, direction, state, kind = (int(value) for value in values[:4])
    caller = std.number(std.field(values, 4), std.field(values, 5))
    return CallInfo(index, direction == 0, _DSCI_STATES[state], caller, kind == 0)


def _dsci_by_clcc(values: list[str]) -> bool:
    # With 5 to 7 values it could be either: it is told by where the type of number stands (TS 24.008 §10.5.4.7).
    if len(values) > 7:
        return True
    if std.field(values, 4) not in {"0", "1"}:
        return False
    return not _is_number_type(std.field(values, 5)) and (len(values) < 7 or _is_number_type(values[6]))


def _is_number_type(text: str) -> bool:
    return 128 <= (std.whole(text) or 0) <= 255


def _qind(text: str) -> NeutralEvent:
    # §4.3: "csq",rssi,ber | "ccinfo",id,dir,state,mode,mpty,number,type[,alpha] (state -1: ended) | "act","LTE" …
    values = std.fields(text)
    if values[0] == "csq":
        rssi = int(values[1])
        return Signal(std.dbm(rssi), rssi)
    if values[0] == "ccinfo":
        return call_row(values[1:], _CCINFO_STATES)
    if values[0] == "smsfull":
        return SmsMemoryFull(std.field(values, 1) or None)
    return _READY.get(values[0]) or Chatter()


def _qpcmv(text: str) -> NeutralEvent:
    # "0,0": the module's buffer is full, "1,0": it takes samples again (Voice over USB application note)
    return AudioReady(std.fields(text)[0] == "1")


def _qtonedet(text: str) -> NeutralEvent:
    # §12.13: the digit's ASCII code, from 35 (#), on the M series with its length; EC200U and kin write the digit
    key = std.fields(text)[0]
    return std.tone(key) if len(key) == 1 else Tone(_dtmf_key(int(key)))


def _dtmf_key(code: int) -> str:
    key = chr(code) if 35 <= code <= 68 else ""
    if key not in set("0123456789*#ABCD"):
        raise ValueError(code)
    return key


def _qsimstat(text: str) -> NeutralEvent:
    # +QSIMSTAT: enable,inserted status: 0 removed, 1 inserted, 2 unknown (before initialisation)
    return Sim("MISSING") if std.fields(text)[1] == "0" else Chatter()


def _qnwinfo(text: str) -> NeutralEvent:
    # +QNWINFO: "FDD LTE","46011","LTE BAND 3",1650; or "No Service"
    oper = std.field(std.fields(text), 1)
    return Operator(None, oper) if _is_mccmnc(oper) else Chatter()


def _qspn(text: str) -> NeutralEvent:
    # +QSPN: full name, short name, the SIM's name, alphabet (1: UCS-2 in hexadecimal), registered network
    full, short, own, alphabet, network = std.fields(text)[:5]
    name = full or short or own
    shown = std.ucs2(name) if alphabet == "1" else name
    return Operator(shown or None, network if _is_mccmnc(network) else None)


def _is_mccmnc(text: str) -> bool:
    return re.fullmatch(r"[0-9]{5,6}", text, re.ASCII) is not None and int(text) > 0


_PARSERS: dict[str, std.Parser] = {
    "^DSCI": _dsci,
    "+QIND": _qind,
    "+QPCMV": _qpcmv,
    "+QTONEDET": _qtonedet,
    "+QSIMSTAT": _qsimstat,
    "+QNWINFO": _qnwinfo,
    "+QSPN": _qspn,
    **dict.fromkeys(
        ("+QUSIM", "+QCFG", "+QUSBCFG", "+QURCCFG", "+QINDCFG", "+QENG", "+QCSQ", "+QIURC", "+QNETDEVSTATUS", "+QTEMP",
         "+QGPSCFG", "+QINISTAT", "+QSIMDET", "+QDAI", "+QMBNCFG", "+QPOWD", "+QNITZ", "+QLTS", "+QPSMTIMER"),
        std.chatter,
    ),
}  # fmt: skip
_WORDS: dict[bytes, NeutralEvent] = {
    b"RDY": Restarted(),
    b"APP RDY": Chatter(),  # seconds after RDY
    b"POWERED DOWN": Chatter(),
    b"NORMAL POWER DOWN": Chatter(),
    # M series (M66 AT Commands Manual, URCs)
    b"CALL READY": Ready("call"),
    b"SMS READY": Ready("sms"),
    b"MO RING": CallInfo(None, True, "alerting"),
    b"MO CONNECTED": CallInfo(None, True, "active"),
    b"UNDER_VOLTAGE WARNING": Chatter(),
    b"UNDER_VOLTAGE POWER DOWN": Chatter(),
    b"OVER_VOLTAGE WARNING": Chatter(),
    b"OVER_VOLTAGE POWER DOWN": Chatter(),
}
# Answers about a setting, which as unasked lines mean something else
_SETTINGS = (b"+QPCMV:", b"+QTONEDET:")


def parse(line: bytes, command: str = "") -> NeutralEvent | None:
    """Return what a line means, or None when it is not understood."""
    if command and line.startswith(_SETTINGS):
        return Chatter()
    return _WORDS.get(line.strip().upper()) or std.parse(line, _PARSERS, command)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on; but for the two ports none of them survives a restart."""
    return (
        std.step("ATE0", "commands would be echoed"),
        std.step("AT+CMEE=2", "errors would have no reason"),  # TS 27.007 §9.1; 2: as text
        std.step("AT+QPCMV=0", "audio of a call before this one would go on"),
        std.step("AT+CVHU=0", "ATH would not end a voice call"),  # §7.4
        std.step("AT+CLIP=1", "callers' numbers would not be shown", required=True),  # TS 27.007 §7.6
        std.step("AT+CRC=1", "a data call could not be told from a voice call"),  # §7.18
        # A second call on the SIM kills the audio of the first: let the network say busy (TS 27.007 §7.12).
        std.step("AT+CCWA=0,0,1", "a second caller could disturb a call"),
        # The NMEA port carries the voice (Voice over USB application note).
        std.step('AT+QGPSCFG="outport","none"', "the positioning's sentences would be heard in calls"),
        std.step('AT+QURCCFG="urcport","usbat"', "unasked lines could come out at another port"),
        std.step("AT^DSCI=1", "call states would be known by asking only"),  # §7.23
        std.step('AT+QINDCFG="ccinfo",1,0', "call states would be known by asking only"),  # §4.3
        std.step('AT+QINDCFG="smsfull",1,0', "a full message storage would be seen late"),
        std.step("AT+QTONEDET=1", "the modem would not tell of DTMF digits that it hears"),  # §12.13
        std.step("AT+CREG=2", "loss of the network would be seen late"),  # TS 27.007 §7.2
        std.step("AT+CEREG=2", "loss of the network would be seen late"),
        *std.sms_steps(),
    )


def identity() -> tuple[Command, ...]:
    """Return what asks for the modem and its SIM; §5.7: ICCID, without prefix on the M series."""
    return (*std.identity(), std.iccid("AT+QCCID"))


def hang_up(cause: int) -> tuple[Command, ...]:
    """§7.21, §7.5, §7.3: AT+QHUP tells the network why, the others end whatever call there is."""
    first = (f"AT+QHUP={cause}",) if cause != 16 and cause in _QHUP_CAUSES else ()
    return std.hang_ups(*first, "AT+CHUP", "ATH")


def audio_on() -> tuple[Command, ...]:
    """Voice samples on the NMEA port's tty (port 0).

    Its sound card (2) wants AT+QCFG="USBCFG",…,1 and a restart once (UAC application note §3); that survives restarts.
    """
    return (Command("AT+QPCMV=1,0", timeout=3.0, priority=Priority.CALL),)


def audio_off() -> tuple[Command, ...]:
    return (Command("AT+QPCMV=0", timeout=3.0),)


def rearm_audio() -> tuple[Command, ...]:
    """Off and on again, as between calls."""
    return (Command("AT+QPCMV=0", timeout=3.0, priority=Priority.CALL), *audio_on())
