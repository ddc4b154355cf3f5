"""A SIP endpoint at the wire: raw messages over a UDP socket or a TCP connection, with digest answers (RFC 7616)."""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
from dataclasses import dataclass
from typing import Self

Address = tuple[str, int]
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"


@dataclass(frozen=True)
class Message:
    """A received message: its first line, its headers in order as they stood, its body and where it came from."""

    start: str
    headers: list[tuple[str, str]]
    body: str
    source: Address
    raw: bytes

    @classmethod
    def parse(cls, data: bytes, source: Address) -> Self:
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        return cls(start, headers, body, source, data)

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def get(self, name: str) -> str:
        return (self.all(name) or [""])[0]

    @property
    def code(self) -> int:
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        return "" if self.code else self.start.split()[0]

    @property
    def uri(self) -> str:
        return "" if self.code else self.start.split()[1]

    @property
    def contact_uri(self) -> str:
        found = re.search(r"<([^>]+)>", self.get("Contact"))
        return found.group(1) if found else ""


def token() -> str:
    return secrets.token_hex(6)


def digest(user: str, password: str, method: str, uri: str, challenge: str, realm: str = "callfloor") -> str:
    """Return the credentials that answer ``challenge`` (qop=auth, MD5)."""
    nonce = re.findall(r'nonce="([^"]+)"', challenge)[0]
    cnonce = token()
    ha1 = hashlib.md5(f"{user}:{realm}:{password}".encode()).hexdigest()
    ha2 = hashlib.md5(f"{method}:{uri}".encode()).hexdigest()
    response = hashlib.md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}".encode()).hexdigest()
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", '
        f'algorithm=MD5, qop=auth, nc=00000001, cnonce="{cnonce}"'
    )


class Endpoint:
    """Something that speaks SIP over UDP from one address."""

    def __init__(self, peer: Address, host: str = "127.0.0.1", port: int = 0, timeout: float = 3.0) -> None:
        self.peer = peer
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.timeout = timeout
        self.host, self.port = self.socket.getsockname()
        self.cseq = 0

    def close(self) -> None:
        self.socket.close()

    def send(self, data: str | bytes, to: Address | None = None) -> None:
        self.socket.sendto(data.encode() if isinstance(data, str) else data, to or self.peer)

    def receive(self, timeout: float | None = None) -> Message:
        """Return the next message; raises TimeoutError."""
        self.socket.settimeout(self.timeout if timeout is None else timeout)
        data, source = self.socket.recvfrom(65535)
        return Message.parse(data, source)

    def hears_nothing(self, seconds: float = 0.4) -> bool:
        try:
            self.receive(seconds)
        except TimeoutError:
            return True
        return False

    def final(self) -> Message:
        """Return the next response that isn't provisional."""
        while (message := self.receive()).code < 200:
            pass
        return message

    def contact(self, user: str) -> str:
        return f"<sip:{user}@{self.host}:{self.port}>"

    def request(
        self,
        method: str,
        uri: str,
        user: str,
        *,
        to: str | None = None,
        from_tag: str = "f1",
        call_id: str | None = None,
        extra: tuple[str, ...] = (),
        body: str = "",
        contact: str | None = None,
        cseq: int | None = None,
        branch: str | None = None,
    ) -> str:
        """Return a request's text; ``extra`` are whole header lines, as raw as wanted."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        kind = ("Content-Type: application/sdp",) if body else ()
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch={branch or 'z9hG4bK' + token()};rport",
            "Max-Forwards: 70",
            f"From: <sip:{user}@callfloor>;tag={from_tag}",
            f"To: {to or f'<{uri}>'}",
            f"Call-ID: {call_id or token()}",
            f"CSeq: {cseq} {method}",
            f"Contact: {contact or self.contact(user)}",
            *extra,
            *kind,
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def register(
        self, user: str, password: str, expires: int = 120, contact: str | None = None, extra: tuple[str, ...] = ()
    ) -> Message:
        """REGISTER, answering one challenge; return the last response."""
        uri = "sip:callfloor"
        aor = f"<sip:{user}@callfloor>"
        lines = (f"Expires: {expires}", *extra)
        self.send(self.request("REGISTER", uri, user, to=aor, extra=lines, contact=contact))
        challenge = self.final()
        if challenge.code != 401:
            return challenge
        answer = digest(user, password, "REGISTER", uri, challenge.get("WWW-Authenticate"))
        lines = (f"Authorization: {answer}", *lines)
        self.send(self.request("REGISTER", uri, user, to=aor, extra=lines, contact=contact))
        return self.final()

    def authorized(self, user: str, password: str, number: str, extra: tuple[str, ...] = (), **kwargs: str) -> str:
        """Send an INVITE to get a challenge and return the text of the INVITE that answers it."""
        uri = f"sip:{number}@callfloor"
        self.send(self.request("INVITE", uri, user, body=SDP))
        challenge = self.final()
        assert challenge.code == 407, challenge.start
        answer = digest(user, password, "INVITE", uri, challenge.get("Proxy-Authenticate"))
        lines = (f"Proxy-Authorization: {answer}", *extra)
        return self.request("INVITE", uri, kwargs.pop("as_user", user), extra=lines, body=SDP, **kwargs)  # type: ignore[arg-type]

    def reply(self, request: Message, code: int, reason: str, to_tag: str = "t1", extra: tuple[str, ...] = ()) -> None:
        """Answer a request on the way it came."""
        body = SDP if code == 200 and request.method == "INVITE" else ""
        to = request.get("To") + ("" if "tag=" in request.get("To") or code == 100 else f";tag={to_tag}")
        lines = [
            f"SIP/2.0 {code} {reason}",
            *(f"Via: {via}" for via in request.all("Via")),
            *(f"Record-Route: {route}" for route in request.all("Record-Route")),
            f"From: {request.get('From')}",
            f"To: {to}",
            f"Call-ID: {request.get('Call-ID')}",
            f"CSeq: {request.get('CSeq')}",
            f"Contact: <sip:x@{self.host}:{self.port}>",
            *extra,
            *(("Content-Type: application/sdp",) if body else ()),
            f"Content-Length: {len(body)}",
        ]
        self.send("\r\n".join(lines) + "\r\n\r\n" + body, request.source)


class TcpEndpoint(Endpoint):
    """The same over one TCP connection; ``with`` closes it."""

    def __init__(self, peer: Address, timeout: float = 3.0) -> None:
        self.peer = peer
        self.timeout = timeout
        self.socket = socket.create_connection(peer, timeout)
        self.host, self.port = self.socket.getsockname()
        self.cseq = 0
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def contact(self, user: str) -> str:
        return f"<sip:{user}@{self.host}:{self.port};transport=tcp>"

    def send(self, data: str | bytes, to: Address | None = None) -> None:
        text = data.encode() if isinstance(data, str) else data
        self.socket.sendall(text.replace(b"SIP/2.0/UDP " + self.host.encode(), b"SIP/2.0/TCP " + self.host.encode(), 1))

    def receive(self, timeout: float | None = None) -> Message:
        self.socket.settimeout(self.timeout if timeout is None else timeout)
        while True:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            length = int((re.findall(rb"(?i)content-length: *(\d+)", head) or [b"0"])[0])
            if end and len(rest) >= length:
                self._buffer = rest[length:]
                return Message.parse(head + end + rest[:length], self.peer)
            self._buffer += self.socket.recv(65536)


def routes(message: Message, reverse: bool) -> tuple[str, ...]:
    """Return the Route lines of a dialog that began with ``message``; reversed for its caller (RFC 3261 §12.1)."""
    values = [value.strip() for line in message.all("Record-Route") for value in line.split(",")]
    return tuple(f"Route: {value}" for value in (reversed(values) if reverse else values))
