"""python-gsmmodem-new as an independent judge: messages, status reports and USSD through the simulator."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gsmmodem.modem import GsmModem

from gateways.gsm.simulator import Bank

from .conftest import quick
from .sms_texts import CALLER, LINE, until


@pytest.fixture(params=["huawei", "generic", "ublox"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bank]:
    """Families that keep status reports where +CDSI says."""
    with Bank(tmp_path / "bank", lines=1, timing=quick(), families=[request.param]) as running:
        yield running


@pytest.fixture
def client(bank: Bank) -> Iterator[tuple[Any, list[Any]]]:
    came: list[Any] = []
    modem = GsmModem(
        str(bank.at_path("gsm-1")), 115200, smsReceivedCallbackFunc=came.append, smsStatusReportCallback=came.append
    )
    modem.connect()
    yield modem, came
    modem.close()


def test_gsmmodem_sends_and_hears_of_the_delivery(bank: Bank, client: tuple[Any, list[Any]]) -> None:
    modem, _ = client
    callee = bank.subscriber(CALLER)
    sent = modem.sendSms(CALLER, "Grüße 0 to 9", waitForDeliveryReport=True, deliveryTimeout=5)
    assert callee.wait_messages(1, 2)[0].text == "Grüße 0 to 9"
    assert sent.report.deliveryStatus == 0
    assert sent.status == sent.DELIVERED


def test_gsmmodem_sends_long_ucs2(bank: Bank, client: tuple[Any, list[Any]]) -> None:
    modem, _ = client
    text = "午後三時からです。" * 12
    callee = bank.subscriber(CALLER)
    modem.sendSms(CALLER, text)
    (message,) = callee.wait_messages(1, 3)
    assert (message.text, message.total) == (text, 2)


def test_gsmmodem_receives(bank: Bank, client: tuple[Any, list[Any]]) -> None:
    _, came = client
    bank.subscriber(CALLER).send_sms("Prix: 5€ [net] @ नमस्ते", LINE)
    until(lambda: len(came), lambda count: count == 1, 5)
    assert (came[0].number, came[0].text) == (CALLER, "Prix: 5€ [net] @ नमस्ते")
    memories = bank.sms["gsm-1"].memories.values()
    until(lambda: bank.loop.call(lambda: sum(len(m.messages) for m in memories)), lambda kept: kept == 0, 3)


def test_gsmmodem_asks_ussd(bank: Bank, client: tuple[Any, list[Any]]) -> None:
    modem, _ = client
    if bank.modem("gsm-1").family == "huawei":
        modem.write("AT^USSDMODE=0")  # it does not know packed strings
    answer = modem.sendUssd("*100#")
    assert answer.message == "Your balance is 1000 yen, valid until 2027/12/31."
    assert not answer.sessionActive
    menu = modem.sendUssd("*123#")
    assert menu.sessionActive
    assert menu.reply("3").message == f"Your number: {LINE}"
