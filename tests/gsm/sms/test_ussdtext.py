"""USSD strings as modems write them, and as they take them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.sms import SmsError
from gateways.gsm.sms.septets import pack
from gateways.gsm.ussdtext import Form, decode_ussd, encode_ussd

CYRILLIC = "04110430043B0430043D0441003A0032003200320030002C003700360440"


@pytest.mark.parametrize(
    ("raw", "dcs", "text"),
    [
        pytest.param("AA182C3602", 15, "*101#", id="packed"),
        pytest.param("AA182DA68A8D1A", 15, "*141*1#", id="packed with a carriage return at the end"),
        pytest.param("CF2135487D2E4131DCCD25A381E02E", 0, "OCTATOK 187.24 p.", id="packed, dcs 0"),
        pytest.param("CE325C1EB6A7D9EE7C1AE47EB7CB72507DCEAE9FD3", 15, "Nepravilnyi nomer uslugi", id="packed letters"),
        pytest.param("ce325c1eb6a7d9ee7c1ae47eb7cb72507dceae9fd3", 1, "Nepravilnyi nomer uslugi", id="small digits"),
        pytest.param(CYRILLIC, 72, "Баланс:2220,76р", id="ucs2"),
        pytest.param(CYRILLIC, 15, "Баланс:2220,76р", id="ucs2 15"),
        pytest.param(CYRILLIC, None, "Баланс:2220,76р", id="no dcs"),
        pytest.param("00480061007600690020006B0065007200650074", 15, "Havi keret", id="latin ucs2"),
        pytest.param("0645063306280642002006270644062F06410639003A00200037", 72, "مسبق الدفع: 7", id="arabic"),
        pytest.param("536973612070756C73612052702E333030302E0A312E5941", 0, "Sisa pulsa Rp.3000.\n1.YA", id="octets"),
        pytest.param("536973612070756C73612052702E33303030", 0x44, "Sisa pulsa Rp.3000", id="8 bit"),
        pytest.param("0062004B006100730068000A0031\n0020004D0032004D", 72, "bKash\n1 M2M", id="digits over two lines"),
        pytest.param("Service not allowed.", 15, "Service not allowed.", id="plain"),
        pytest.param("Balance 5 EUR", 72, "Balance 5 EUR", id="plain that claims ucs2"),
        pytest.param("1. Balance\n2. Data", 15, "1. Balance\n2. Data", id="menu"),
        pytest.param("1234", 15, "1234", id="digits"),
        pytest.param("20", None, "20", id="two digits"),
        pytest.param("919812345678", 15, "919812345678", id="a number"),
        pytest.param("00310032", 15, "12", id="digits in ucs2"),
        pytest.param("4F60597D60A8597D", 72, "你好您好", id="chinese"),
        pytest.param("D4F29C0E", 15, "Test", id="a short word"),
        pytest.param("", 15, "", id="empty"),
        pytest.param("ABC", 15, "ABC", id="odd digits"),
        pytest.param("\x00abc\x11", 15, "@abc_", id="gsm characters"),
        pytest.param(b"\x04\x11\x00\x31", 72, "Б1", id="raw ucs2"),
        pytest.param("Solde: 5 \u20ac".encode(), 15, "Solde: 5 €", id="utf-8 bytes"),
        pytest.param("Solde: 5 \u20ac", 15, "Solde: 5 €", id="text"),
        pytest.param(b"Cr\xe9dit", 15, "Crédit", id="latin-1"),
        pytest.param("en\rHello", 0x10, "Hello", id="language before plain text"),
        pytest.param("Hello\nyou", 0x10, "Hello\nyou", id="language that is missing"),
    ],
)
def test_answers(raw: str | bytes, dcs: int | None, text: str) -> None:
    assert decode_ussd(raw, dcs) == text


def test_language_before_ucs2() -> None:
    raw = (pack(b"ar") + "رصيدك".encode("utf-16-be")).hex().upper()
    assert decode_ussd(raw, 0x11) == "رصيدك"
    assert decode_ussd("رصيدك".encode("utf-16-be").hex().upper(), 0x11) == "رصيدك"


def test_language_before_packed_text() -> None:
    assert decode_ussd(pack(b"en\rYour balance is 5").hex().upper(), 0x10) == "Your balance is 5"


@pytest.mark.parametrize(
    ("text", "form", "coded"),
    [
        ("*101#", "packed", "AA182C3602"),
        ("*141*1#", "packed", "AA182DA68A8D1A"),
        ("*100#", "plain", "*100#"),
        ("*100#", "ucs2", "002A0031003000300023"),
        ("1", "packed", "31"),
        ("", "packed", ""),
    ],
)
def test_requests(text: str, form: Form, coded: str) -> None:
    assert encode_ussd(text, form) == coded


@pytest.mark.parametrize(
    ("text", "form"), [("яблоко", "packed"), ("яблоко", "plain"), ('a"b', "plain"), ("a\ud83d", "ucs2")]
)
def test_requests_that_a_form_cannot_carry(text: str, form: Form) -> None:
    with pytest.raises(SmsError):
        encode_ussd(text, form)


@pytest.mark.parametrize("length", range(4, 26))
def test_packed_texts_of_every_length_keep_their_end(length: int) -> None:
    text = "Your balance is 5.00 EUR!"[:length]
    assert decode_ussd(encode_ussd(text, "packed"), 15) == text


def test_spare_bits_that_the_network_left_empty_are_no_character() -> None:
    assert decode_ussd(pack(b"Balance").hex().upper(), 15) == "Balance"


LATIN_WORDS = ["Your", "balance", "is", "Rs", "12.50", "valid", "till", "recharge", "dial", "*123#", "now", "Guthaben"]
CYRILLIC_WORDS = ["Ваш", "баланс", "10.50", "руб", "пакет", "минут", "на", "счёте"]
ANY_DCS = st.sampled_from((0, 1, 15, 72, 68, None))


@given(st.permutations(LATIN_WORDS).map(" ".join), st.sampled_from(("packed", "ucs2")), ANY_DCS)
def test_the_dcs_may_be_wrong(text: str, form: Form, dcs: int | None) -> None:
    assert decode_ussd(encode_ussd(text, form), dcs) == text


@given(st.permutations(CYRILLIC_WORDS).map(" ".join), ANY_DCS)
def test_the_dcs_may_be_wrong_for_other_scripts(text: str, dcs: int | None) -> None:
    assert decode_ussd(encode_ussd(text, "ucs2"), dcs) == text


HEX = st.from_regex(r"\A[0-9A-F]{0,60}\Z")


@given(st.binary(max_size=200) | st.text(max_size=100) | HEX, st.none() | st.integers(0, 255))
def test_anything_decodes(raw: str | bytes, dcs: int | None) -> None:
    decode_ussd(raw, dcs).encode("utf-8", "surrogatepass")
