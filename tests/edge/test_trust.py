"""What outsiders try: to be somebody else, to come in without a password, to break the parser."""

from __future__ import annotations

import random
import time

import pytest

from tests.edge.running import USERS, Edge
from tests.edge.sip import SDP, Endpoint, Message, digest, routes, token
from tests.edge.test_calls import call_from_phone

INJECTIONS = [
    "X-Edge-User: 102",
    "x-edge-user: 102",
    "X-EDGE-USER: 102",
    "X-Edge-User:102",
    "X-Edge-User : 102",
    "X-Edge-User\t: 102",
    "X-Edge-User:\r\n 102",
    "X-Edge-User:\r\n\t102",
    "X-Edge-User: 101\r\nX-Edge-User: 102",
    "X-Edge-User: 102, 101",
    "X-Edge-User: 102;x=y",
    "Subject: a\nX-Edge-User: 102",
    "Subject: a\n\nX-Edge-User: 102",
    "Subject: a\rX-Edge-User: 102",
    "Subject: \x00a\rX-Edge-User: 102",
    "Subject: a\x00\r\nX-Edge-User: 102",
    "Subject: a\x0bX-Edge-User: 102",
    "Subject: a\r\n X-Edge-User: 102",
    "X-Edge-\r\n User: 102",
    "X-Edge-User \r\n : 102",
    "\r\nX-Edge-User: 102",
    " X-Edge-User: 102",
    "X-Callfloor-Line: gsm-1",
    "x-callfloor-line : gsm-1",
    "X-Edge-Other: 1",
]


def names(message: Message) -> list[str]:
    """Header names as any parser could find them: every line end counts, no folding."""
    text = message.raw.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\n")
    return [line.partition(":")[0].strip().lower() for line in text.split("\n") if not line.startswith((" ", "\t"))]


@pytest.mark.parametrize("injected", INJECTIONS, ids=repr)
def test_no_outsider_says_who_he_is(edge: Edge, core: Endpoint, injected: str) -> None:
    phone = edge.endpoint()
    phone.send(phone.authorized("101", USERS["101"], "103", extra=(injected,)))
    try:
        invite = core.receive(0.5)
    except TimeoutError:
        return  # refused, or dropped: as good
    assert invite.all("X-Edge-User") == ["101"]
    assert names(invite).count("x-edge-user") == 1
    assert not any(name.startswith("x-callfloor") for name in names(invite))
    assert not any(name.startswith("x-edge") and name != "x-edge-user" for name in names(invite))


def test_injection_within_a_call_and_in_replies(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("101")
    _, answer = call_from_phone(edge, core, phone)
    bye = phone.request(
        "BYE", answer.contact_uri, "101", to=answer.get("To"), call_id=answer.get("Call-ID"),
        extra=(*routes(answer, reverse=True), "X-Edge-User: 102", "X-Callfloor-Line: gsm-1"),
    )  # fmt: skip
    phone.send(bye)
    assert not any(name.startswith("x-") for name in names(core.receive()))
    core.send(core.request("INVITE", "sip:101@127.0.0.1", "caller", body=SDP))
    while (invite := phone.receive()).method != "INVITE":
        pass
    phone.reply(invite, 200, "OK", extra=("X-Edge-User: 102",))
    assert not any(name.startswith("x-") for name in names(core.final()))


def test_a_call_without_password_is_challenged(edge: Edge, core: Endpoint) -> None:
    phone = edge.endpoint()
    phone.send(phone.request("INVITE", "sip:102@callfloor", "101", body=SDP, extra=("X-Edge-User: 101",)))
    assert phone.final().code == 407
    assert core.hears_nothing(0.2)


def test_a_call_with_a_wrong_password_is_refused(edge: Edge, core: Endpoint) -> None:
    phone = edge.endpoint("127.0.0.2")
    codes = []
    for _ in range(3):
        phone.send(phone.authorized("103", "wrong", "102"))
        codes.append(phone.final().code)
    assert codes == [407, 407, 403]
    assert core.hears_nothing(0.2)


def test_one_user_cannot_call_as_another(edge: Edge, core: Endpoint) -> None:
    phone = edge.endpoint()
    phone.send(phone.authorized("101", USERS["101"], "103", as_user="102"))
    assert phone.final().code == 403
    assert core.hears_nothing(0.2)


def test_one_user_cannot_register_as_another(edge: Edge) -> None:
    phone = edge.endpoint("127.0.0.3")
    aor = "<sip:102@callfloor>"
    phone.send(phone.request("REGISTER", "sip:callfloor", "102", to=aor))
    answer = digest("101", USERS["101"], "REGISTER", "sip:callfloor", phone.final().get("WWW-Authenticate"))
    phone.send(phone.request("REGISTER", "sip:callfloor", "102", to=aor, extra=(f"Authorization: {answer}",)))
    assert phone.final().code in (401, 403)


def test_credentials_cannot_be_replayed(edge: Edge, core: Endpoint) -> None:
    phone = edge.endpoint()
    text = phone.authorized("101", USERS["101"], "103")
    phone.send(text)
    assert core.receive().method == "INVITE"
    old = Message.parse(text.encode(), phone.peer)
    thief = edge.endpoint("127.0.0.4")
    credentials = f"Proxy-Authorization: {old.get('Proxy-Authorization')}"
    thief.send(thief.request("INVITE", old.uri, "101", body=SDP, extra=(credentials,)))
    assert thief.final().code == 407


@pytest.mark.parametrize("method", ["INVITE", "BYE", "INFO", "UPDATE", "REFER", "NOTIFY", "MESSAGE", "OPTIONS"])
def test_a_preloaded_route_is_no_way_in(edge: Edge, core: Endpoint, method: str) -> None:
    stranger = edge.endpoint()
    preloaded = (
        f"Route: <sip:127.0.0.1:{edge.outside[1]};lr;k={'0' * 40}>",
        f"Route: <sip:127.0.0.1:{core.port};lr>",
    )
    uri = f"sip:x@127.0.0.1:{core.port}"
    stranger.send(stranger.request(method, uri, "101", to=f"<{uri}>;tag=1", extra=preloaded))
    assert stranger.final().code == 481
    stranger.send(stranger.request("ACK", uri, "101", to=f"<{uri}>;tag=1", extra=preloaded))
    assert core.hears_nothing(0.2)


def test_a_call_s_token_is_worth_nothing_for_another_call(edge: Edge, core: Endpoint) -> None:
    phone = edge.phone("101")
    _, answer = call_from_phone(edge, core, phone)
    stolen = routes(answer, reverse=True)
    phone.send(phone.request("BYE", answer.contact_uri, "101", to="<sip:x@y>;tag=2", call_id=token(), extra=stolen))
    assert phone.final().code == 481
    while not core.hears_nothing(0.1):
        pass


def test_a_route_cannot_lead_past_the_core(edge: Edge, core: Endpoint) -> None:
    """The edge is no open relay, not even within a call of one's own."""
    phone, victim = edge.phone("101"), edge.endpoint()
    _, answer = call_from_phone(edge, core, phone)
    target = f"sip:x@127.0.0.1:{victim.port}"
    extra = (*routes(answer, reverse=True), f"Route: <{target};lr>")
    phone.send(phone.request("INFO", target, "101", to=answer.get("To"), call_id=answer.get("Call-ID"), extra=extra))
    assert core.receive().method == "INFO"
    assert victim.hears_nothing(0.2)


def test_replies_that_answer_nothing_stay_out(edge: Edge, core: Endpoint) -> None:
    stranger = edge.endpoint()
    vias = "".join(
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{token()}\r\n" for port in (edge.outside[1], core.port)
    )
    rest = "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    stranger.send(f"SIP/2.0 200 OK\r\n{vias}{rest}")
    assert core.hears_nothing(0.3)


def test_bodies_that_the_core_need_not_parse_are_refused(edge: Edge, core: Endpoint) -> None:
    phone = edge.endpoint()
    for kind, size, code in (("multipart/mixed", 10, 415), ("text/plain", 10, 415), ("application/sdp", 17000, 513)):
        text = phone.request("INVITE", "sip:1@callfloor", "101", body="v" * size)
        phone.send(text.replace("application/sdp", kind))
        assert phone.final().code == code
    assert core.hears_nothing(0.1)


def mutated(rng: random.Random, text: bytes) -> bytes:
    """Return a message with a few bytes changed, cut, repeated or made huge."""
    data = bytearray(text)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data))
        kind = rng.randrange(4)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at : at + rng.randint(1, 60)]
        elif kind == 2:
            data[at:at] = data[at : at + rng.randint(1, 40)] * rng.randint(1, 30)
        else:
            data[at:at] = rng.choice([b"\r\n", b"\x00", b":", b"%", b"<", b'"', b";" * 50, b"9" * 40, b"\xff\xfe"])
        data = data or bytearray(b"\r")
    return bytes(data[:60000])


def test_garbage_neither_stops_the_edge_nor_fills_the_log(edge: Edge, core: Endpoint) -> None:
    rng = random.Random(4475)
    before = edge.log.stat().st_size
    stranger = edge.endpoint()
    assert stranger.register("101", USERS["101"]).code == 200  # known here, else the flood would be banned at once
    count = 1500
    for n in range(count):
        method = rng.choice(["INVITE", "REGISTER", "OPTIONS", "BYE", "ACK", "CANCEL"])
        text = stranger.request(method, "sip:102@callfloor", "101", body=SDP).encode()
        stranger.send(mutated(rng, text))
        if n % 50 == 0:
            time.sleep(0.02)
    assert edge.runs
    assert edge.phone("102").register("102", USERS["102"]).code == 200
    assert (edge.log.stat().st_size - before) / count < 100  # bytes of log a message
    while not core.hears_nothing(0.05):
        pass
