"""The exchange's calls, with a user's side that does just what each test says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pstn.exchange.bearer import Bearer, ChangeStatus, ChannelId, RestartIndicator
from tests.pstn.exchange.behaviour import AT_ONCE, BUSY, NO_ANSWER
from tests.pstn.exchange.calltypes import End
from tests.pstn.exchange.facility import Facility
from tests.pstn.exchange.party import CalledNumber, CallingNumber, NumberType, Presentation, Screening
from tests.pstn.exchange.profiles import e1, t1
from tests.pstn.exchange.progress import CallStateElement, Cause, ProgressIndicator
from tests.pstn.exchange.q931 import MAINTENANCE
from tests.pstn.exchange_rig import AGENT, Rig

SPEECH = Bearer("speech", "alaw")


@pytest.fixture(name="rig")
def rig_fixture(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig = Rig(getattr(request, "param", e1("e1-1")))
    yield rig
    rig.close()


def test_the_user_calls_and_hangs_up(rig: Rig) -> None:
    rig.setup()
    assert rig.user.expect("CALL PROCEEDING").get(ChannelId) == ChannelId((3,))
    rig.user.expect("ALERTING")
    rig.user.expect("CONNECT")
    rig.user.say("CONNECT ACKNOWLEDGE", 1)
    call = rig.exchange.wait_call()
    assert (call.to, call.channel) == (AGENT, 3)
    rig.user.say("DISCONNECT", 1, Cause(16, location=0))
    rig.user.expect("RELEASE")
    rig.user.say("RELEASE COMPLETE", 1)
    assert call.wait_ended() == End(16, "gateway")
    assert not rig.exchange.violations


def test_the_subscriber_hangs_up(rig: Rig) -> None:
    rig.exchange.subscriber(AGENT).behaves(AT_ONCE, hangs_up_after=0.05, cause=31)
    rig.setup()
    rig.user.expect("CALL PROCEEDING")
    rig.user.expect("CONNECT")
    assert rig.user.expect("DISCONNECT").cause == 31
    rig.user.say("RELEASE", 1)
    rig.user.expect("RELEASE COMPLETE")
    assert rig.exchange.wait_call().wait_ended() == End(31, "exchange")
    assert not rig.exchange.violations


def test_busy(rig: Rig) -> None:
    rig.exchange.subscriber(AGENT).behaves(BUSY, inband=True)
    rig.setup()
    rig.user.expect("CALL PROCEEDING")
    cleared = rig.user.expect("DISCONNECT")
    assert cleared.cause == 17
    assert cleared.get(ProgressIndicator) == ProgressIndicator(8)
    rig.user.say("RELEASE", 1)
    rig.user.expect("RELEASE COMPLETE")


def test_unknown_number(rig: Rig) -> None:
    rig.setup(to="0399999999")
    assert rig.user.expect("RELEASE COMPLETE").cause == 1
    assert rig.exchange.wait_call().wait_ended() == End(1, "exchange")
    assert not rig.exchange.violations


def test_digits_one_by_one(rig: Rig) -> None:
    rig.user.say("SETUP", 1, SPEECH, ChannelId((3,)), CalledNumber("03"))
    rig.user.expect("SETUP ACKNOWLEDGE")
    for digit in "12345678":
        rig.user.say("INFORMATION", 1, CalledNumber(digit))
    rig.user.expect("CALL PROCEEDING")
    assert rig.exchange.wait_call().to == AGENT
    assert not rig.exchange.violations


def test_too_few_digits(rig: Rig) -> None:
    rig.user.say("SETUP", 1, SPEECH, ChannelId((3,)), CalledNumber("03"))
    rig.user.expect("SETUP ACKNOWLEDGE")
    assert rig.user.expect("DISCONNECT").cause == 28


def test_a_taken_channel(rig: Rig) -> None:
    rig.exchange.subscriber(AGENT).behaves(NO_ANSWER)
    rig.setup(1)
    rig.user.expect("CALL PROCEEDING")
    rig.user.expect("ALERTING")
    rig.setup(2)
    assert rig.user.expect("RELEASE COMPLETE").cause == 44
    rig.user.say("SETUP", 3, SPEECH, ChannelId((3,), exclusive=False), CalledNumber("0312345678"))
    assert rig.user.expect("CALL PROCEEDING").channel == 1
    rig.user.expect("ALERTING")
    rig.user.say("SETUP", 4, SPEECH, CalledNumber("0312345678"))
    assert rig.user.expect("CALL PROCEEDING").channel == 2
    assert not rig.exchange.violations


def test_the_exchange_calls(rig: Rig) -> None:
    call = rig.exchange.call(to="0398765432", number="+819012345678", name="TARO", channel=1)
    rig.answer()
    call.wait_answered()
    assert (call.got("CALL PROCEEDING").channel, call.channel) == (1, 1)
    call.hang_up(16)
    assert rig.user.expect("DISCONNECT").cause == 16
    rig.user.say("RELEASE", 1, answer=True)
    rig.user.expect("RELEASE COMPLETE")
    assert call.wait_ended() == End(16, "exchange")
    assert not rig.span.busy_channels()
    assert not rig.exchange.violations


@pytest.mark.parametrize("choice", ["preferred", "any", "unnamed"])
def test_the_user_chooses_a_channel(rig: Rig, choice: str) -> None:
    call = rig.exchange.call(to="0398765432", choice=choice)
    rig.user.expect("SETUP")
    rig.user.say("ALERTING", 1, ChannelId((9,)), answer=True)
    call.wait_alerting()
    assert call.channel == 9
    assert rig.span.busy_channels() == {9}
    assert not rig.exchange.violations


def test_what_a_setup_says(rig: Rig) -> None:
    rig.exchange.call(to="0398765432", number="+819012345678", redirecting="+81311112222", complete=True)
    setup = rig.user.expect("SETUP")
    assert setup.get(CallingNumber) == CallingNumber(
        "9012345678", NumberType.NATIONAL, presentation=Presentation.ALLOWED, screening=Screening.NETWORK
    )
    assert setup.get(CalledNumber) == CalledNumber("0398765432")
    assert setup.has(0x74)
    assert setup.has(0xA1)


def test_a_withheld_number(rig: Rig) -> None:
    rig.exchange.call(to="1", number="+819012345678", name="TARO", restricted=True)
    setup = rig.user.expect("SETUP")
    number = setup.get(CallingNumber)
    assert number is not None
    assert (number.digits, number.presentation) == ("", Presentation.RESTRICTED)
    assert setup.name is None


def test_digits_one_by_one_to_the_user(rig: Rig) -> None:
    rig.exchange.call(to="0398", overlap=0.01, digits_at_once=1)
    assert rig.user.expect("SETUP").called == "0"
    rig.user.say("SETUP ACKNOWLEDGE", 1, ChannelId((1,)), answer=True)
    assert [rig.user.expect("INFORMATION").called for _ in range(3)] == ["3", "9", "8"]
    assert not rig.exchange.violations


@pytest.mark.parametrize("rig", [t1("t1-1", "ni2")], indirect=True)
def test_a_name_that_follows(rig: Rig) -> None:
    rig.exchange.call(to="0398765432", name="TARO", name_later=0.01)
    setup = rig.user.expect("SETUP")
    facility = setup.get(Facility)
    assert facility is not None
    assert facility.name_follows
    rig.user.say("CALL PROCEEDING", 1, ChannelId((1,)), answer=True)
    assert rig.user.expect("FACILITY").name == "TARO"


def test_glare(rig: Rig) -> None:
    call = rig.exchange.glare_next(to="0398765432")
    rig.setup(1, channel=7)
    assert rig.user.expect("SETUP").channel == 7
    refused = rig.user.expect("RELEASE COMPLETE")
    assert (refused.cause, refused.to_originator) == (44, True)
    rig.user.say("ALERTING", 1, answer=True)
    call.wait_alerting()
    assert not rig.exchange.violations


def test_restart_both_ways(rig: Rig) -> None:
    rig.span.restart(5)
    asked = rig.user.expect("RESTART")
    assert (asked.channel, asked.reference) == (5, 0)
    rig.user.say("RESTART ACKNOWLEDGE", 0, ChannelId((5,)), RestartIndicator(), answer=True)
    rig.span.wait_restarted(5)
    rig.user.say("RESTART", 0, RestartIndicator("interface"))
    assert rig.user.expect("RESTART ACKNOWLEDGE").get(RestartIndicator) == RestartIndicator("interface")
    rig.span.wait_restarted()
    assert not rig.exchange.violations


@pytest.mark.parametrize("rig", [t1("t1-1", "5ess")], indirect=True)
def test_service_both_ways(rig: Rig) -> None:
    rig.span.change_service(4, "out of service")
    assert rig.user.expect("SERVICE").get(ChangeStatus) == ChangeStatus("out of service")
    said = ChangeStatus("out of service"), ChannelId((5,))
    rig.user.say("SERVICE", 0, *said, discriminator=MAINTENANCE)
    rig.user.expect("SERVICE ACKNOWLEDGE")
    assert (rig.span.status(4), rig.span.status(5), rig.span.status(6)) == (*["out of service"] * 2, "in service")
    assert not rig.exchange.violations


def test_status_enquiry_both_ways(rig: Rig) -> None:
    call = rig.exchange.call(to="0398765432", channel=1)
    rig.answer()
    call.enquire()
    rig.user.expect("STATUS ENQUIRY")
    rig.user.say("STATUS", 1, Cause(30, location=0), CallStateElement(10), answer=True)
    rig.user.say("STATUS ENQUIRY", 1, answer=True)
    assert rig.user.expect("STATUS").get(CallStateElement) == CallStateElement(10)
    rig.user.say("STATUS", 1, Cause(101, location=0), CallStateElement(0), answer=True)
    assert call.wait_ended().who == "line"
    assert len(rig.exchange.complaints) == 1
    assert not rig.exchange.violations


def test_an_active_call_outlives_a_short_loss_of_the_link(rig: Rig) -> None:
    call = rig.exchange.call(to="0398765432", channel=1)
    rig.answer()
    rig.span.drop()
    rig.user.next(0.1)
    rig.user.establish()
    rig.user.expect("STATUS ENQUIRY")
    rig.user.say("STATUS", 1, Cause(30, location=0), CallStateElement(10), answer=True)
    assert call.end is None
    rig.span.drop()
    rig.user.next(0.1)
    assert call.wait_ended() == End(27, "line", "the link did not come back (T309)")
    assert not rig.exchange.violations


def test_a_call_that_is_not_through_ends_with_the_link(rig: Rig) -> None:
    call = rig.exchange.call(to="0398765432", channel=1)
    rig.user.expect("SETUP")
    rig.user.say("ALERTING", 1, answer=True)
    call.wait_alerting()
    rig.span.drop()
    rig.user.next(0.1)
    assert call.wait_ended() == End(27, "line", "the link is down")


def test_a_call_without_a_link(rig: Rig) -> None:
    rig.span.drop()
    rig.user.next(0.1)
    rig.span.wait_down()
    assert rig.exchange.call(to="1").wait_ended() == End(27, "line", "the link is down")
    assert not rig.span.busy_channels()
    assert not rig.exchange.violations


def test_a_taken_channel_is_no_ones_else(rig: Rig) -> None:
    rig.exchange.call(to="1", channel=4)
    with pytest.raises(AssertionError, match="channel 4 is taken"):
        rig.exchange.call(to="1", channel=4)
    assert rig.exchange.open_calls == 1
