"""When each family's audio port speaks, and for how long."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank, identity

from .bench import CALLER, LINE, one_modem, opened
from .conftest import quick
from .host import AtHost, PcmHost


def heard(pcm: PcmHost, seconds: float = 0.12) -> int:
    return sum(len(data) for _, data in pcm.read_for(seconds)) // 320


@pytest.mark.parametrize(
    ("family", "command"), [("simcom", "+CPCMREG=1"), ("simcom2g", ""), ("ublox", ""), ("generic", ""), ("zte", "")]
)
def test_audio_is_paced_both_ways(tmp_path: Path, family: str, command: str) -> None:
    with one_modem(tmp_path, family) as (bank, at), closing(opened(bank, at, command)) as pcm:
        call = bank.subscriber(CALLER).current
        assert call is not None
        assert 3 <= heard(pcm) <= 9
        pcm.write(b"\x07" * 640)
        assert call.wait_heard(2, 1.0)
        assert call.heard_pcm() == b"\x07" * 640


def test_huawei_sends_nothing_until_the_host_writes(tmp_path: Path) -> None:
    with one_modem(tmp_path, "huawei") as (bank, at), closing(opened(bank, at, "^DDSETEX=2")) as pcm:
        assert heard(pcm) == 0
        pcm.write(b"\0" * 320)
        assert heard(pcm) >= 3


def test_audio_that_was_opened_is_closed_at_the_end_of_the_call(tmp_path: Path) -> None:
    with one_modem(tmp_path, "simcom") as (bank, at), closing(opened(bank, at, "+CPCMREG=1")) as pcm:
        assert heard(pcm) >= 3
        at.command("+CHUP")
        assert at.command("+CPCMREG?")[0] == "+CPCMREG: 0"
        assert bank.subscriber(CALLER).dial(LINE).wait_answered(2)
        pcm.read_for(0.05)
        assert heard(pcm) == 0


def test_an_ec25_with_usb_audio_wants_the_other_port(tmp_path: Path) -> None:
    bank = Bank(tmp_path, lines=[replace(identity(1, LINE), audio="external")], timing=quick())
    with bank, closing(AtHost(bank.at_path("gsm-1"))) as at, closing(opened(bank, at, "+QPCMV=1,0")) as pcm:
        assert heard(pcm) == 0
        at.command("+QPCMV=1,2")
        assert heard(pcm) >= 3
