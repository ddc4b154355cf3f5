"""python-gsmmodem-new as the judge of the call states of Huawei and ZTE, which it knows by their own lines."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from gsmmodem.modem import Call, GsmModem

from gateways.gsm.simulator import Bank

from .conftest import quick
from .host import wait_until

CALLER = "+819012345678"
LINE = "+818000000001"


@pytest.fixture(autouse=True)
def _dtmf_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client keeps what it learns of DTMF on a class, for all modems of the process."""
    monkeypatch.setattr(Call, "DTMF_COMMAND_BASE", Call.DTMF_COMMAND_BASE)
    monkeypatch.setattr(Call, "dtmfSupport", Call.dtmfSupport)


@contextmanager
def client(directory: Path, family: str) -> Iterator[tuple[Bank, Any, list[Any]]]:
    timing = quick()
    timing.setup = 0.2  # it takes the lines of one read for one event
    incoming: list[Any] = []
    bank = Bank(directory, lines=1, timing=timing, families=[family])
    modem = GsmModem(str(bank.at_path("gsm-1")), incomingCallCallbackFunc=incoming.append)
    with bank, closing(modem):
        modem.connect()
        yield bank, modem, incoming


@pytest.mark.parametrize(("family", "maker"), [("huawei", "huawei"), ("zte", "ZTE INCORPORATED")])
def test_it_dials_and_follows_the_call_to_its_end(tmp_path: Path, family: str, maker: str) -> None:
    with client(tmp_path, family) as (bank, modem, _):
        assert modem.manufacturer == maker
        assert modem.imei == "004401000000014"
        callee = bank.subscriber(CALLER).behaves("answers", after=0.3)
        call = modem.dial(CALLER)
        wait_until(lambda: bool(call.answered))
        received = callee.wait_call(1.0)
        call.sendDtmfTone("5")
        wait_until(lambda: [digit for _, digit in received.digits] == ["5"])
        received.hang_up()
        wait_until(lambda: not call.active)
        assert modem.activeCalls == {}


@pytest.mark.parametrize("family", ["huawei", "zte"])
def test_it_hangs_up_a_call_that_rings_at_the_far_end(tmp_path: Path, family: str) -> None:
    with client(tmp_path, family) as (bank, modem, _):
        callee = bank.subscriber(CALLER).behaves("rings")
        call = modem.dial(CALLER)
        received = callee.wait_call(2.0)
        assert not call.answered
        call.hangup()
        assert received.wait_ended(1.0)


@pytest.mark.parametrize("family", ["huawei", "zte", "simcom", "simcom2g", "ublox", "generic"])
def test_it_is_called_answers_and_hangs_up(tmp_path: Path, family: str) -> None:
    with client(tmp_path, family) as (bank, _, incoming):
        call = bank.subscriber(CALLER).dial(LINE)
        wait_until(lambda: bool(incoming))
        assert incoming[0].number == CALLER
        incoming[0].answer()
        assert call.wait_answered(1.0)
        incoming[0].hangup()
        assert call.wait_ended(1.0)
