"""Calls for a long time: ``python -m tests.load.soak --minutes 30 --every 5``. Exit status 1 on any mismatch.

Each call goes the whole way: subscriber, line, menu (a key in the audio), queue, agent, talk, hang-up. At the end as
many ledger rows and playable recordings as calls are expected, and no service that has grown.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import threading
import time
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.call_path.site import Site
from tests.call_path.stack import Stack
from tests.fakes.phone import PhoneEvent
from tests.fakes.speech import speech
from tests.load.resources import Growth, Sampler, growth, table
from tests.measure import wav

RSS_MB, FDS = 4.0, 3.0  # growth allowed after the first minutes: allocators breathe, calls are not all in step
SECONDS_APART = 1.0  # between a recording's length and the ledger's talk time


@dataclass
class Tally:
    """What was tried and what failed of it; appended to from the calls' threads."""

    calls: int = 0
    failed: list[str] = field(default_factory=list)


class Caller:
    """One line's subscriber: makes one call at a time."""

    def __init__(self, stack: Stack, line: str, index: int, talk: float, tally: Tally) -> None:
        self._stack, self._line, self._talk, self._tally = stack, line, talk, tally
        self._subscriber = stack.bank.subscriber(f"+8190000000{index:02}")
        self._speech = speech("caller", talk).tobytes()
        self._thread: threading.Thread | None = None

    @property
    def free(self) -> bool:
        """Is no call under way, and the line ready for the next?"""
        idle = self._stack.watch.state("line", self._line) == "idle"
        return idle and (self._thread is None or not self._thread.is_alive())

    def call(self) -> None:
        """Make a call on a thread of its own."""
        self._tally.calls += 1
        self._thread = threading.Thread(target=self._guarded, args=(self._tally.calls,), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the call to end."""
        if self._thread is not None:
            self._thread.join(60)

    def _guarded(self, number: int) -> None:
        try:
            self._make()
        except (TimeoutError, RuntimeError) as error:
            self._tally.failed.append(f"call {number} on {self._line}: {error}")

    def _make(self) -> None:
        began = time.monotonic_ns()
        call = self._subscriber.dial(self._stack.number(self._line))
        try:
            if not call.wait_answered(20):
                raise RuntimeError(f"not answered, cause {call.cause}")
            ringing = self._stack.watch.wait_event("ringing", 5, after_ns=began, line=self._line)
            time.sleep(0.6)
            call.send_digits("1")
            self._stack.watch.wait_event("connected", 40, call=ringing.event.call)
            if not call.play(self._speech).wait(self._talk + 10) or call.cause is not None:
                raise RuntimeError(f"cut off while speaking, cause {call.cause}")
        finally:
            call.hang_up()
        self._stack.watch.wait_event("recorded", 15, call=ringing.event.call)
        self._stack.watch.forget(ringing.event.call)


def main() -> int:
    """Run the loop; return the exit status."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="callfloor-soak-"))
    agents = range(1, arguments.agents + 1)
    site = Site(
        lines=arguments.lines,
        extensions=tuple(str(100 + n) for n in agents),
        agents=tuple(str(2000 + n) for n in agents),
        queue={"wrap_up": 1},
    )
    stack = Stack(folder, site)
    try:
        stack.start()
        return _run(stack, arguments)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.stop()
        if sys.exc_info()[0] is None and not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"logs: {folder}/logs", file=sys.stderr)


def _run(stack: Stack, arguments: argparse.Namespace) -> int:
    sound = stack.folder / "agent.wav"
    wav.write(sound, speech("agent", arguments.talk + 2))
    for extension, agent in zip(stack.site.extensions, stack.site.agents, strict=True):
        stack.agent_phone(extension, agent, speak=sound, answer_after=0.3, on_event=_sweep)
    tally = Tally()
    callers = [Caller(stack, line, n, arguments.talk, tally) for n, line in enumerate(stack.lines)]
    sampler = Sampler(lambda: {name: program.pid for name, program in stack.programs.items()}, arguments.sample)
    sampler.start()
    _make_calls(callers, tally, arguments.minutes * 60, arguments.every)
    stack.watch.wait_quiet(30)
    sampler.stop()
    return _report(stack, tally, growth(sampler.samples, min(300.0, arguments.minutes * 20)))


def _make_calls(callers: list[Caller], tally: Tally, seconds: float, every: float) -> None:
    """One call each ``every`` seconds, on the next free line after the one used last."""
    began = time.monotonic()
    turn, due, told = 0, began, began
    while time.monotonic() - began < seconds:
        time.sleep(max(0.0, due - time.monotonic()))
        due += every
        order = [callers[(turn + n) % len(callers)] for n in range(len(callers))]
        free = next((caller for caller in order if caller.free), None)
        if free is None:
            tally.failed.append(f"after {time.monotonic() - began:.0f} s: no line was free")
            continue
        turn = callers.index(free) + 1
        free.call()
        if time.monotonic() - told >= 60:
            told = time.monotonic()
            print(f"{told - began:6.0f} s  {tally.calls} calls, {len(tally.failed)} failed", flush=True)
    for caller in callers:
        caller.join()


def _report(stack: Stack, tally: Tally, grown: list[Growth]) -> int:
    rows = stack.ledger()
    connected = [row for row in rows if row["result"] == "connected" and row["state"] == "ended"]
    playable = [row for row in connected if _plays(row)]
    print(table(grown))
    for failure in tally.failed[:20]:
        print(f"failed: {failure}")
    too_much = [one.service for one in grown if one.too_much(RSS_MB, FDS)]
    answer = {
        "calls": tally.calls, "failed": len(tally.failed), "ledger_rows": len(rows), "connected": len(connected),
        "recordings": sum(len(row["recordings"]) for row in rows), "playable": len(playable),
        "growth": {one.service: {"rss_mb": round(one.rss_mb[1] - one.rss_mb[0], 2), "fds": one.fds[1] - one.fds[0]}
                   for one in grown},
        "grew": too_much,
    }  # fmt: skip
    print(json.dumps(answer, separators=(",", ":")))
    counts = {answer[key] for key in ("calls", "ledger_rows", "connected", "recordings", "playable")}
    return 0 if len(counts) == 1 and not tally.failed and not too_much else 1


def _plays(row: dict[str, Any]) -> bool:
    """Is the call's recording a stereo file as long as the talk?"""
    file = row.get("recording") or {}
    try:
        channels, rate = wav.read(Path(file.get("path", "")))
    except (OSError, ValueError, EOFError, wave.Error):
        return False
    return len(channels) == 2 and abs(len(channels[0]) / rate - (row["talk_seconds"] or 0)) < SECONDS_APART


def _sweep(_: str, event: PhoneEvent) -> None:
    """Remove the packet log of a call that has ended: half an hour of them is gigabytes nobody reads."""
    if event.kind == "ended":
        Path(event.data["tap"]).unlink(missing_ok=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load.soak", description="Calls for a long time.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=float, default=5, help="seconds between calls")
    parser.add_argument("--talk", type=float, default=6, help="seconds each call speaks")
    parser.add_argument("--lines", type=int, default=4)
    parser.add_argument("--agents", type=int, default=5)
    parser.add_argument("--sample", type=float, default=30, help="seconds between samples of memory and descriptors")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
