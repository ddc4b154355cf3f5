"""The binding of libpri: two of them joined back to back, one the user and one the network."""

from __future__ import annotations

import logging
import time
from collections import deque

import pytest

from gateways.pstn.config.spec import Switch
from gateways.pstn.libpri import Pri
from gateways.pstn.libpriclock import Clock
from gateways.pstn.libprilibrary import PriError, library
from gateways.pstn.prievents import (
    Call,
    Connected,
    Disconnecting,
    Gone,
    LinkDown,
    LinkUp,
    Misconfigured,
    Party,
    PriEvent,
    Proceeding,
    RestartAcknowledged,
    Restarted,
    Ring,
    Ringing,
    Service,
    Setup,
    SetupAcknowledged,
)

SWITCHES: tuple[Switch, ...] = ("euroisdn", "ni2", "ni1", "dms100", "4ess", "5ess", "qsig")
CALLED = Party("312345678", 0x21)


class Pair:
    """``user`` and ``net``, joined; ``settle`` returns what each heard. Frames can be ``held`` back."""

    def __init__(self, switch: Switch = "euroisdn") -> None:
        self._to_user: deque[bytes] = deque()
        self._to_net: deque[bytes] = deque()
        self.user = Pri("user", switch, "cpe", self._to_net.append)
        self.net = Pri("net", switch, "net", self._to_user.append)
        assert [LinkUp()] * 2 == [event for heard in self.settle() for event in heard]

    def settle(self, seconds: float = 0.0) -> tuple[list[PriEvent], list[PriEvent]]:
        heard: tuple[list[PriEvent], list[PriEvent]] = [], []
        ends = time.monotonic() + seconds
        while True:
            while self._to_user or self._to_net:
                for side, queue, pri in ((0, self._to_user, self.user), (1, self._to_net, self.net)):
                    while queue:
                        heard[side].extend(pri.receive(queue.popleft()))
            now = time.monotonic()
            for side, pri in enumerate((self.user, self.net)):
                due = pri.deadline()
                if due is not None and due <= now:
                    heard[side].extend(pri.run())
            if not (self._to_user or self._to_net):
                if now >= ends:
                    return heard
                time.sleep(0.005)

    def lose_everything(self) -> None:
        self._to_user.clear()
        self._to_net.clear()

    def ring(self, wanted: Setup) -> tuple[Call, Ring]:
        """Have the user call; return its handle and what the network heard."""
        call = self.user.setup(wanted)
        ring = next(event for event in self.settle()[1] if isinstance(event, Ring))
        return call, ring


@pytest.fixture
def pair() -> Pair:
    return Pair()


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_call_from_setup_to_release(switch: Switch) -> None:
    pair = Pair(switch)
    call, ring = pair.ring(Setup(5, CALLED, caller=Party("0355550001", 0x21)))
    assert (ring.slot, ring.exclusive, ring.audio, ring.called) == (5, True, True, "312345678")
    assert ring.caller == Party("0355550001", 0x21)
    assert pair.net.proceed(ring.call, 5)
    assert pair.net.alert(ring.call)
    assert pair.settle()[0] == [Proceeding(call, 5, False), Ringing(call, 5, False)]
    assert pair.net.answer(ring.call, 5)
    assert pair.settle()[0] == [Connected(call, 5)]
    assert not pair.user.hang_up(call, 16)
    assert pair.settle()[1] == [Disconnecting(ring.call, 16, False)]
    assert not pair.net.hang_up(ring.call, 16)
    assert pair.settle() == ([Gone(call, 16)], [Gone(ring.call, 16)])
    assert call.over
    assert ring.call.over
    assert pair.user.calls == pair.net.calls == 0


@pytest.mark.parametrize(
    ("switch", "name"), [("euroisdn", None), ("ni2", "Müller"), ("dms100", "Müller"), ("qsig", "Müller"), ("ni1", None)]
)
def test_the_callers_name_goes_where_the_switch_wants_it(switch: Switch, name: str | None) -> None:
    _, ring = Pair(switch).ring(Setup(1, CALLED, caller=Party("0355550001", 0x21, name="Müller")))
    assert ring.caller is not None
    assert ring.caller.name == name


def test_a_withheld_number_comes_restricted(pair: Pair) -> None:
    _, ring = pair.ring(Setup(1, CALLED, caller=Party("0355550001", 0x21, True, "X")))
    assert ring.caller == Party("0355550001", 0x21, withheld=True)


def test_who_redirected_is_told(pair: Pair) -> None:
    _, ring = pair.ring(Setup(1, CALLED, redirecting=Party("12025550100", 0x11)))
    assert ring.redirecting == Party("12025550100", 0x11)


def test_more_digits_are_asked_for(pair: Pair) -> None:
    call, ring = pair.ring(Setup(1, CALLED))
    assert pair.net.ask_digits(ring.call, 1)
    assert pair.settle()[0] == [SetupAcknowledged(call, 1, False)]


@pytest.mark.parametrize("cause", [1, 34, 44, 82, 88])
def test_a_setup_is_refused_at_once(pair: Pair, cause: int) -> None:
    call, ring = pair.ring(Setup(1, CALLED))
    assert pair.net.hang_up(ring.call, cause)
    assert ring.call.over
    assert pair.settle()[0] == [Gone(call, cause)]


def test_a_handle_that_is_over_does_nothing(pair: Pair) -> None:
    call, ring = pair.ring(Setup(1, CALLED))
    pair.net.hang_up(ring.call, 34)
    pair.settle()
    for handle, pri in ((call, pair.user), (ring.call, pair.net)):
        assert not pri.proceed(handle, 1)
        assert not pri.alert(handle)
        assert not pri.answer(handle, 1)
        assert pri.hang_up(handle, 16)
        pri.drop(handle)
    assert pair.settle() == ([], [])


def test_a_dropped_call_is_forgotten_without_a_word(pair: Pair) -> None:
    call, ring = pair.ring(Setup(1, CALLED))
    pair.net.proceed(ring.call, 1)
    pair.settle()
    pair.user.drop(call)
    assert (call.over, pair.user.calls, pair.settle()) == (True, 0, ([], []))


def test_a_channel_is_restarted(pair: Pair) -> None:
    pair.user.restart(7)
    assert pair.settle() == ([RestartAcknowledged(7)], [Restarted((7,))])


def test_a_channel_is_taken_out_of_service() -> None:
    pair = Pair("ni2")
    pair.user.service(7, 2)
    assert pair.settle() == ([Service(7, 2, True)], [Service(7, 2, False)])


def test_timers_run_and_layer_2_falls_and_rises(pair: Pair) -> None:
    for pri in (pair.user, pair.net):
        pri.set_timer("T200", 30)
        pri.set_timer("T203", 50)
    pair.settle()
    assert pair.user.establish_anew() == [LinkDown()]
    heard = pair.settle(0.5)
    assert LinkUp() in heard[0]


def test_both_the_user_is_a_complaint(pair: Pair) -> None:
    heard = pair.user.receive(b"\x00\x01\x7f")
    assert [type(event) for event in heard] == [Misconfigured]


def test_an_unknown_timer_is_refused(pair: Pair) -> None:
    with pytest.raises(ValueError, match="T999"):
        pair.user.set_timer("T999", 1)


def test_a_setup_without_a_number_is_refused(pair: Pair) -> None:
    call = pair.user.setup(Setup(1, Party("", 1)))
    assert pair.user.calls == 1
    pair.user.drop(call)


def test_exceptions_stay_out_of_c(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_frame: bytes) -> None:
        raise RuntimeError("no wire")

    pri = Pri("broken", "euroisdn", "cpe", broken)
    assert pri.calls == 0
    assert any("a fault in reading or writing" in record.message for record in caplog.records)


def test_messages_can_be_traced(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    pair.user.trace(True)
    with caplog.at_level(logging.INFO):
        pair.ring(Setup(1, CALLED))
    assert any("user > SETUP, call 0x0001: 04 03 90 90 a3" in record.message for record in caplog.records)


def test_timers_follow_the_wall_clock_when_it_is_set(pair: Pair) -> None:
    def real() -> float:
        return time.time() - time.monotonic()

    offset = real()
    clock = Clock("x", lambda: library().pri_schedule_next(pair.user._pri), lambda: offset)
    before = clock.next()
    assert before is not None
    offset -= 3600  # the clock was put back by an hour
    after = clock.next()
    assert after == pytest.approx(before, abs=1.0)
    offset += 3600
    assert clock.next() == pytest.approx(before, abs=2.0)


def test_a_library_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    library.cache_clear()
    monkeypatch.setattr("gateways.pstn.libprilibrary.LIBRARY", "libpri.so.0")
    with pytest.raises(PriError, match=r"apt install libpri1\.4"):
        library()
    library.cache_clear()
