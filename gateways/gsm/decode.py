"""Captures of what a modem said, as JSON objects: ``callfloor gsm decode``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from gateways.gsm.at import Final, final_of
from gateways.gsm.atlines import PROMPT, Lines
from gateways.gsm.commandtext import Expected, expected, name_of
from gateways.gsm.dialects import Dialect, NeutralEvent, dialect
from gateways.gsm.dialects.values import decode as text_of
from gateways.gsm.neutraljson import Json, form

_BLOCK = 65536
_ROWS = (b"+CMGL:", b"+CMGR:")
_ECHO = re.compile(rb"[Aa][Tt](?:[+^*%$#&\\_][A-Za-z].*|[DAHIZEVQXSdahizevqxs][0-9+*#?=].*|[AHIZahiz])?")
_CONNECT = re.compile(r"\s*CONNECT\b")
_UNASKED = re.compile(r"\s*[+^*%$#][A-Z][A-Z0-9_]*\s*:")


class Decoder:
    """Takes the bytes of a capture, as if they followed ``command``, and gives what they say, in order.

    ``family`` as in ``dialects.FAMILIES``; ValueError for others. Echoes are left out; after that of another command (a
    capture of a whole session) what follows is read as an answer to it. Maker, model and firmware that come in a row
    are one object.
    """

    def __init__(self, family: str, command: str = "") -> None:
        self._dialect: Dialect = dialect(family)
        self._lines = Lines()
        self._lines.rows = _ROWS
        self._command = command.strip()
        self._asked: Expected | None = None
        self._bare: list[str] = []  # parts of the command that wait for a line without prefix
        self._identity: Json = {}
        if self._command:
            self._ask(self._command)

    def feed(self, data: bytes) -> Iterator[Json]:
        self._lines.put(data)
        yield from self._drain()

    def end(self) -> Iterator[Json]:
        """Tell what was held back: a last line without its end, a header without its body."""
        self._lines.end()
        yield from self._drain()
        self._lines.let_go()
        yield from self._drain()
        yield from self._tell_identity()

    def _drain(self) -> Iterator[Json]:
        while (line := self._lines.take()) is not None:
            said = self._line(line)
            if said is None:
                continue
            identity: Json = said.get("identity", {})
            if not identity or identity.keys() & self._identity.keys():
                yield from self._tell_identity()
            self._identity |= identity
            if not identity:
                yield said

    def _tell_identity(self) -> Iterator[Json]:
        if self._identity:
            yield {"identity": self._identity}
            self._identity = {}

    def _ask(self, command: str) -> None:
        self._asked = expected(command)
        self._bare = list(self._asked.bare)
        self._lines.prompt = self._asked.prompt

    def _line(self, line: bytes) -> Json | None:
        text = text_of(line)
        if self._is_echo(line):
            self._ask(text)
            return None
        final = final_of(line.strip(), self._asked is not None and self._asked.call_results)
        if final is not None:
            self._answered()
            return _final(final)
        answer = self._is_answer(line, text)
        event = self._understand(line, text)
        if _CONNECT.match(text):
            self._answered()  # final too (V.250 §5.7.1), but it has no object of its own
        said = form(event) if event is not None else None
        return said or {"info" if answer else "urc": text}

    def _is_echo(self, line: bytes) -> bool:
        # AT+CLAC lists commands, by some modems with their AT.
        listed = self._asked is not None and "+CLAC:" in self._asked.prefixes
        return _ECHO.fullmatch(line.strip()) is not None and (not listed or text_of(line).strip() == self._command)

    def _answered(self) -> None:
        self._asked = None
        self._lines.prompt = False

    def _understand(self, line: bytes, text: str) -> NeutralEvent | None:
        asked = self._asked
        if asked is None:
            return self._dialect.parse(line)
        name, colon, _ = text.partition(":")
        if colon and (part := asked.part_for(name.strip())):
            return self._dialect.parse(line, part)
        event = self._dialect.parse(line)
        if event is not None or _UNASKED.match(text):
            return event
        for part in self._bare:
            event = self._dialect.parse(line, part)
            if event is not None:
                if name_of(part) != "I":  # ATI has several lines
                    self._bare.remove(part)
                return event
        return None

    def _is_answer(self, line: bytes, text: str) -> bool:
        """Whether a line that says nothing to us belongs to the response."""
        asked = self._asked
        if asked is None:
            return False
        if line == PROMPT or text.lstrip().startswith(asked.prefixes):
            return True
        if asked.call_results and _CONNECT.match(text):
            return True
        # Words that come unasked (RDY) are understood without the command.
        if _UNASKED.match(text) or self._dialect.parse(line) is not None:
            return False
        # The echo of a message's text ends in Ctrl-Z.
        return (bool(asked.bare) or asked.prompt) and text.rstrip("\x1a").isprintable()


def _final(final: Final) -> Json:
    said: Json = {"final": final.kind}
    if final.code is not None:
        said["code"] = final.code
    elif final.kind in {"CME", "CMS"}:
        said["text"] = final.text.partition("ERROR")[2].lstrip(" :").rstrip()
    elif final.text not in {"", final.kind}:
        said["text"] = final.text
    return said


def decode(data: Iterable[bytes], family: str, command: str = "") -> Iterator[Json]:
    """Return what a modem of a family said in ``data``; ValueError for an unknown family."""
    decoder = Decoder(family, command)
    for block in data:
        yield from decoder.feed(block)
    yield from decoder.end()


def main(family: str, command: str, file: str, out: TextIO | None = None) -> int:
    """Print a capture (a path, or ``-`` for standard input), one JSON object a line as it comes; return the status."""
    out = sys.stdout if out is None else out
    try:
        decoder = Decoder(family, command)
        with _opened(file) as source:
            _print(decoder, source, out)
    except BrokenPipeError:
        return 1
    except (ValueError, OSError) as error:
        print(f"callfloor gsm decode: {error}", file=sys.stderr)
        return 2
    return 0


def _opened(file: str) -> BinaryIO:
    # Unbuffered, so that what is read comes as soon as it is there; a copy, so that closing spares standard input.
    return open(sys.stdin.fileno() if file == "-" else Path(file), "rb", buffering=0, closefd=file != "-")


def _print(decoder: Decoder, source: BinaryIO, out: TextIO) -> None:
    while data := source.read(_BLOCK):
        _tell(decoder.feed(data), out)
    _tell(decoder.end(), out)


def _tell(said: Iterator[Json], out: TextIO) -> None:
    for one in said:
        print(json.dumps(one, ensure_ascii=False), file=out, flush=True)
