"""Which frames libpri may have."""

from __future__ import annotations

import pytest

from gateways.pstn.q931frame import announces, elements, message_of, passable

LAPD = b"\x02\x01\x00\x00"
SETUP = LAPD + bytes.fromhex("08 02 0001 05 04038090a3 1803a98381 7005a135363738")
OURS, THEIRS = 0x8001, 0x0001


def frame(text: str) -> bytes:
    return LAPD + bytes.fromhex(text)


def test_the_head_is_read() -> None:
    message = message_of(SETUP)
    assert message is not None
    assert (message.protocol, message.reference, message.kind, message.name) == (8, 1, 5, "SETUP")
    assert [identifier for identifier, _ in elements(SETUP, message)] == [0x04, 0x18, 0x70]
    short = message_of(frame("08 01 81 07"))
    assert short is not None
    assert (short.reference, short.name) == (0x8001, "CONNECT")
    dummy = message_of(frame("08 00 62"))
    assert dummy is not None
    assert dummy.reference is None
    assert message_of(b"\x02\x01\x01\x00") is None
    assert message_of(frame("08 0f 00")) is None


def test_elements_end_with_the_frame_or_another_codeset() -> None:
    for text, wanted in (("a1 6c 02 2180", [0xA1, 0x6C]), ("6c 09 21", []), ("6c", []), ("96 6c 01 80", [])):
        whole = frame("08 02 0001 05" + text)
        message = message_of(whole)
        assert message is not None
        assert [identifier for identifier, _ in elements(whole, message)] == wanted


@pytest.mark.parametrize(("text", "said"), [("1e028288", True), ("1e028281", False), ("1e0182", False), ("", False)])
def test_an_announcement_is_seen(text: str, said: bool) -> None:
    disconnect = frame("08 02 8001 45 0802 8290" + text)
    message = message_of(disconnect)
    assert message is not None
    assert announces(disconnect, message) is said


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x02", b"\x02\x01", b"\x02\x01\x01", b"\xfe\xff\x03\x0f", b"\x02\xff\x03\x08\x02\x00\x01\x05", bytes(400)],
)
def test_no_frame_at_all(octets: bytes) -> None:
    assert passable(octets, ()) is None


@pytest.mark.parametrize("octets", [b"\x02\x01\x7f", b"\x00\x01\x73", b"\x02\x01\x01\x03", SETUP, frame("08 00 62")])
def test_what_is_right_passes(octets: bytes) -> None:
    assert passable(octets, ()) == octets


@pytest.mark.parametrize("kind", ["6e", "24", "31", "7b", "62", "07", "46", "4e", "45", "20"])
def test_messages_of_unknown_calls_become_enquiries(kind: str) -> None:
    octets = frame(f"08 02 1234 {kind} 0802 8290")
    assert passable(octets, {0x1235}) == frame("08 02 1234 75")


@pytest.mark.parametrize("kind", ["4d", "5a", "7d"])
def test_what_ends_an_unknown_call_passes(kind: str) -> None:
    octets = frame(f"08 02 1234 {kind} 0802 8290")
    assert passable(octets, ()) == octets


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("08 02 0001 05 04038090a3", {THEIRS}),  # a SETUP again: libpri would forget what it knows of the call
        ("08 02 8001 05 04038090a3", set()),  # ... with a reference of ours (§5.8.3.2 c)
        ("08 02 0000 05 04038090a3", set()),  # ... with the global one
        ("08 02 0001 05", set()),  # ... with nothing in it
        ("08 02 0001 05 04", set()),
        ("08 02 0001 05 04ff80", set()),
        ("08 02 8001 46 79 01 80", {OURS}),  # RESTART in a call
        ("08 02 0000 45 0802 8290", set()),  # DISCONNECT of no call
        ("08 00 45", set()),
        ("03 02 0001 0f", {THEIRS}),  # SERVICE in a call
    ],
)
def test_what_makes_no_sense_becomes_an_enquiry(text: str, known: set[int]) -> None:
    octets = frame(text)
    passed = passable(octets, known)
    message = message_of(octets)
    assert message is not None
    assert passed == octets[: message.start] + b"\x75"


@pytest.mark.parametrize("text", ["08 02 0000 46 79 01 87", "03 02 0000 0f 01 01 c0", "41 02 0001 05", "08 02 8001 45"])
def test_what_has_its_place_passes(text: str) -> None:
    assert passable(frame(text), {OURS}) == frame(text)
