from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from pbx.edge.contacts import ContactEvent, EdgeContacts, split_netstrings
from pbx.edge.render import Limits
from tests.edge.running import HOST, USERS, Edge, eventually


class Reader:
    """A running EdgeContacts and what it told."""

    def __init__(self, port: int) -> None:
        self.events: list[ContactEvent] = []
        self.contacts = EdgeContacts(HOST, port, self.events.append)
        self.contacts.start()

    def kinds(self, user: str) -> list[str]:
        return [event.kind for event in self.events if event.user == user]


@pytest.fixture
def short(make_edge: Callable[[Limits], Edge]) -> Edge:
    """An edge whose registrations may be short."""
    return make_edge(Limits(min_expires=1))


@pytest.fixture
def reader(short: Edge) -> Iterator[Reader]:
    reading = Reader(short.events_port)
    yield reading
    reading.contacts.stop()


def test_contacts_come_and_go(short: Edge, reader: Reader) -> None:
    assert reader.contacts.wait_until_listed(5)
    phone = short.phone("101")
    assert eventually(lambda: reader.contacts.registered == {"101"})
    assert phone.register("101", USERS["101"]).code == 200
    assert eventually(lambda: reader.kinds("101") == ["registered", "refreshed"])
    assert phone.register("101", USERS["101"], expires=0).code == 200
    assert eventually(lambda: reader.kinds("101")[-1] == "gone" and not reader.contacts.registered)


def test_a_user_stays_registered_until_the_last_contact_has_gone(short: Edge, reader: Reader) -> None:
    first, second = short.phone("101"), short.phone("101")
    assert eventually(lambda: bool(reader.events) and len(reader.events[-1].contacts) == 2)
    assert first.register("101", USERS["101"], expires=0).code == 200
    assert eventually(lambda: reader.kinds("101")[-1] == "gone")
    assert reader.contacts.registered == {"101"}
    assert second.register("101", USERS["101"], contact="*", expires=0).code == 200
    assert eventually(lambda: not reader.contacts.registered)


def test_a_registration_that_runs_out_is_told(short: Edge, reader: Reader) -> None:
    phone = short.endpoint()
    assert phone.register("102", USERS["102"], expires=1).code == 200
    assert eventually(lambda: "102" in reader.contacts.registered)
    assert eventually(lambda: "102" not in reader.contacts.registered, 6)
    assert reader.kinds("102") == ["registered", "gone"]


def test_a_late_reader_and_one_after_a_restart_know_all(short: Edge) -> None:
    short.phone("101")
    short.phone("102")
    late = Reader(short.events_port)
    assert late.contacts.wait_until_listed(5)
    assert late.contacts.registered == {"101", "102"}
    assert short.has_written(2)
    short.stop(kill=True)
    assert late.contacts.registered == {"101", "102"}
    short.start()
    short.phone("103")
    assert eventually(lambda: late.contacts.registered == {"101", "102", "103"}, 10)
    assert late.kinds("101")[0] == "registered"
    assert "gone" not in late.kinds("101")
    late.contacts.stop()


def test_a_list_of_many_contacts_is_complete(short: Edge) -> None:
    phone = short.endpoint()
    for n in range(10):
        assert phone.register("101", USERS["101"], contact=f"<sip:101@{HOST}:{10000 + n}>").code == 200
    for n in range(10):
        phone.register("102", USERS["102"], contact=f"<sip:102@{HOST}:{20000 + n};y={'z' * 200}>")
    reading = Reader(short.events_port)
    assert reading.contacts.wait_until_listed(5)
    assert eventually(lambda: any(len(e.contacts) == 10 for e in reading.events if e.user == "102"))
    reading.contacts.stop()


def test_an_event_during_a_list_is_newer_than_the_list() -> None:
    """Kamailio's workers speak at once: the list may have been read before the phone went."""
    with socket.create_server((HOST, 0)) as server:
        reading = Reader(server.getsockname()[1])
        connection, _ = server.accept()
        with connection:
            assert connection.recv(100) == b"4:list,"
            messages = [
                b'{"event":"gone","user":"101","contacts":[]}',
                b"not json",
                b'{"event":"gone"}',
                b'{"event":"registered","user":"102","contacts":["b"]}',
                b'{"result":{"Domains":[{"Domain":{"AoRs":[{"Info":{"AoR":"101","Contacts":'
                b'[{"Contact":{"Address":"a"}}]}}]}}]}}',
            ]
            connection.sendall(b"".join(b"%d:%s," % (len(m), m) for m in messages))
            assert reading.contacts.wait_until_listed(5)
            assert reading.contacts.registered == {"102"}
            reading.contacts.stop()


def test_garbage_on_the_wire_makes_it_connect_again() -> None:
    with socket.create_server((HOST, 0)) as server:
        server.settimeout(5)
        reading = Reader(server.getsockname()[1])
        first, _ = server.accept()
        first.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        second, _ = server.accept()
        assert second.recv(100) == b"4:list,"
        first.close()
        second.close()
        reading.contacts.stop()
    assert not any(t.name == "edge-contacts" for t in threading.enumerate())


def test_netstrings() -> None:
    assert split_netstrings(b"5:hello,0:,3:ab") == ([b"hello", b""], b"3:ab")
    assert split_netstrings(b"12") == ([], b"12")
    for bad in (b"5:helloX", b"x:", b"99999999:", b"123456789"):
        with pytest.raises(ValueError, match=r"netstring|invalid"):
            split_netstrings(bad)
