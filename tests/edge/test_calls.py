"""Calls through the edge, both ways, from the first request to BYE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx.edge.render import Limits
from tests.edge.running import USERS, Edge, eventually
from tests.edge.sip import SDP, Endpoint, Message, TcpEndpoint, digest, routes, token


def call_from_phone(edge: Edge, core: Endpoint, phone: Endpoint) -> tuple[Message, Message]:
    """Set up a call phone -> core; return the INVITE as the core had it and the 200 as the phone had it."""
    phone.send(phone.authorized("101", USERS["101"], "*112001"))
    invite = core.receive()
    core.reply(invite, 180, "Ringing")
    core.reply(invite, 200, "OK")
    answer = phone.final()
    assert answer.code == 200
    return invite, answer


def test_the_core_sees_who_calls(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("101")
    invite, _ = call_from_phone(edge, core, phone)
    assert invite.all("X-Edge-User") == ["101"]
    assert invite.uri == f"sip:*112001@127.0.0.1:{core.port}"
    assert invite.source == edge.inside
    assert invite.all("Proxy-Authorization") == []
    assert invite.body == SDP


def test_ack_reinvite_and_bye_of_the_caller_reach_the_core(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("101")
    _, answer = call_from_phone(edge, core, phone)
    call: dict[str, Any] = {
        "to": answer.get("To"),
        "call_id": answer.get("Call-ID"),
        "extra": routes(answer, reverse=True),
    }
    phone.send(phone.request("ACK", answer.contact_uri, "101", cseq=2, **call))
    assert core.receive().method == "ACK"
    for method in ("INVITE", "INFO", "UPDATE", "BYE"):
        phone.send(phone.request(method, answer.contact_uri, "101", **call))
        request = core.receive()
        assert (request.method, request.all("Route")) == (method, [])
        core.reply(request, 200, "OK")
        assert phone.final().code == 200


def test_bye_of_the_core_reaches_the_caller(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("101")
    invite, _ = call_from_phone(edge, core, phone)
    bye = core.request(
        "BYE", invite.contact_uri, "x", from_tag="t1", to=invite.get("From"),
        call_id=invite.get("Call-ID"), extra=(*routes(invite, reverse=False), 'Reason: Q.850;cause=16;text="Normal"'),
    )  # fmt: skip
    core.send(bye)
    heard = phone.receive()
    assert (heard.method, heard.get("Reason")) == ("BYE", 'Q.850;cause=16;text="Normal"')
    assert heard.source == edge.outside
    phone.reply(heard, 200, "OK")
    assert core.final().code == 200


def test_the_caller_may_cancel(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("101")
    text = phone.authorized("101", USERS["101"], "102")
    phone.send(text)
    invite = core.receive()
    core.reply(invite, 180, "Ringing")
    while phone.receive().code != 180:
        pass
    sent = Message.parse(text.encode(), phone.peer)
    branch = sent.get("Via").split("branch=")[1].split(";")[0]
    call_id, cseq = sent.get("Call-ID"), int(sent.get("CSeq").split()[0])
    phone.send(phone.request("CANCEL", sent.uri, "101", to=sent.get("To"), call_id=call_id, cseq=cseq, branch=branch))
    cancel = core.receive()
    assert cancel.method == "CANCEL"
    core.reply(cancel, 200, "OK")
    core.reply(invite, 487, "Request Terminated")
    assert {phone.final().code, phone.final().code} == {200, 487}


def test_the_core_calls_a_phone_and_either_hangs_up(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("102")
    for by_phone in (True, False):
        core.send(core.request("INVITE", "sip:102@127.0.0.1", "caller", body=SDP, from_tag="c1"))
        invite = phone.receive()
        assert invite.source == edge.outside
        assert invite.uri.startswith(f"sip:102@{phone.host}:{phone.port}")
        phone.reply(invite, 200, "OK")
        answer = core.final()
        call_id = answer.get("Call-ID")
        ack = core.request(
            "ACK", answer.contact_uri, "caller", from_tag="c1", to=answer.get("To"), call_id=call_id,
            cseq=core.cseq, extra=routes(answer, reverse=True),
        )  # fmt: skip
        core.send(ack)
        assert phone.receive().method == "ACK"
        if by_phone:
            bye = phone.request(
                "BYE", invite.contact_uri, "102", from_tag="t1", to=invite.get("From"), call_id=call_id,
                extra=routes(invite, reverse=False),
            )  # fmt: skip
            phone.send(bye)
            heard = core.receive()
            other, sender = core, phone
        else:
            bye = core.request(
                "BYE", answer.contact_uri, "caller", from_tag="c1", to=answer.get("To"), call_id=call_id,
                extra=routes(answer, reverse=True),
            )  # fmt: skip
            core.send(bye)
            heard = phone.receive()
            other, sender = phone, core
        assert heard.method == "BYE"
        other.reply(heard, 200, "OK")
        assert sender.final().code == 200


def test_all_phones_of_a_user_ring(edge: Edge, core: Endpoint) -> None:
    phones = [edge.phone("103"), edge.phone("103")]
    core.send(core.request("INVITE", "sip:103@127.0.0.1", "caller", body=SDP))
    invites = [phone.receive() for phone in phones]
    phones[0].reply(invites[0], 180, "Ringing")
    assert core.receive().code in (100, 180)
    phones[1].reply(invites[1], 200, "OK")
    assert core.final().code == 200
    assert phones[0].receive().method == "CANCEL"


def test_a_phone_behind_nat_is_reached_where_its_requests_come_from(edge: Edge, core: Endpoint) -> None:
    phone = edge.endpoint("127.0.0.9")
    private = "<sip:102@10.9.8.7:5060>"
    assert phone.register("102", USERS["102"], contact=private).code == 200
    core.send(core.request("INVITE", "sip:102@127.0.0.1", "caller", body=SDP, from_tag="c2"))
    invite = phone.receive()
    phone.reply(invite, 200, "OK", extra=("Contact: <sip:102@10.9.8.7:5060>",))
    # In its own calls, too: the alias in its contact says where it is.
    phone.send(phone.authorized("102", USERS["102"], "101", contact=private))
    while (heard := core.receive()).method != "INVITE":
        pass
    assert f"alias=127.0.0.9~{phone.port}~1" in heard.contact_uri
    core.reply(heard, 200, "OK")
    bye = core.request(
        "BYE", heard.contact_uri, "x", from_tag="t1", to=heard.get("From"), call_id=heard.get("Call-ID"),
        extra=routes(heard, reverse=False),
    )  # fmt: skip
    core.send(bye)
    while (last := phone.receive()).method != "BYE":
        pass
    assert last.uri == "sip:102@10.9.8.7:5060"


def test_who_is_not_registered_is_480(edge: Edge, core: Endpoint) -> None:
    core.send(core.request("INVITE", "sip:999@127.0.0.1", "caller", body=SDP))
    assert core.final().code == 480


def test_a_phone_that_says_nothing_is_given_up(make_edge: Callable[[Limits], Edge]) -> None:
    edge = make_edge(Limits(no_answer_ms=1000))
    phone = edge.phone("101")
    edge.core.send(edge.core.request("INVITE", "sip:101@127.0.0.1", "caller", body=SDP))
    assert phone.receive().method == "INVITE"
    assert edge.core.final().code == 408


def test_a_ringing_phone_is_not_given_up(make_edge: Callable[[Limits], Edge]) -> None:
    edge = make_edge(Limits(no_answer_ms=1000))
    phone = edge.phone("101")
    edge.core.send(edge.core.request("INVITE", "sip:101@127.0.0.1", "caller", body=SDP))
    phone.reply(phone.receive(), 180, "Ringing")
    assert [edge.core.receive().code for _ in range(2)] == [100, 180]
    assert edge.core.hears_nothing(1.8)


def test_a_phone_on_tcp_is_called_on_its_connection_until_that_is_lost(edge: Edge, core: Endpoint) -> None:
    with TcpEndpoint(edge.outside) as phone:
        assert phone.register("101", USERS["101"]).code == 200
        core.send(core.request("INVITE", "sip:101@127.0.0.1", "caller", body=SDP, from_tag="c1"))
        invite = phone.receive()
        assert invite.method == "INVITE"
        phone.reply(invite, 486, "Busy Here")
        assert core.final().code == 486

    def code() -> int:
        core.send(core.request("INVITE", "sip:101@127.0.0.1", "caller", body=SDP))
        return core.final().code

    assert eventually(lambda: code() == 480)


def test_only_the_core_is_believed_inside(edge: Edge, core: Endpoint) -> None:
    edge.phone("102")
    stranger = edge.endpoint(peer=edge.inside)
    stranger.send(stranger.request("INVITE", "sip:102@127.0.0.1", "caller", body=SDP))
    assert stranger.hears_nothing()


def test_the_core_may_ask_whether_the_edge_lives(edge: Edge, core: Endpoint) -> None:
    core.send(core.request("OPTIONS", f"sip:127.0.0.1:{edge.inside[1]}", "core"))
    assert core.receive().code == 200


def test_a_call_can_be_ended_after_a_restart(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("101")
    _, answer = call_from_phone(edge, core, phone)
    edge.stop(kill=True)
    edge.start()
    bye = phone.request(
        "BYE", answer.contact_uri, "101", to=answer.get("To"), call_id=answer.get("Call-ID"),
        extra=routes(answer, reverse=True),
    )  # fmt: skip
    phone.send(bye)
    while (heard := core.receive()).method != "BYE":
        pass
    core.reply(heard, 200, "OK")
    assert phone.final().code == 200


@pytest.mark.parametrize("number", ["a@b", "1 2", "%00", "x" * 65])
def test_a_strange_number_is_not_found(edge: Edge, core: Endpoint, number: str) -> None:
    phone = edge.phone("101")
    uri = f"sip:{number}@callfloor"
    phone.send(phone.request("INVITE", "sip:1@callfloor", "101", body=SDP))
    challenge = phone.final().get("Proxy-Authenticate")
    answer = digest("101", USERS["101"], "INVITE", uri, challenge)
    phone.send(phone.request("INVITE", uri, "101", to="<sip:1@callfloor>", body=SDP, call_id=token(),
                             extra=(f"Proxy-Authorization: {answer}",)))  # fmt: skip
    phone.timeout = 0.5
    try:
        assert phone.final().code in (400, 404)
    except TimeoutError:
        assert number == "1 2"  # no request line at all: not answered
    assert core.hears_nothing(0.2)
