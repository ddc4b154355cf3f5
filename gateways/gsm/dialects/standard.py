"""Lines and commands that 3GPP TS 27.007 defines (§ is of that document), for the families to build on."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

from gateways.gsm.at import Command, Finished, Priority, show
from gateways.gsm.dialects import (
    CallerId,
    CallInfo,
    CallResult,
    CallState,
    Chatter,
    NeutralEvent,
    Operator,
    Registration,
    Ring,
    Signal,
    Sim,
    SimState,
)

# §7.18: states of +CLCC
CLCC_STATES: dict[int, CallState] = {
    0: "active", 1: "held", 2: "dialing", 3: "alerting", 4: "incoming", 5: "waiting",
}  # fmt: skip
_SIM_WORDS: dict[str, SimState] = {"READY": "READY", "SIM PIN": "PIN", "SIM PUK": "PUK", "SIM PIN2": "READY"}
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
_WORDS: dict[bytes, NeutralEvent] = {
    b"RING": Ring(),
    b"NO CARRIER": CallResult(None, "NO CARRIER"),
    b"BUSY": CallResult(17, "BUSY"),
    b"NO ANSWER": CallResult(19, "NO ANSWER"),
    b"OK": Chatter(),  # left over from a command given up
    b"ERROR": Chatter(),
}


def fields(text: str) -> list[str]:
    """Return the comma-separated values of an information line; quotes are taken off."""
    return [value.strip() for value in next(csv.reader([text.strip()], skipinitialspace=True), [])]


def number(text: str, kind: str) -> str | None:
    """Return a telephone number as E.164 text where its type says international (145: TS 24.008 §10.5.4.7)."""
    digits = text.strip()
    if not re.fullmatch(r"\+?[0-9*#A-Da-d]+", digits):
        return None
    return f"+{digits}" if kind.strip() == "145" and not digits.startswith("+") else digits


def cring(text: str) -> NeutralEvent:
    """§6.11: only a voice call rings for us."""
    return Ring() if text.strip().upper().startswith("VOICE") else Chatter()


def clip(text: str) -> NeutralEvent:
    """§7.6: ``number,type[,subaddr,satype[,alpha[,CLI validity]]]``; validity 1 withheld, 2 not available."""
    values = fields(text)
    caller = number(values[0], values[1] if len(values) > 1 else "")
    validity = values[5] if len(values) > 5 else ""
    return CallerId(caller, withheld=caller is None and validity in {"1", "2"})


def clcc(text: str) -> NeutralEvent:
    """§7.18: ``id,dir,stat,mode,mpty[,number,type[,alpha]]``; mode 0 is voice, 1 the data bearer that LTE lists."""
    values = fields(text)
    index, direction, state, mode = (int(value) for value in values[:4])
    caller = number(values[5], values[6]) if len(values) > 6 else None
    return CallInfo(index, direction == 0, CLCC_STATES[state], caller, mode == 0)


def _registration(text: str) -> int:
    # §7.2: ``n,stat[,lac,ci…]`` answers a question, ``stat[,lac,ci…]`` comes unasked; a lac is never a bare digit.
    match = re.fullmatch(r"\s*([0-9]+)(?:\s*,\s*([0-9]{1,2})(?=,|\s*$))?.*", text)
    if match is None:
        raise ValueError(text)
    return int(match[2] or match[1])


def creg(text: str) -> NeutralEvent:
    return Registration("cs", _registration(text))


def cereg(text: str) -> NeutralEvent:
    return Registration("eps", _registration(text))


def dbm(rssi: int) -> int | None:
    """§8.5: 0…31 in steps of 2 dB from -113 dBm, 99 unknown."""
    return -113 + 2 * rssi if 0 <= rssi <= 31 else None


def csq(text: str) -> NeutralEvent:
    return Signal(dbm(int(fields(text)[0])))


def cops(text: str) -> NeutralEvent:
    """§7.3: ``mode[,format,oper[,AcT]]``."""
    values = fields(text)
    return Operator(values[2] or None if len(values) > 2 else None)


def cpin(text: str) -> NeutralEvent:
    """§8.3."""
    word = text.strip().strip('"').upper()
    if word in _SIM_WORDS:
        return Sim(_SIM_WORDS[word])
    return Sim("MISSING" if "NOT INSERTED" in word or "NOT READY" in word else "PIN")


PARSERS: dict[str, Callable[[str], NeutralEvent]] = {
    "+CRING": cring,
    "+CLIP": clip,
    "+CLCC": clcc,
    "+CREG": creg,
    "+CEREG": cereg,
    "+CSQ": csq,
    "+COPS": cops,
    "+CPIN": cpin,
}


def parse(line: bytes, more: dict[str, Callable[[str], NeutralEvent]]) -> NeutralEvent | None:
    """Return what a line means by the standard's parsers and a family's own; None when it is not understood."""
    word = _WORDS.get(line.strip())
    if word is not None:
        return word
    name, colon, rest = show(line).partition(":")
    parser = more.get(name.strip()) or PARSERS.get(name.strip())
    if not colon or parser is None:
        return None
    try:
        return parser(rest)
    except (ValueError, IndexError, KeyError, csv.Error):
        return None


def sim() -> Command:
    return Command("AT+CPIN?", (b"+CPIN:",))


def sim_error(answer: Finished) -> SimState | None:
    """§9.2.1."""
    final = answer.final
    if final.kind != "CME":
        return None
    if final.code is not None:
        return _SIM_ERRORS.get(final.code)
    return _SIM_TEXTS.get(final.text.partition(":")[2].strip().lower())


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
    if not re.fullmatch(r"\+?[0-9*#]{1,40}", called):
        raise ValueError(f"not a telephone number: {called!r}")
    return Command(f"ATD{called};", timeout=20.0, priority=Priority.CALL, call_results=True)


def answer() -> Command:
    """V.250 §6.3.5."""
    return Command("ATA", timeout=20.0, priority=Priority.CALL, call_results=True)


def calls() -> Command:
    """§7.18."""
    return Command("AT+CLCC", (b"+CLCC:",), priority=Priority.CALL)


def cause() -> Command:
    """§6.10; with the urgency of a hang-up, since the SIP leg waits for it."""
    return Command("AT+CEER", (b"+CEER:",), timeout=1.0, priority=Priority.HANG_UP)


def dtmf(digits: str) -> Command:
    """§C.2.11."""
    if not re.fullmatch(r"[0-9*#A-D]{1,31}", digits):
        raise ValueError(f"not DTMF digits: {digits!r}")
    return Command(f'AT+VTS="{digits}"', timeout=5.0 + len(digits), priority=Priority.CALL)
