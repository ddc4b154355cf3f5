"""Wrong passwords, and INVITEs of a registered phone that no honest telephone sends: refused, and all goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.call_path.calls import connected, row
from tests.call_path.stack import Stack
from tests.edge.sip import SDP, Endpoint, Message, digest, routes
from tests.fakes.baresip import Baresip, installed
from tests.fakes.phone import Phone

OFFER_G729 = SDP.replace("RTP/AVP 8", "RTP/AVP 18") + "a=rtpmap:18 G729/8000\r\n"
GARBAGE = "v=0\r\nthis is no SDP at all\r\n\x01\x02\x03\r\n"


@pytest.fixture
def raw(stack: Stack) -> Iterator[Endpoint]:
    endpoint = Endpoint((stack.settings.edge.host, stack.settings.edge.port), timeout=6.0)
    yield endpoint
    endpoint.close()


def _invite(stack: Stack, raw: Endpoint, target: str, body: str, content_type: str = "application/sdp") -> str:
    """An INVITE of 102 with its digest answered; return its text."""
    uri = f"sip:{target}@callfloor"
    raw.send(raw.request("INVITE", uri, "102", body=SDP))
    challenge = raw.final()
    answer = digest("102", stack.site.passwords["102"], "INVITE", uri, challenge.get("Proxy-Authenticate"))
    text = raw.request("INVITE", uri, "102", extra=(f"Proxy-Authorization: {answer}",), body=body)
    return text.replace("application/sdp", content_type)


def _ack(raw: Endpoint, text: str, final: Message) -> None:
    """ACK a refusal in its transaction (RFC 3261 §17.1.1.3), an answer along the route of its dialog (§13.2.2.4)."""
    invite = Message.parse(text.encode(), ("", 0))
    cseq = int(invite.get("CSeq").split()[0])
    extra: tuple[str, ...] = ()
    branch: str | None
    uri, branch = invite.uri, invite.get("Via").split("branch=")[1].split(";")[0]
    if final.code == 200:
        uri, extra, branch = final.contact_uri, routes(final, reverse=True), None
    raw.send(
        raw.request(
            "ACK", uri, "102", to=final.get("To"), call_id=invite.get("Call-ID"), cseq=cseq, branch=branch, extra=extra
        )
    )


def _still_works(stack: Stack, phone: Phone) -> None:
    call = connected(stack, phone)
    call.subscriber.hang_up()
    assert row(stack, call.id)["result"] == "connected"


@pytest.mark.parametrize("body", [OFFER_G729, GARBAGE], ids=["unsupported-codec", "malformed"])
def test_a_body_that_cannot_be_talked_about(stack: Stack, one: Phone, raw: Endpoint, body: str) -> None:
    text = _invite(stack, raw, "101", body)
    raw.send(text)
    final = raw.final()
    _ack(raw, text, final)
    assert 400 <= final.code < 500, final.start
    _still_works(stack, one)


def test_a_body_that_is_no_sdp(stack: Stack, one: Phone, raw: Endpoint) -> None:
    text = _invite(stack, raw, "101", "{}", "application/json")
    raw.send(text)
    final = raw.final()
    _ack(raw, text, final)
    assert 400 <= final.code < 500, final.start
    _still_works(stack, one)


def test_no_body(stack: Stack, one: Phone, raw: Endpoint) -> None:
    """RFC 3261 §13.2.1: the answer then holds the offer. No answer comes to it: the call must not stay."""
    text = _invite(stack, raw, "101", "")
    raw.send(text)
    final = raw.final()
    _ack(raw, text, final)
    assert final.code == 200 or 400 <= final.code < 500, final.start
    stack.watch.wait_quiet(20)
    _still_works(stack, one)


@pytest.mark.parametrize("after", [0.0, 0.05, 0.5])
def test_cancel(stack: Stack, one: Phone, raw: Endpoint, after: float) -> None:
    one.tell("answer_after", seconds=None)
    text = _invite(stack, raw, "101", SDP)
    invite = Message.parse(text.encode(), ("", 0))
    raw.send(text)
    assert raw.receive().code < 200  # RFC 3261 §9.1: no CANCEL before a provisional response
    time.sleep(after)
    branch = invite.get("Via").split("branch=")[1].split(";")[0]
    cseq = int(invite.get("CSeq").split()[0])
    raw.send(raw.request("CANCEL", invite.uri, "102", call_id=invite.get("Call-ID"), cseq=cseq, branch=branch))
    codes: set[int] = set()
    while not {200, 487} <= codes:  # of the CANCEL and of the INVITE, in either order; receive() ends the waiting
        answer = raw.receive()
        codes.add(answer.code)
        if answer.code == 487:
            _ack(raw, text, answer)
    stack.watch.wait_quiet(10)
    one.tell("answer_after", seconds=0.2)
    stack.watch.wait_state("agent", "2001", "available", 10)
    _still_works(stack, one)


def test_a_phone_with_a_wrong_password(stack: Stack, one: Phone, tmp_path: Path) -> None:
    edge = (stack.settings.edge.host, stack.settings.edge.port)
    with Phone(tmp_path / "wrong", "102", "not-the-password", edge) as phone:
        assert phone.wait("unregistered", 10).data["code"] in (401, 403)
        phone.tell("dial", target="101")
        assert phone.wait("ended", 10).data["code"] in (401, 403, 407)
    _still_works(stack, one)


@pytest.mark.skipif(not installed(), reason="baresip is not installed: apt-get install baresip-core")
def test_debians_baresip_takes_a_call(stack: Stack, one: Phone, agent_speech: Path, tmp_path: Path) -> None:
    codes, edge = stack.settings.features, stack.settings.edge
    stack.put_away(next(phone for phone in stack.phones if phone.number == "102"))
    one.feature(codes.pause)
    ports = (stack.ports.spare(30), stack.ports.spare(34))
    password = stack.site.passwords["102"]
    with Baresip(tmp_path / "b", "102", password, (edge.host, edge.port), ports, speak=agent_speech) as phone:
        assert phone.registered()
        phone.command("dial", f"sip:{codes.unpause}@{edge.host}:{edge.port}")
        phone.wait("CALL_CLOSED")
        stack.watch.wait_state("agent", "2002", "available")
        from tests.call_path.calls import queued

        call, call_id = queued(stack)
        phone.wait("CALL_ESTABLISHED")
        time.sleep(1)
        phone.command("hangup")
        assert call.wait_ended(5)
        ledger = row(stack, call_id)
        assert (ledger["agent"], ledger["ended_by"]) == ("2002", "agent")
