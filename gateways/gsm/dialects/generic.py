"""Any modem that keeps to 3GPP TS 27.007 and TS 27.005, with a sound card wired to it for its audio."""

from __future__ import annotations

from gateways.gsm.at import Command
from gateways.gsm.dialects import AudioPlan, InitStep, NeutralEvent
from gateways.gsm.dialects import standard as std
from gateways.gsm.dialects.causes import cause_of
from gateways.gsm.dialects.standard import (
    answer,
    calls,
    cause,
    dial,
    dtmf,
    enter_pin,
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

__all__ = [
    "AUDIO", "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "dial", "dtmf", "enter_pin", "hang_up",
    "identity", "init", "parse", "rearm_audio", "registration", "restart", "signal", "sim", "sim_error",
    "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "ussd", "ussd_cancel",
]  # fmt: skip

AUDIO = AudioPlan("external")
audio_on = audio_off = rearm_audio = no_audio


def parse(line: bytes, command: str = "") -> NeutralEvent | None:
    """See ``Dialect.parse``."""
    return std.parse(line, {}, command)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on, of TS 27.007 where nothing else is said."""
    return (
        std.step("ATE0", "commands would be echoed"),
        std.step("AT+CMEE=1", "errors would have no reason"),  # §9.1
        std.step("AT+CLIP=1", "callers' numbers would not be shown", required=True),  # §7.6
        std.step("AT+CRC=1", "a data call could not be told from a voice call"),  # §6.11
        # A second call on the SIM disturbs the first: let the network say busy (§7.12).
        std.step("AT+CCWA=0,0,1", "a second caller could disturb a call"),
        std.step("AT+CREG=2", "loss of the network would be seen late"),  # §7.2
        std.step("AT+CEREG=2", "loss of the network would be seen late"),  # §10.1.22
        *std.sms_steps(),
        std.step("AT+CUSD=1", "USSD answers would not be shown"),  # §7.15
    )


def identity() -> tuple[Command, ...]:
    """Return what asks for maker, model, firmware, IMEI, IMSI and ICCID."""
    return (*std.identity(), std.iccid(), std.iccid_file())
