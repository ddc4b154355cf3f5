"""The virtual network's own codec: known PDUs, alphabets, parts, and what no bytes may break."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.simulator.smsalphabet import from_septets, pack, pack_ussd, to_septets, unpack, unpack_ussd
from gateways.gsm.simulator.smsnational import LANGUAGES, LOCKING, SINGLE
from gateways.gsm.simulator.smsparts import Part, Writing, join
from gateways.gsm.simulator.smspdu import (
    Body,
    Deliver,
    PduError,
    Report,
    alphabet,
    read_deliver,
    read_report,
    read_submit,
    sca,
    split_sca,
    write_deliver,
    write_report,
)

from .sms_texts import HINDI, JAPANESE, TURKISH

AT = datetime(2026, 11, 22, 16, 3, 21, tzinfo=timezone(timedelta(hours=9)))


def test_a_deliver_as_published() -> None:
    """The example that most PDU guides share."""
    centre, tpdu = split_sca(bytes.fromhex("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"))
    message = read_deliver(tpdu)
    assert centre == "+27381000015"
    assert message.sender == "27838890001"
    assert message.body.text == "hellohello"
    assert message.at == datetime(1999, 3, 29, 15, 16, 59, tzinfo=timezone(timedelta(hours=2)))


def test_a_submit_as_published() -> None:
    _, tpdu = split_sca(bytes.fromhex("0011000B916407281553F80000AA0AE8329BFD4697D9EC37"))
    message = read_submit(tpdu)
    assert (message.to, message.body.text, message.validity) == ("+46708251358", "hellohello", b"\xaa")


@pytest.mark.parametrize("sender", ["+819012345678", "12345", "SHOP", "Ä&Ö Café"])
def test_a_deliver_goes_out_and_comes_back(sender: str) -> None:
    body = Writing().bodies("Prix: 5€ [net]", 1)[0]
    message = Deliver(sender, body, AT, more=True)
    assert read_deliver(write_deliver(message)) == message


@pytest.mark.parametrize("hours", [9, 5.5, -3.5, 0])
def test_a_report_goes_out_and_comes_back(hours: float) -> None:
    at = AT.astimezone(timezone(timedelta(hours=hours)))
    report = Report("+819012345678", 255, at, at + timedelta(seconds=5), 0x46)
    assert read_report(write_report(report)) == report


@pytest.mark.parametrize(
    "septets", [b"", b"\x01", b"\x00\x05\x91", bytes(12), bytes.fromhex("11000B916407281553F80000")]
)
def test_what_is_no_submit(septets: bytes) -> None:
    with pytest.raises(PduError):
        read_submit(septets)


@pytest.mark.parametrize("cut", [1, 2])
def test_user_data_must_be_as_long_as_it_says(cut: int) -> None:
    whole = bytes.fromhex("11000B916407281553F80000AA0AE8329BFD4697D9EC37")
    for tpdu in (whole[:-cut], whole + bytes(cut)):
        with pytest.raises(PduError):
            read_submit(tpdu)


@pytest.mark.parametrize(
    ("dcs", "name", "message_class"),
    [
        (0x00, "gsm7", None),
        (0x04, "8bit", None),
        (0x08, "ucs2", None),
        (0x18, "ucs2", 0),
        (0x11, "gsm7", 1),
        (0xF0, "gsm7", 0),
        (0xF6, "8bit", 2),
        (0xC8, "gsm7", None),
        (0xE0, "ucs2", None),
        (0x50, "gsm7", 0),
    ],
)
def test_codings(dcs: int, name: str, message_class: int | None) -> None:
    assert alphabet(dcs) == name
    assert Body(0, dcs, False, 0, b"").message_class == message_class


@pytest.mark.parametrize(
    ("text", "options", "parts", "coding"),
    [
        ("a" * 160, {}, 1, "gsm7"),
        ("a" * 161, {}, 2, "gsm7"),
        ("a" * 152 + "€", {}, 1, "gsm7"),
        ("a" * 159 + "€", {}, 2, "gsm7"),
        ("a" * 152 + "€" * 5, {}, 2, "gsm7"),
        ("あ" * 70, {}, 1, "ucs2"),
        ("あ" * 71, {}, 2, "ucs2"),
        ("あ" * 66 + "😀" * 40, {}, 3, "ucs2"),
        ("あ" * 66 + "😀" * 40, {"split_surrogates": True, "reference_bits": 16}, 3, "ucs2"),
        (JAPANESE, {"reference_bits": 16}, 2, "ucs2"),
        (HINDI, {"alphabet": "hindi"}, 2, "gsm7"),
        (HINDI, {"alphabet": "hindi", "reference_bits": 16, "flash": True}, 2, "gsm7"),
        (TURKISH, {"alphabet": "turkish", "shift": "locking"}, 1, "gsm7"),
        (TURKISH, {"alphabet": "turkish", "shift": "single"}, 1, "gsm7"),
        ("¡Adiós, señorita! Á Í Ó Ú" * 8, {"alphabet": "spanish"}, 2, "gsm7"),
        ("ÀÂÃ ção é ÕÔ∞" * 20, {"alphabet": "portuguese"}, 2, "gsm7"),
    ],
)
def test_parts_and_joining(text: str, options: dict[str, object], parts: int, coding: str) -> None:
    writing = Writing(**options)  # type: ignore[arg-type]
    bodies = writing.bodies(text, 0x1234)
    assert len(bodies) == parts
    assert {body.alphabet for body in bodies} == {coding}
    assert all(len(body.data) <= 140 for body in bodies)
    through = [read_deliver(write_deliver(Deliver("+1", body, AT))).body for body in bodies]
    (message,) = join(Part("+1", "+2", body, AT) for body in reversed(through))
    assert (message.text, message.complete, message.flash) == (text, True, writing.flash)


def test_tables_have_a_character_for_each_septet() -> None:
    assert set(SINGLE) == set(LANGUAGES.values())
    assert set(LOCKING) == set(LANGUAGES.values()) - {LANGUAGES["spanish"]}
    for table in LOCKING.values():
        assert len(table) == 128
        assert table[0x1B] == "\x1b"
        assert (table[0x0A], table[0x0D]) == ("\n", "\r")
    for runs in SINGLE.values():
        places = [start + n for start, run in runs.items() for n in range(len(run))]
        assert len(places) == len(set(places))
        assert runs.keys() <= set(range(128))
        assert any("€" in run for run in runs.values())


def test_unknown_after_escape_shows_the_plain_character() -> None:
    assert from_septets([0x1B, 0x41, 0x1B, 0x65]) == "A€"
    assert from_septets([0x1B]) == " "


@given(st.lists(st.integers(0, 127), max_size=160), st.integers(0, 6))
def test_packing(septets: list[int], fill: int) -> None:
    assert unpack(pack(septets, fill), len(septets), fill) == septets
    assert len(pack(septets)) == (len(septets) * 7 + 7) // 8


@given(st.text("abc *#0123\r", max_size=40))
def test_ussd_packing_loses_nothing_but_the_padding(text: str) -> None:
    septets = to_septets(text) or []
    read = unpack_ussd(pack_ussd(septets))
    assert read == septets or (len(septets) % 8 == 0 and [*read[:-1]] == septets)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_readers(data: bytes) -> None:
    for read in (read_submit, read_deliver, read_report, split_sca):
        try:
            read(data)
        except PduError:
            continue


def test_service_centre_address() -> None:
    assert split_sca(sca("+819000000000") + b"\x01") == ("+819000000000", b"\x01")
    with pytest.raises(PduError):
        split_sca(b"\x0b\x91")


def test_joining_keeps_reused_references_apart() -> None:
    now = datetime.now(UTC)
    first, second = Writing().bodies("x" * 161, 7), Writing().bodies("y" * 161, 7)
    parts = [Part("+1", "+2", body, now) for body in (first[1], first[0], first[0], second[0], second[1])]
    one, two = join(parts)
    assert (one.text, one.sequences) == ("x" * 161, [2, 1, 1])
    assert (two.text, two.sequences) == ("y" * 161, [1, 2])
    (half,) = join(parts[:1])
    assert (half.complete, half.text) == (False, first[1].text)
