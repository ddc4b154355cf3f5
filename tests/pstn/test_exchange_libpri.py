"""The exchange against libpri as the user: what it sends is understood, what libpri sends breaks no rule."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pstn.exchange.behaviour import BUSY
from tests.pstn.exchange.calltypes import End
from tests.pstn.exchange.faults import Faults
from tests.pstn.exchange.ports import socket_pair
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import SwitchName, e1, t1
from tests.pstn.libpri_process import AVAILABLE, LibpriUser

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="libpri is not installed (Debian: libpri1.4)")
SWITCHES: list[SwitchName] = ["euroisdn", "ni2", "ni1", "dms100", "4ess", "5ess", "qsig"]
ETSI = ("euroisdn", "qsig")
AGENT = "+81312345678"


class Rig:
    """An exchange and libpri."""

    def __init__(self, switch: SwitchName, log: Path) -> None:
        port, theirs = socket_pair()
        self.exchange = Exchange()
        self.span = self.exchange.add_span((e1 if switch in ETSI else t1)("span", switch), port)
        self.user = LibpriUser(theirs, switch, log)
        self.span.wait_up(60)
        self.exchange.subscriber(AGENT)

    def answer(self) -> dict[str, object]:
        """libpri takes the call that comes; return what it says of it."""
        ring = self.user.wait("ring")
        for word in ("proceed", "alert", "answer"):
            self.user.say(word, ring["call"], ring["channel"])
        return ring

    def close(self) -> None:
        self.user.close()
        self.exchange.close()


@pytest.fixture(name="rig", params=["euroisdn"])
def rig_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(request.param, tmp_path / "libpri.log")
    yield rig
    rig.close()


@pytest.mark.parametrize("rig", SWITCHES, indirect=True)
def test_a_call_to_it(rig: Rig) -> None:
    call = rig.exchange.call(
        to="0398765432", number="+819012345678", name="TARO YAMADA", redirecting="+81311112222", channel=5
    )
    ring = rig.answer()
    told = (ring["channel"], ring["number"], ring["name"], ring["called"], ring["redirecting"], ring["flexible"])
    assert told == (5, "9012345678", "TARO YAMADA", "0398765432", "311112222", 0)
    call.wait_answered()
    call.hang_up(31)
    assert call.wait_ended() == End(31, "exchange")
    assert not rig.exchange.violations
    assert not rig.exchange.complaints


@pytest.mark.parametrize("rig", SWITCHES, indirect=True)
def test_a_call_from_it(rig: Rig) -> None:
    rig.user.say("call", 7, "0312345678", "398765432", "")
    call = rig.exchange.wait_call()
    number = rig.user.wait("called")["call"]
    rig.user.wait("answer")
    assert (call.channel, call.to, call.number) == (7, AGENT, "+81398765432")
    rig.user.say("hangup", number, 16)
    assert call.wait_ended() == End(16, "gateway")
    assert not rig.exchange.violations


@pytest.mark.parametrize("rig", ["ni2", "qsig"], indirect=True)
def test_its_calls_have_names(rig: Rig) -> None:
    rig.user.say("call", 7, "0312345678", "398765432", "HANAKO SATO")
    assert rig.exchange.wait_call().name == "HANAKO SATO"


def test_its_display_is_no_users_element(rig: Rig) -> None:
    rig.user.say("call", 7, "0312345678", "398765432", "HANAKO SATO")
    rig.exchange.wait_call()
    rig.user.wait("answer")
    assert all("0x28" in text for text in rig.exchange.violations), "nothing else"


def test_a_withheld_number(rig: Rig) -> None:
    rig.exchange.call(to="1", restricted=True)
    ring = rig.user.wait("ring")
    assert (ring["number"], ring["presentation"]) == ("", 0x23)


@pytest.mark.parametrize("choice", ["preferred", "exclusive"])
def test_channel_choice(rig: Rig, choice: str) -> None:
    call = rig.exchange.call(to="1", channel=9, choice=choice)
    ring = rig.answer()
    assert (ring["channel"], ring["flexible"]) == (9, choice == "preferred")
    call.wait_answered()
    assert not rig.exchange.violations


def test_digits_one_by_one(rig: Rig) -> None:
    call = rig.exchange.call(to="039876", overlap=0.02, digits_at_once=2)
    ring = rig.user.wait("ring")
    assert ring["called"] == "03"
    rig.user.say("more", ring["call"], ring["channel"])
    call.wait("setup acknowledge")
    assert [rig.user.wait("digits")["called"] for _ in range(4)] == list("9876")


@pytest.mark.parametrize("rig", ["ni2"], indirect=True)
def test_a_name_that_follows(rig: Rig) -> None:
    rig.exchange.call(to="1", name="TARO", name_later=0.05)
    ring = rig.user.wait("ring")
    rig.user.say("proceed", ring["call"], ring["channel"])
    rig.user.wait("facility")
    assert not rig.exchange.complaints


def test_refusals(rig: Rig) -> None:
    rig.exchange.subscriber(AGENT).behaves(BUSY)
    rig.user.say("call", 7, "0312345678", "398765432", "")
    assert rig.user.wait("hangup-request")["cause"] == 17
    assert rig.exchange.wait_call().wait_ended() == End(17, "exchange")
    rig.user.say("call", 7, "0399999999", "398765432", "")
    assert rig.user.wait("hangup")["cause"] == 1
    assert not rig.exchange.violations


@pytest.mark.parametrize("cause", [21, 44])
def test_it_refuses(rig: Rig, cause: int) -> None:
    call = rig.exchange.call(to="1")
    ring = rig.user.wait("ring")
    if cause != 44:  # libpri says nothing at all when it is to refuse a call with most causes before any answer to it
        rig.user.say("proceed", ring["call"], ring["channel"])
    rig.user.say("hangup", ring["call"], cause)
    assert call.wait_ended() == End(cause, "gateway")
    assert not rig.exchange.violations


def test_restart(rig: Rig) -> None:
    rig.span.restart(7)
    assert rig.user.wait("restart")["channel"] == 7
    rig.user.say("reset", 9)
    rig.user.wait("restart-ack")
    rig.span.wait_restarted(7, 9)
    assert not rig.exchange.violations


@pytest.mark.parametrize("rig", ["ni2", "5ess", "4ess", "dms100"], indirect=True)
def test_service(rig: Rig) -> None:
    rig.span.change_service(4, "out of service")
    assert rig.user.wait("service")["channel"] & 0xFF == 4
    rig.user.say("service", 9, 2)
    rig.user.wait("service-ack")
    assert (rig.span.status(4), rig.span.status(9)) == ("out of service", "out of service")
    assert not rig.exchange.violations


def test_a_dropped_link_comes_back(rig: Rig) -> None:
    rig.span.drop()
    rig.span.wait_down()
    rig.span.wait_up(10)
    rig.exchange.call(to="1")
    rig.answer()


def test_calls_on_a_bad_line(rig: Rig) -> None:
    rig.span.faults = Faults(lose=0.1, double=0.1, seed=5)
    calls = [rig.exchange.call(to="1", number="+81312345678") for _ in range(10)]
    for _ in calls:
        rig.answer()
    for call in calls:
        call.wait_answered(20)
        call.hang_up()
    for call in calls:
        assert call.wait_ended(20).cause == 16


def test_thirty_calls(rig: Rig) -> None:
    calls = [rig.exchange.call(to="1", number="+81312345678") for _ in range(30)]
    rings = [rig.answer() for _ in calls]
    assert [ring["channel"] for ring in rings] == list(itertools.chain(range(1, 16), range(17, 32)))
    for call in calls:
        call.wait_answered()
        call.hang_up()
    rig.exchange.wait_idle()
    assert not rig.exchange.violations
