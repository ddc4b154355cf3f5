"""The exchange's data link: frames of real logs, the procedures of Q.921, and two ends on a bad line."""

from __future__ import annotations

import heapq
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pstn.exchange.coding import CodingError
from tests.pstn.exchange.faults import Faults
from tests.pstn.exchange.lapd import DataLink
from tests.pstn.exchange.lapdevents import Deliver, Down, LinkState, LinkTimers, Transmit, Trouble, Up
from tests.pstn.exchange.lapdframe import Frame, decode

DELAY = 0.01
SETUP = "08 02 07 9c 05 04 03 80 90 a2 18 03 a1 83 81 1e 02 80 83 70 05 80 35 35 35 35"

# Octets as logged on real D channels: a PRI between libpri and an Avaya switch, a BRI of Deutsche Telekom (TEI 70).
LOGGED = [
    ("02 01 01 3d", Frame("RR", True, True, nr=30)),
    (f"00 01 28 3c {SETUP}", Frame("I", False, ns=20, nr=30, data=bytes.fromhex(SETUP))),
    ("02 01 01 1b", Frame("RR", True, True, nr=13)),
    ("00 8d 7f", Frame("SABME", False, True, tei=70)),
    ("00 8d 73", Frame("UA", False, True, tei=70)),
    ("02 8d 00 02", Frame("I", True, nr=1, tei=70)),
]


@pytest.mark.parametrize(("octets", "frame"), LOGGED)
def test_frames_of_real_logs(octets: str, frame: Frame) -> None:
    assert decode(bytes.fromhex(octets)) == frame
    assert frame.encode() == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("kind", "control"),
    [("RNR", "05 0b"), ("REJ", "09 0b"), ("DM", "1f"), ("DISC", "53"), ("FRMR", "97"), ("UI", "13"), ("XID", "bf")],
)
def test_control_fields_of_table_5(kind: str, control: str) -> None:
    octets = bytes.fromhex("0001" + control)
    frame = decode(octets)
    assert (frame.kind, frame.pf) == (kind, True)
    assert frame.encode() == octets


@pytest.mark.parametrize(
    "octets", ["", "00", "00 01", "01 01 01 00", "00 00 01 00", "00 01 01", "00 01 1b", "00 01 7f 00"]
)
def test_octets_that_are_no_frame(octets: str) -> None:
    with pytest.raises(CodingError):
        decode(bytes.fromhex(octets))


class Line:
    """Two ends, a wire with a delay and faults, and the time."""

    def __init__(self, faults: Faults | None = None, timers: LinkTimers | None = None) -> None:
        self.network, self.user = DataLink("network", timers), DataLink("user", timers)
        self.faults = faults or Faults()
        self.now = 0.0
        self.got: dict[DataLink, list[bytes]] = {self.network: [], self.user: []}
        self.events: dict[DataLink, list[object]] = {self.network: [], self.user: []}
        self._wire: list[tuple[float, int, DataLink, bytes]] = []
        self._order = itertools.count()

    def collect(self) -> None:
        for end, other in ((self.network, self.user), (self.user, self.network)):
            for event in end.events():
                if isinstance(event, Transmit):
                    for octets in self.faults.passed(event.octets, str(id(end))):
                        heapq.heappush(self._wire, (self.now + DELAY, next(self._order), other, octets))
                elif isinstance(event, Deliver):
                    self.got[end].append(event.data)
                else:
                    self.events[end].append(event)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        ends = self.now + seconds
        while True:
            self.collect()
            times = [end.deadline() for end in (self.network, self.user)]
            soonest = min([at for at in times if at is not None] + [at for at, *_ in self._wire[:1]], default=ends + 1)
            if soonest > ends:
                self.now = ends
                return
            self.now = max(soonest, self.now)
            if self._wire and self._wire[0][0] <= self.now:
                _, _, end, octets = heapq.heappop(self._wire)
                end.receive(octets, self.now)
            else:
                for end in (self.network, self.user):
                    end.tick(self.now)

    def faulty(self) -> list[Trouble]:
        events = [*self.events[self.network], *self.events[self.user]]
        return [event for event in events if isinstance(event, Trouble) and event.fault]


def up(faults: Faults | None = None) -> Line:
    line = Line(faults)
    line.user.establish(0.0)
    line.run(0.1)
    assert line.network.state is line.user.state is LinkState.ESTABLISHED
    return line


def test_the_user_establishes() -> None:
    line = up()
    assert line.events[line.network] == [Up()]
    assert line.events[line.user] == [Up()]


def test_both_establish_at_once() -> None:
    line = Line()
    line.user.establish(0.0)
    line.network.establish(0.0)
    line.run(0.1)
    assert line.events[line.network] == line.events[line.user] == [Up()]
    assert not line.faulty()


def test_messages_both_ways_in_order() -> None:
    line = up()
    sent = [bytes((number,)) for number in range(200)]
    for data in sent:
        line.user.send(data, line.now)
        line.network.send(data, line.now)
    line.run(5.0)
    assert line.got[line.user] == line.got[line.network] == sent


def test_no_more_than_the_window_at_once() -> None:
    line = up()
    for number in range(20):
        line.network.send(bytes((number,)), line.now)
    frames = [decode(event.octets) for event in line.network.events() if isinstance(event, Transmit)]
    assert [frame.ns for frame in frames] == list(range(7)), "k = 7 (§5.9.5)"


def test_a_quiet_link_is_asked_after_t203() -> None:
    line = up()
    line.run(10.2)
    assert line.network.state is line.user.state is LinkState.ESTABLISHED
    assert not line.faulty()


def test_a_cut_line_takes_the_link_down_and_it_comes_back() -> None:
    line = up()
    line.faults.cut = True
    line.run(30.0)
    assert line.network.state is line.user.state is LinkState.RELEASED
    assert any(isinstance(event, Down) for event in line.events[line.network])
    line.faults.cut = False
    line.network.establish(line.now)
    line.run(0.1)
    line.user.send(b"again", line.now)
    line.run(0.1)
    assert line.got[line.network] == [b"again"]


def test_a_short_cut_loses_nothing() -> None:
    line = up()
    line.faults.cut = True
    for number in range(3):
        line.user.send(bytes((number,)), line.now)
    line.run(2.5)
    line.faults.cut = False
    line.run(3.0)
    assert line.got[line.network] == [b"\0", b"\1", b"\2"]
    assert not line.faulty()


def test_release_and_refusal() -> None:
    line = up()
    line.network.release(line.now)
    line.run(0.1)
    assert line.events[line.user][-1] == Down("released by the other side")
    line.user.send(b"lost", line.now)
    line.run(1.0)
    assert not line.got[line.network]


def test_a_busy_receiver_is_waited_for() -> None:
    line = up()
    line.network.set_busy(True)
    line.run(0.1)
    line.user.send(b"patience", line.now)
    line.run(12.0)
    assert not line.got[line.network]
    line.network.set_busy(False)
    line.run(0.1)
    assert line.got[line.network] == [b"patience"]
    assert not line.faulty()


def test_a_rejected_frame_establishes_anew() -> None:
    line = up()
    line.network.reject_frame()
    line.run(0.2)
    assert line.events[line.network][-1] == Up(reset=True)
    assert [trouble.letter for trouble in line.faulty()] == ["K"]


@pytest.mark.parametrize(
    ("frame", "letter"),
    [
        (Frame("RR", False, nr=5), "J"),
        (Frame("I", True, data=b"x"), "L"),
        (Frame("I", False, data=bytes(261)), "O"),
        (Frame("UA", True, True), "C"),
        (Frame("RR", True, True), "A"),
        (Frame("I", False, tei=1, data=b"x"), "L"),
    ],
)
def test_what_no_user_may_send(frame: Frame, letter: str) -> None:
    line = up()
    line.network.receive(frame.encode(), line.now)
    line.collect()
    assert [trouble.letter for trouble in line.faulty()] == [letter]


def test_numbers_go_round_at_128() -> None:
    line = up()
    for number in range(300):
        line.user.send(number.to_bytes(2, "big"), line.now)
        line.run(0.05)
    assert line.got[line.network] == [number.to_bytes(2, "big") for number in range(300)]
    assert not line.faulty()


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0, 0.3),
    st.floats(0, 0.3),
    st.floats(0, 0.2),
    st.integers(0, 10_000),
)
def test_a_bad_line_keeps_order_and_doubles_nothing(lose: float, double: float, reorder: float, seed: int) -> None:
    line = up()
    line.faults = Faults(lose=lose, double=double, reorder=reorder, seed=seed)
    sent = [number.to_bytes(2, "big") for number in range(60)]
    for data in sent:
        line.user.send(data, line.now)
        line.network.send(data, line.now)
        line.run(0.03)
    line.run(120.0)
    for end in (line.user, line.network):
        got = line.got[end]
        resets = [event for event in line.events[end] if isinstance(event, Up | Down)]
        if len(resets) == 1:  # only the first: the link was never lost, so nothing may be
            assert got == sent
        elif reorder == 0:  # a frame kept over a reset could be taken for a new one; no real line keeps any
            assert got == sorted(set(got))
    line.faults = Faults()
    line.user.establish(line.now)
    line.run(5.0)
    line.user.send(b"\xff\xff", line.now)
    line.run(5.0)
    assert line.got[line.network][-1] == b"\xff\xff", "a mended line works again"
