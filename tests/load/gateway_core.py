"""The core's place in the gateway's bench: answers every INVITE, sends marked frames, keeps when each frame came.

``python -m tests.load.gateway_core SIP_PORT RTP_PORT FILE``. All calls share one RTP socket, told apart by the marks in
their audio and by the gateway's ports; the kernel says when a packet came (SO_TIMESTAMPNS), so that our own pace does
not count. Runs until standard input ends, then writes FILE: a pickled ``(sent, received)`` of (line, number, ns).
"""

from __future__ import annotations

import pickle
import re
import select
import socket
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.priority import call_path_first
from tests.load.marks import Marked, read
from tests.measure.g711 import decode

Times = list[tuple[int, int, int]]
HOST = "127.0.0.1"
PERIOD_NS = 20_000_000
SO_TIMESTAMPNS = 35
"""Linux asm-generic/socket.h; Python has no name for it."""
_TIMESPEC = struct.Struct("@ll")


@dataclass
class Call:
    """One call of the gateway: where its audio goes, its line, and how many frames were said."""

    address: tuple[str, int]
    line: int
    number: int = 0


class Core:
    """See the module."""

    def __init__(self, sip_port: int, rtp_port: int) -> None:
        self._sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sip.bind((HOST, sip_port))
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._rtp.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._rtp.bind((HOST, rtp_port))
        self._answer = (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\nm=audio {rtp_port} RTP/AVP 8 101\r\n"
            "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n"
        )
        self._contact = f"<sip:core@{HOST}:{sip_port}>"
        self._sound = Marked("agent")
        self._calls: dict[str, Call] = {}
        self._behind_ns = time.time_ns() - time.monotonic_ns()
        self.sent: Times = []
        self._heard: defaultdict[tuple[str, int], list[tuple[int, bytes]]] = defaultdict(list)

    def run(self) -> None:
        """Serve until standard input ends."""
        due = time.monotonic_ns()
        readable: dict[object, Callable[[], None]] = {self._sip: self._message, self._rtp: self._packets}
        while True:
            left = (due - time.monotonic_ns()) / 1e9
            for source in select.select([self._sip, self._rtp, sys.stdin], [], [], max(0.0, left))[0]:
                if source is sys.stdin:
                    return
                readable[source]()
            if time.monotonic_ns() >= due:
                due += PERIOD_NS
                self._speak()

    def _speak(self) -> None:
        for call in self._calls.values():
            number = call.number
            call.number += 1
            head = struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * 160 & 0xFFFFFFFF, call.line)
            packet = head + self._sound.alaw(call.line, number)
            self.sent.append((call.line, number, time.monotonic_ns()))
            self._rtp.sendto(packet, call.address)

    def _packets(self) -> None:
        for _ in range(200):
            try:
                packet, extra, _, sender = self._rtp.recvmsg(400, 64, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if len(packet) == 172 and packet[1] & 0x7F == 8:
                seconds, nanoseconds = _TIMESPEC.unpack(extra[0][2])
                at = seconds * 1_000_000_000 + nanoseconds - self._behind_ns
                self._heard[sender].append((at, packet[12:]))

    def received(self) -> Times:
        """Find the marks in all that came."""
        streams = ([(at, decode(payload, 8)) for at, payload in heard] for heard in self._heard.values())
        return [place for stream in streams for place in read(stream)]

    def _message(self) -> None:
        data, sender = self._sip.recvfrom(65535)
        text = data.decode("utf-8", "replace")
        method = text.partition(" ")[0]
        if method in {"SIP/2.0", "ACK"}:
            return
        body = ""
        if method == "INVITE":
            self._invited(text)
            body = self._answer
        elif method == "BYE":
            self._calls.pop(_header(text, "Call-ID"), None)
        copied = [line for line in text.split("\r\n") if re.match(r"(?:Via|From|Call-ID|CSeq):", line, re.IGNORECASE)]
        to = _header(text, "To")
        answer = [
            "SIP/2.0 200 OK", *copied, f"To: {to if ';tag=' in to else to + ';tag=core'}", f"Contact: {self._contact}",
            *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body,
        ]  # fmt: skip
        self._sip.sendto("\r\n".join(answer).encode(), sender)

    def _invited(self, text: str) -> None:
        media = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
        line = int(_header(text, "X-Callfloor-Line").rpartition("-")[2])
        if media is not None and _header(text, "Call-ID") not in self._calls:  # else said again, or a new offer
            self._calls[_header(text, "Call-ID")] = Call((HOST, int(media[1])), line)


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:[ \t]*(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def main() -> None:
    call_path_first()
    core = Core(int(sys.argv[1]), int(sys.argv[2]))
    print("ready", flush=True)
    core.run()
    Path(sys.argv[3]).write_bytes(pickle.dumps((core.sent, core.received())))


if __name__ == "__main__":
    main()
