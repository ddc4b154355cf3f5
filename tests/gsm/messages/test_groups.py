"""Which parts make a message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.store.message_models import InboundPart
from gateways.gsm.messages.inbound import read
from gateways.gsm.messages.joining import Piece, given_up, groups
from tests.gsm.messages.bench import START
from tests.gsm.messages.far import deliver


def piece(word: str) -> Piece:
    """``1@30/m``: part 1 sent after 30 s, in the message m."""
    place, _, message = word.partition("/")
    seq, at = place.split("@")
    sent = START + timedelta(seconds=int(at))
    return Piece(word, int(seq), 2, sent, sent, message or None)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ("1@0 2@5", "1@0+2@5"),
        ("2@5 1@0", "1@0+2@5"),
        ("1@0 1@60 2@1 2@61", "1@0+2@1 1@60+2@61"),  # interleaved: the sender's reference never changes
        ("1@0 2@601", "1@0 2@601"),
        ("1@0/m 2@3", "1@0/m+2@3"),
        ("1@0/m 2@900", "1@0/m 2@900"),
        ("1@0/m 1@300 2@301", "1@0/m 1@300+2@301"),  # a new message, near to an old one that lacks the same part
        ("1@0/m 1@9", "1@0/m 1@9"),
    ],
)
def test_groups(pieces: str, expected: str) -> None:
    found = groups(piece(word) for word in pieces.split())
    assert " ".join("+".join(member.digest for member in group) for group in found) == expected


@pytest.mark.parametrize(("seconds", "over"), [(0, False), (600, False), (601, True), (-30, False), (-601, True)])
def test_a_clock_set_back_lets_nobody_wait_for_ever(seconds: int, over: bool) -> None:
    assert given_up([piece("1@0")], START + timedelta(seconds=seconds)) is over


@pytest.mark.parametrize(
    ("came", "text"),
    [
        ("1 2 3 4 5", "12345"),
        ("1", "1[…]"),
        ("5", "[…]5"),
        ("3", "[…]3[…]"),
        ("1 2 5", "12[…]5"),
        ("1 3 5", "1[…]3[…]5"),
    ],
)
def test_missing_parts_leave_a_mark(came: str, text: str) -> None:
    rows = [InboundPart(seq=int(seq), total=5, pdu=deliver(seq, (7, int(seq), 5))) for seq in came.split()]
    assert read(rows) == (text, None, False)
