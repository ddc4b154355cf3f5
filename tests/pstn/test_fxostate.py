"""The phases of an FXO line: the table, the line as such, and any order of what lines do."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.line import (
    Alerting,
    Answered,
    Ended,
    FaxHeard,
    IncomingCall,
    LineEvent,
    LineLost,
    LineReady,
    LineStateChanged,
)
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.fxoactions import Hook, StartAudio, StopAudio
from gateways.pstn.fxocall import FxoCall
from gateways.pstn.fxostate import PHASES, TABLE, Input, Phase, after
from gateways.pstn.hearing import Sound
from tests.pstn.fxo_bench import (
    BELL,
    BLIND,
    DTMF,
    INDIA,
    JAPAN,
    NO_BATTERY,
    PLAN,
    SPEC,
    STRICT,
    TIMES,
    UK,
    WHO,
    Bench,
)

# The table


def test_every_phase_can_be_reached_and_left() -> None:
    assert set(TABLE.values()) == set(Phase) == {phase for phase, _ in TABLE}


def test_nobody_stays_off_hook_for_ever() -> None:
    for phase, kind in PHASES.items():
        if kind.off_hook:
            assert after(phase, Input.HANG_UP) is Phase.COOLING
            assert after(phase, Input.ENDED) is Phase.COOLING
            assert after(phase, Input.ALARM) is Phase.FAULT


def test_what_means_nothing_changes_nothing() -> None:
    assert after(Phase.TALKING, Input.RING) is None
    assert not FxoCall(SPEC, TIMES).ring_begun(1.0)


# The line as such


def test_the_line_is_left_first_whatever_it_was() -> None:
    bench = Bench()
    assert bench.outputs[0] == Hook(False)
    assert [changed.state for changed in bench.told(LineStateChanged)] == ["cooling-down", "idle"]
    assert bench.told(LineReady)


def test_no_battery() -> None:
    bench = Bench()
    bench.take(bench.call.alarm(NO_BATTERY, bench.now))
    assert bench.told(LineStateChanged)[-1] == LineStateChanged("fxo-1", "fault", NO_BATTERY)
    assert bench.told(LineLost) == [LineLost("fxo-1", NO_BATTERY)]
    assert not bench.take(bench.call.alarm(NO_BATTERY, bench.now)), "told once"
    bench.take(bench.call.alarm(None, bench.now))
    bench.wait(TIMES.cooling)
    assert bench.shown == "idle"
    assert len(bench.told(LineReady)) == 2


def test_no_battery_in_a_call_ends_it() -> None:
    bench = Bench()
    bench.talking()
    bench.take(bench.call.alarm(NO_BATTERY, bench.now))
    assert bench.end() == Ended("fxo-1", 27, "line", NO_BATTERY)
    assert not bench.loop_closed()


def test_a_ring_proves_battery() -> None:
    bench = Bench()
    bench.take(bench.call.alarm(NO_BATTERY, bench.now))
    bench.ring()
    assert bench.told(IncomingCall)


def test_the_channel_goes_in_a_call() -> None:
    bench = Bench()
    bench.talking()
    bench.take(bench.call.lost("card gone", bench.now))
    assert bench.end() == Ended("fxo-1", 27, "line", "card gone")
    assert bench.told(LineStateChanged)[-1] == LineStateChanged("fxo-1", "absent", "card gone")
    assert bench.call.deadline() is None


# Any order of events

OFTEN = ["ring begin", "ring end", "polarity", "dial", "dialled", "answer", "hear dial", "hear ringback", "hear voice"]
STEPS = [
    *OFTEN * 4, "battery", "alarm", "restored", "restored", "gone", "opened", "opened", "hang up", "identified",
    *(f"hear {sound}" for sound in Sound),
]  # fmt: skip
SPECS = [SPEC, BELL, UK, DTMF, INDIA, JAPAN, BLIND, STRICT]


def step(bench: Bench, what: str) -> None:
    call, now = bench.call, bench.now
    doings = {
        "ring begin": lambda: call.ring_begun(now),
        "ring end": lambda: call.ring_ended(now),
        "battery": lambda: call.battery_dropped(now),
        "polarity": lambda: call.polarity(now),
        "dialled": lambda: call.dialled(now),
        "alarm": lambda: call.alarm(NO_BATTERY, now),
        "restored": lambda: call.alarm(None, now),
        "gone": lambda: call.lost("gone", now),
        "opened": lambda: call.opened(now),
        "dial": lambda: call.dial(PLAN, now),
        "answer": lambda: call.answer(now),
        "hang up": lambda: call.hang_up(16, now),
        "identified": lambda: call.identified(WHO, now),
    }
    bench.take(call.heard(Sound(what[5:]), now) if what.startswith("hear ") else doings[what]())


def check_calls(events: Iterable[LineEvent], accepted: int) -> None:
    """Each call has one beginning and then one end, and no two overlap."""
    open_calls = begun = 0
    for event in events:
        if isinstance(event, IncomingCall):
            begun, open_calls = begun + 1, open_calls + 1
        elif isinstance(event, LineStateChanged) and event.state == "dialling":
            begun, open_calls = begun + 1, open_calls + 1
            accepted -= 1
        elif isinstance(event, Ended):
            open_calls -= 1
        elif isinstance(event, (Answered, Alerting, FaxHeard)):
            assert open_calls == 1
        assert 0 <= open_calls <= 1
    assert open_calls == 0
    assert accepted == 0


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(SPECS),
    st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from([0.0, 0.05, 0.3, 0.6, 2.1, 4.0, 9.0])), max_size=40),
)
def test_any_order_of_events(spec: FxoSpec, steps: list[tuple[str, float]]) -> None:
    bench = Bench(spec)
    accepted = 0
    for what, pause in steps:
        was = bench.call.phase
        step(bench, what)
        accepted += what == "dial" and was is Phase.IDLE
        assert bench.loop_closed() == PHASES[bench.call.phase].off_hook
        assert bench.shown == PHASES[bench.call.phase].shown
        bench.wait(pause)
        assert bench.loop_closed() == PHASES[bench.call.phase].off_hook
    bench.take(bench.call.hang_up(16, bench.now))
    bench.take(bench.call.opened(bench.now))
    bench.take(bench.call.alarm(None, bench.now))
    bench.wait(60.0)
    assert bench.call.phase is Phase.IDLE, "it always comes to rest"
    assert not bench.loop_closed()
    check_calls([output for output in bench.outputs if isinstance(output, LineEvent)], accepted)
    audio = [type(output) for output in bench.outputs if isinstance(output, (StartAudio, StopAudio))]
    assert audio == [StartAudio, StopAudio] * (len(audio) // 2)
