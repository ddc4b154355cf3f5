"""Bytes from a modem, cut into logical lines (ITU-T V.250 §5.7.1, 3GPP TS 27.005 §3, §4).

Theory of operation:

* A line ends at CR or LF; empty lines are dropped, so CR LF, CR CR LF, split and glued reads all give the same.
* Result codes that a firmware glued to the next line, and junk bytes before a line, are parted from it.
* A logical line may hold LF: the header of a message and its body (a PDU, or text in text mode), and a +CUSD whose
  quotes are still open at the line's end. Such a header is held until its body has come. Lines that come between are
  told first; a final result, another header or ``let_go`` sends the header out alone. All waiting is bounded.
* The prompt for a message's text (``> ``) has no line end; it is looked for only when one is expected.

No byte is lost save CR, LF and the blank after a prompt.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Literal

LONGEST_LINE = 4096
"""Bytes; a modem that sends more without CR or LF sends garbage, which is cut here; also the most that is held."""
MOST_BETWEEN = 8
"""Lines that may come between a header and its PDU."""
PROMPT = b">"

_FINAL = rb"OK|ERROR|COMMAND NOT SUPPORT|TOO MANY PARAMETERS"
_RESULT = rb"NO CARRIER|NO ANSWER|NO DIAL ?TONE|BUSY"
_KNOWN = rb"[+^*%$#][A-Z]|RING|RDY|" + _FINAL + rb"|" + _RESULT
_FINAL_LINE = re.compile(rb"\s*(?:" + _FINAL + rb"|\+CM[ES] ERROR\b.*)\s*")
_GLUED = re.compile(rb"((?:" + _FINAL + rb"|" + _RESULT + rb"|RING|\+CM[ES] ERROR: ?[0-9]+))(?=" + _KNOWN + rb")")
_JUNK = re.compile(rb"(\x00+(?=[^\x00])|[\x00-\x1f\x7f-\xff]+(?=" + _KNOWN + rb"))", re.DOTALL)
_UNASKED = re.compile(rb"\s*(?:[+^*%$#][A-Z][A-Z0-9_]*:.*|RING|\^[A-Z]+|" + _RESULT + rb")\s*")
_HEX = re.compile(rb"\s*[0-9A-Fa-f]+\s*")
_LENGTH = re.compile(rb"([0-9]+)\s*(?:\n|$)")

_BodyKind = Literal["pdu", "text", "texts", "quoted"]
# TS 27.005 §3.4.1, §3.4.2, §3.4.3, §4.1, §4.2. A status report in text mode (fo and mr are numbers) has no body.
_BODIES: tuple[tuple[re.Pattern[bytes], _BodyKind], ...] = (
    (re.compile(rb'\+CMT:(?:\s*"[^"]*"\s*,|[^",]*,)?\s*[0-9]+\s*'), "pdu"),
    (re.compile(rb"\+CMT:.*,.*"), "text"),
    (re.compile(rb"\+CDS:(?:[^,]*,)?\s*[0-9]+\s*"), "pdu"),
    (re.compile(rb"\+CDS:\s*"), "text"),
    (re.compile(rb"\+CBM:\s*[0-9]+\s*"), "pdu"),
    (re.compile(rb"\+CBM:\s*[0-9]+\s*,.*"), "text"),
)
_ROW = re.compile(rb"[^:]*:\s*(?:[0-9]+\s*,\s*)?(?:([0-9]+)\s*,|(\"[A-Z ]+\")\s*,(?!\s*[0-9]+\s*,))")
_QUOTED = re.compile(rb'\+CUSD:\s*[0-9]+\s*,\s*"')
_CODED_END = re.compile(rb'"\s*,\s*[0-9]+\s*$')


@dataclass(slots=True)
class _Held:
    line: bytes
    kind: _BodyKind
    name: bytes
    between: int = 0
    has_body: bool = False


class Lines:
    """See the module: ``put`` bytes, ``take`` lines until None.

    ``prompt``: one is expected. ``rows``: prefixes of a response's lines that have a body (``+CMGL:``).
    """

    def __init__(self) -> None:
        self.prompt = False
        self.rows: tuple[bytes, ...] = ()
        self._buffer = bytearray()
        self._feeds = 0  # line feeds since the last line
        self._after_prompt = False
        self._held: _Held | None = None
        self._ready: deque[bytes] = deque()

    @property
    def holding(self) -> bool:
        """True while a header waits for its body."""
        return self._held is not None

    def put(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> bytes | None:
        """Return the next logical line."""
        while not self._ready:
            line = self._cut()
            if line is None:
                return None
            feeds, self._feeds = self._feeds, 0
            self._sort(line, feeds)
        return self._ready.popleft()

    def let_go(self) -> None:
        """Send the header out alone: its body has not come in time."""
        if self._held is not None:
            held, self._held = self._held, None
            self._ready.append(held.line)

    def end(self) -> None:
        """Take what is left for a last line: no more bytes will come."""
        if self._buffer:
            self.put(b"\r")

    def _cut(self) -> bytes | None:
        while self._buffer:
            if self._after_prompt:
                self._after_prompt = False
                if self._buffer[0] == 0x20:
                    del self._buffer[0]
                    continue
            if self.prompt and self._buffer[0] == PROMPT[0]:
                del self._buffer[0]
                self.prompt, self._after_prompt = False, True
                return PROMPT
            line = self._cut_line()
            if line is None:
                return None
            if line:
                return line
        return None

    def _cut_line(self) -> bytes | None:
        head = self._buffer[:LONGEST_LINE]
        end = min((at for at in (head.find(b"\r"), head.find(b"\n")) if at >= 0), default=-1)
        if end == 0:
            self._feeds += head[0] == 0x0A
            del self._buffer[0]
            return b""
        if end < 0 and len(head) < LONGEST_LINE:
            return None
        line = bytes(head if end < 0 else head[:end])
        del self._buffer[: len(line)]
        return line

    def _sort(self, line: bytes, feeds: int) -> None:
        held = self._held
        if held is not None and self._belongs(held, line, feeds):
            return
        for piece in _parted(line):
            kind = self._body_of(piece)
            if kind is None:
                self._ready.append(piece)
            else:
                self.let_go()
                self._held = _Held(piece, kind, piece.partition(b":")[0])

    def _body_of(self, line: bytes) -> _BodyKind | None:
        if self.rows and line.startswith(self.rows):
            match = _ROW.match(line)
            return None if match is None else "pdu" if match[1] else "texts"
        if _QUOTED.match(line):
            return "quoted" if _open(line) else None
        return next((kind for pattern, kind in _BODIES if pattern.fullmatch(line)), None)

    def _belongs(self, held: _Held, line: bytes, feeds: int) -> bool:
        """Add a line to the header held if it is its body; let the header go where it has none."""
        if held.kind == "pdu":
            return self._is_pdu(held, line)
        if line.startswith(held.name + b":"):
            self.let_go()
            return False
        if _UNASKED.fullmatch(line):
            # After a blank line it is no text either: the message was empty.
            held.between += 1
            if held.between > MOST_BETWEEN or (held.kind == "text" and feeds > 1):
                self._ready.append(self._without_body(held))
            return False
        if _FINAL_LINE.fullmatch(line) and (feeds > 1 or (held.kind == "texts" and held.has_body)):
            self._ready.append(self._without_body(held))
            return False
        held.line += b"\n" * max(feeds if held.has_body or held.kind == "quoted" else 1, 1) + line
        held.has_body = True
        ended = held.kind == "text" or (held.kind == "quoted" and not _open(held.line))
        if ended or len(held.line) > LONGEST_LINE:
            self.let_go()
        return True

    def _without_body(self, held: _Held) -> bytes:
        self._held = None
        return held.line if held.has_body or held.kind == "quoted" else held.line + b"\n"

    def _is_pdu(self, held: _Held, line: bytes) -> bool:
        if _HEX.fullmatch(line):
            held.line += (b"" if held.has_body else b"\n") + line.strip()
            held.has_body = True
            if not _is_short(held.line):
                self.let_go()
            return True
        held.between += 1
        if held.between > MOST_BETWEEN or _FINAL_LINE.fullmatch(line):
            self.let_go()
        return False


def _is_short(line: bytes) -> bool:
    """Whether a PDU has fewer octets than its header says: its line was broken, and the rest is to come."""
    length = _LENGTH.search(line)
    return length is not None and len(line.partition(b"\n")[2]) < 2 * int(length[1]) and len(line) < LONGEST_LINE


def _open(line: bytes) -> bool:
    """Whether a +CUSD goes on in the next line: a quote is open, but the text may hold quotes of its own."""
    return line.count(b'"') % 2 == 1 and not _CODED_END.search(line)


def _parted(line: bytes) -> list[bytes]:
    """Return junk, result codes and the rest of a line, each by itself, in order."""
    pieces = []
    while match := _JUNK.match(line) or _GLUED.match(line):
        pieces.append(match[1])
        line = line[match.end() :]
    return [*pieces, line] if line else pieces
