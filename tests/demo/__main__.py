"""The demo: ``python -m tests.demo``. Starts the appliance in a throw-away folder, makes one call, and measures it.

``DEMO_ONCE=1`` or no terminal: ends after the result. ``DEMO_TALK``: seconds the two speak (20). The folder stays until
the next demo, so that its ledger can be asked and its recording be heard. Exit status 0: all within target; 1: not, or
it could not be done.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from tests.call_path.site import Site
from tests.call_path.stack import Stack
from tests.demo.scene import Floor, Scene, play, prompts_heard
from tests.demo.timeline import Timeline
from tests.demo.verdict import HEARD, Direction, recorded, result
from tests.measure.latency import joined

FOLDER = Path(__file__).resolve().parents[2] / ".state" / "demo"
SHOWN = ("id", "state", "result", "line", "caller", "did", "queue", "agent", "extension", "ringing_at", "answered_at",
         "queued_at", "connected_at", "ended_at", "ended_by", "cause", "wait_seconds", "talk_seconds")  # fmt: skip


def main() -> int:
    """Run the demo; return its exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the same way out as Ctrl-C
    once = os.environ.get("DEMO_ONCE") == "1" or not sys.stdout.isatty()
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"demo: another demo runs in {FOLDER}; end it first", file=sys.stderr)
            return 1
        shutil.rmtree(FOLDER, ignore_errors=True)
        return _demo(FOLDER, once)


def _demo(folder: Path, once: bool) -> int:
    timeline = Timeline()
    stack = Stack(folder, Site(queue={"wrap_up": 2, "announce_every": 30}), on_step=timeline.step)
    try:
        return _run(stack, timeline, float(os.environ.get("DEMO_TALK", "20")), once)
    except KeyboardInterrupt:
        print("\nended.", file=sys.stderr)
        return 130
    except (TimeoutError, RuntimeError) as error:
        print(f"demo: {error}\n      logs: {folder}/logs", file=sys.stderr)
        return 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave processes behind
        stack.stop()


def _run(stack: Stack, timeline: Timeline, talk: float, once: bool) -> int:
    stack.start()
    stack.watch.on_event = timeline.call_event
    floor = Floor(stack, timeline, talk)
    try:
        floor.open()
        timeline.step("phones registered, agents logged in")
        print(f"panel: http://{stack.settings.panel.host}:{stack.settings.panel.port}/\n")
        answer, missed = _measure(stack, play(stack, floor, timeline))
        print(f"ask its ledger: callfloor --settings {stack.settings_file} report calls --json")
        for line in missed:
            print(f"missed: {line}")
        print(json.dumps(answer, separators=(",", ":")), flush=True)
        if not once:
            _stay(stack)
        return 1 if missed else 0
    finally:
        floor.close()


def _measure(stack: Stack, scene: Scene) -> tuple[dict[str, Any], list[str]]:
    """Print the ledger row and the figures; return the JSON object and what misses its target."""
    print("\nledger:")
    for key in SHOWN:
        print(f"  {key:<14} {scene.row.get(key)}")
    missed = []
    print("\nheard by the subscriber:")
    for name, (at, match) in prompts_heard(stack, scene).items():
        verdict, place = "yes" if match > HEARD else "NO", f" at {at:.2f} s" if at else ""
        print(f"  {name:<16} {verdict:<4} correlation {match:.3f}{place}")
        missed += [] if match > HEARD else [f"prompt {name} was not heard (correlation {match:.3f})"]
    print("\nmouth to ear:")
    for name, way in (("caller to agent", scene.to_agent), ("agent to caller", scene.to_caller)):
        _show(name, way)
    file = scene.row.get("recording") or {}
    recording = recorded(Path(file.get("path", "")), joined(scene.to_agent.spoken), joined(scene.to_caller.spoken))
    print(
        f"\nrecording: {recording.path}\n  {recording.seconds:.2f} s; the other's voice: caller in the agent's channel "
        f"{recording.caller_in_agent:.3f}, agent in the caller's {recording.agent_in_caller:.3f}\n"
    )
    answer, more = result(scene.row, scene.rows, scene.setup_ms, scene.to_agent, scene.to_caller, recording)
    return answer, missed + more


def _show(name: str, way: Direction) -> None:
    latency, loss = way.latency(), way.loss()
    times = f"p50 {latency.p50:.1f} p99 {latency.p99:.1f} max {latency.maximum:.1f} ms" if latency else "nothing heard"
    print(
        f"  {name}: {times}; {loss.frames} frames of 20 ms, {loss.lost} lost ({loss.inserted} inserted), "
        f"{loss.unchecked} unchecked, {loss.clipped_start}+{loss.clipped_end} clipped at the ends, "
        f"delay shifts {loss.delay_shifts}"
    )


def _stay(stack: Stack) -> None:
    print(
        f"The panel stays at http://{stack.settings.panel.host}:{stack.settings.panel.port}/ until Ctrl-C.", flush=True
    )
    signal.pause()


if __name__ == "__main__":
    sys.exit(main())
