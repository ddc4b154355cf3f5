"""Encoding of messages: alphabets, sizes, cutting, flags, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.sms import Concat, Language, Part, SmsError, Submit, decode_pdu, encode_submit, join_text
from gateways.gsm.sms.alphabet import codes
from tests.gsm.sms.pdus import texts

NUMBER = "+491701234567"


def read(part: Part) -> Submit:
    message = decode_pdu(part.pdu, length=part.tpdu_length)
    assert isinstance(message, Submit)
    return message


@pytest.mark.parametrize(
    ("text", "alphabet", "sizes"),
    [
        ("", "7bit", [0]),
        ("a" * 160, "7bit", [160]),
        ("a" * 161, "7bit", [153, 8]),
        ("a" * 306, "7bit", [153, 153]),
        ("a" * 307, "7bit", [153, 153, 1]),
        ("€" * 80, "7bit", [80]),
        ("€" * 81, "7bit", [76, 5]),
        ("a" * 152 + "€" + "a" * 8, "7bit", [152, 9]),
        ("я" * 70, "ucs2", [70]),
        ("я" * 71, "ucs2", [67, 4]),
        ("я" * 134, "ucs2", [67, 67]),
        ("я" * 135, "ucs2", [67, 67, 1]),
        ("😀" * 35, "ucs2", [35]),
        ("😀" * 36, "ucs2", [33, 3]),
        ("こんにちは" * 20, "ucs2", [67, 33]),
    ],
)
def test_sizes_of_parts(text: str, alphabet: str, sizes: list[int]) -> None:
    parts = encode_submit(NUMBER, text, reference=0)
    assert [len(part.text) for part in parts] == sizes
    assert {part.alphabet for part in parts} == {alphabet}
    assert "".join(read(part).text for part in parts) == text


@pytest.mark.parametrize(("text", "sizes"), [("a" * 161, [152, 9]), ("я" * 71, [66, 5])])
def test_sizes_with_wide_references(text: str, sizes: list[int]) -> None:
    parts = encode_submit(NUMBER, text, reference=0x1234, wide=True)
    assert [len(part.text) for part in parts] == sizes
    assert [read(part).concat for part in parts] == [Concat(0x1234, seq, 2, wide=True) for seq in (1, 2)]


@pytest.mark.parametrize(
    "cluster",
    ["👩‍👩‍👧", "👍🏽", "🇩🇪", "e\u0301", "क्षि", "கொ", "🏴\U000e0067\U000e0062\U000e007f"],
)
@pytest.mark.parametrize("lead", range(60, 68))
def test_what_a_reader_takes_for_one_character_is_not_cut(cluster: str, lead: int) -> None:
    first, *_ = encode_submit(NUMBER, "я" * lead + cluster * 4, reference=1)
    rest = first.text[lead:]
    assert rest == cluster * (len(rest) // len(cluster))


def test_a_cluster_longer_than_a_part_is_cut_between_characters() -> None:
    text = "e" + "\u0301" * 200
    parts = encode_submit(NUMBER, text, reference=1)
    assert "".join(part.text for part in parts) == text


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("Çok güzel ışık şu ağaçta " * 6, Language.TURKISH, 1),
        ("¿Cómo está? Adiós, corazón. Vendrá mañana. " * 3, Language.SPANISH, 1),
        ("Não há avião à noite, então amanhã. " * 4, Language.PORTUGUESE, 1),
        ("नमस्ते, आप कैसे हैं? कल मिलेंगे. " * 4, Language.HINDI, 1),
        ("வணக்கம், எப்படி இருக்கிறீர்கள்? " * 4, Language.TAMIL, 1),
        ("السلام علیکم، آپ کیسے ہیں؟ " * 5, Language.URDU, 1),
    ],
)
def test_national_tables_save_parts_where_the_receiver_has_them(text: str, language: Language, parts: int) -> None:
    assert len(encode_submit(NUMBER, text, reference=1)) > parts
    encoded = encode_submit(NUMBER, text, reference=1, languages=tuple(Language))
    assert len(encoded) == parts
    message = read(encoded[0])
    assert message.text == text
    assert language in {message.content.header.locking, message.content.header.single}


def test_national_tables_only_where_they_save_a_part() -> None:
    (part,) = encode_submit(NUMBER, "ışık", reference=1, languages=[Language.TURKISH])
    assert part.alphabet == "ucs2"
    (part,) = encode_submit(NUMBER, "isik", reference=1, languages=[Language.TURKISH])
    assert not read(part).content.header.elements


@given(st.sampled_from(Language), st.sampled_from(Language), st.data())
def test_every_alphabet_round_trips(locking: Language, single: Language, data: st.DataObject) -> None:
    text = data.draw(st.text(sorted(codes(locking, single)), max_size=400))
    parts = encode_submit(NUMBER, text, reference=9, languages=tuple(Language))
    assert join_text([read(part).content for part in parts]) == text
    assert [read(part).text for part in parts] == [part.text for part in parts]
    assert all(len(part.pdu) - part.tpdu_length == 1 for part in parts)
    assert all(len(read(part).content.data) <= 160 for part in parts)


@given(texts(0, 500), st.booleans(), st.integers(0, 255))
def test_any_text_round_trips(text: str, wide: bool, reference: int) -> None:
    parts = encode_submit(NUMBER, text, reference=reference, wide=wide)
    assert "".join(read(part).text for part in parts) == text
    assert all(len(part.pdu) <= 2 + 2 + 8 + 3 + 140 for part in parts)
    if len(parts) > 1:
        assert [read(part).concat for part in parts] == [part.concat for part in parts]
        assert [part.concat for part in parts] == [
            Concat(reference, seq, len(parts), wide) for seq in range(1, len(parts) + 1)
        ]


def test_the_standards_bytes() -> None:
    (part,) = encode_submit("+46708251358", "hellohello", reference=0, report=False, validity=timedelta(days=4))
    assert part.pdu.hex().upper() == "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
    assert part.tpdu_length == 23


def test_flags() -> None:
    (part,) = encode_submit(
        "1234",
        "я",
        reference=0,
        flash=True,
        reject_duplicates=True,
        validity=timedelta(hours=1),
        message_reference=255,
        smsc="+491710760000",
    )
    message = read(part)
    assert (message.flash, message.report, message.reference, message.smsc) == (True, True, 255, "+491710760000")
    assert (message.validity, message.destination.number, message.destination.type) == (
        timedelta(hours=1),
        "1234",
        0x81,
    )
    assert part.pdu[8] == 0x01 | 0x04 | 0x10 | 0x20
    assert message.content.coding.message_class == 0
    assert len(part.pdu) - part.tpdu_length == 8


def test_each_part_has_its_own_message_reference() -> None:
    parts = encode_submit(NUMBER, "a" * 400, reference=3, message_reference=255)
    assert [read(part).reference for part in parts] == [255, 0, 1]


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        (timedelta(seconds=1), timedelta(minutes=5)),
        (timedelta(hours=12, minutes=1), timedelta(hours=12, minutes=30)),
        (timedelta(hours=25), timedelta(days=2)),
        (timedelta(days=31), timedelta(weeks=5)),
        (timedelta(weeks=63), timedelta(weeks=63)),
    ],
)
def test_validity_is_never_shorter_than_asked(asked: timedelta, given_: timedelta) -> None:
    (part,) = encode_submit(NUMBER, "a", reference=0, validity=asked)
    assert read(part).validity == given_


@pytest.mark.parametrize(
    ("number", "text", "options", "says"),
    [
        (NUMBER, "a" * 153 * 255 + "a", {}, "256 parts"),
        (NUMBER, "я" * 67 * 255 + "я", {}, "send it in several"),
        (NUMBER, "a\ud83d", {}, "half a surrogate pair"),
        ("", "a", {}, "not a number"),
        ("+", "a", {}, "not a number"),
        ("Bank", "a", {}, "not a number"),
        ("0170 123", "a", {}, "write digits"),
        ("1" * 21, "a", {}, "21 digits"),
        (NUMBER, "a", {"reference": 256}, "modulo 256"),
        (NUMBER, "a", {"reference": 65536, "wide": True}, "modulo 65536"),
        (NUMBER, "a", {"reference": -1}, "modulo 256"),
        (NUMBER, "a", {"validity": timedelta(0)}, "63 weeks"),
        (NUMBER, "a", {"validity": timedelta(weeks=64)}, "63 weeks"),
        (NUMBER, "a", {"smsc": "x"}, "not a number"),
    ],
)
def test_refusals_say_what_to_do(number: str, text: str, options: dict[str, object], says: str) -> None:
    with pytest.raises(SmsError, match=says):
        encode_submit(number, text, **({"reference": 0} | options))  # type: ignore[arg-type]


def test_the_largest_message() -> None:
    parts = encode_submit(NUMBER, "a" * 153 * 255, reference=0)
    assert len(parts) == 255
    assert read(parts[-1]).concat == Concat(0, 255, 255)
