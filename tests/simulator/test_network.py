"""The virtual network alone, on a clock the test moves."""

import heapq
from collections.abc import Callable

import pytest

from gateways.gsm.simulator.network import Call, Cause, Network, State, Timing


class Clock:
    """A scheduler whose time stands still until `pass_time`."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None], Handle]] = []
        self._sequence = 0

    def after(self, seconds: float, run: Callable[[], None]) -> "Handle":
        handle = Handle()
        self._sequence += 1
        heapq.heappush(self._due, (self.now + seconds, self._sequence, run, handle))
        return handle

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, _, run, handle = heapq.heappop(self._due)
            if not handle.cancelled:
                run()
        self.now = end


class Handle:
    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Phone:
    paced = True

    def __init__(self, number: str, refuses: Cause | None = None) -> None:
        self.number = number
        self.refuses = refuses
        self.told: list[str] = []
        self.heard: list[bytes] = []
        self.call: Call | None = None

    def offered(self, call: Call) -> Cause | None:
        self.call = call
        self.told.append(f"offered {call.shown}")
        return self.refuses

    def alerted(self, call: Call) -> None:
        self.told.append("alerted")

    def connected(self, call: Call) -> None:
        self.told.append("connected")

    def released(self, call: Call) -> None:
        self.told.append(f"released {call.cause} {call.released_by is self}")

    def speak(self, call: Call) -> bytes | None:
        return self.number.encode()

    def spoke(self, call: Call, at_ns: int, frame: bytes) -> None:
        self.told.append("spoke") if "spoke" not in self.told else None

    def listen(self, call: Call, at_ns: int, frame: bytes) -> None:
        self.heard.append(frame)

    def digit(self, call: Call, digit: str) -> None:
        self.told.append(digit)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network(clock: Clock) -> Network:
    return Network(clock, Timing(setup=1, no_answer=30, answer=0.5, audio=0.1))


def phones(network: Network, refuses: Cause | None = None) -> tuple[Phone, Phone]:
    both = Phone("+81901"), Phone("+819012345678", refuses)
    for phone in both:
        network.register(phone)
    return both


def test_a_call_from_dialling_to_its_end(network: Network, clock: Clock) -> None:
    one, two = phones(network)
    call = network.dial(one, "09012345678", "+81901")
    states = [call.state]
    clock.pass_time(1)
    states.append(call.state)
    network.answer(call)
    clock.pass_time(0.5)
    assert [*states, call.state] == [State.DIALING, State.ALERTING, State.ACTIVE]
    network.tick()
    assert two.heard == []
    clock.pass_time(0.1)
    network.tick()
    assert (one.heard, two.heard) == ([b"+819012345678"], [b"+81901"])
    network.release(call, Cause.NORMAL, one)
    network.release(call, Cause.BUSY, two)
    network.tick()
    assert one.told == ["alerted", "connected", "spoke", "released 16 True"]
    assert two.told == ["offered +81901", "connected", "spoke", "released 16 False"]
    assert network.calls == []


def test_nobody_there(network: Network, clock: Clock) -> None:
    one, _ = phones(network)
    call = network.dial(one, "0311112222", "")
    clock.pass_time(1)
    assert call.cause is Cause.UNALLOCATED


def test_refused_and_own_number(network: Network, clock: Clock) -> None:
    one, two = phones(network, refuses=Cause.REJECTED)
    call, own = network.dial(one, two.number, ""), network.dial(one, one.number, "")
    clock.pass_time(1)
    assert (call.cause, own.cause) == (Cause.REJECTED, Cause.BUSY)
    assert "released" not in two.told


def test_not_answered_in_time(network: Network, clock: Clock) -> None:
    one, two = phones(network)
    call = network.dial(one, two.number, "")
    clock.pass_time(31.5)
    assert call.cause is Cause.NO_ANSWER
    network.answer(call)
    clock.pass_time(5)
    assert call.state is State.ENDED


def test_given_up_while_dialling_is_never_offered(network: Network, clock: Clock) -> None:
    one, two = phones(network)
    network.release(network.dial(one, two.number, ""), Cause.NORMAL, one)
    clock.pass_time(5)
    assert two.told == []


def test_a_number_is_one_partys(network: Network) -> None:
    phones(network)
    with pytest.raises(ValueError, match="taken"):
        network.register(Phone("+81901"))
