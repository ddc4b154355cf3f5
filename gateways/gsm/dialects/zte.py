"""ZTE dongles: MF180, MF19x, MF62x, MF820.

Of "AT Command Set for ZTE Wireless Data Product" V1.8 and what the dongles do: ATD of a voice call gives no OK but, at
the answer, CONNECT; a call's end is told by HANGUP. Other models say OK at once and are asked by AT+CLCC.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gateways.gsm.at import Command
from gateways.gsm.dialects import AudioPlan, CallInfo, InitStep, NeutralEvent, Operator
from gateways.gsm.dialects import standard as std
from gateways.gsm.dialects.causes import cause_of
from gateways.gsm.dialects.standard import (
    answer,
    calls,
    cause,
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
    ussd,
    ussd_cancel,
)  # fmt: skip
from gateways.gsm.dialects.standard import dtmf_each as dtmf

__all__ = [
    "AUDIO", "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "dial", "dtmf", "enter_pin", "hang_up",
    "identity", "init", "parse", "rearm_audio", "registration", "restart", "signal", "sim", "sim_error",
    "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "ussd", "ussd_cancel",
]  # fmt: skip

AUDIO = AudioPlan("external")
"""No public source says how these dongles give voice samples over USB."""
RINGING = 90.0
"""Seconds that a far telephone may ring before the network gives up."""
audio_on = audio_off = rearm_audio = no_audio


def _hangup(text: str) -> NeutralEvent:
    """``HANGUP: call``."""
    return CallInfo(int(fields(text)[0]), None, "ended", reason="HANGUP")


def _zdonr(text: str) -> NeutralEvent:
    """``"name",mcc,mnc,"service","roaming"``, the operator to show; ``"Not Found"`` without one."""
    values = fields(text)
    mcc, mnc = field(values, 1), field(values, 2)
    if not mcc.isdigit() or not mnc.isdigit():
        return Operator(None)
    # Whether a short MNC has two digits or three is not told; two is the world's rule but for North America.
    return Operator(values[0] or None, f"{mcc}{mnc:0>2}")


_PARSERS: dict[str, std.Parser] = {
    "HANGUP": _hangup,
    "+ZDONR": _zdonr,
    # +ZUSIMR:2 comes for ever until AT+CPMS says where messages go; +ZPASR is the kind of service.
    **dict.fromkeys(
        ("+ZUSIMR", "+ZPASR", "+ZPAS", "+ZPSTM", "+ZEND", "+ZMSRI", "+ZIURC", "+ZURDY", "+ZPINPUK", "+ZSNT",
         "+ZCONSTAT", "+ZMTIME", "+ZMTime"),
        std.chatter,
    ),
}  # fmt: skip


def parse(line: bytes, command: str = "") -> NeutralEvent | None:
    """See ``Dialect.parse``."""
    if re.fullmatch(rb"\s*CONNECT\s*", line):
        return CallInfo(None, True, "active")
    return std.parse(line, _PARSERS, command)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on, of TS 27.007 where nothing else is said."""
    return (
        std.step("ATE0", "commands would be echoed"),
        std.step("AT+CMEE=1", "errors would have no reason"),  # §9.1
        std.step('AT+CPMS="SM","SM","SM"', "the modem would ask for it without end (+ZUSIMR)"),
        std.step("AT+CLIP=1", "callers' numbers would not be shown", required=True),  # §7.6
        std.step("AT+CRC=1", "a data call could not be told from a voice call"),  # §6.11
        std.step("AT+CCWA=0,0,1", "a second caller could disturb a call"),  # §7.12
        std.step("AT+CREG=2", "loss of the network would be seen late"),  # §7.2
        *std.sms_steps(),
        std.step("AT+CUSD=1", "USSD answers would not be shown"),  # §7.15
    )


def identity() -> tuple[Command, ...]:
    """Return what asks for maker, model, firmware, IMEI, IMSI and ICCID."""
    return (*std.identity(), std.iccid("AT+ZGETICCID"), std.iccid("AT+ICCID"))


def dial(called: str) -> Command:
    """ATD: unanswered until the far party is there, so a hang-up has to cut it short."""
    return replace(std.dial(called), timeout=RINGING)
