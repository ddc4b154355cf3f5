"""The AT channel: bytes and times in, commands and events out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.at import (
    ABORT_AFTER,
    ABORT_WAIT,
    HOLD,
    LONGEST_LINE,
    PING_AFTER,
    QUIET,
    AtChannel,
    AtEvent,
    Command,
    Finished,
    Priority,
    Urc,
)

CSQ = Command("AT+CSQ", (b"+CSQ:",), timeout=2.0)
SEND = Command("AT+CMGS=2", (b"+CMGS:",), timeout=60.0, priority=Priority.MESSAGE, payload=b"0011")
HANG_UP = Command("AT+CHUP", priority=Priority.HANG_UP)
DIAL = Command("ATD110;", timeout=5.0, priority=Priority.CALL, call_results=True)


def in_flight(command: Command) -> AtChannel:
    channel = AtChannel(0.0)
    channel.send(command)
    assert channel.next_write(0.0) == command.text.encode() + b"\r"
    return channel


def outcome(events: list[AtEvent]) -> list[object]:
    """Return the events as plain values: URC lines, and (kind, code, lines) of commands."""
    plain: list[object] = []
    for event in events:
        if isinstance(event, Urc):
            plain.append(event.line)
        else:
            plain.append((event.final.kind, event.final.code, event.lines))
    return plain


@pytest.mark.parametrize(
    ("final", "kind", "code"),
    [
        (b"OK", "OK", None),
        (b"ERROR", "ERROR", None),
        (b"+CME ERROR: 10", "CME", 10),
        (b"+CME ERROR: SIM not inserted", "CME", None),
        (b"+CMS ERROR: 302", "CMS", 302),
        (b"+CME ERROR:10", "CME", 10),
        (b"COMMAND NOT SUPPORT", "ERROR", None),
        (b"TOO MANY PARAMETERS", "ERROR", None),
        (b"OK ", "OK", None),
    ],
)
def test_finals(final: bytes, kind: str, code: int | None) -> None:
    channel = in_flight(CSQ)
    assert outcome(channel.feed(b"\r\n" + final + b"\r\n", 0.1)) == [(kind, code, ())]


@pytest.mark.parametrize("word", [b"BUSY", b"NO CARRIER", b"NO ANSWER", b"NO DIALTONE"])
def test_call_results_end_dialling_only(word: bytes) -> None:
    assert outcome(in_flight(DIAL).feed(word + b"\r\n", 0.1)) == [(word.decode(), None, ())]
    assert outcome(in_flight(CSQ).feed(word + b"\r\n", 0.1)) == [word]


@pytest.mark.parametrize(
    "noise",
    [
        b"\r\nRING\r\n",
        b'\r\n+CLIP: "0801",129\r\n',
        b"\r\n^RSSI: 18\r\n",
        b"\r\n\xff\xfe\x80\x00\r\n",
        b'\r\n+QIND: "csq",20,99\r\n',
        b"\r\nRDY\r\n",
    ],
)
def test_urc_inside_a_response(noise: bytes) -> None:
    events = in_flight(CSQ).feed(noise + b"\r\n+CSQ: 20,99\r\n" + noise + b"\r\nOK\r\n" + noise, 0.1)
    line = noise.strip(b"\r\n")
    assert outcome(events) == [line, line, ("OK", None, (b"+CSQ: 20,99",)), line]


def test_bare_lines_belong_only_by_their_pattern() -> None:
    channel = in_flight(Command("AT+CGSN", bare=rb"[0-9]{14,17}"))
    events = channel.feed(b"\r\n^RSSI: 18\r\n\r\n867698041234567\r\n\r\nOK\r\n", 0.1)
    assert outcome(events) == [b"^RSSI: 18", ("OK", None, (b"867698041234567",))]


@pytest.mark.parametrize("end", [b"\r\n", b"\r\r\n", b"\n", b"\r"])
def test_line_ends(end: bytes) -> None:
    assert outcome(in_flight(CSQ).feed(b"+CSQ: 9,99" + end + b"OK" + end, 0.1)) == [("OK", None, (b"+CSQ: 9,99",))]


def test_echo_is_dropped() -> None:
    events = in_flight(CSQ).feed(b"AT+CSQ\r\r\n+CSQ: 9,99\r\n\r\nOK\r\n", 0.1)
    assert outcome(events) == [("OK", None, (b"+CSQ: 9,99",))]


@pytest.mark.parametrize("echo", [b"SQ\r\n", b"+CSQ\r\n", b"AT+C\r\n"])
def test_part_of_an_echo_is_dropped(echo: bytes) -> None:
    assert outcome(in_flight(CSQ).feed(echo + b"+CSQ: 9,99\r\nOK\r\n", 0.1)) == [("OK", None, (b"+CSQ: 9,99",))]


def test_zte_says_connect_and_no_ok() -> None:
    channel = in_flight(DIAL)
    assert outcome(channel.feed(b"\r\nCONNECT\r\n", 4.0)) == [("OK", None, (b"CONNECT",))]
    assert outcome(channel.feed(b"\r\nHANGUP: 1\r\n", 9.0)) == [b"HANGUP: 1"]


def test_a_message_goes_out_at_the_prompt() -> None:
    channel = in_flight(SEND)
    assert channel.next_write(0.1) is None
    assert outcome(channel.feed(b'AT+CMGS=2\r\r\n+CMTI: "SM",1\r\n>', 0.2)) == [b'+CMTI: "SM",1']
    assert channel.next_write(0.2) == b"0011\x1a"
    assert channel.next_write(0.2) is None, "once only"
    assert outcome(channel.feed(b" 0011\x1a\r\n+CMGS: 7\r\n\r\nOK\r\n", 3.0)) == [("OK", None, (b"+CMGS: 7",))]


def test_an_error_instead_of_the_prompt_sends_nothing() -> None:
    channel = in_flight(SEND)
    assert outcome(channel.feed(b"\r\n+CMS ERROR: 302\r\n> ", 0.2)) == [("CMS", 302, ())]
    assert channel.next_write(0.2) is None


def test_a_message_given_up_is_escaped_from() -> None:
    channel = in_flight(SEND)
    channel.feed(b"\r\n> ", 0.2)
    assert channel.next_write(0.2) == b"0011\x1a"
    assert outcome(channel.tick(60.0)) == [("TIMEOUT", None, ())]
    assert channel.next_write(60.0) == b"\x1b"
    assert channel.next_write(60.0 + QUIET) == b"AT\r"


@pytest.mark.parametrize(
    ("reads", "written"),
    [
        ([b"\r\n> "], True),
        ([], False),
        ([b"\r\n+CMS ERROR: 302\r\n"], False),
        ([b"\r\n> ", b"\r\n+CMS ERROR: 38\r\n"], True),
        ([b"\r\n> \r\n+CMS ERROR: 38\r\n"], False),
        ([b'\r\n+CMTI: "SM",1\r\n'], False),
    ],
)
def test_written_says_whether_the_text_went_out(reads: list[bytes], written: bool) -> None:
    channel = in_flight(SEND)
    events: list[AtEvent] = []
    out: list[bytes | None] = []
    for data in reads:
        events += channel.feed(data, 0.2)
        out.append(channel.next_write(0.2))
    (finished,) = [event for event in [*events, *channel.tick(60.0)] if isinstance(event, Finished)]
    assert finished.written is written
    assert (b"0011\x1a" in out) is written


def test_a_prompt_that_comes_late_is_escaped_from() -> None:
    channel = in_flight(SEND)
    channel.tick(60.0)
    channel.next_write(60.0)
    assert channel.next_write(60.0 + QUIET) == b"AT\r"
    assert outcome(channel.feed(b"\r\n> ", 60.2)) == []
    assert channel.next_write(60.2) == b"\x1b"


def test_a_hang_up_cuts_dialling_short() -> None:
    channel = in_flight(Command("ATD110;", timeout=60.0, priority=Priority.CALL, call_results=True, abort=True))
    channel.send(HANG_UP)
    assert channel.deadline() == ABORT_AFTER
    assert channel.next_write(ABORT_AFTER / 2) is None, "V.250 §5.6.1: not within 125 ms"
    assert channel.next_write(0.2) == b"\r"
    assert channel.next_write(0.3) is None
    assert outcome(channel.feed(b"\r\nNO CARRIER\r\n", 0.4)) == [("NO CARRIER", None, ())]
    assert channel.next_write(0.4) == b"AT+CHUP\r"


def test_a_hang_up_waits_a_second_at_most() -> None:
    channel = in_flight(Command("ATA", timeout=60.0, priority=Priority.CALL, call_results=True, abort=True))
    channel.send(HANG_UP)
    channel.next_write(0.2)
    assert channel.deadline() == 0.2 + ABORT_WAIT
    assert outcome(channel.tick(0.2 + ABORT_WAIT)) == [("TIMEOUT", None, ())]
    assert channel.next_write(0.2 + ABORT_WAIT + QUIET) == b"AT+CHUP\r"


def test_what_may_not_be_cut_short_is_not() -> None:
    channel = in_flight(CSQ)
    channel.send(HANG_UP)
    assert channel.next_write(0.5) is None
    assert channel.deadline() == CSQ.timeout


def test_rows_with_bodies() -> None:
    channel = in_flight(Command("AT+CMGL=4", (b"+CMGL:",), body=True))
    events = channel.feed(b'+CMGL: 1,1,,24\r\n+CMTI: "SM",3\r\n07AA\r\n+CMT: ,9\r\n08\r\n\r\nOK\r\n', 0.1)
    assert outcome(events) == [b'+CMTI: "SM",3', b"+CMT: ,9\n08", ("OK", None, (b"+CMGL: 1,1,,24\n07AA",))]


def test_a_header_whose_body_never_comes() -> None:
    channel = AtChannel(0.0)
    assert outcome(channel.feed(b"+CMT: ,24\r\n", 1.0)) == []
    assert channel.deadline() == 1.0 + HOLD
    assert outcome(channel.tick(1.0 + HOLD)) == [b"+CMT: ,24"]
    assert channel.deadline() == 1.0 + PING_AFTER


def test_one_command_in_flight() -> None:
    channel = in_flight(CSQ)
    channel.send(CSQ)
    assert channel.next_write(0.1) is None
    channel.feed(b"OK\r\n", 0.2)
    assert channel.next_write(0.2) == b"AT+CSQ\r"


def test_hang_up_overtakes_all_that_is_queued() -> None:
    channel = in_flight(CSQ)
    for priority in (Priority.POLL, Priority.MESSAGE, Priority.NORMAL, Priority.CALL, Priority.HANG_UP):
        channel.send(Command(f"AT+{priority.name}", priority=priority))
    sent = []
    for _ in range(5):
        channel.feed(b"OK\r\n", 0.1)
        sent.append(channel.next_write(0.1))
    assert sent == [b"AT+HANG_UP\r", b"AT+CALL\r", b"AT+NORMAL\r", b"AT+MESSAGE\r", b"AT+POLL\r"]


def test_cancel_drops_one_priority_and_says_so() -> None:
    channel = in_flight(CSQ)
    channel.send(DIAL)
    channel.send(CSQ)
    assert [done.final.kind for done in channel.cancel(Priority.CALL)] == ["DROPPED"]
    channel.feed(b"OK\r\n", 0.1)
    assert channel.next_write(0.1) == b"AT+CSQ\r"


def test_ping_after_silence() -> None:
    channel = AtChannel(0.0)
    assert channel.deadline() == PING_AFTER
    assert channel.tick(PING_AFTER - 0.1) == []
    assert channel.next_write(PING_AFTER - 0.1) is None
    channel.tick(PING_AFTER)
    assert channel.next_write(PING_AFTER) == b"AT\r"


def test_a_lost_final_costs_one_ping() -> None:
    channel = in_flight(CSQ)
    assert channel.deadline() == 2.0
    assert outcome(channel.tick(2.0)) == [("TIMEOUT", None, ())]
    channel.send(CSQ)
    assert channel.next_write(2.0) is None, "late bytes may still come"
    assert channel.next_write(2.0 + QUIET) == b"AT\r"
    # The late OK of the command given up answers the ping, the ping's own falls into the quiet after it.
    assert outcome(channel.feed(b"OK\r\n", 2.2)) == [("OK", None, ())]
    assert channel.next_write(2.2) is None
    assert outcome(channel.feed(b"OK\r\n", 2.25)) == [b"OK"]
    assert channel.next_write(2.2 + QUIET) == b"AT+CSQ\r"
    assert channel.misses == 0


def test_misses_count_commands_in_a_row() -> None:
    channel = in_flight(CSQ)
    channel.tick(2.0)
    channel.next_write(2.2)
    channel.tick(10.0)
    assert channel.misses == 2


def test_a_hang_up_does_not_wait_for_the_ping() -> None:
    channel = in_flight(CSQ)
    channel.tick(2.0)
    channel.send(Command("AT+CHUP", priority=Priority.HANG_UP))
    assert channel.next_write(2.2) == b"AT+CHUP\r"


def test_garbage_without_line_end_is_bounded() -> None:
    channel = AtChannel(0.0)
    events = channel.feed(b"\x81" * (LONGEST_LINE * 2 + 5), 0.1)
    assert [len(event.line) for event in events if isinstance(event, Urc)] == [LONGEST_LINE, LONGEST_LINE]


STREAM = (
    b'AT+CSQ\r\r\n+CRING: VOICE\r\n\r\n+CLIP: "08011112222",129,,,,0\r\n\r\n+CSQ: 21,99\r\n'
    b'\r\r\nOK\r\n\xff\x00\xfe\r\n\r\n^DSCI: 1,1,4,0,08011112222,129,0\r\n\r\nNO CARRIER\r\n+QIND: "ccinfo",1,1,-1'
    b',0,0,"08011112222",129\r\n' + b"z" * (LONGEST_LINE + 10) + b"\r\nRDY\r\n"
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_any_chunking_gives_the_same(cuts: list[int]) -> None:
    whole = outcome(in_flight(CSQ).feed(STREAM, 0.1))
    channel = in_flight(CSQ)
    edges = [0, *sorted(cuts), len(STREAM)]
    events: list[AtEvent] = []
    for first, last in itertools.pairwise(edges):
        events += channel.feed(STREAM[first:last], 0.1)
    assert outcome(events) == whole


@given(st.binary(max_size=300), st.integers(1, 7))
def test_any_bytes_pass_without_harm(data: bytes, step: int) -> None:
    channel = in_flight(DIAL)
    for at in range(0, len(data), step):
        for event in channel.feed(data[at : at + step], 0.1):
            assert isinstance(event, Urc | Finished)
