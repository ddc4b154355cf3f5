"""u-blox SARA-G/U/R, LISA, LARA and TOBY; voice is analog or I2S, so a sound card is wired to them.

Sections are named after their commands in u-blox's "Cellular Modules AT Commands Manual" (UBX-13002752).
"""

from __future__ import annotations

from collections.abc import Mapping

from gateways.gsm.at import Command
from gateways.gsm.dialects import (
    AudioPlan,
    CallInfo,
    CallState,
    Chatter,
    InitStep,
    NeutralEvent,
    Ready,
    Sim,
)
from gateways.gsm.dialects import standard as std
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
from gateways.gsm.dialects.standard import dtmf_each as dtmf
from gateways.gsm.dialects.standard import no_audio as audio_off
from gateways.gsm.dialects.standard import no_audio as audio_on
from gateways.gsm.dialects.standard import no_audio as rearm_audio

__all__ = [
    "AUDIO", "answer", "audio_off", "audio_on", "calls", "cause", "cause_of", "dial", "dtmf", "enter_pin", "hang_up",
    "identity", "init", "parse", "rearm_audio", "registration", "restart", "signal", "sim", "sim_error",
    "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "ussd", "ussd_cancel",
]  # fmt: skip

AUDIO = AudioPlan("external")

# +UCALLSTAT: those of +CLCC, then 6 disconnected and 7 connected (set-up complete, told before 0)
_UCALLSTAT: Mapping[int, CallState] = {**std.CLCC_STATES, 6: "ended", 7: "active"}
_OUTGOING: Mapping[int, bool] = {2: True, 3: True, 4: False, 5: False}
# +UUSIMSTAT; 5: restricted to fixed numbers, 7 and 8: phonebook read
_UUSIMSTAT: Mapping[int, NeutralEvent] = {
    0: Sim("MISSING"), 1: Sim("PIN"), 2: Sim("PUK"), 3: Sim("PUK"), 4: Sim("MISSING"), 5: Sim("READY"), 6: Sim("READY"),
    7: Ready("sim"), 8: Ready("sim"),
}  # fmt: skip


def _ucallstat(text: str) -> NeutralEvent:
    # call id,state; LARA adds a third value. One alone answers AT+UCALLSTAT?
    values = [int(value) for value in std.fields(text)[:2]]
    if len(values) < 2:
        return Chatter()
    return CallInfo(values[0], _OUTGOING.get(values[1]), _UCALLSTAT[values[1]])


def _uusimstat(text: str) -> NeutralEvent:
    return _UUSIMSTAT.get(int(text)) or Chatter()


_PARSERS: dict[str, std.Parser] = {
    "+UCALLSTAT": _ucallstat,
    "+UUDTMFD": std.tone,
    "+UUSIMSTAT": _uusimstat,
    **dict.fromkeys(
        ("+UMWI", "+UREG", "+UDTMFD", "+USIMSTAT", "+UCIND", "+UUPSDA", "+UUPSDD", "+UUSTS", "+UUSORD", "+UUSOCL",
         "+UUSOCO", "+UUSORF", "+UULOC", "+UUGIND", "+UUPING", "+UUFTPCR", "+UUHTTPCR", "+UUICP", "+UBANDSEL", "+URAT",
         "+UCGED", "+UGPIOC", "+CIND"),
        std.chatter,
    ),
}  # fmt: skip
# Seen once after power-up on a LARA; no manual at hand names it
_WORDS: dict[bytes, NeutralEvent] = {b"+PACSP0": Chatter(), b"+PACSP1": Chatter()}


def parse(line: bytes, command: str = "") -> NeutralEvent | None:
    """Return what a line means, or None when it is not understood."""
    return _WORDS.get(line.strip()) or std.parse(line, _PARSERS, command)


def init() -> tuple[InitStep, ...]:
    """Return the settings the driver rests on; none of them survives a restart of the modem."""
    return (
        std.step("ATE0", "commands would be echoed"),
        std.step("AT+CMEE=2", "errors would have no reason"),
        std.step("AT+CVHU=0", "ATH would not end a voice call"),
        std.step("AT+CLIP=1", "callers' numbers would not be shown", required=True),
        std.step("AT+CRC=1", "a data call could not be told from a voice call"),
        # One call on a SIM: let the network say busy (TS 27.007 §7.12).
        std.step("AT+CCWA=0,0,1", "a second caller could disturb a call"),
        std.step("AT+UCALLSTAT=1", "call states would be known by asking only"),
        # 2: digits are told at the AT port (+UUDTMFD)
        std.step("AT+UDTMFD=1,2", "the modem would not tell of DTMF digits that it hears"),
        std.step("AT+USIMSTAT=1", "a SIM that is taken out would be seen late"),
        std.step("AT+CREG=2", "loss of the network would be seen late"),
        std.step("AT+CEREG=2", "loss of the network would be seen late"),
        *std.sms_steps(),
    )


def identity() -> tuple[Command, ...]:
    return (*std.identity(), std.iccid("AT+CCID"))


def restart() -> Command:
    """+CFUN=16: reset of the modem and its SIM, after detaching from the network."""
    return Command("AT+CFUN=16", timeout=15.0)
