"""Commands of 3GPP TS 27.007, TS 27.005 and ITU-T V.250, for the families to build on (§ is of TS 27.007)."""

from __future__ import annotations

import re

from gateways.gsm.at import Command, Finished, Priority
from gateways.gsm.dialects import InitStep, SimState

# §9.2.1: +CME ERROR numbers and texts that speak of the SIM
_SIM_ERRORS: dict[int, SimState] = {10: "MISSING", 11: "PIN", 12: "PUK", 13: "MISSING", 14: "BUSY", 15: "MISSING"}
_SIM_TEXTS: dict[str, SimState] = {
    "sim not inserted": "MISSING",
    "sim pin required": "PIN",
    "sim puk required": "PUK",
    "sim failure": "MISSING",
    "sim busy": "BUSY",
    "sim wrong": "MISSING",
}


def step(text: str, purpose: str, required: bool = False) -> InitStep:
    """Return a bring-up step; ``purpose`` says what fails without it."""
    return InitStep(Command(text), required, purpose)


def sms_steps(reports: int = 1) -> tuple[InitStep, ...]:
    """TS 27.005 §3.2.3, §3.2.1, §3.2.2, §3.4.1: PDU mode, messages into storage and told by +CMTI.

    ``reports`` is <ds>: 1 gives status reports at once (+CDS), 2 stores them (+CDSI). Not on every modem can a stored
    one be found again, and with +CSMS phase 2 (1) each +CDS would have to be acknowledged, so phase 2+ stays off.
    """
    return (
        step("AT+CMGF=0", "messages would come as text that loses characters", required=True),
        step("AT+CSMS=0", "each status report would have to be acknowledged"),
        step(f"AT+CNMI=2,1,0,{reports},0", "new messages would be seen late"),
    )


def sim() -> Command:
    """§8.3."""
    return Command("AT+CPIN?", (b"+CPIN:",))


def sim_error(answer: Finished) -> SimState | None:
    """§9.2.1."""
    final = answer.final
    if final.kind != "CME":
        return None
    if final.code is not None:
        return _SIM_ERRORS.get(final.code)
    return _SIM_TEXTS.get(final.text.partition(":")[2].strip().lower())


def enter_pin(pin: str) -> Command:
    """§8.3; ValueError when it is no PIN. A wrong one costs a try of three: ask once only."""
    if not re.fullmatch(r"[0-9]{4,8}", pin, re.ASCII):
        raise ValueError("a SIM's PIN is 4 to 8 digits")
    return Command(f'AT+CPIN="{pin}"', timeout=10.0)


def identity() -> tuple[Command, ...]:
    """§5.1 to §5.4, §5.6: bare text, or with the command's name before it on some modems."""
    return (
        Command("AT+CGMI", (b"+CGMI:",), bare=rb"[^+^].*"),
        Command("AT+CGMM", (b"+CGMM:",), bare=rb"[^+^].*"),
        Command("AT+CGMR", (b"+CGMR:",), bare=rb"[^+^].*"),
        Command("AT+CGSN", (b"+CGSN:",), bare=rb'"?[0-9]{14,17}"?'),
        Command("AT+CIMI", (b"+CIMI:",), bare=rb'"?[0-9]{14,16}"?'),
    )


def iccid(text: str = "AT+CCID") -> Command:
    """ICCID by a vendor's command; TS 27.007 §8.64 has +CCID since release 12."""
    prefixes = (b"+CCID:", b"+ICCID:", b"^ICCID:", b"+QCCID:", b"+CICCID:", b"+ZGETICCID:", b"ICCID:")
    return Command(text, prefixes, bare=rb'"?[0-9]{18,20}[Ff]{0,2}"?')


def iccid_file() -> Command:
    """§8.18: READ BINARY (176) of EF-ICCID (2FE2), 10 octets: for modems without a command for the ICCID."""
    return Command("AT+CRSM=176,12258,0,0,10", (b"+CRSM:",))


def registration() -> tuple[Command, ...]:
    """§7.2 and §10.1.22: circuit-switched, and LTE where voice goes over IMS."""
    return (
        Command("AT+CREG?", (b"+CREG:",), priority=Priority.POLL),
        Command("AT+CEREG?", (b"+CEREG:",), priority=Priority.POLL),
    )


def signal() -> tuple[Command, ...]:
    """§8.5 and §7.3."""
    return (
        Command("AT+CSQ", (b"+CSQ:",), priority=Priority.POLL),
        # Only what is cached: asking the network anew (+COPS=?) takes minutes and would hold up a hang-up.
        Command("AT+COPS?", (b"+COPS:",), timeout=5.0, priority=Priority.POLL),
    )


def dial(called: str) -> Command:
    """§6.2: the semicolon makes it a voice call; ValueError when the number has a character that no phone has."""
    if not re.fullmatch(r"\+?[0-9*#]{1,40}", called, re.ASCII):
        raise ValueError(f"not a telephone number: {called!r}")
    return Command(f"ATD{called};", timeout=20.0, priority=Priority.CALL, call_results=True, abort=True)


def answer() -> Command:
    """V.250 §6.3.5."""
    return Command("ATA", timeout=20.0, priority=Priority.CALL, call_results=True, abort=True)


def hang_up(cause: int) -> tuple[Command, ...]:
    """§6.5, V.250 §6.3.6. The standard has no way to tell the network a cause."""
    del cause
    return hang_ups("AT+CHUP", "ATH")


def hang_ups(*texts: str) -> tuple[Command, ...]:
    """Return hang-up commands, to be tried in this order."""
    return tuple(Command(text, timeout=8.0, priority=Priority.HANG_UP) for text in texts)


def calls() -> Command:
    """§7.18."""
    return Command("AT+CLCC", (b"+CLCC:",), priority=Priority.CALL)


def cause() -> Command:
    """§6.10; with the urgency of a hang-up, since the SIP leg waits for it."""
    return Command("AT+CEER", (b"+CEER:",), timeout=1.0, priority=Priority.HANG_UP)


def dtmf(digits: str) -> tuple[Command, ...]:
    """§C.2.11: several digits in one command."""
    _check_digits(digits)
    return (Command(f'AT+VTS="{digits}"', timeout=5.0 + len(digits), priority=Priority.CALL),)


def dtmf_each(digits: str) -> tuple[Command, ...]:
    """§C.2.11, a command a digit, for modems that take no more."""
    _check_digits(digits)
    return tuple(Command(f"AT+VTS={digit}", timeout=5.0, priority=Priority.CALL) for digit in digits)


def _check_digits(digits: str) -> None:
    if not re.fullmatch(r"[0-9*#A-D]{1,31}", digits, re.ASCII):
        raise ValueError(f"not DTMF digits: {digits!r}")


def no_audio() -> tuple[Command, ...]:
    """Audio that no command starts, ends or brings back."""
    return ()


def restart() -> Command:
    """§8.2: full functionality after a reset. The port may vanish before the OK."""
    return Command("AT+CFUN=1,1", timeout=15.0)


def sms_send(pdu: bytes, tpdu_length: int) -> Command:
    """TS 27.005 §3.5.1: the length without the SMSC address, the PDU with it; the network may take a minute."""
    return Command(
        f"AT+CMGS={tpdu_length}",
        (b"+CMGS:",),
        timeout=90.0,
        priority=Priority.MESSAGE,
        payload=pdu.hex().upper().encode("ascii"),
    )


def sms_list() -> Command:
    """TS 27.005 §3.4.2 and §4.1: 4 is all messages, in PDU mode."""
    return Command("AT+CMGL=4", (b"+CMGL:",), timeout=30.0, priority=Priority.MESSAGE, body=True)


def sms_read(index: int) -> Command:
    """TS 27.005 §3.4.3."""
    return Command(f"AT+CMGR={index}", (b"+CMGR:",), timeout=10.0, priority=Priority.MESSAGE, body=True)


def sms_delete(index: int) -> Command:
    """TS 27.005 §3.5.4."""
    return Command(f"AT+CMGD={index}", timeout=10.0, priority=Priority.MESSAGE)


def sms_acknowledge() -> Command | None:
    """TS 27.005 §3.4.4: with AT+CSMS=0 (see ``sms_steps``) nothing is to be acknowledged."""
    return None


def ussd(text: str) -> Command:
    """§7.15, in the GSM alphabet (dcs 15); ValueError when it is no USSD string. The answer comes by +CUSD."""
    if not re.fullmatch(r"[ !#-~]{1,182}", text, re.ASCII):
        raise ValueError(f"not a USSD string: {text!r}")
    return Command(f'AT+CUSD=1,"{text}",15', timeout=30.0)


def ussd_cancel() -> Command:
    """§7.15."""
    return Command("AT+CUSD=2", timeout=10.0)
