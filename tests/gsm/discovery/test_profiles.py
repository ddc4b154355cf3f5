"""The table of USB ids holds together."""

from __future__ import annotations

from gateways.gsm.discovery import profiles


def test_no_id_is_both_a_disc_and_a_modem() -> None:
    assert profiles._DISC_IDS & set(profiles._PROFILES) == set()


def test_interfaces_differ() -> None:
    assert [key for key, one in profiles._PROFILES.items() if one.at == one.pcm] == []


def test_an_unknown_product_of_a_known_vendor() -> None:
    known = profiles.profile(profiles.QUECTEL, 0x0FFF)
    assert known is not None
    assert (known.family, known.at) == ("quectel", 2)
    assert not profiles.is_exact(profiles.QUECTEL, 0x0FFF)
    assert profiles.is_exact(profiles.QUECTEL, 0x0125)


def test_neither_modem_nor_disc() -> None:
    assert profiles.profile(0x046D, 0xC077) is None
    assert profiles.profile(profiles.UBLOX, 0x01A8) is None  # a satellite receiver
    assert profiles.profile(profiles.HUAWEI, 0x1446) is None
    assert profiles.is_disc(profiles.HUAWEI, 0x1446)
