"""The tables of outcomes, states and choices."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.numbers import same_number
from gateways.gsm.at import Final
from gateways.gsm.messages.outcome import (
    Again,
    Failed,
    Lost,
    Outcome,
    Sent,
    Waiting,
    Withdrawn,
    after_sending,
    message_state,
    next_part,
)
from tests.gsm.messages.bench import START


@pytest.mark.parametrize(
    ("final", "ref", "attempts", "outcome"),
    [
        (Final("OK"), 5, 1, Sent(5)),
        (Final("OK"), None, 1, Sent(None)),
        (Final("TIMEOUT"), 5, 1, Sent(5)),
        (Final("TIMEOUT"), None, 1, Lost("the modem did not say whether it sent it")),
        (Final("DROPPED"), None, 1, Withdrawn(2.0)),
        (Final("ERROR"), None, 1, Lost("the modem answers ERROR, which gives no cause: it may have sent it")),
        (Final("CMS", 310), None, 2, Again(60.0, "the modem answers CMS")),
        (Final("CMS", 310), None, 4, Again(900.0, "the modem answers CMS")),
        (Final("CMS", 310), None, 5, Failed("given up after 5 tries: the modem answers CMS")),
        (Final("CMS", 38), None, 1, Again(10.0, "network out of order (CMS)")),
        (Final("CMS", 500), None, 1, Lost("the modem answers CMS, which gives no cause: it may have sent it")),
        (Final("CMS", None, "+CMS ERROR: Unknown error"), None, 1,
         Lost("the modem answers +CMS ERROR: Unknown error, which gives no cause: it may have sent it")),
        (Final("CMS", 310), None, 1, Again(10.0, "the modem answers CMS")),
        (Final("CMS", 1), None, 1, Failed("no such number (CMS)")),
        (Final("CMS", 197), None, 2, Lost("the service centre says that it has this message already (CMS)")),
        (Final("CMS", 332), None, 1, Lost("the network did not answer in time (CMS)")),
        (Final("CME", 31), None, 1, Lost("the modem answers CME")),
        (Final("CME", 38), None, 1, Again(10.0, "the modem answers CME")),
        (Final("CMS", None, "+CMS ERROR: Network timeout"), None, 1,
         Lost("the modem answers +CMS ERROR: Network timeout")),
    ],
)  # fmt: skip
def test_after_sending(final: Final, ref: int | None, attempts: int, outcome: Outcome) -> None:
    assert after_sending(final, ref, attempts) == outcome


@pytest.mark.parametrize(
    ("final", "attempts", "outcome"),
    [
        (Final("TIMEOUT"), 1, Again(10.0, "the modem did not ask for the text")),
        (Final("TIMEOUT"), 5, Failed("given up after 5 tries: the modem did not ask for the text")),
        (Final("ERROR"), 1, Again(10.0, "the modem answers ERROR")),
        (Final("CMS", 332), 1, Lost("the network did not answer in time (CMS)")),
        (Final("CMS", 500), 1, Again(10.0, "the modem answers CMS")),
        (Final("DROPPED"), 1, Withdrawn(2.0)),
    ],
)
def test_what_the_modem_was_never_given_may_be_tried_again(final: Final, attempts: int, outcome: Outcome) -> None:
    assert after_sending(final, None, attempts, written=False) == outcome


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ("queued queued", "queued"),
        ("sent queued", "sending"),
        ("sending", "sending"),
        ("unknown queued", "sending"),
        ("unknown delivered", "unknown"),
        ("sent delivered", "sent"),
        ("delivered delivered", "delivered"),
        ("delivered failed unknown", "failed"),
    ],
)
def test_message_state(parts: str, state: str) -> None:
    assert message_state(parts.split()) == state


@pytest.mark.parametrize(
    ("parts", "chosen"),
    [
        ("", None),
        ("a1:queued a2:queued", "a1"),
        ("a1:sent a2:queued", "a2"),
        ("a1:unknown a2:queued", "a2"),
        ("a1:later a2:queued b1:queued", "b1"),
        ("a1:past", "a1"),
        ("a1:failed a2:queued b1:queued", "b1"),
        ("a1:sending a2:queued", None),
        ("a1:delivered a2:sent", None),
    ],
)
def test_next_part(parts: str, chosen: str | None) -> None:
    times = {"later": START + timedelta(seconds=1), "past": START}
    rows = []
    for word in parts.split():
        key, state = word.split(":")
        rows.append(Waiting(key[0], int(key[1]), "queued" if state in times else state, times.get(state)))
    found = next_part(rows, START)
    assert (f"{found.message}{found.seq}" if found else None) == chosen


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+819012345678", "09012345678", True),
        ("+819012345678", "+819012345678", True),
        ("+819012345678", "+819012345679", False),
        ("1234", "1234", True),
        ("1234", "+819011111234", False),
    ],
)
def test_same_number(one: str, other: str, same: bool) -> None:
    assert same_number(one, other) is same
