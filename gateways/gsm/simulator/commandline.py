"""V.250: from bytes to command lines, and from a command line to its commands. Pure.

A line starts with AT (or at), ends with S3 (CR) and may hold several commands: basic ones follow each other directly,
extended ones are separated by ';' (V.250 clauses 5.2 to 5.4).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

LINE_LIMIT = 2048


class Kind(StrEnum):
    EXECUTE = "execute"
    READ = "read"
    TEST = "test"
    SET = "set"


@dataclass(frozen=True)
class Command:
    """One command: `name` upper case ("+CLCC", "^DSCI", "D", "&F", "S0"); `text` what followed, `args` it split."""

    name: str
    kind: Kind
    text: str = ""
    args: tuple[str, ...] = ()


class LineError(ValueError):
    """The line cannot be split into commands."""


@dataclass
class LineEditor:
    """V.250 clause 5.2.2: gathers characters into command lines and echoes them."""

    echo: bool = True
    forced_echo: bool = False
    s3: int = 13
    s5: int = 8
    _buffer: bytearray = field(default_factory=bytearray)
    _last: str = ""

    def feed(self, byte: int) -> tuple[bytes, str | None]:
        """(what to echo, the body of a complete command line after its AT, or None)."""
        echoing = self.echo or self.forced_echo
        echo = bytes([byte]) if echoing else b""
        if byte == self.s3:
            text = self._buffer.decode("latin-1")
            self._buffer.clear()
            return echo, self._body(text)
        if byte in {self.s5, 0x7F}:
            if not self._buffer:
                return b"", None
            self._buffer.pop()
            return (b"\b \b" if echoing else b""), None
        if byte >= 0x20 and len(self._buffer) < LINE_LIMIT:
            self._buffer.append(byte)
            if self._buffer.upper() == b"A/":  # V.250 clause 5.2.4: repeats at once, without S3
                self._buffer.clear()
                return echo, self._last
        return echo, None

    def _body(self, text: str) -> str | None:
        start = text.upper().find("AT")
        if start < 0:
            return None
        self._last = text[start + 2 :]
        return self._last


_EXTENDED = re.compile(r"[+^][A-Za-z0-9/%:._!-]+")
_BASIC = re.compile(r"(?:&?[A-Za-z])")


def split(body: str) -> Iterator[Command]:
    """The commands of a line's body, in order. LineError when reached: those before it have run (V.250 5.4.3)."""
    at = 0
    body = body.strip()
    while at < len(body):
        char = body[at]
        if char in "; ":
            at += 1
        elif char in "+^":
            end = _end_of_extended(body, at)
            yield extended(body[at:end])
            at = end + 1
        elif char in "Dd":
            end = body.find(";", at)
            end = len(body) if end < 0 else end + 1
            yield Command("D", Kind.EXECUTE, body[at + 1 : end])
            at = end
        else:
            command, at = _basic(body, at)
            yield command


def split_args(text: str) -> tuple[str, ...]:
    """Comma-separated values with the quotes of strings taken off. "" gives ("",)."""
    values = re.findall(r'(?:"[^"]*"|[^,"])*(?:,|$)', text)
    if values and not text.endswith(",") and values[-1] == "":
        values.pop()
    return tuple(v.removesuffix(",").strip().strip('"') for v in values) or ("",)


def extended(text: str) -> Command:
    """One extended command, e.g. `+QPCMV=1,0`."""
    match = _EXTENDED.match(text)
    if match is None:
        raise LineError(text)
    name, rest = match.group().upper(), text[match.end() :].strip()
    if rest == "":
        return Command(name, Kind.EXECUTE)
    if rest == "?":
        return Command(name, Kind.READ)
    if rest == "=?":
        return Command(name, Kind.TEST)
    if rest.startswith("="):
        return Command(name, Kind.SET, rest[1:], split_args(rest[1:]))
    raise LineError(text)


def _end_of_extended(body: str, start: int) -> int:
    quoted = False
    for at in range(start, len(body)):
        if body[at] == '"':
            quoted = not quoted
        elif body[at] == ";" and not quoted:
            return at
    return len(body)


def _basic(body: str, at: int) -> tuple[Command, int]:
    match = _BASIC.match(body, at)
    if match is None:
        raise LineError(body[at:])
    name, at = match.group().upper(), match.end()
    number = re.compile(r"\d*").match(body, at)
    digits = number.group() if number else ""
    at += len(digits)
    if name != "S":
        return Command(name, Kind.EXECUTE, digits), at
    name = f"S{int(digits or 0)}"
    if body[at : at + 1] == "?":
        return Command(name, Kind.READ), at + 1
    if body[at : at + 1] == "=":
        value = re.compile(r"\d*").match(body, at + 1)
        text = value.group() if value else ""
        return Command(name, Kind.SET, text, (text,)), at + 1 + len(text)
    return Command(name, Kind.READ), at
