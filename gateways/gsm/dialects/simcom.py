"""SIMCom LTE: SIM7500/SIM7600 with voice on the USB audio tty, and A76xx (whose audio is analog: a sound card's).

Sections § are of SIMCom's "SIM7500_SIM7600 Series AT Command Manual" V1.12 unless TS 27.007 is named.
"""

from __future__ import annotations

import re

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
from gateways.gsm.dialects.callrow import call_row
from gateways.gsm.dialects.causes import cause_of
from gateways.gsm.dialects.standard import (
    answer,
    calls,
    cause,
    dial,
    enter_pin,
    hang_up,
    registration,
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
from gateways.gsm.dialects.standard import no_audio as rearm_audio

__all__ = [
    "AUDIO", "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "clcc", "dial", "dtmf", "enter_pin",
    "hang_up", "identity", "init", "network_name", "parse", "rearm_audio", "registration", "restart", "signal", "sim",
    "sim_error", "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "ussd", "ussd_cancel",
]  # fmt: skip

AUDIO = AudioPlan("tty", "active", tries=6, retry=0.5, early_answer=True)
"""§6.26: AT+CPCMREG=1 works in a call only, and often at the second try; ``rearm_audio`` is empty since a dead uplink
comes back by nothing but AT+CRESET."""

_END = re.compile(r"END(?:\s*:\s*([0-9]{1,8}))?", re.ASCII)
_MISSED = re.compile(r"[0-9]{1,2}:[0-9]{2}\s*(?:[AP]M)?(?:\s+(\S+))?", re.ASCII | re.IGNORECASE)


def clcc(text: str) -> NeutralEvent:
    """§6.7: as in TS 27.007 §7.18, and state 6; with AT+CLCC=1 a call's row comes unasked whenever it changes."""
    return call_row(std.fields(text))


def _voice_call(text: str) -> NeutralEvent:
    # §3.2, §3.7, §6.2: "BEGIN", "END: <time>" with the time that the call was connected, "END" where it never was.
    # That "END" alone says so is no word of the manual's. On circuit-switched fallback BEGIN may come at ring-back.
    word = text.strip().upper()
    if word == "BEGIN":
        return CallInfo(None, None, "active")
    match = _END.fullmatch(word)
    if match is None:
        raise ValueError(text)
    if match[1] is None:
        return CallInfo(None, None, "ended")
    duration = _seconds(int(match[1]))
    return CallInfo(None, None, "ended", duration=duration, answered=True if duration else None)


def _seconds(told: int) -> int:
    # §3.7: HHMMSS. What cannot be so (000075) is seconds all through, as drivers in the field take it.
    hours, rest = divmod(told, 10000)
    minutes, seconds = divmod(rest, 100)
    return hours * 3600 + minutes * 60 + seconds if minutes < 60 and seconds < 60 else told


def _missed_call(text: str) -> NeutralEvent:
    # "02:30AM 07711223344": the time of an incoming call that nobody answered, and who it was
    match = _MISSED.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return CallInfo(None, False, "ended", std.number(std.unquote(match[1] or ""), ""), answered=False)


def _simcard(text: str) -> NeutralEvent:
    return Sim("MISSING") if "NOT AVAILABLE" in text.upper() else Chatter()


def _cpsi(text: str) -> NeutralEvent:
    # §5.14: system mode,operation mode[,mcc-mnc,lac or tac,…]
    match = re.fullmatch(r"([0-9]{3})-\s*([0-9]{2,3})", std.field(std.fields(text), 2), re.ASCII)
    return Operator(None, match[1] + match[2]) if match else Chatter()


def network_name(text: str) -> NeutralEvent:
    """*PSNWID (SIM800 manual, AT+CLTS): mcc,mnc,full name,country's initials,short name,…; names may be UCS-2."""
    mcc, mnc, full = std.fields(text)[:3]
    digits = mcc + mnc
    known = re.fullmatch(r"[0-9]{5,6}", digits, re.ASCII)
    return Operator(std.ucs2(full) or None, digits if known else None)


_PARSERS: dict[str, std.Parser] = {
    "+CLCC": clcc,
    "VOICE CALL": _voice_call,
    "MISSED_CALL": _missed_call,
    "+SIMCARD": _simcard,
    "+CPSI": _cpsi,
    "*PSNWID": network_name,
    "*ATREADY": lambda _: Restarted(),
    **dict.fromkeys(
        ("+CPCMREG", "+CPCMFRM", "+COUTGAIN", "+CMICGAIN", "+CLVL", "+CNSMOD", "+CNMP", "+CVHU", "+DDET", "+CTZR",
         "+CRESET", "+CATR", "+SIMEI", "+SPIC", "+CSPN", "+STIN", "+MSTK", "MSTK", "*ISIMAID", "*PSUTTZ", "+NITZ",
         "+CIREG", "+CCIOTOPTI", "+AUDIOSTATE", "+VOICEMAIL", "+CCMXPLAY", "+CBC", "+CPMUTEMP", "+CNETCI", "+CDNSGIP",
         "*REJCAUSE", "*COPN", "*BANDIND", "+CSCON", "+CEVDP", "+CEMODE", "+CUSBPIDSWITCH"),
        std.chatter,
    ),
}  # fmt: skip
_WORDS: dict[bytes, NeutralEvent] = {
    b"RDY": Restarted(),
    b"START": Restarted(),
    b"SMS DONE": Ready("sms"),
    b"SMS READY": Ready("sms"),
    b"PB DONE": Ready("sim"),
    b"CALL READY": Ready("call"),
    b"MO RING": CallInfo(None, True, "alerting"),  # §6.21
    b"MO CONNECTED": CallInfo(None, True, "active"),
    b"+SMS FULL": SmsMemoryFull(None),
    b"SMS FULL": SmsMemoryFull(None),
    b"OPL UPDATING": Chatter(),
    b"PNN UPDATING": Chatter(),
    b"NORMAL POWER DOWN": Chatter(),
    b"UNDER-VOLTAGE WARNNING": Chatter(),  # so spelt
    b"UNDER-VOLTAGE WARNING": Chatter(),
}


def parse(line: bytes, command: str = "") -> NeutralEvent | None:
    """Return what a line means, or None when it is not understood."""
    return _WORDS.get(line.strip().upper()) or std.parse(line, _PARSERS, command)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on."""
    return (
        std.step("ATE0", "commands would be echoed"),
        std.step("AT+CMEE=2", "errors would have no reason"),  # §4.18; 2: as text
        std.step("AT+CPCMREG=0", "audio of a call before this one would go on"),  # §6.26
        std.step("AT+CVHU=0", "ATH would not end a voice call"),  # §6.1
        std.step("AT+CLIP=1", "callers' numbers would not be shown", required=True),  # §6.12
        std.step("AT+CRC=1", "a data call could not be told from a voice call"),  # §6.6
        # One call on a SIM: let the network say busy (TS 27.007 §7.12).
        std.step("AT+CCWA=0,0,1", "a second caller could disturb a call"),
        std.step("AT+CLCC=1", "call states would be known by asking only"),  # §6.7
        std.step("AT+DDET=1", "the modem would not tell of DTMF digits that it hears"),
        std.step("AT+CPCMFRM=0", "samples could come at 16 kHz"),
        # The gains that drivers in the field start from
        std.step("AT+COUTGAIN=8", "the far party could be heard too low"),
        std.step("AT+CMICGAIN=3", "the far party could hear too low"),  # §6.27
        std.step("AT+CREG=2", "loss of the network would be seen late"),
        std.step("AT+CEREG=2", "loss of the network would be seen late"),  # §5.16
        *std.sms_steps(),
    )


def identity() -> tuple[Command, ...]:
    """Return what asks for the modem and its SIM; §4.3: ICCID."""
    return (*std.identity(), std.iccid("AT+CICCID"))


def dtmf(digits: str) -> tuple[Command, ...]:
    """§6.15: digits set apart by commas, in strings of 29 characters at most; ValueError where one is no digit."""
    if not re.fullmatch(r"[0-9*#A-D]{1,31}", digits, re.ASCII):
        raise ValueError(f"not DTMF digits: {digits!r}")
    parts = (digits[at : at + 15] for at in range(0, len(digits), 15))
    return tuple(
        Command(f'AT+VTS="{",".join(part)}"', timeout=5.0 + len(part), priority=Priority.CALL) for part in parts
    )


def audio_on() -> tuple[Command, ...]:
    """§6.26: voice samples on the audio tty."""
    return (Command("AT+CPCMREG=1", timeout=3.0, priority=Priority.CALL),)


def audio_off() -> tuple[Command, ...]:
    """§6.26: after the call."""
    return (Command("AT+CPCMREG=0", timeout=3.0),)


def restart() -> Command:
    """§4.13: unlike AT+CFUN=1,1 it also brings back audio that has gone dead."""
    return Command("AT+CRESET", timeout=15.0)
