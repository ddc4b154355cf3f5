"""What a call costs the core and the GSM gateway: four calls at once through lines, menu, queue and recording."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from gateways.gsm.simulator import SubscriberCall
from gateways.gsm.simulator.programme import Piece
from tests.call_path.site import Site
from tests.call_path.stack import Stack
from tests.demo.verdict import Direction, frames
from tests.fakes.phone import Phone
from tests.fakes.speech import speech
from tests.measure import wav

CALLS, TALK_SECONDS, IDLE_SECONDS = 4, 20.0, 5.0
SERVICES = ("pbx", "gsm")


@dataclass(frozen=True)
class _Talk:
    """A call under way, by its id in the ledger."""

    id: str
    subscriber: SubscriberCall


def measure() -> dict[str, Any]:
    """Talk on all lines at once; percent of a core while they do, as psutil's cpu_times tell it."""
    folder = Path(tempfile.mkdtemp(prefix="callfloor-bench-"))
    agents = range(1, CALLS + 1)
    site = Site(
        lines=CALLS, extensions=tuple(str(100 + n) for n in agents), agents=tuple(str(2000 + n) for n in agents)
    )
    try:
        with Stack(folder, site, services=("bus", "edge", *SERVICES)) as stack:
            found = _measure(stack)
    except BaseException:
        print(f"logs: {folder}/logs", file=sys.stderr)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _measure(stack: Stack) -> dict[str, Any]:
    sound = stack.folder / "agent.wav"
    wav.write(sound, speech("agent", TALK_SECONDS + 15))
    said = speech("caller", TALK_SECONDS).tobytes()
    seats = zip(stack.site.extensions, stack.site.agents, strict=True)
    phones = {extension: stack.agent_phone(extension, agent, speak=sound) for extension, agent in seats}
    meter = _Meter(stack)
    time.sleep(IDLE_SECONDS)
    idle = meter.percent()
    with ThreadPoolExecutor(CALLS) as pool:
        talks = list(pool.map(lambda line: _connect(stack, *line), enumerate(stack.lines)))
        meter = _Meter(stack)
        pieces = [talk.subscriber.play(said) for talk in talks]
        if not all(piece.wait(TALK_SECONDS + 10) for piece in pieces):
            raise RuntimeError("a subscriber could not say all")
        busy = meter.percent()
    for talk in talks:
        talk.subscriber.hang_up()
    for talk in talks:
        stack.watch.wait_event("recorded", 15, call=talk.id)
    time.sleep(0.5)  # the packet logs are complete 200 ms after the call
    rows = {row["id"]: row for row in stack.ledger()}
    lost = [
        _lost(talk.subscriber, piece, phones[rows[talk.id]["extension"]])
        for talk, piece in zip(talks, pieces, strict=True)
    ]
    return {
        "calls": CALLS, "seconds": TALK_SECONDS,
        "pbx_cpu_core_pct_per_call": round(busy["pbx"] / CALLS, 2),
        "gsm_cpu_core_pct_per_line": round(busy["gsm"] / CALLS, 2),
        "pbx_idle_core_pct": round(idle["pbx"], 2), "gsm_idle_core_pct": round(idle["gsm"], 2),
        "lost_frames": sum(map(sum, lost)), "lost_to_agents": sum(one[0] for one in lost),
        "lost_to_callers": sum(one[1] for one in lost),
        "lost_in_recordings": sum((rows[talk.id]["recording"] or {}).get("lost_frames", 0) for talk in talks),
    }  # fmt: skip


def _connect(stack: Stack, number: int, line: str) -> _Talk:
    """A subscriber dials, presses 1 and is connected to an agent."""
    began = time.monotonic_ns()
    call = stack.bank.subscriber(f"+8190000000{number:02}").dial(stack.number(line))
    if not call.wait_answered(20):
        raise RuntimeError(f"{line} was not answered: cause {call.cause}")
    call_id = stack.watch.wait_event("ringing", 5, after_ns=began, line=line).event.call
    time.sleep(0.6)
    call.send_digits("1")
    stack.watch.wait_event("connected", 20, call=call_id)
    return _Talk(call_id, call)


def _lost(call: SubscriberCall, piece: Piece, phone: Phone) -> tuple[int, int]:
    """Frames lost on the way to the agent and to the caller, from the audio itself."""
    assert piece.first is not None
    assert piece.last is not None
    tap = next(event.data["tap"] for event in reversed(phone.events) if event.kind == "connected")
    to_agent = Direction(frames(call.spoken()[piece.first : piece.last + 1]), phone.heard(tap))
    to_caller = Direction(phone.spoke(tap), frames(call.heard()))
    return to_agent.loss().lost, to_caller.loss().lost


class _Meter:
    """Processor time of the services and their children since it was made."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._began, self._used = time.monotonic(), self._read()

    def percent(self) -> dict[str, float]:
        """Of one core, for each service."""
        lasted = time.monotonic() - self._began
        return {name: 100 * (used - self._used[name]) / lasted for name, used in self._read().items()}

    def _read(self) -> dict[str, float]:
        used = {}
        for name in SERVICES:
            process = psutil.Process(self._stack.programs[name].pid)
            used[name] = sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))
        return used
