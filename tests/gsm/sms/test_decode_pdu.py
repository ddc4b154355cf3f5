"""Decoding of PDUs: the standard's cases, PDUs from reports (numbers changed), and what is cut or random."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.sms import Concat, Deliver, Ports, SmsError, Waiting, decode_pdu, join_text
from gateways.gsm.sms.septets import pack
from tests.gsm.sms.pdus import deliver_pdu


def deliver(pdu: str | bytes, **options: bool) -> Deliver:
    message = decode_pdu(bytes.fromhex(pdu) if isinstance(pdu, str) else pdu, **options)
    assert isinstance(message, Deliver)
    return message


@pytest.mark.parametrize(
    ("pdu", "sender", "text", "scts"),
    [
        pytest.param(
            "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
            "27838890001",
            "hellohello",
            datetime(1999, 3, 29, 13, 16, 59, tzinfo=UTC),
            id="plan and type that are not E.164, year of the last century",
        ),
        pytest.param(
            "0791448720003023040DD0E474D81C0EBB010000111011315214000BE474D81C0EBB5DE3771B",
            "diafaan",
            "diafaan.com",
            datetime(2011, 1, 11, 13, 25, 41, tzinfo=UTC),
            id="alphanumeric sender of seven letters",
        ),
        pytest.param(
            "07913306092000F0040B913306000000F60008619091516061800AD83DDE03D83DDE0E0020",
            "+33600000006",
            "😃😎 ",
            datetime(2016, 9, 19, 13, 6, 16, tzinfo=UTC),
            id="emoji",
        ),
        pytest.param(
            "07915510100102910407D1D6A4F50900C8715091415320291FD6F7B80CA297DBA018C8FDB68751F314A85D76CFC3E7721BE59EA700",
            "VIVO",
            "Voce tem 1 nova(s) mensagem(ns)",
            datetime(2017, 5, 19, 17, 35, 2, tzinfo=UTC),
            id="voice mail waits, zone west of Greenwich",
        ),
        pytest.param(
            "07914889200009F4040B914800000000F000006220813205908205CF35C84D00",
            "+84000000000",
            "Ok nè",
            datetime(2026, 2, 18, 16, 50, 9, tzinfo=UTC),
            id="accent of the default alphabet",
        ),
    ],
)
def test_messages(pdu: str, sender: str, text: str, scts: datetime) -> None:
    message = deliver(pdu)
    assert (message.sender, message.text, message.scts) == (sender, text, scts)


def test_a_long_message_in_7_bit() -> None:
    body = "62B1582C168BC5" * 19
    parts = [
        deliver(f"07913306000000F0440B913306000000F0000061011022113380A0050003CB030162B1582C168BC5{body}62"),
        deliver(f"07913306000000F0440B913306000000F0000061011022114380A0050003CB030262B1582C168BC5{body}62"),
        deliver("07913306000000F0640B913306000000F000006101102211538031050003CB0303" + "62B1582C168BC5" * 5 + "6231"),
    ]
    assert [part.text for part in parts] == ["1" * 153, "1" * 153, "1" * 42]
    assert [part.concat for part in parts] == [Concat(0xCB, seq, 3) for seq in (1, 2, 3)]


HEADER = bytes((5, 0, 3, 7, 2, 1))
EMOJI = "a😀b".encode("utf-16-be")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([deliver_pdu(HEADER + half, dcs=8, header=True) for half in (EMOJI[:4], EMOJI[4:])], "a😀b"),
        ([deliver_pdu(HEADER + pack(half, 1), length=9, header=True) for half in (b"a\x1b", b"eb")], "a€b"),
    ],
    ids=["surrogate pair", "escape"],
)
def test_a_character_cut_between_parts(parts: list[bytes], text: str) -> None:
    assert join_text([deliver(part).content for part in parts]) == text


@pytest.mark.parametrize(
    ("address", "number"),
    [
        pytest.param("0B919471103254F6", "+49170123456", id="international, odd"),
        pytest.param("0AA11017103254", "0171012345", id="national"),
        pytest.param("0581BADCFE", "*#abc", id="signs"),
        pytest.param("0081", "", id="none"),
        pytest.param("07D0C2309B0D", "Ball", id="name"),
        pytest.param("0ED0F4F29C9E769F01", "testing", id="name counted in whole octets"),
        pytest.param("0ED0F4F29C9E769FE7", "testings", id="name of eight letters"),
    ],
)
def test_addresses(address: str, number: str) -> None:
    assert deliver(f"0004{address}00004210612143008000").sender == number


@pytest.mark.parametrize(
    ("scts", "expected"),
    [
        ("42106121430080", datetime(2024, 1, 16, 10, 34, tzinfo=UTC)),
        ("42106121430029", datetime(2024, 1, 16, 15, 34, tzinfo=UTC)),
        ("42106121430022", datetime(2024, 1, 16, 7, 4, tzinfo=UTC)),
        ("00000000000000", None),
        ("42F06121430080", None),
        ("42106121436080", datetime(2024, 1, 16, 10, 34, 6, tzinfo=UTC)),
        ("42106121430096", None),
    ],
)
def test_time_stamps(scts: str, expected: datetime | None) -> None:
    assert deliver(deliver_pdu(b"", scts=bytes.fromhex(scts))).scts == expected


@pytest.mark.parametrize(
    ("dcs", "text", "flash"),
    [
        (0x00, "ab", False),
        (0x10, "ab", True),
        (0x11, "ab", False),
        (0x40, "ab", False),
        (0x0C, "ab", False),
        (0x04, "6131", False),
        (0x14, "6131", True),
        (0x08, "\u6131", False),
        (0x18, "\u6131", True),
        (0x20, "6131", False),
        (0x80, "ab", False),
        (0xB9, "ab", False),
        (0xC8, "ab", False),
        (0xD8, "ab", False),
        (0xE8, "\u6131", False),
        (0xF0, "ab", True),
        (0xF1, "ab", False),
        (0xF4, "6131", True),
        (0xF7, "6131", False),
    ],
)
def test_coding_schemes(dcs: int, text: str, flash: bool) -> None:
    message = deliver(deliver_pdu(pack(b"ab"), length=2, dcs=dcs))
    assert (message.text, message.flash) == (text, flash)


def test_waiting_messages() -> None:
    assert deliver(deliver_pdu(b"", dcs=0xC8)).content.coding.waiting == Waiting("voicemail", active=True, store=False)
    assert deliver(deliver_pdu(b"", dcs=0xD2)).content.coding.waiting == Waiting("email", active=False, store=True)
    assert deliver(deliver_pdu(b"", dcs=0xE9)).content.coding.waiting == Waiting("fax", active=True, store=True)


@pytest.mark.parametrize(
    ("elements", "concat"),
    [
        ("0003050201", Concat(5, 1, 2)),
        ("080405060302", Concat(0x506, 2, 3, wide=True)),
        ("0003050203", None),
        ("0003050200", None),
        ("0003050001", None),
        ("00020502", None),
        ("00030502010003060202", Concat(6, 2, 2)),
        ("7002010200030502012200", Concat(5, 1, 2)),
        ("0004050201", None),
        ("000305020108", None),
    ],
)
def test_headers(elements: str, concat: Concat | None) -> None:
    octets = bytes.fromhex(elements)
    message = deliver(deliver_pdu(bytes((len(octets),)) + octets + "é".encode("utf-16-be"), dcs=8, header=True))
    assert (message.concat, message.text) == (concat, "é")


def test_ports_and_unknown_elements_are_kept() -> None:
    octets = bytes.fromhex("0B05040B8423F07003AABBCC")
    content = deliver(deliver_pdu(octets + b"\x01\x02", dcs=4, header=True)).content
    assert content.ports == Ports(destination=0x0B84, source=0x23F0)
    assert (0x70, b"\xaa\xbb\xcc") in content.header.elements
    assert (content.text, content.binary) == ("0102", True)
    assert deliver(deliver_pdu(bytes.fromhex("0404020A0B"), dcs=4, header=True)).content.ports == Ports(10, 11)


@pytest.mark.parametrize("filler", range(8))
def test_text_begins_at_a_septet_whatever_the_headers_length(filler: int) -> None:
    header = bytes((2 + filler, 0x70, filler)) + bytes(filler)
    skipped = -(-len(header) * 8 // 7)
    body = pack(b"hello@", skipped * 7 - len(header) * 8)
    message = deliver(deliver_pdu(header + body, length=skipped + 6, header=True))
    assert message.text == "hello¡"


@pytest.mark.parametrize(
    ("elements", "septets", "text"),
    [
        ("240101", b"\x1bg\x1bs", "ğş"),
        ("250101", b"\x07\x1d", "ış"),
        ("240106250106", b"\x18\x38\x1b\x1f", "घ8३"),
        ("250102", b"\x07", "ì"),
        ("240163", b"\x1be", "€"),
    ],
)
def test_national_tables(elements: str, septets: bytes, text: str) -> None:
    octets = bytes.fromhex(elements)
    header = bytes((len(octets),)) + octets
    skipped = -(-len(header) * 8 // 7)
    body = pack(septets, skipped * 7 - len(header) * 8)
    assert deliver(deliver_pdu(header + body, length=skipped + len(septets), header=True)).text == text


def test_utf_16_in_either_byte_order_and_cut() -> None:
    assert deliver(deliver_pdu(b"\xff\xfe1\x002\x00", dcs=8)).text == "12"
    assert deliver(deliver_pdu(b"\xfe\xff\x001", dcs=8)).text == "1"
    assert deliver(deliver_pdu(b"\x001\xd8\x3d", dcs=8)).text == "1\ufffd"
    assert deliver(deliver_pdu(b"\x001\x00", dcs=8)).text == "1\ufffd"


def test_what_follows_the_user_data_is_cut() -> None:
    assert deliver(deliver_pdu(pack(b"ab") + b"\xff\xff", length=2)).text == "ab"
    assert deliver(deliver_pdu(b"\x00a\x00b", length=2, dcs=8)).text == "a"


@pytest.mark.parametrize("taken", range(1, 30))
def test_a_pdu_cut_short_says_what_is_missing(taken: int) -> None:
    whole = deliver_pdu(pack(b"hello"), length=5)
    with pytest.raises(SmsError, match="PDU cut short"):
        decode_pdu(whole[: len(whole) - taken])


def test_a_header_longer_than_the_user_data_is_refused() -> None:
    with pytest.raises(SmsError, match="header claims 9 octets"):
        decode_pdu(deliver_pdu(b"\x09\x00\x03", dcs=8, header=True))
    with pytest.raises(SmsError, match="no user data"):
        decode_pdu(deliver_pdu(b"", header=True))


def test_reserved_message_type_is_a_delivery() -> None:
    pdu = bytearray(deliver_pdu(pack(b"ab"), length=2))
    pdu[8] |= 3
    assert deliver(bytes(pdu)).text == "ab"


@pytest.mark.parametrize("options", [{}, {"from_modem": False}])
def test_without_service_centre(options: dict[str, bool]) -> None:
    bare = deliver_pdu(pack(b"ab"), length=2)[8:]
    message = deliver(bare, **options)
    assert (message.smsc, message.text) == (None, "ab")
    assert deliver(b"\x00" + bare).smsc is None
    assert deliver(deliver_pdu(b"")).smsc == "+491710760000"


def test_length_tells_that_the_service_centre_is_missing() -> None:
    # More messages follow, so the first octet is 0, as an empty service centre's address would be.
    bare = b"\x00" + deliver_pdu(pack(b"ab"), length=2)[9:]
    message = decode_pdu(bare, length=len(bare))
    assert isinstance(message, Deliver)
    assert message.text == "ab"


@given(st.binary(max_size=190), st.booleans(), st.booleans(), st.none() | st.integers(0, 190))
def test_random_octets_never_do_more_than_an_sms_error(
    octets: bytes, from_modem: bool, report: bool, length: int | None
) -> None:
    try:
        message = decode_pdu(octets, from_modem=from_modem, report=report, length=length)
    except SmsError:
        return
    (message.content.text if message.content else "").encode()


@given(st.binary(max_size=150), st.integers(0, 255), st.booleans())
def test_random_user_data_decodes_or_is_refused(octets: bytes, dcs: int, header: bool) -> None:
    try:
        message = deliver(deliver_pdu(octets, dcs=dcs, header=header))
    except SmsError:
        return
    message.text.encode()
    assert message.concat is None or 0 < message.concat.seq <= message.concat.total
