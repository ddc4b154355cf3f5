"""Lines that 3GPP TS 27.007 defines (§ is of that document) and the way to read one, for the families to build on.

Families may use all that this module names; messages, identity and commands have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

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
    Tone,
)
from gateways.gsm.dialects.standardcommands import (
    answer,
    calls,
    cause,
    dial,
    dtmf,
    dtmf_each,
    enter_pin,
    hang_up,
    hang_ups,
    iccid,
    iccid_file,
    identity,
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
    sms_steps,
    step,
    ussd,
    ussd_cancel,
)  # fmt: skip
from gateways.gsm.dialects.standardidentity import KINDS, bare, crsm, label
from gateways.gsm.dialects.standardidentity import identity as identity_of
from gateways.gsm.dialects.standardsms import cds, cdsi, chatter, cmgl, cmgr, cmgs, cmt, cmti, cusd, smsfull
from gateways.gsm.dialects.values import decode, field, fields, number, split, ucs2, unquote, whole

__all__ = [
    "CALL_MODES", "CLCC_STATES", "PARSERS", "Parser",
    "answer", "calls", "cause", "cause_of", "ccwa", "cds", "cdsi", "cereg", "cesq", "cgreg", "chatter", "clcc", "clip",
    "cmgl", "cmgr", "cmgs", "cmt", "cmti", "colp", "cops", "cpin", "creg", "cring", "csq", "cusd", "dbm", "decode",
    "dial", "dtmf", "dtmf_each", "enter_pin", "field", "fields", "hang_up", "hang_ups", "iccid", "iccid_file",
    "identity", "identity_of", "no_audio", "number", "parse", "registration", "restart", "signal", "sim", "sim_error",
    "sms_acknowledge", "sms_delete", "sms_list", "sms_read", "sms_send", "sms_steps", "smsfull", "split", "step",
    "tone", "ucs2", "unquote", "ussd", "ussd_cancel", "whole",
]  # fmt: skip

Parser = Callable[[str], NeutralEvent]
"""Takes what follows the colon (and, after a line feed, the body); ValueError, IndexError, KeyError: not understood."""

# §7.18: states of +CLCC
CLCC_STATES: dict[int, CallState] = {
    0: "active", 1: "held", 2: "dialing", 3: "alerting", 4: "incoming", 5: "waiting",
}  # fmt: skip
# §7.18: modes in which a call is one of voice (3 to 5: voice that may change to data or fax later)
CALL_MODES = frozenset({0, 3, 4, 5, 9})
# §8.3. A phone's own locks (PH-…) are in neither table: no SIM PIN opens them.
_SIM_WORDS: dict[str, SimState] = {
    "READY": "READY", "SIM PIN": "PIN", "SIM PUK": "PUK", "SIM PIN2": "READY", "SIM PUK2": "READY",
    "NOT READY": "MISSING", "NOT INSERTED": "MISSING", "SIM NOT INSERTED": "MISSING", "SIM REMOVED": "MISSING",
    "SIM FAILURE": "MISSING", "SIM CRASH": "MISSING", "BUSY": "BUSY", "SIM BUSY": "BUSY",
}  # fmt: skip
_WORDS: dict[bytes, NeutralEvent] = {
    b"RING": Ring(),
    b"NO CARRIER": CallResult(None, "NO CARRIER"),
    b"BUSY": CallResult(17, "BUSY"),
    b"NO ANSWER": CallResult(19, "NO ANSWER"),
    b"NO DIALTONE": CallResult(None, "NO DIALTONE"),
    b"NO DIAL TONE": CallResult(None, "NO DIALTONE"),
    b"OK": Chatter(),  # left over from a command given up
    b"ERROR": Chatter(),
}


def cring(text: str) -> NeutralEvent:
    """§6.11: only a voice call rings for us."""
    return Ring() if unquote(text).upper().startswith("VOICE") else Chatter()


def clip(text: str) -> NeutralEvent:
    """§7.6: ``number,type[,subaddr,satype[,alpha[,CLI validity]]]``; validity 1 withheld, 2 not available."""
    values = fields(text)
    caller = number(values[0], field(values, 1))
    return CallerId(caller, withheld=caller is None and field(values, 5) in {"1", "2"})


def ccwa(text: str) -> NeutralEvent:
    """§7.12: ``number,type,class[,alpha[,CLI validity…]]`` of a second caller; ``status,class`` answers a question."""
    values = fields(text)
    if len(values) < 3 and not text.lstrip().startswith('"'):
        return Chatter()
    return CallInfo(None, False, "waiting", number(values[0], values[1]), whole(field(values, 2)) in {1, None})


def colp(text: str) -> NeutralEvent:
    """§7.8: ``number,type…`` of the party that answered our call; ``n,m`` answers a question."""
    values = fields(text)
    if (whole(field(values, 1)) or 0) < 128:
        return Chatter()
    return CallInfo(None, True, "active", number(values[0], values[1]))


def clcc(text: str) -> NeutralEvent:
    """§7.18: ``id,dir,stat,mode,mpty[,number,type[,alpha]]``; mode 0 is voice, 1 the data bearer that LTE lists."""
    values = fields(text)
    index, direction, state, mode = (int(value) for value in values[:4])
    return CallInfo(
        index, direction == 0, CLCC_STATES[state], number(field(values, 5), field(values, 6)), mode in CALL_MODES
    )


def _registration(text: str) -> tuple[int, str | None, str | None, int | None]:
    """Return (stat, lac, ci, act) of ``[n,]stat[,lac,ci[,AcT…]]``: n only where a question is answered (§7.2).

    A location area is in quotes or, on modems that leave them out, seldom one or two digits short.
    """
    values = split(text)
    asked = len(values) > 1 and re.fullmatch(r"[0-9]{1,2}", values[1]) and (len(values) != 3 or '"' in values[2])
    values = [unquote(value) for value in (values[1:] if asked else values)]
    if not values[0].isdigit():
        raise ValueError(text)
    lac, ci = field(values, 1) or None, field(values, 2) or None
    return int(values[0]), lac, ci, whole(field(values, 3))


def creg(text: str) -> NeutralEvent:
    return Registration("cs", *_registration(text))


def cgreg(text: str) -> NeutralEvent:
    """§10.1.20."""
    return Registration("ps", *_registration(text))


def cereg(text: str) -> NeutralEvent:
    """§10.1.22."""
    return Registration("eps", *_registration(text))


def dbm(rssi: int) -> int | None:
    """§8.5: 0…31 in steps of 2 dB from -113 dBm, 99 unknown."""
    return -113 + 2 * rssi if 0 <= rssi <= 31 else None


def csq(text: str) -> NeutralEvent:
    rssi = int(fields(text)[0])
    return Signal(dbm(rssi), rssi)


def cesq(text: str) -> NeutralEvent:
    """§8.69: ``rxlev,ber,rscp,ecno,rsrq,rsrp``; lower bounds in dBm of the first known: LTE, 3G, 2G."""
    rxlev, _, rscp, _, _, rsrp = (int(value) for value in fields(text)[:6])
    if rsrp != 255:
        return Signal(rsrp - 141)
    return Signal(rscp - 121 if rscp != 255 else rxlev - 111 if rxlev != 99 else None)


def cops(text: str) -> NeutralEvent:
    """§7.3: ``mode[,format,oper[,AcT]]``, format 2 being MCC and MNC; a list in brackets is what else is on the air."""
    values = fields(text)
    if values[0].startswith("("):
        return Chatter()
    if whole(values[0]) is None:
        raise ValueError(text)
    name = field(values, 2)
    if re.fullmatch(r"[0-9]{5,6}", name, re.ASCII):
        return Operator(None, name)
    return Operator(ucs2(name) or None)


def cpin(text: str) -> NeutralEvent:
    """§8.3."""
    return Sim(_SIM_WORDS[unquote(text).upper()])


def tone(text: str) -> NeutralEvent:
    """A DTMF digit; some modems write the key's name or a duration after it."""
    digit = fields(text)[0].upper()
    if not re.fullmatch(r"[0-9*#A-D]", digit, re.ASCII):
        raise ValueError(text)
    return Tone(digit)


def cause_of(lines: tuple[bytes, ...]) -> int | None:
    """Return a Q.850 cause in the answer to AT+CEER where it is a number; §6.10 leaves the text to the vendor."""
    for line in lines:
        values = fields(decode(line).partition(":")[2])
        value = whole(values[-1])
        if value is not None and 1 <= value <= 127:
            return value
    return None


PARSERS: dict[str, Parser] = {
    "+CRSM": crsm,
    "+CRING": cring,
    "+CLIP": clip,
    "+CCWA": ccwa,
    "+COLP": colp,
    "+CLCC": clcc,
    "+CREG": creg,
    "+CGREG": cgreg,
    "+CEREG": cereg,
    "+CSQ": csq,
    "+CESQ": cesq,
    "+COPS": cops,
    "+CPIN": cpin,
    "+CMTI": cmti,
    "+CDSI": cdsi,
    "+CMT": cmt,
    "+CDS": cds,
    "+CMGS": cmgs,
    "+CMSS": cmgs,
    "+CMGR": cmgr,
    "+CMGL": cmgl,
    "+CUSD": cusd,
    "+RXDTMF": tone,
    "+DTMF": tone,
    **{name: partial(identity_of, kind) for name, kind in KINDS.items()},
    **dict.fromkeys(
        ("+CSSI", "+CSSU", "+CEER", "+CIEV", "+CTZV", "+CTZE", "+CTZU", "+CMEE", "+CMGF", "+CSCS", "+CNMI", "+CPMS",
         "+CSMS", "+CSCA", "+CSMP", "+CNUM", "+CBM", "+CBMI", "+CGEV", "+CFUN", "+CPAS", "+CCLK", "+GCAP", "+CIREGU",
         "+CIREPI", "+CIREPH", "+CNAP", "+CDIP", "+CPBR", "+CLCK", "+CMGW"),
        chatter,
    ),
}  # fmt: skip
# Read commands (AT+CLIP?) whose answer has the name of an unsolicited line and another meaning
_SETTINGS = frozenset({"+CLIP", "+COLP", "+CCWA", "+CUSD", "+CRING", "+CDSI", "+CMTI", "+CSSI", "+CSSU", "+DTMF"})


def parse(line: bytes, more: Mapping[str, Parser], command: str = "") -> NeutralEvent | None:
    """Return what a line means by a family's parsers and the standard's; None when it is not understood.

    ``line`` and ``command``: see ``Dialect.parse``.
    """
    word = _WORDS.get(line.strip())
    if word is not None:
        return word
    text = decode(line)
    name, colon, rest = text.partition(":")
    name = name.strip()
    if colon and _is_setting(name, command):
        return Chatter()
    parser = more.get(name) or PARSERS.get(name)
    try:
        if colon and parser is not None:
            return parser(rest)
        return label(text) or bare(text, command)
    except (ValueError, IndexError, KeyError):
        return None


def _is_setting(name: str, command: str) -> bool:
    asked = command.strip().upper()
    return asked == f"AT{name}=?" or (asked == f"AT{name}?" and name in _SETTINGS)
