"""The GSM alphabets against tables that others made from the standard."""

from __future__ import annotations

import gsm0338
import messaging.sms.gsm0338
import pytest
from gsmcodecs.charmaps import GSMCHARMAPS
from gsmmodem.pdu import GSM7_BASIC, GSM7_EXTENDED
from hypothesis import given
from hypothesis import strategies as st
from smspdudecoder.codecs import GSM

from gateways.gsm.sms.alphabet import (
    ESCAPE,
    Language,
    codes,
    decode_septets,
    encode_septets,
    locking_table,
    single_table,
)
from gateways.gsm.sms.septets import octets_for, pack, unpack

# gsmcodecs 1.0.0 against 3GPP TS 23.038 A.3.4 to A.3.13: ' instead of , at 0x2C.
_COMMA = {language: {0x2C: ","} for language in range(Language.BENGALI, Language.URDU + 1)}
# ... and what the standard itself prints wrong (0CAA twice): see locking.py.
_LOCKING_DIFFERENCES = {**_COMMA, Language.KANNADA: {0x2C: ",", 0x24: "\u0ca1"}}
# A.2.12 has the euro sign, gsmcodecs 1.0.0 has not.
_SINGLE_DIFFERENCES = {Language.TELUGU: {0x65: "€"}}


@pytest.mark.parametrize("language", [language for language in Language if "locking" in GSMCHARMAPS[language]])
def test_locking_tables_agree_with_gsmcodecs(language: Language) -> None:
    theirs = {place: chr(code) for place, code in GSMCHARMAPS[language]["locking"]["decode"].items() if place != ESCAPE}
    assert locking_table(language) == theirs | _LOCKING_DIFFERENCES.get(language, {})


@pytest.mark.parametrize("language", Language)
def test_single_tables_agree_with_gsmcodecs(language: Language) -> None:
    theirs = {place: chr(code) for place, code in GSMCHARMAPS[language]["singleShift"]["decode"].items()}
    for reserved in (0x0D, ESCAPE):
        theirs.pop(reserved, None)
    assert single_table(language) == theirs | _SINGLE_DIFFERENCES.get(language, {})


def test_kannada_has_each_letter_once() -> None:
    letters = [character for character in locking_table(Language.KANNADA).values() if character > "\x7f"]
    assert len(letters) == len(set(letters))
    assert (
        "".join(locking_table(Language.KANNADA)[place] for place in range(0x22, 0x27))
        == "\u0c9f\u0ca0\u0ca1\u0ca2\u0ca3"
    )


def test_default_alphabet_agrees_with_four_others() -> None:
    places = [place for place in range(128) if place != ESCAPE]
    ours = "".join(locking_table(0)[place] for place in places)
    assert gsm0338.Codec().decode(bytes(places))[0] == ours
    assert messaging.sms.gsm0338.GSM0338Codec().decode(bytes(places))[0] == ours
    # gsmmodem 0.13 has a grave accent where the section sign is: docs/adr/0008-own-pdu-codec.md.
    assert "".join(GSM7_BASIC[place] for place in places) == ours.replace("§", "`")
    assert GSM.decode(pack(bytes(places)).hex().upper())[:-1] == ours
    # ... and no form feed.
    theirs = {ord(place): character for character, place in GSM7_EXTENDED.items() if character != "\xff"}
    assert theirs | {0x0A: "\f"} == single_table(0)


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        ("1B65", "€"),
        ("1B1B", " "),
        ("1B41", "A"),
        ("411B", "A "),
        ("1B0A", "\f"),
        ("1B0D", "\r"),
        ("", ""),
    ],
)
def test_the_escape(septets: str, text: str) -> None:
    assert decode_septets(bytes.fromhex(septets)) == text


def test_free_places_of_a_locking_table_are_shown_as_unknown() -> None:
    assert decode_septets(b"\x00D", Language.TAMIL) == "\ufffd\u0bb0"


def test_spanish_has_no_locking_table_and_unknown_languages_have_none() -> None:
    assert locking_table(Language.SPANISH) == locking_table(99) == locking_table(0)
    assert single_table(99) == single_table(0)


@given(st.sampled_from(Language), st.sampled_from(Language), st.data())
def test_every_alphabet_round_trips(locking: Language, single: Language, data: st.DataObject) -> None:
    text = data.draw(st.text(sorted(codes(locking, single)), max_size=60))
    septets = encode_septets(text, locking, single)
    assert septets is not None
    assert decode_septets(septets, locking, single) == text


@given(st.binary(max_size=200), st.integers(0, 255), st.integers(0, 255))
def test_any_octets_decode(octets: bytes, locking: int, single: int) -> None:
    decode_septets(octets, locking, single).encode()


def test_what_the_alphabet_lacks_is_not_encoded() -> None:
    assert encode_septets("naïve") is None


@given(st.binary(max_size=180).map(lambda octets: bytes(octet & 0x7F for octet in octets)), st.integers(0, 6))
def test_packing_round_trips(septets: bytes, fill: int) -> None:
    packed = pack(septets, fill)
    assert unpack(packed, len(septets), fill) == septets
    if not fill:
        assert len(packed) == octets_for(len(septets))


def test_packing_of_the_standards_example() -> None:
    assert pack(b"hellohello").hex().upper() == "E8329BFD4697D9EC37"
