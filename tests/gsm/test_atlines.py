"""Bytes cut into logical lines; shapes as in TS 27.005, TS 27.007 and captures of modems."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.atlines import LONGEST_LINE, MOST_BETWEEN, PROMPT, Lines

ROWS = (b"+CMGL:", b"+CMGR:")


def cut(*blocks: bytes, prompt: bool = False, rows: tuple[bytes, ...] = ROWS) -> list[bytes]:
    lines = Lines()
    lines.prompt, lines.rows = prompt, rows
    found: list[bytes] = []
    for block in blocks:
        lines.put(block)
        found += iter(lines.take, None)
    lines.end()
    found += iter(lines.take, None)
    lines.let_go()
    found += iter(lines.take, None)
    return found


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"\r\nOK\r\n", [b"OK"]),
        (b"AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", [b"AT+CSQ", b"+CSQ: 20,99", b"OK"]),
        (b"\nOK\n\r\r\n+X: 1\r", [b"OK", b"+X: 1"]),
        (b"no end", [b"no end"]),
        # glued
        (b"OK^RSSI:18\r\n", [b"OK", b"^RSSI:18"]),
        (b"OKRING\r\n", [b"OK", b"RING"]),
        (b'OK+CMTI: "SM",3\r\n', [b"OK", b'+CMTI: "SM",3']),
        (b'ERROR+CNUM: "","+336",145\r\n', [b"ERROR", b'+CNUM: "","+336",145']),
        (b"+CME ERROR: 25+CNUM: 1\r\n", [b"+CME ERROR: 25", b"+CNUM: 1"]),
        (b"NO CARRIER+QIND: 1\r\n", [b"NO CARRIER", b"+QIND: 1"]),
        (b"RING+CLIP: 1\r\n", [b"RING", b"+CLIP: 1"]),
        (b"OKAY\r\n", [b"OKAY"]),
        (b"+CME ERROR: SIM busy\r\n", [b"+CME ERROR: SIM busy"]),
        # junk before a line
        (b"\x00\x00OK\r\n", [b"\x00\x00", b"OK"]),
        (b"\xff\xfe\x80RDY\r\n", [b"\xff\xfe\x80", b"RDY"]),
        (b"\x1b+CSQ: 1,99\r\n", [b"\x1b", b"+CSQ: 1,99"]),
        (b"\x00\x00\r\n", [b"\x00\x00"]),
        ("привет\r\n".encode(), ["привет".encode()]),
        # a PDU after its header
        (b"+CMT: ,24\r\n0791ABcd\r\n", [b"+CMT: ,24\n0791ABcd"]),
        (b'+CMT: "Ann",24\r\n0791\r\n', [b'+CMT: "Ann",24\n0791']),
        (b"+CMT: 24\r\n0791\r\n", [b"+CMT: 24\n0791"]),
        (b"+CDS: 25\r\n0791\r\nOK\r\n", [b"+CDS: 25\n0791", b"OK"]),
        (b"+CBM: 88\r\n0010\r\n", [b"+CBM: 88\n0010"]),
        (b'+CMGR: 1,"",24\r\n07\r\n\r\nOK\r\n', [b'+CMGR: 1,"",24\n07', b"OK"]),
        (b"+CMGL: 1,1,,24\r\n07aa\r\n+CMGL: 2,1,,9\r\n07bb\r\n", [b"+CMGL: 1,1,,24\n07aa", b"+CMGL: 2,1,,9\n07bb"]),
        (b'+CMT: ,24\r\n+CMTI: "SM",3\r\n\r\nRING\r\n07\r\n', [b'+CMTI: "SM",3', b"RING", b"+CMT: ,24\n07"]),
        (b"+CMGL: 1,1,,24\r\n\r\nOK\r\n", [b"+CMGL: 1,1,,24", b"OK"]),
        (b"+CMT: ,24\r\n+CMT: ,25\r\n07\r\n", [b"+CMT: ,24", b"+CMT: ,25\n07"]),
        (b"+CMT: ,24\r\n", [b"+CMT: ,24"]),
        (b"+CMT: ,24\r\n" + b"x y\r\n" * 9 + b"07\r\n", [b"x y"] * MOST_BETWEEN + [b"+CMT: ,24", b"x y", b"07"]),
        (b"+CMT: ,3\r\n0001\r\n^X:1\r\n02\r\n03\r\n", [b"^X:1", b"+CMT: ,3\n000102", b"03"]),
        (b"+CMT: ,3\r\n0001\r\n\r\nOK\r\n", [b"+CMT: ,3\n0001", b"OK"]),
        (b'+CDS: \r\n6,202,"1",145,"x","y",0\r\nRING\r\n', [b'+CDS: \n6,202,"1",145,"x","y",0', b"RING"]),
        # text after its header
        (b'+CMT: "+81",,"26/11/22"\r\nHello\r\nRING\r\n', [b'+CMT: "+81",,"26/11/22"\nHello', b"RING"]),
        (b'+CMT: "+81",,"26/11/22"\r\nRING\r\nHello\r\n', [b"RING", b'+CMT: "+81",,"26/11/22"\nHello']),
        (b'+CMT: "+81",,"26/11/22"\r\n\r\nRING\r\n', [b'+CMT: "+81",,"26/11/22"\n', b"RING"]),
        (b'+CMGR: "REC READ","1",,"x"\r\nOK go\r\n\r\nOK\r\n', [b'+CMGR: "REC READ","1",,"x"\nOK go', b"OK"]),
        (b'+CMGR: "REC READ","1",,"x"\r\nOK\r\n\r\nOK\r\n', [b'+CMGR: "REC READ","1",,"x"\nOK', b"OK"]),
        (b'+CMGR: "REC READ","1",,"x"\r\n\r\n\r\nOK\r\n', [b'+CMGR: "REC READ","1",,"x"\n', b"OK"]),
        (
            b'+CMGL: 1,"REC READ","1",,"x"\r\na\nb\n\nc\r\n+CMGL: 2,"REC READ","1",,"x"\r\nd\r\n\r\nOK\r\n',
            [b'+CMGL: 1,"REC READ","1",,"x"\na\nb\n\nc', b'+CMGL: 2,"REC READ","1",,"x"\nd', b"OK"],
        ),
        # a status report in text mode, and answers to AT+CMGL=?, have no body
        (b'+CDS: 6,202,"1",145,"x","y",0\r\nRING\r\n', [b'+CDS: 6,202,"1",145,"x","y",0', b"RING"]),
        (b'+CMGR: "REC READ",6,2,"1",145,"x","y",0\r\nOK\r\n', [b'+CMGR: "REC READ",6,2,"1",145,"x","y",0', b"OK"]),
        (b'+CMGL: ("REC READ","ALL")\r\nOK\r\n', [b'+CMGL: ("REC READ","ALL")', b"OK"]),
        (b"+CMGL: (0-4)\r\nOK\r\n", [b"+CMGL: (0-4)", b"OK"]),
        # USSD over several lines
        (b'+CUSD: 1,"1. A\n2. B",15\r\nOK\r\n', [b'+CUSD: 1,"1. A\n2. B",15', b"OK"]),
        (b'+CUSD: 1,"A\r\n\r\nRING\r\nB", 15\r\n', [b"RING", b'+CUSD: 1,"A\nB", 15']),
        (b'+CUSD: 1,"say "A"\r\nor "B"",15\r\nX\r\n', [b'+CUSD: 1,"say "A"\nor "B"",15', b"X"]),
        (b'+CUSD: 0,"he said "hi",15\r\nX\r\n', [b'+CUSD: 0,"he said "hi",15', b"X"]),
        (b'+CUSD: 0,"no end\r\n\r\nOK\r\n', [b'+CUSD: 0,"no end', b"OK"]),
        (b'+CUSD: 0,"no end\r\n+CUSD: 2\r\n', [b'+CUSD: 0,"no end', b"+CUSD: 2"]),
        (b"+CUSD: 2\r\nX\r\n", [b"+CUSD: 2", b"X"]),
    ],
)
def test_lines(data: bytes, lines: list[bytes]) -> None:
    assert cut(data) == lines
    assert cut(*(data[at : at + 1] for at in range(len(data)))) == lines


def test_rows_have_bodies_only_if_they_are_asked_for() -> None:
    assert cut(b"+CMGR: 1,,24\r\n07\r\n", rows=()) == [b"+CMGR: 1,,24", b"07"]


@pytest.mark.parametrize("blocks", [(b"\r\n> ",), (b"\r\n>", b" "), (b"\r", b"\n", b">"), (b"\r\n> \r\n",)])
def test_prompt(blocks: tuple[bytes, ...]) -> None:
    assert cut(*blocks, prompt=True) == [PROMPT]


def test_prompt_comes_once_and_what_follows_is_whole() -> None:
    assert cut(b"\r\n> 00A1\x1a\r\n+CMGS: 5\r\n", prompt=True) == [PROMPT, b"00A1\x1a", b"+CMGS: 5"]
    assert cut(b"+QIND: SMS DONE\r\n> \r\n", prompt=True) == [b"+QIND: SMS DONE", PROMPT]
    assert cut(b"> \r\n") == [b"> "]


def test_what_is_held_is_bounded() -> None:
    lines = cut(b'+CUSD: 0,"' + b"x" * 99 + b"\r\n" + (b"y" * 99 + b"\r\n") * 100)
    assert max(len(line) for line in lines) < LONGEST_LINE + 200
    assert sum(line.count(b"y") for line in lines) == 9900


_PIECES = [
    b" ", b"\r", b"\n", b"\r\n", b"OK", b"RING", b"+CMT: 9", b'+CMT: "1",,"x"', b"0791", b'+CUSD: 1,"a', b'b",15', b">",
    b"+CMGL: 1,1,,9", b'+CMGR: "REC READ","1",,""', b"\x00", b"\xff", b"+CME ERROR: 3", b"text", b"^RSSI:1",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join), st.lists(st.integers(0, 200), max_size=8))
def test_nothing_is_lost_and_any_split_gives_the_same(data: bytes, cuts: list[int]) -> None:
    whole = cut(data, prompt=True)
    edges = [0, *sorted(min(at, len(data)) for at in cuts), len(data)]
    assert cut(*(data[first:last] for first, last in itertools.pairwise(edges)), prompt=True) == whole
    without = bytes.maketrans(b"", b"")
    told = b"".join(whole).translate(without, b"\r\n ")
    assert sorted(told) == sorted(data.translate(without, b"\r\n "))
