"""Numbered blocks: what is lost, doubled, damaged, moved or another's is counted, and nothing else."""

from __future__ import annotations

import socket
import time

import pytest

from tests.measure.g711 import ALAW, ULAW
from tests.pstn.exchange.bearer import Law
from tests.pstn.exchange.blocks import Listener, Tally, block
from tests.pstn.exchange.player import Player, SocketBearer, Talk

LAWS: list[Law] = ["alaw", "ulaw"]


def heard(pieces: list[bytes], law: Law = "alaw", channel: int = 7) -> Tally:
    listener = Listener(channel, law)
    for piece in pieces:
        listener.hear(piece)
    return listener.tally


def blocks(numbers: list[int], law: Law = "alaw", channel: int = 7) -> list[bytes]:
    return [block(channel, number, law) for number in numbers]


@pytest.mark.parametrize("law", LAWS)
def test_all_of_them(law: Law) -> None:
    tally = heard(blocks(list(range(100)), law), law)
    assert tally == Tally(first=0, last=99, heard=100, exact=100)
    assert tally.clean


@pytest.mark.parametrize("cut", [1, 7, 100, 159, 161, 1000])
def test_pieces_of_any_length(cut: int) -> None:
    whole = bytes([0xD5]) * 77 + b"".join(blocks(list(range(50)))) + bytes([0xD5]) * 300
    tally = heard([whole[at : at + cut] for at in range(0, len(whole), cut)])
    assert tally == Tally(first=0, last=49, heard=50, exact=50)


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        ([0, 1, 3, 4], {"lost": 1}),
        ([0, 1, 1, 2], {"repeated": 1}),
        ([5, 6, 10], {"lost": 3}),
        ([0, 2, 1, 3], {"lost": 1, "repeated": 1}),
    ],
)
def test_what_is_missing_or_twice(numbers: list[int], wrong: dict[str, int]) -> None:
    tally = heard(blocks(numbers))
    assert {name: getattr(tally, name) for name in wrong} == wrong
    assert not tally.clean


def test_another_channel() -> None:
    assert heard([*blocks([0, 1]), *blocks([2], channel=8), *blocks([2])]).foreign == 1


def test_a_changed_byte() -> None:
    spoilt = bytearray(block(7, 1, "alaw"))
    spoilt[100] ^= 0x80
    tally = heard([block(7, 0, "alaw"), bytes(spoilt), block(7, 2, "alaw")])
    assert (tally.damaged, tally.lost, tally.exact) == (1, 0, 2)


def test_bytes_put_in_between() -> None:
    tally = heard([*blocks([0, 1]), b"\xd5" * 8, *blocks([2, 3])])
    assert (tally.slips, tally.lost, tally.heard) == (1, 0, 4)


def test_bytes_taken_out_cost_their_block() -> None:
    tally = heard([*blocks([0, 1]), block(7, 2, "alaw")[5:], *blocks([3, 4])])
    assert (tally.lost, tally.heard) == (1, 4)


@pytest.mark.parametrize(("source", "sink"), [("alaw", "ulaw"), ("ulaw", "alaw")])
def test_a_change_of_law_is_not_exact_but_right(source: Law, sink: Law) -> None:
    laws = {"alaw": ALAW, "ulaw": ULAW}
    nearest = bytes(
        min(range(256), key=lambda code: abs(int(laws[sink][code]) - int(laws[source][byte]))) for byte in range(256)
    )
    tally = heard([one.translate(nearest) for one in blocks(list(range(20)), source)], sink)
    assert tally == Tally(first=0, last=19, heard=20)
    assert tally.clean


def test_two_ends_on_sockets() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    player = Player()
    one = player.begin(Talk(SocketBearer(ours), "alaw", 1, 2))
    other = player.begin(Talk(SocketBearer(theirs), "alaw", 2, 1))
    time.sleep(0.5)
    tallies = [player.end(one), player.end(other)]
    player.close()
    ours.close()
    theirs.close()
    for tally in tallies:
        assert tally.clean
        assert 15 <= tally.heard <= 30
