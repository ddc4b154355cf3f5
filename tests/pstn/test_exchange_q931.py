"""The exchange's messages: logs of real D channels read, and written again octet by octet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pstn import d_channel_logs as logs
from tests.pstn.exchange.bearer import Bearer, ChangeStatus, ChannelId, HighLayer, RestartIndicator
from tests.pstn.exchange.coding import CodingError
from tests.pstn.exchange.elements import Element, Typed, read
from tests.pstn.exchange.facility import Facility, calling_name, name_follows
from tests.pstn.exchange.party import (
    CalledNumber,
    CallingNumber,
    ConnectedNumber,
    Display,
    Keypad,
    NumberType,
    OriginalCalledNumber,
    PartyNumber,
    Plan,
    Presentation,
    Reason,
    RedirectingNumber,
    Screening,
    SendingComplete,
)
from tests.pstn.exchange.progress import CallStateElement, Cause, Notification, ProgressIndicator
from tests.pstn.exchange.q931 import MAINTENANCE, Message, decode, message


def logged(text: str) -> Message:
    return decode(bytes.fromhex(text))


@pytest.mark.parametrize("name", logs.LOGS)
def test_logged_messages_are_written_as_they_were(name: str) -> None:
    assert logged(logs.LOGS[name]).encode() == bytes.fromhex(logs.LOGS[name])


def test_a_users_setup() -> None:
    setup = logged(logs.EUROISDN_USER_SETUP)
    assert (setup.kind, setup.reference, setup.to_originator) == ("SETUP", 0x41, False)
    assert setup.get(Bearer) == Bearer("speech", "alaw")
    assert setup.get(ChannelId) == ChannelId((1,))
    assert setup.get(CallingNumber) == CallingNumber(
        "3555012345", NumberType.NATIONAL, Plan.ISDN, Presentation.ALLOWED, Screening.USER_NOT_SCREENED
    )
    assert setup.get(CalledNumber) == CalledNumber("35550123", NumberType.NATIONAL)
    assert setup.get(SendingComplete) == SendingComplete()
    assert setup.name == "Taro    Yamada"


def test_a_networks_setup_and_its_refusal() -> None:
    setup = logged(logs.EUROISDN_NETWORK_SETUP)
    assert setup.get(ChannelId) == ChannelId((31,), exclusive=False)
    assert (setup.calling, setup.called) == ("", "")
    refusal = logged(logs.EUROISDN_USER_REFUSES)
    assert (refusal.kind, refusal.reference, refusal.to_originator) == ("RELEASE COMPLETE", 1, True)
    assert refusal.get(Cause) == Cause(1, location=1)


def test_sending_complete_may_come_first() -> None:
    setup = logged(logs.ETSI_PRA_SETUP)
    assert setup.has(0xA1)
    assert setup.get(ProgressIndicator) == ProgressIndicator(3, location=2)
    assert setup.channel == 11


def test_another_interface_and_a_marked_name() -> None:
    setup = logged(logs.NATIONAL_NFAS_SETUP)
    assert setup.get(ChannelId) == ChannelId((23,), exclusive=False, interface=1)
    assert setup.get(Display) == Display("Taro Yamad", 0xB1)
    assert setup.get(Bearer) == Bearer("speech", "ulaw")


def test_data_calls() -> None:
    setup = logged(logs.DATA_SETUP)
    assert setup.get(Bearer) == Bearer("unrestricted digital", None)
    assert setup.get(ChannelId) == ChannelId((18,), interface=26)
    assert setup.elements[-1] == Element(0x7C, bytes.fromhex("8890214846bb")), "kept, though nobody reads it"
    number = setup.get(CallingNumber)
    assert number is not None
    assert (number.presentation, number.screening) == (Presentation.RESTRICTED, Screening.NETWORK)


def test_a_basic_rate_message() -> None:
    setup = logged(logs.BASIC_SETUP)
    assert (setup.reference, setup.reference_octets) == (1, 1)
    assert setup.get(ChannelId) is None, "no primary rate channel identification"
    assert setup.get(CalledNumber) == CalledNumber("01735550106", NumberType.UNKNOWN, Plan.UNKNOWN)


def test_a_cause_with_a_diagnostic() -> None:
    assert logged(logs.SPECIAL_INTERCEPT).get(Cause) == Cause(31, location=2, diagnostic=b"\x08")


SAID: list[tuple[Typed, str]] = [
    (Bearer("3.1 kHz audio", "ulaw"), "04 03 90 90 a2"),
    (ChannelId((17,)), "18 03 a9 83 91"),
    (ChannelId((), exclusive=False, selection="any"), "18 01 a3"),
    (ChannelId((), exclusive=True, selection="none"), "18 01 a8"),
    (Cause(44, location=0), "08 02 80 ac"),
    (CallStateElement(10), "14 01 0a"),
    (ProgressIndicator(8), "1e 02 82 88"),
    (Notification(0), "27 01 80"),
    (RestartIndicator("interface"), "79 01 86"),
    (Keypad("123"), "2c 03 31 32 33"),
    (SendingComplete(), "a1"),
    (HighLayer(1), "7d 02 91 81"),
    (Display("TARO"), "28 04 54 41 52 4f"),
    (CalledNumber("5550123", NumberType.SUBSCRIBER), "70 08 c1 35 35 35 30 31 32 33"),
    (
        CallingNumber("", NumberType.UNKNOWN, Plan.UNKNOWN, Presentation.RESTRICTED, Screening.NETWORK),
        "6c 02 00 a3",
    ),
    (
        ConnectedNumber("312345678", NumberType.NATIONAL, Plan.ISDN, Presentation.ALLOWED, Screening.NETWORK),
        "4c 0b 21 83 33 31 32 33 34 35 36 37 38",
    ),
    (
        RedirectingNumber("31", NumberType.NATIONAL, Plan.ISDN, Presentation.ALLOWED, Screening.NETWORK, Reason.BUSY),
        "74 05 21 03 81 33 31",
    ),
    (OriginalCalledNumber("31", NumberType.NATIONAL), "73 03 a1 33 31"),
    (name_follows(), "1c 15 9f 8b 01 00 a1 0f 02 01 01 06 07 2a 86 48 ce 15 00 04 0a 01 00"),
    (calling_name("TARO", "ni2"), "1c 12 9f 8b 01 00 a1 0c 02 01 01 02 01 00 80 04 54 41 52 4f"),
    (
        calling_name("TARO", "qsig"),
        "1c 1a 9f aa 06 80 01 00 82 01 00 8b 01 00 a1 0c 02 01 01 02 01 00 80 04 54 41 52 4f",
    ),
]


@pytest.mark.parametrize(("said", "octets"), SAID)
def test_elements(said: Typed, octets: str) -> None:
    assert said.element().encode() == bytes.fromhex(octets)
    assert read(said.element()) == said


def test_names_in_facilities() -> None:
    assert calling_name("TARO", "ni2").calling_name == "TARO"
    assert calling_name("TARO", "qsig", restricted=True).calling_name == ""
    assert name_follows().name_follows
    assert name_follows().calling_name is None
    nortel = Facility(bytes.fromhex("11be a106020101020101"))
    assert nortel.calling_name is None
    assert [operation.hex() for operation, _ in nortel.invokes] == ["020101"]


def test_service_messages() -> None:
    service = message("SERVICE", 0, False, ChangeStatus("out of service"), ChannelId((7,)), discriminator=MAINTENANCE)
    assert service.encode() == bytes.fromhex("03 02 00 00 0f 01 01 c2 18 03 a9 83 87")
    assert decode(service.encode()) == service


def test_elements_are_put_in_order() -> None:
    setup = message("SETUP", 5, False, CalledNumber("1"), Bearer("speech", "alaw"), SendingComplete(), ChannelId((1,)))
    assert [element.number for element in setup.elements] == [0xA1, 0x04, 0x18, 0x70]


def test_locking_shift_goes_to_the_end_of_the_message() -> None:
    came = logged("08 02 00 01 7b 28 01 41 96 01 01 42 02 01 43")
    assert [(element.codeset, element.number) for element in came.elements] == [(0, 0x28), (6, 1), (6, 2)]
    assert came.encode() == bytes.fromhex("08 02 00 01 7b 28 01 41 96 01 01 42 02 01 43")


def test_non_locking_shift_is_for_one_element() -> None:
    came = logged("08 02 00 01 7b 9e 28 01 41 28 01 42")
    assert [(element.codeset, element.body) for element in came.elements] == [(6, b"A"), (0, b"B")]


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "08",
        "08 02 00",
        "09 02 00 01 05",
        "08 12 00 01 05",
        "08 02 00 01 05 04",
        "08 02 00 01 05 04 03 80 90",
        "08 02 00 01 05 96 01 01 42 95 01 01 42",
    ],
)
def test_octets_that_are_no_message(octets: str) -> None:
    with pytest.raises(CodingError):
        logged(octets)


@pytest.mark.parametrize(
    "octets",
    [
        "04 01 80",
        "04 03 80 90 a1",
        "18 01 a1",
        "18 01 89",
        "18 03 a1 84 81",
        "18 04 a0 83 81 81",
        "08 01 80",
        "08 02 80 80",
        "08 02 00 10",
        "1e 01 82",
        "6c 02 51 80",
        "6c 03 21 80 3a",
        "70 01 21",
        "79 01 81",
        "2c 01 b1",
        "1c 00",
    ],
)
def test_contents_that_are_wrong(octets: str) -> None:
    body = bytes.fromhex(octets)
    with pytest.raises(CodingError):
        read(Element(body[0], body[2:]))


@given(st.binary(max_size=80))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    head = bytes.fromhex("0802000105")
    for whole in (octets, head + octets):
        try:
            came = decode(whole)
        except CodingError:
            continue
        _ = (came.name, came.calling, came.called, came.cause, came.channel, str(came))


PARTIES = st.builds(
    CallingNumber,
    st.text("0123456789*#", max_size=20),
    st.sampled_from(NumberType),
    st.sampled_from(Plan),
    st.sampled_from(Presentation),
    st.sampled_from(Screening),
)


@given(PARTIES)
def test_any_number_is_read_back(number: PartyNumber) -> None:
    assert read(number.element()) == number


@given(
    st.integers(1, 0x7FFF),
    st.booleans(),
    st.lists(
        st.builds(Element, st.integers(1, 0x7F), st.binary(max_size=30), st.sampled_from([0, 5, 6, 7])), max_size=6
    ),
)
def test_any_message_is_read_back(reference: int, to_originator: bool, elements: list[Element]) -> None:
    ordered = tuple(sorted(elements, key=lambda element: element.codeset))
    whole = Message("INFORMATION", reference, to_originator, ordered)
    assert decode(whole.encode()) == whole
