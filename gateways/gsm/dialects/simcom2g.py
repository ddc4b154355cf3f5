"""SIMCom 2G: SIM800 and SIM900 series; their audio is analog, so a sound card is wired to them.

Sections § are of SIMCom's "SIM800 Series AT Command Manual" V1.09; the SIM900's commands are the same.
"""

from __future__ import annotations

from gateways.gsm.at import Command, Priority
from gateways.gsm.dialects import (
    AudioPlan,
    CallInfo,
    Chatter,
    InitStep,
    NeutralEvent,
    Operator,
    Ready,
    Restarted,
    Sim,
    SmsMemoryFull,
)
from gateways.gsm.dialects import standard as std
from gateways.gsm.dialects.causes import cause_of
from gateways.gsm.dialects.simcom import clcc, dtmf, network_name
from gateways.gsm.dialects.standard import (
    answer,
    calls,
    cause,
    dial,
    enter_pin,
    hang_up,
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
from gateways.gsm.dialects.standard import no_audio as audio_off
from gateways.gsm.dialects.standard import no_audio as audio_on
from gateways.gsm.dialects.standard import no_audio as rearm_audio

__all__ = [
    "AUDIO", "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "dial", "dtmf", "enter_pin", "hang_up",
    "identity", "init", "parse", "rearm_audio", "registration", "restart", "signal", "sim", "sim_error",
    "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "ussd", "ussd_cancel",
]  # fmt: skip

AUDIO = AudioPlan("external")


def _ciev(text: str) -> NeutralEvent:
    # With AT+CLTS=1 indicator 10 tells the network: 10,"26003","Orange","Orange", 0, 0
    values = std.fields(text)
    if values[0] != "10" or not std.field(values, 1).isdigit():
        return Chatter()
    name = std.field(values, 2) or std.field(values, 3)
    return Operator(std.ucs2(name) or None, values[1])


def _csmins(text: str) -> NeutralEvent:
    # +CSMINS: n,SIM inserted
    return Sim("MISSING") if std.fields(text)[1] == "0" else Chatter()


_PARSERS: dict[str, std.Parser] = {
    "+CLCC": clcc,  # §3.2.16: state 6 is disconnected
    "+CIEV": _ciev,
    "+CSMINS": _csmins,
    "*PSNWID": network_name,
    **dict.fromkeys(
        ("*PSUTTZ", "DST", "+CSQN", "+CMTE", "+CENG", "+CBC", "+CDRIND", "+CHF", "+SIMTONE", "+STTONE", "+DDET",
         "+CCALR", "+CLVL", "+CMIC", "+CHFA", "+CLTS", "+SAPBR", "+PDP", "+CGATT", "+SPIC", "+CSPN", "+CR", "+MORING"),
        std.chatter,
    ),
}  # fmt: skip
_WORDS: dict[bytes, NeutralEvent] = {
    b"RDY": Restarted(),
    b"CALL READY": Ready("call"),
    b"SMS READY": Ready("sms"),
    b"MO RING": CallInfo(None, True, "alerting"),  # AT+MORING=1
    b"MO CONNECTED": CallInfo(None, True, "active"),
    b"+SMS FULL": SmsMemoryFull(None),
    b"SMS FULL": SmsMemoryFull(None),
    **dict.fromkeys(
        (b"NORMAL POWER DOWN", b"UNDER-VOLTAGE POWER DOWN", b"UNDER-VOLTAGE WARNNING", b"UNDER-VOLTAGE WARNING",
         b"OVER-VOLTAGE POWER DOWN", b"OVER-VOLTAGE WARNNING", b"OVER-VOLTAGE WARNING", b"CHARGE-ONLY MODE"),
        Chatter(),
    ),
}  # fmt: skip


def parse(line: bytes, command: str = "") -> NeutralEvent | None:
    """Return what a line means, or None when it is not understood."""
    return _WORDS.get(line.strip().upper()) or std.parse(line, _PARSERS, command)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on; none of them survives a restart of the modem."""
    return (
        std.step("ATE0", "commands would be echoed"),
        std.step("AT+CMEE=2", "errors would have no reason"),
        std.step("AT+CLIP=1", "callers' numbers would not be shown", required=True),
        std.step("AT+CRC=1", "a data call could not be told from a voice call"),
        # One call on a SIM: let the network say busy (TS 27.007 §7.12).
        std.step("AT+CCWA=0,0,1", "a second caller could disturb a call"),
        std.step("AT+CLCC=1", "call states would be known by asking only"),  # §3.2.16
        std.step("AT+DDET=1", "the modem would not tell of DTMF digits that it hears"),
        std.step("AT+CREG=2", "loss of the network would be seen late"),
        *std.sms_steps(),
    )


def identity() -> tuple[Command, ...]:
    """Return what asks for the modem and its SIM; AT+CCID answers without prefix, and its digits may hold A to F."""
    return (*std.identity(), Command("AT+CCID", (b"+CCID:",), bare=rb'"?[0-9A-Fa-f]{18,22}"?'))


def registration() -> tuple[Command, ...]:
    """TS 27.007 §7.2; there is no LTE to ask for."""
    return (Command("AT+CREG?", (b"+CREG:",), priority=Priority.POLL),)
