"""Huawei dongles with voice: E1550, E153, E17x, K37xx, and the MU509 module.

Sections § are of Huawei's "MU509 HSDPA LGA Module AT Command Interface Specification" issue 04 unless TS 27.007 is
named. The dongles have no manual of their own; where they differ, the comment says so.
"""

from __future__ import annotations

import re

from gateways.gsm.at import Command, Priority
from gateways.gsm.dialects import (
    AudioPlan,
    CallInfo,
    InitStep,
    NeutralEvent,
    Operator,
    Signal,
    Sim,
    SimState,
)
from gateways.gsm.dialects import standard as std
from gateways.gsm.dialects.causes import cause_of
from gateways.gsm.dialects.standard import (
    answer,
    calls,
    cause,
    dial,
    enter_pin,
    field,
    fields,
    hang_up,
    no_audio,
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
    ussd_cancel,
    whole,
)  # fmt: skip
from gateways.gsm.ussdtext import DCS_7BIT, encode_ussd

__all__ = [
    "AUDIO", "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "dial", "dtmf", "enter_pin", "hang_up",
    "identity", "init", "parse", "rearm_audio", "registration", "restart", "signal", "sim", "sim_error",
    "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "ussd", "ussd_cancel",
]  # fmt: skip

AUDIO = AudioPlan("tty", when="dialled")
_VOICE = frozenset({0, 9})  # <call_type> of ^ORIG and ^CONN: 0 voice, 9 emergency, the others data
_SIM_STATES: dict[str, SimState] = {"1": "READY", "255": "MISSING"}


def _orig(text: str) -> NeutralEvent:
    """``call_x,call_type``: our call is on its way to the network."""
    values = fields(text)
    return CallInfo(int(values[0]), True, "dialing", voice=(whole(field(values, 1)) or 0) in _VOICE)


def _conf(text: str) -> NeutralEvent:
    """``call_x``: the far party's telephone rings."""
    return CallInfo(int(fields(text)[0]), True, "alerting")


def _conn(text: str) -> NeutralEvent:
    """``call_x,call_type``: either party has answered; it comes for incoming calls too."""
    values = fields(text)
    return CallInfo(int(values[0]), None, "active", voice=(whole(field(values, 1)) or 0) in _VOICE)


def _cend(text: str) -> NeutralEvent:
    """``call_x,duration,end_status[,cc_cause]``; the cause is of TS 24.008 §10.5.4.11, absent if the network gave none.

    The duration, in seconds, counts from ^CONN. Some firmwares write 255 or a further field, some leave the status out.
    """
    values = fields(text)
    duration, network = whole(field(values, 1)), whole(field(values, 3))
    return CallInfo(
        int(values[0]),
        None,
        "ended",
        duration=duration,
        cause=network if network is not None and 1 <= network <= 127 else None,
        reason=field(values, 2) or None,
        answered=True if duration else None,
    )


def _rssi(text: str) -> NeutralEvent:
    """The number of +CSQ, pushed."""
    rssi = int(fields(text)[0])
    return Signal(std.dbm(rssi), rssi)


def _hcsq(text: str) -> NeutralEvent:
    """``"LTE",rssi,rsrp,sinr,rsrq``, ``"WCDMA",rssi,rscp,ecio``, ``"GSM",rssi``: 0 below -120 dBm, 96 from -25 on."""
    rssi = whole(field(fields(text), 1))
    return Signal(rssi - 121 if rssi is not None and rssi <= 96 else None)


def _simst(text: str) -> NeutralEvent:
    """``state[,lock]``: 0 invalid or locked, 1 valid, 2 and 3 not for calls or data, 4 for neither, 255 no card."""
    state = _SIM_STATES.get(fields(text)[0])
    return Sim(state) if state else std.chatter(text)


def _cpin(text: str) -> NeutralEvent:
    """``code,times…``: as +CPIN, with the tries that are left."""
    return std.cpin(fields(text)[0])


def _eons(text: str) -> NeutralEvent:
    """``n,mccmnc,"name"…``: the operator as the SIM names it; without fields, not known."""
    values = fields(text)
    if len(values) < 3:
        return std.chatter(text)
    return Operator(std.ucs2(values[2]) or None, values[1] or None)


_PARSERS: dict[str, std.Parser] = {
    "^ORIG": _orig,
    "^CONF": _conf,
    "^CONN": _conn,
    "^CEND": _cend,
    "^RSSI": _rssi,
    "^HCSQ": _hcsq,
    "^SIMST": _simst,
    "^CPIN": _cpin,
    "^EONS": _eons,
    "^DDTMF": std.tone,
    "^SMMEMFULL": std.smsfull,
    # ^BOOT is a heartbeat, no sign of a restart: the dongles send it every few seconds.
    **dict.fromkeys(
        ("^BOOT", "^MODE", "^SRVST", "^STIN", "^CVOICE", "^DDSETEX", "^USSDMODE", "^CARDLOCK", "^SYSINFO",
         "^SYSINFOEX", "^SYSCFG", "^DSFLOWRPT", "^CSNR", "^CERSSI", "^CRSSI", "^ANLEVEL", "^NWTIME", "^NWNAME",
         "^DSDORMANT", "^HWVER", "^THERM", "^AUDEND", "^CPBREADY", "^CURC", "^CARDMODE", "^NDISSTAT", "^XLEMA"),
        std.chatter,
    ),
}  # fmt: skip


def parse(line: bytes, command: str = "") -> NeutralEvent | None:
    """See ``Dialect.parse``."""
    return std.parse(line, _PARSERS, command)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on."""
    return (
        std.step("ATE0", "commands would be echoed"),
        std.step("AT+CMEE=1", "errors would have no reason"),  # TS 27.007 §9.1
        std.step("AT^CURC=1", "call states and signal would not be told"),  # 0 keeps even ^CONN and ^CEND back
        std.step("AT+CVHU=0", "ATH would not end a voice call"),  # TS 27.007 §6.20
        std.step("AT+CLIP=1", "callers' numbers would not be shown", required=True),  # TS 27.007 §7.6
        std.step("AT+CRC=1", "a data call could not be told from a voice call"),  # TS 27.007 §6.11
        # A second call on the SIM kills the audio of both: let the network say busy (TS 27.007 §7.12).
        std.step("AT+CCWA=0,0,1", "a second caller could disturb a call"),
        std.step("AT^DDTMFCFG=0,1", "digits of the far party would have to be found in its voice"),
        std.step("AT+CREG=2", "loss of the network would be seen late"),  # TS 27.007 §7.2
        std.step('AT+CPMS="SM","SM","SM"', "messages could lie where nobody looks"),  # TS 27.005 §3.2.2
        *std.sms_steps(),
        # Text as it is on the air, packed septets in hexadecimal: the only form that all models have.
        std.step("AT^USSDMODE=1", "USSD strings could be coded in another way"),
        std.step("AT+CUSD=1", "USSD answers would not be shown"),  # TS 27.007 §7.15
    )


def identity() -> tuple[Command, ...]:
    """Return what asks for maker, model, firmware, IMEI, IMSI and ICCID (whose digits come with nibbles swapped)."""
    return (*std.identity(), std.iccid("AT^ICCID?"))


def dtmf(digits: str) -> tuple[Command, ...]:
    """``AT^DTMF=call_x,key``; the letters are not sent. The line has one call, so it is number 1."""
    if not re.fullmatch(r"[0-9*#]{1,31}", digits, re.ASCII):
        raise ValueError(f"not DTMF digits of a Huawei modem (0-9 * #): {digits!r}")
    return tuple(Command(f"AT^DTMF=1,{digit}", priority=Priority.CALL) for digit in digits)


def audio_on() -> tuple[Command, ...]:
    """Voice samples on the audio tty (port 2), once the call is dialled or answered; it ends with the call."""
    return (Command("AT^DDSETEX=2", timeout=3.0, priority=Priority.CALL),)


audio_off = no_audio


def rearm_audio() -> tuple[Command, ...]:
    return audio_on()


def ussd(text: str) -> Command:
    """TS 27.007 §7.15, but in packed septets (TS 23.038 §6.1.2.3); SmsError where the alphabet lacks a character."""
    return Command(f'AT+CUSD=1,"{encode_ussd(text, "packed")}",{DCS_7BIT}', timeout=30.0)
