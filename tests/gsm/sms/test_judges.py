"""Our decoder against three others: at least two agree with it, or it is known which are wrong and why.

The cases where not two agree are those of ADR 0008.
"""

from __future__ import annotations

import pytest
from gsmmodem.pdu import encodeSmsSubmitPdu
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.sms import encode_submit
from gateways.gsm.sms.alphabet import codes, encode_septets
from gateways.gsm.sms.septets import pack
from tests.gsm.sms.judges import JUDGES, agreeing, ours
from tests.gsm.sms.pdus import deliver_pdu, texts

SMSPDUDECODER, MESSAGING, GSMMODEM = JUDGES


def with_header(elements: str, septets: bytes) -> bytes:
    octets = bytes.fromhex(elements)
    header = bytes((len(octets),)) + octets
    skipped = -(-len(header) * 8 // 7)
    body = header + pack(septets, skipped * 7 - len(header) * 8)
    return deliver_pdu(body, length=skipped + len(septets), header=True)


def from_sender(address: str) -> bytes:
    return deliver_pdu(pack(b"ab"), length=2).replace(bytes.fromhex("0B919471103254F6"), bytes.fromhex(address))


AB = pack(b"ab")
AGREED = {
    "from a guide": bytes.fromhex(
        "07911326040000F0040B911346000000F00000208062917314080CC8F71D14969741F977FD07",
    ),
    "last century": bytes.fromhex("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"),
    "emoji": bytes.fromhex("07913306092000F0040B913306000000F60008619091516061800AD83DDE03D83DDE0E0020"),
    "accent": bytes.fromhex("07914889200009F4040B914800000000F000006220813205908205CF35C84D00"),
    "extension": deliver_pdu(pack(b"\x1be\x1b<a"), length=5),
    "japanese": deliver_pdu("こんにちは".encode("utf-16-be"), dcs=8),
    "hindi": deliver_pdu("नमस्ते".encode("utf-16-be"), dcs=8),
    "flash": deliver_pdu(AB, length=2, dcs=0x10),
    "flash in UCS-2": deliver_pdu("é".encode("utf-16-be"), dcs=0x18),
    "class group": deliver_pdu(AB, length=2, dcs=0xF0),
    "no voice mail any more": deliver_pdu(AB, length=2, dcs=0xD0),
    "reserved group": deliver_pdu(AB, length=2, dcs=0x80),
    "to be deleted, UCS-2": deliver_pdu("é".encode("utf-16-be"), dcs=0x48),
    "part": with_header("0003050302", b"hello"),
    "part, 16 bit reference, UCS-2": deliver_pdu(bytes.fromhex("0608040506030200E9"), dcs=8, header=True),
    "part and ports": with_header("000305030205040B8423F0", b"hello"),
    "part and what nobody knows": with_header("7003AABBCC0003050302", b"hello"),
    "half an emoji": deliver_pdu(bytes.fromhex("0500030502010061D83D"), dcs=8, header=True),
    "more after the end": deliver_pdu(AB + b"\xff\xff", length=2),
    "zone west": deliver_pdu(AB, length=2, scts=bytes.fromhex("4210612143008A")),
    "short code": from_sender("05812143F5"),
    "national number": from_sender("0AA11017103254"),
    "name": from_sender("0ED0F4F29C9E769FE7"),
    "empty": deliver_pdu(b""),
    "no service centre": b"\x00" + deliver_pdu(AB, length=2)[8:],
    "full": deliver_pdu(pack(b"a" * 160), length=160),
    "ends in @": deliver_pdu(pack(b"abcdefg\x00"), length=8),
}
# Who is right, by the standard; the text we read is checked in test_decode_pdu.
DISAGREED = {
    "name counted in whole octets": (from_sender("0ED0F4F29C9E769F01"), [GSMMODEM]),
    "voice mail, discard": (deliver_pdu(AB, length=2, dcs=0xC8), [GSMMODEM]),
    "voice mail, UCS-2": (deliver_pdu("é".encode("utf-16-be"), dcs=0xE0), []),
    "reserved alphabet": (deliver_pdu(AB, length=2, dcs=0x0C), [SMSPDUDECODER]),
    "data": (deliver_pdu(b"\x80\x01", dcs=4), []),
    "Turkish single shift": (with_header("240101", b"\x1bg"), []),
    "Turkish locking shift": (with_header("250101", b"\x07"), []),
    "Hindi": (with_header("240106250106", b"\x18\x38\x1b\x1f"), []),
    "element beyond the header": (deliver_pdu(bytes.fromhex("0500090502010061"), dcs=8, header=True), []),
    "part 3 of 2": (deliver_pdu(bytes.fromhex("0500030502030061"), dcs=8, header=True), []),
    "no time": (deliver_pdu(AB, length=2, scts=bytes(7)), []),
    "signs in a number": (from_sender("0581BA10F2"), []),
    "part, 16 bit reference, 7 bit": (with_header("080405060302", b"hello"), [SMSPDUDECODER, MESSAGING]),
}


@pytest.mark.parametrize("case", AGREED)
def test_two_of_three_agree(case: str) -> None:
    assert len(agreeing(AGREED[case])) >= 2


@pytest.mark.parametrize("case", DISAGREED)
def test_where_others_are_wrong(case: str) -> None:
    pdu, right = DISAGREED[case]
    assert agreeing(pdu) == right


@given(st.text(sorted(codes().keys() - set("\f§@")), min_size=1, max_size=60))
def test_two_of_three_agree_on_7_bit_texts(text: str) -> None:
    # Without what gsmmodem gets wrong, so that smspdudecoder may fail where escapes end in spare bits.
    septets = encode_septets(text)
    assert septets is not None
    pdu = deliver_pdu(pack(septets), length=len(septets))
    assert ours(pdu).text == text
    assert len(agreeing(pdu)) >= 2


@given(texts(1, 35))
def test_two_of_three_agree_on_utf_16(text: str) -> None:
    pdu = deliver_pdu(text.encode("utf-16-be"), dcs=8)
    assert ours(pdu).text == text
    assert len(agreeing(pdu)) >= 2


@pytest.mark.parametrize("text", ["hello", "a" * 160, "€" * 80, "こんにちは", "я" * 70, "~{}[]\\|^", "a\r\nb"])
def test_gsmmodem_encodes_the_same(text: str) -> None:
    (theirs,) = encodeSmsSubmitPdu("+491701234567", text, reference=0)
    (part,) = encode_submit("+491701234567", text, reference=0)
    assert bytes(theirs.data) == part.pdu
    assert theirs.tpduLength == part.tpdu_length
