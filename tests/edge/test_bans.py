"""Strangers are shut out, phones are not."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from pbx.edge.render import Limits
from tests.edge.running import USERS, Edge, eventually
from tests.edge.sip import Endpoint

STRANGER = "127.0.0.66"


def is_banned(phone: Endpoint) -> bool:
    phone.send(phone.request("OPTIONS", "sip:callfloor", "x"))
    return phone.hears_nothing(0.3)


def guess(phone: Endpoint, users: range) -> None:
    for n in users:
        try:
            phone.register(str(n), "1234")
        except TimeoutError:
            return


def test_who_guesses_is_banned_and_a_good_phone_is_not(edge: Edge) -> None:
    stranger = edge.endpoint(STRANGER)
    stranger.timeout = 0.3
    guess(stranger, range(200, 230))
    assert is_banned(stranger)
    assert edge.log.read_text().count("banned") == 1
    assert edge.phone("101").register("101", USERS["101"]).code == 200


def test_a_flood_is_banned_and_a_good_phone_is_not(edge: Edge) -> None:
    stranger = edge.endpoint(STRANGER)
    for _ in range(300):
        stranger.send(stranger.request("OPTIONS", "sip:100@callfloor", "100"))
    assert eventually(lambda: "too many requests" in edge.log.read_text())
    while not stranger.hears_nothing(0.1):
        pass
    assert is_banned(stranger)
    assert edge.phone("101").register("101", USERS["101"]).code == 200


@pytest.mark.parametrize("agent", ["friendly-scanner", "SIPVicious 0.3", "sipcli/v1.8", "VaxSIPUserAgent"])
def test_a_scanner_is_not_answered(edge: Edge, agent: str) -> None:
    stranger = edge.endpoint(STRANGER)
    stranger.send(stranger.request("OPTIONS", "sip:100@callfloor", "100", extra=(f"User-Agent: {agent}",)))
    assert stranger.hears_nothing(0.3)
    assert is_banned(stranger)


def test_unknown_users_and_wrong_passwords_look_alike(edge: Edge) -> None:
    stranger = edge.endpoint(STRANGER)
    known, unknown = stranger.register("101", "wrong"), stranger.register("100", "wrong")
    assert known.start == unknown.start
    assert [name for name, _ in known.headers] == [name for name, _ in unknown.headers]


def test_one_bad_phone_does_not_take_its_neighbours_along(edge: Edge) -> None:
    """Many phones behind one address; one has a wrong password and does not give up."""
    good = edge.endpoint(STRANGER)
    assert good.register("101", USERS["101"]).code == 200
    bad = edge.endpoint(STRANGER)
    codes = [bad.register("102", "wrong").code for _ in range(25)]
    assert set(codes[2:]) == {403}
    assert good.register("101", USERS["101"]).code == 200
    assert bad.register("102", USERS["102"]).code == 403  # after 20 not even the right one, for a minute
    assert edge.log.read_text().count("wrong password") == 1


def test_many_phones_of_one_address_come_at_once(edge: Edge) -> None:
    first = edge.endpoint(STRANGER)
    assert first.register("101", USERS["101"]).code == 200
    for _ in range(120):
        assert first.register("101", USERS["101"]).code == 200
    assert not is_banned(first)


def test_a_trusted_network_is_never_banned_but_must_know_its_passwords(make_edge: Callable[[Limits], Edge]) -> None:
    trusting = make_edge(Limits(trusted=("127.0.0.64/26",)))
    phone = trusting.endpoint(STRANGER)
    guess(phone, range(200, 225))
    for _ in range(200):
        phone.send(phone.request("OPTIONS", "sip:callfloor", "x"))
    while not phone.hears_nothing(0.2):
        pass
    assert not is_banned(phone)
    assert [phone.register("101", "wrong").code for _ in range(3)] == [401, 401, 403]


def test_a_phone_may_come_by_tcp(edge: Edge) -> None:
    with socket.create_connection(edge.outside, timeout=3) as connection:
        probe = edge.endpoint()
        text = probe.request("OPTIONS", "sip:callfloor", "101").replace("SIP/2.0/UDP", "SIP/2.0/TCP")
        connection.sendall(text.encode())
        assert connection.recv(4096).startswith(b"SIP/2.0 200")
        # A slow one gets no answer and does no harm.
        connection.sendall(b"INVITE sip:x SIP/2.0\r\nVia:")
    assert edge.phone("101").register("101", USERS["101"]).code == 200
