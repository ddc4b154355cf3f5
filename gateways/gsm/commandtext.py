"""What may follow a command line, from its text alone (ITU-T V.250 §5.2, §5.4): for reading captures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateways.gsm.dialects.standardidentity import KINDS

# A body is: an extended command up to a semicolon outside quotes, a dial string, or a letter with its number.
_PART = re.compile(
    r"""\s*(?:
        (?P<extended>[+^*%$\#_!][A-Za-z](?:[^;"]|"[^"]*"?)*)
      | (?P<dial>[Dd](?:[^;"]|"[^"]*"?)*)
      | (?P<basic>[&\\]?[A-Za-z][0-9]*(?:=[0-9]*|\?)?)
      | (?P<rest>.+)
    );?""",
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"[+^*%$#_!][A-Za-z][A-Za-z0-9]*|[&\\]?[A-Za-z]")
# Commands whose answer has another name than they
_ALIASES = {"+CICCID": "+ICCID", "+CCID": "+ICCID", "+ICCID": "ICCID", "I": "+GCAP"}
# Commands of the standards that are answered with their name or not at all: other lines are not theirs
_NAMED = frozenset({
    "+CSQ", "+CESQ", "+CREG", "+CGREG", "+CEREG", "+COPS", "+CPIN", "+CLCC", "+CMGL", "+CMGR", "+CMGS", "+CMGD",
    "+CUSD", "+CLIP", "+COLP", "+CCWA", "+CEER", "+CMGF", "+CNMI", "+CPMS", "+CSMS", "+CSCA", "+CSCS", "+CFUN", "+CRC",
    "+CMEE", "+CHUP", "+CHLD", "+VTS", "+CPAS", "+CNMA", "A", "D", "E", "H", "Q", "S", "V", "X", "Z",
    "&C", "&D", "&F", "&W",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """``parts``: each command of the line by itself (``AT+CREG?``); ``prefixes`` begin the lines that answer them.

    ``bare``: those parts whose answer may be lines without prefix, in order. ``call_results``: NO CARRIER and its like
    are final. ``prompt``: the modem asks for a message's text first.
    """

    parts: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    call_results: bool = False
    prompt: bool = False

    def part_for(self, name: str) -> str:
        """Return the part whose answer begins with ``name`` and a colon, "" if none does."""
        return next((part for part in self.parts if name_of(part) == name), "")


def expected(line: str) -> Expected:
    """Return what may follow a command line; it may be anything, also no command at all."""
    parts = tuple(_parts(line))
    names = [name_of(part) for part in parts]
    prefixes = dict.fromkeys(f"{name}:" for name in names if len(name) > 1)
    prefixes |= dict.fromkeys(f"{_ALIASES[name]}:" for name in names if name in _ALIASES)
    return Expected(
        parts=parts,
        prefixes=tuple(prefixes),
        bare=tuple(part for part, name in zip(parts, names, strict=True) if _may_be_bare(part, name)),
        call_results=any(name in {"D", "A", "O"} for name in names),
        prompt=any(re.match(r"AT\+CMG[SWC]=[^?]", part.upper()) for part in parts),
    )


def name_of(part: str) -> str:
    """Return the name of one command (``+CREG``, ``D``) in upper case, "" where there is none."""
    match = _NAME.match(part, 2)
    return match[0].upper() if match else ""


def _parts(line: str) -> list[str]:
    text = line.strip()
    if text[:2].upper() != "AT":
        return []
    return [f"AT{match[0].strip().rstrip(';')}" for match in _PART.finditer(text, 2) if match[0].strip(" ;")]


def _may_be_bare(part: str, name: str) -> bool:
    if name in KINDS or name == "I":
        return not part.endswith("=?")
    return bool(name) and name not in _NAMED
