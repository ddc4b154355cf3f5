"""``callfloor gsm decode``: captures to JSON; shapes as in the manuals and in logs of gammu, chan_dongle and others."""

from __future__ import annotations

import io
import itertools
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.atlines import Lines
from gateways.gsm.decode import decode, main
from gateways.gsm.dialects import FAMILIES

DELIVER = "07913306092011F0040B913336766883F5000061216212807140074A351A8D56AB01"
DELIVERED: dict[str, Any] = {"sms": {"sender": "+33636786385", "text": "Jjhhhjj", "scts_utc": "2016-12-26T20:08:17Z"}}
OK: dict[str, Any] = {"final": "OK"}


def said(data: str | bytes, command: str = "", family: str = "generic") -> list[dict[str, Any]]:
    return list(decode([data.encode() if isinstance(data, str) else data], family, command))


@pytest.mark.parametrize(
    ("final", "form"),
    [
        ("OK", OK),
        ("ERROR", {"final": "ERROR"}),
        ("+CME ERROR: 10", {"final": "CME", "code": 10}),
        ("+CME ERROR: SIM not inserted", {"final": "CME", "text": "SIM not inserted"}),
        ("+CMS ERROR: 302", {"final": "CMS", "code": 302}),
        ("COMMAND NOT SUPPORT", {"final": "ERROR", "text": "COMMAND NOT SUPPORT"}),
        ("NO CARRIER", {"call": {"state": "ended", "reason": "NO CARRIER"}}),
        ("BUSY", {"call": {"state": "ended", "cc_cause": 17, "reason": "BUSY"}}),
        ("NO ANSWER", {"call": {"state": "ended", "cc_cause": 19, "reason": "NO ANSWER"}}),
    ],
)
def test_finals(final: str, form: dict[str, Any]) -> None:
    assert said(f"\r\n{final}\r\n", "AT+CSQ") == [form]


@pytest.mark.parametrize("word", ["BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE"])
@pytest.mark.parametrize("command", ["ATD110;", "ATA", "AT+QPCMV=0;+QPCMV=1,0;D0901234567;"])
def test_call_results_are_final_once(word: str, command: str) -> None:
    first, second = said(f"{word}\r\n{word}\r\n", command)
    assert first == {"final": word}
    assert second["call"]["state"] == "ended"


@pytest.mark.parametrize(
    ("family", "command", "data", "forms"),
    [
        ("generic", "AT+CSQ", "AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", [{"signal": {"csq": 20, "dbm": -73}}, OK]),
        ("generic", "AT+CSQ", "+CSQ: 99,99\r\nOK\r\n", [{"signal": {"csq": 99}}, OK]),
        ("generic", "", 'RING\r\n+CLIP: "+8190",145,,,,0\r\n', [
            {"call": {"dir": "in", "state": "incoming"}},
            {"call": {"dir": "in", "state": "incoming", "number": "+8190"}},
        ]),
        ("generic", "", '+CLIP: "",128,,,,1\r\n', [{"call": {"dir": "in", "state": "incoming"}}]),
        ("generic", "AT+CLIP?", "+CLIP: 1,1\r\nOK\r\n", [{"info": "+CLIP: 1,1"}, OK]),
        ("generic", "AT+CLCC", '+CLCC: 1,0,0,1,0,"",128\r\n+CLCC: 2,0,3,0,0,"110",129\r\nOK\r\n', [
            {"info": '+CLCC: 1,0,0,1,0,"",128'},
            {"call": {"idx": 2, "dir": "out", "state": "alerting", "number": "110"}},
            OK,
        ]),
        ("generic", "AT+CREG?", '+CREG: 2,1,"1A2B","01C3D4E5",7\r\nOK\r\n', [
            {"reg": {"stat": 1, "lac": "1A2B", "ci": "01C3D4E5", "act": 7}}, OK,
        ]),
        ("generic", "AT+COPS?", '+COPS: 0,2,"44010"\r\nOK\r\n', [{"operator": {"mccmnc": "44010"}}, OK]),
        ("generic", "AT+CPIN?", "+CPIN: PH-NET PIN\r\nOK\r\n", [{"info": "+CPIN: PH-NET PIN"}, OK]),
        ("generic", "AT+CGMI;+CGMM;+CGSN;+CIMI", "ACME\r\nM1\r\n860000000000007\r\n440101234567890\r\nOK\r\n", [
            {"identity": {"manufacturer": "ACME", "model": "M1"}}, {"imei": "860000000000007"},
            {"info": "440101234567890"}, OK,
        ]),
        ("generic", "AT+CGSN", "\r\n^RSSI:18\r\n860000000000007\r\nOK\r\n", [
            {"urc": "^RSSI:18"}, {"imei": "860000000000007"}, OK,
        ]),
        ("huawei", "ATI", "Manufacturer: huawei\r\nModel: K3520\r\nIMEI: 353284020952548\r\n+GCAP: +CGSM\r\nOK\r\n", [
            {"identity": {"manufacturer": "huawei", "model": "K3520"}}, {"imei": "353284020952548"},
            {"info": "+GCAP: +CGSM"}, OK,
        ]),
        ("quectel", "ATI", "Quectel\r\nEC25\r\nRevision: EC25EFAR06A06M4G\r\nOK\r\n", [
            {"identity": {"manufacturer": "Quectel", "model": "EC25", "firmware": "EC25EFAR06A06M4G"}}, OK,
        ]),
        ("quectel", "AT+CGMI", "Quectel_Ltd\r\nQuectel_M95\r\nRevision: MTK 0828\r\nOK\r\n", [
            {"identity": {"manufacturer": "Quectel_Ltd"}}, {"info": "Quectel_M95"},
            {"identity": {"firmware": "MTK 0828"}}, OK,
        ]),
        ("generic", "AT+CLAC", "AT+CLAC\r\r\nATA\r\nAT&C\r\n+CSQ\r\nOK\r\n", [
            {"info": "ATA"}, {"info": "AT&C"}, {"info": "+CSQ"}, OK,
        ]),
        ("generic", 'AT+CUSD=1,"8574",15', "+CREG: 1, 5C9, 39E5\r\nOK\r\n+CME ERROR: 258\r\n+CUSD: 5\r\n", [
            {"reg": {"stat": 1, "lac": "5C9", "ci": "39E5"}}, OK, {"final": "CME", "code": 258}, {"ussd": {"m": 5}},
        ]),
        ("generic", "AT+CCID", "988901200000000000F1\r\nOK\r\n", [{"iccid": "8998100200000000001"}, OK]),
        ("generic", "AT+CMGL=4", f"+CMGL: 1,1,,26\r\n{DELIVER}\r\n\r\nOK\r\n", [DELIVERED, OK]),
        ("generic", "AT+CMGL=4", "+CMGL: 1,1,,26\r\n0791\r\n\r\nOK\r\n", [{"info": "+CMGL: 1,1,,26\n0791"}, OK]),
        ("generic", "", f"+CMT: ,26\r\n{DELIVER.lower()}\r\n", [DELIVERED]),
        ("generic", "", '+CMT: "+8190",,"26/11/22,15:04:05+36"\r\nHi\r\n', [
            {"sms": {"sender": "+8190", "text": "Hi", "scts_utc": "2026-11-22T06:04:05Z"}},
        ]),
        ("generic", "", '+CDS: 6,202,"+46",145,"26/11/22,15:04:05+36","x",0\r\n', [
            {"status_report": {
                "ref": 202, "recipient": "+46", "scts_utc": "2026-11-22T06:04:05Z", "status": 0, "delivered": True,
            }},
        ]),
        ("generic", "", '+CMTI: "SM",3\r\n+CDSI: "SR",4\r\n', [
            {"sms_stored": {"mem": "SM", "index": 3}}, {"sms_stored": {"mem": "SR", "index": 4}},
        ]),
        ("generic", "AT+CMGS=20", "\r\n> \r\n+CMGS: 12\r\n\r\nOK\r\n", [{"info": ">"}, {"sms_ref": 12}, OK]),
        ("huawei", 'AT+CUSD=1,"AA180C3602",15', '\r\nOK\r\n+CUSD: 0,"CF2135487D2E4131DCCD25A381E02E",15\r\n', [
            OK, {"ussd": {"m": 0, "text": "OCTATOK 187.24 p."}},
        ]),
        ("generic", "", '+CUSD: 1,"1. A\r\n2. B",15\r\n+CUSD: 2\r\n', [
            {"ussd": {"m": 1, "text": "1. A\n2. B"}}, {"ussd": {"m": 2}},
        ]),
        ("huawei", "ATD110;", "\r\n^ORIG:1,0\r\n^CONF:1\r\nOK\r\n^CONN:1,0\r\n^CEND:1,9,67,16\r\n", [
            {"call": {"idx": 1, "dir": "out", "state": "dialing"}},
            {"call": {"idx": 1, "dir": "out", "state": "alerting"}},
            OK,
            {"call": {"idx": 1, "state": "active"}},
            {"call": {"idx": 1, "state": "ended", "duration": 9, "cc_cause": 16, "reason": "67", "answered": True}},
        ]),
        ("zte", "ATD110;", "CONNECT\r\nHANGUP: 1\r\nNO CARRIER\r\n", [
            {"call": {"dir": "out", "state": "active"}},
            {"call": {"idx": 1, "state": "ended", "reason": "HANGUP"}},
            {"call": {"state": "ended", "reason": "NO CARRIER"}},
        ]),
        ("generic", "ATD*99#", "CONNECT\r\nNO CARRIER\r\n", [
            {"info": "CONNECT"}, {"call": {"state": "ended", "reason": "NO CARRIER"}},
        ]),
        ("generic", "", "AT+CGSN\r\r\n860000000000007\r\nOK\r\n", [
            {"imei": "860000000000007"}, OK,
        ]),
        ("generic", "AT+CSQ", b"\xff\xfe\r\n+CSQ: 1,99\r\nOK^X:1\r\n", [
            {"urc": "\\xff\\xfe"}, {"signal": {"csq": 1, "dbm": -111}}, OK, {"urc": "^X:1"},
        ]),
        ("generic", "AT+QNWINFO", '+QNWINFO: "FDD LTE"\r\nOK\r\n', [{"info": '+QNWINFO: "FDD LTE"'}, OK]),
        ("generic", "AT+VENDOR?", "1,2\r\nOK\r\n", [{"info": "1,2"}, OK]),
        ("generic", "", "+RXDTMF: 5\r\nlast", [{"dtmf": "5"}, {"urc": "last"}]),
        ("generic", "", "+CMT: ,26", [{"urc": "+CMT: ,26"}]),
    ],
)  # fmt: skip
def test_captures(family: str, command: str, data: str | bytes, forms: list[dict[str, Any]]) -> None:
    assert said(data, command, family) == forms


def test_parts_of_a_message_are_told_one_by_one() -> None:
    # TS 23.040 §9.2.3.24.1: 05 00 03 ref total seq, then "A" behind the fill bit
    pdu = "00440B913336766883F5000061216212807140080500032A020182"
    (one,) = said(f"+CMT: ,{len(pdu) // 2 - 1}\r\n{pdu}\r\n")
    assert one["sms"]["concat"] == {"ref": 42, "seq": 1, "total": 2}
    assert one["sms"]["text"] == "A"


def test_status_report() -> None:
    pdu = "0006CA0B913336766883F5612162128071406121621290714000"
    (one,) = said(f"+CDS: {len(pdu) // 2 - 1}\r\n{pdu}\r\n")
    assert one == {
        "status_report": {
            "ref": 202,
            "recipient": "+33636786385",
            "scts_utc": "2016-12-26T20:08:17Z",
            "discharge_utc": "2016-12-26T20:09:17Z",
            "status": 0,
            "delivered": True,
        }
    }


_PIECES = [
    "\r", "\n", "\r\n", "OK", "RING", "+CMT: ,26", DELIVER, '+CUSD: 1,"a', '",15', "+CLCC: 1,0,0,0,0", "+CMGL: 1,1,,26",
    '+CMGR: "REC READ","1",,""', "\x00", "é", "+CME ERROR: 3", "text", "^CEND:1,1,1,1", "8600000000000000", "CONNECT",
]  # fmt: skip
_DATA = st.lists(st.sampled_from(_PIECES), max_size=25).map(lambda pieces: "".join(pieces).encode()) | st.binary(
    max_size=99
)


@given(st.sampled_from(FAMILIES), _DATA, st.lists(st.integers(0, 300), max_size=6))
def test_any_split_gives_the_same(family: str, data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(at, len(data)) for at in cuts), len(data)]
    blocks = [data[first:last] for first, last in itertools.pairwise(edges)]
    for command in ("", "AT+CMGL=4", "ATD1;", "AT+CMGS=9", "ATI"):
        assert list(decode(blocks, family, command)) == list(decode([data], family, command))


@given(st.sampled_from(FAMILIES), _DATA.filter(lambda data: b"AT" not in data.upper()))
def test_no_line_vanishes(family: str, data: bytes) -> None:
    lines = Lines()
    lines.rows = (b"+CMGL:", b"+CMGR:")
    lines.put(data)
    lines.end()
    found = list(iter(lines.take, None))
    lines.let_go()
    found += iter(lines.take, None)
    told = list(decode([data], family))
    assert len(told) == len(found)  # no piece says who the modem is: those lines are joined
    assert all(len(one) == 1 or "final" in one for one in told)
    json.dumps(told, ensure_ascii=False).encode()


def test_a_file(tmp_path: Path) -> None:
    capture = tmp_path / "capture"
    capture.write_bytes('+COPS: 0,0,"ドコモ",7\r\nOK\r\n'.encode())
    out = io.StringIO()
    assert main("generic", "AT+COPS?", str(capture), out) == 0
    assert out.getvalue() == '{"operator": {"name": "ドコモ"}}\n{"final": "OK"}\n'


def test_what_has_come_is_told_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "modem"
    os.mkfifo(pipe)
    out = io.StringIO()
    thread = threading.Thread(target=main, args=("generic", "", str(pipe), out))
    thread.start()
    try:
        with pipe.open("wb", buffering=0) as modem:
            modem.write(b"RING\r\n")
            deadline = time.monotonic() + 10
            while not out.getvalue().endswith("\n") and time.monotonic() < deadline:
                time.sleep(0.01)
            assert json.loads(out.getvalue()) == {"call": {"dir": "in", "state": "incoming"}}
    finally:
        thread.join(10)
    assert not thread.is_alive()


def test_errors_say_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("toaster", "", "-", io.StringIO()) == 2
    said_of = capsys.readouterr().err
    assert said_of.count("\n") == 1
    assert "generic, huawei, quectel" in said_of
    assert main("generic", "", "/does/not/exist", io.StringIO()) == 2
    assert "/does/not/exist" in capsys.readouterr().err
