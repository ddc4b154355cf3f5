"""SIP by hand at the gateway's door: what cannot be, and who may not call."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator

import pytest

from gateways.sip import SipAgent, SipSettings
from gateways.trunk import Trunk
from tests.conftest import free_ports
from tests.gsm.conftest import CoreStandIn, Floor, rtp_ports
from tests.gsm.test_trunk import CALLER, ends, no_leg_left


class RawSip:
    """A UDP socket that speaks SIP by hand."""

    def __init__(self, port: int, peer: int) -> None:
        self._peer = ("127.0.0.1", peer)
        self.port = port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.settimeout(5)

    def request(self, body: str, kind: str = "application/sdp", line: str = "gsm-1", method: str = "INVITE") -> str:
        tag = f"{time.monotonic_ns():x}"
        head = [
            f"{method} sip:{CALLER}@127.0.0.1:{self._peer[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{tag};rport",
            "Max-Forwards: 70",
            f"From: <sip:core@127.0.0.1>;tag={tag}",
            f"To: <sip:{CALLER}@127.0.0.1>",
            f"Call-ID: {tag}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:core@127.0.0.1:{self.port}>",
            f"X-Callfloor-Line: {line}",
        ]
        if body:
            head.append(f"Content-Type: {kind}")
        head.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*head, "", body])

    def send(self, message: str) -> None:
        self._socket.sendto(message.encode(), self._peer)

    def final(self) -> int:
        """Return the status of the next final answer."""
        while True:
            answer = self._socket.recv(65535).decode()
            match = re.match(r"SIP/2.0 (\d+)", answer)
            if match and int(match[1]) >= 200:
                return int(match[1])

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(name="raw")
def raw_fixture(floor: Floor) -> Iterator[RawSip]:
    """The core's address, spoken from by hand."""
    floor.core.kill()
    raw = RawSip(floor.core.port, floor.settings.gsm.port)
    yield raw
    raw.close()


SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP {}\r\n"


def test_invites_that_cannot_be(floor: Floor, raw: RawSip) -> None:
    raw.send(raw.request(SDP.format("18") + "a=rtpmap:18 G729/8000\r\n"))
    assert raw.final() in {488, 406, 606}, "a codec that we do not have"
    raw.send(raw.request("this is no SDP"))
    assert 400 <= raw.final() < 700, "a body that is no SDP"
    raw.send("INVITE nonsense\r\n\r\n")
    raw.send("\x00\x01\x02")
    raw.send(raw.request("", method="MESSAGE"))
    raw.final()
    assert not ends(floor)
    assert no_leg_left(floor)


def test_invite_without_sdp_is_dialled(floor: Floor, raw: RawSip) -> None:
    floor.bank.subscriber(CALLER).behaves("busy")
    raw.send(raw.request(""))
    assert raw.final() == 486


def test_only_the_core_may_call(floor: Floor) -> None:
    port = free_ports(1)[0]
    raw = RawSip(port, floor.settings.gsm.port)
    try:
        raw.send(raw.request(SDP.format("8") + "a=rtpmap:8 PCMA/8000\r\n"))
        assert raw.final() == 403
    finally:
        raw.close()
    assert all(getattr(event, "state", "idle") != "dialling" for event in floor.told)
    assert isinstance(floor.core, CoreStandIn)


def test_an_address_in_use_is_said_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
        agent = SipAgent(SipSettings("gsm", "127.0.0.1", port, *rtp_ports(), "127.0.0.1", free_ports(1)[0]))
        with pytest.raises(RuntimeError, match=r"the SIP agent cannot start: .*in use"):
            agent.start(Trunk(agent, {}, lambda *_: None, "JP", lambda _: None))
    assert not agent.alive
