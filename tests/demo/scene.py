"""The demo's call: a subscriber dials, presses a key, waits, talks to an agent, and hangs up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from gateways.gsm.simulator import State, SubscriberCall
from tests.call_path.stack import Stack
from tests.demo.timeline import Timeline
from tests.demo.verdict import Direction, frames, heard_music, heard_prompt
from tests.fakes.baresip import Baresip, installed
from tests.fakes.phone import Phone
from tests.fakes.speech import RATE, speech
from tests.measure import wav
from tests.measure.latency import joined

SUBSCRIBER = "+819012345678"
QUEUE_SECONDS = 8.0  # how long nobody is free: long enough for music and the position announcement
MARGIN = 10.0  # seconds the agent speaks longer than the caller, who is the one to hang up


@dataclass
class Scene:
    """What came of the call."""

    call: SubscriberCall
    setup_ms: float
    to_agent: Direction
    to_caller: Direction
    row: dict[str, Any]
    rows: int


class Floor:
    """Two agents at two telephones: the measuring phone at 101, Debian's baresip at 102."""

    def __init__(self, stack: Stack, timeline: Timeline, talk: float) -> None:
        self.stack, self.timeline, self.talk = stack, timeline, talk
        self.speech = {who: stack.folder / f"{who}.wav" for who in ("caller", "agent")}
        wav.write(self.speech["caller"], speech("caller", talk))
        wav.write(self.speech["agent"], speech("agent", talk + MARGIN))
        self.second: Baresip | Phone | None = None

    def open(self) -> None:
        """Both phones register; both agents log in and take a break."""
        with ThreadPoolExecutor(2) as pool:
            for desk in [pool.submit(self._open_first), pool.submit(self._open_second)]:
                desk.result()
        for agent in ("2001", "2002"):
            self.stack.watch.wait_state("agent", agent, "paused")

    def agents_return(self) -> None:
        """Both agents end their break, 2001 first: who has been free for longest gets the call."""
        code = self.stack.settings.features.unpause
        self.first.tell("dial", target=code)
        self.stack.watch.wait_state("agent", "2001", ("available", "ringing", "on-call"))
        self._second_dials(code)

    def close(self) -> None:
        """The phones go; the measuring one belongs to the stack."""
        if isinstance(self.second, Baresip):
            self.second.stop()

    def _open_first(self) -> None:
        codes = self.stack.settings.features
        self.first = self.stack.phone(
            "101", speak=self.speech["agent"], answer_after=0.8, on_event=self.timeline.phone_event
        )
        self.first.feature(f"{codes.login}2001")
        self.first.feature(codes.pause)

    def _open_second(self) -> None:
        codes = self.stack.settings.features
        self.second = self._second_phone()
        self._second_dials(f"{codes.login}2002")
        self._second_dials(codes.pause)

    def _second_phone(self) -> Baresip | Phone:
        if not installed():
            return self.stack.phone("102", on_event=self.timeline.phone_event)
        edge = self.stack.settings.edge
        ports = (self.stack.ports.spare(0), self.stack.ports.spare(4))
        phone = Baresip(
            self.stack.folder / "phone-102", "102", self.stack.site.passwords["102"], (edge.host, edge.port), ports,
            speak=self.speech["agent"],
        )  # fmt: skip
        phone.start()
        if not phone.registered():
            raise RuntimeError(f"baresip did not register; see {phone.folder}/baresip.log")
        return phone

    def _second_dials(self, code: str) -> None:
        """Dial a feature code and let its prompt end."""
        if isinstance(self.second, Phone):
            self.second.feature(code)
        elif isinstance(self.second, Baresip):
            edge = self.stack.settings.edge
            self.second.command("dial", f"sip:{code}@{edge.host}:{edge.port}")
            self.second.wait("CALL_CLOSED")


def play(stack: Stack, floor: Floor, timeline: Timeline) -> Scene:
    """Make the call and wait until it is in the ledger. Raises TimeoutError or RuntimeError when a step fails."""
    line = stack.lines[0]
    subscriber = stack.bank.subscriber(SUBSCRIBER)
    timeline.dialled()
    began = time.monotonic_ns()
    call = subscriber.dial(stack.number(line))
    timeline.say("subscriber", f"dials {stack.number(line)}, the SIM of {line}")
    if not call.wait_answered(15):
        raise RuntimeError(f"the call was not answered: {call.state}, cause {call.cause}")
    answered_ns = call.times[State.ACTIVE]
    timeline.say("subscriber", "is answered", answered_ns)
    _press(stack, call, timeline)
    stack.watch.wait_event("queued", 10, after_ns=began)
    time.sleep(QUEUE_SECONDS)
    timeline.say("agents", "end their break")
    floor.agents_return()
    floor.first.wait("ringing", 20)
    tap = floor.first.wait("connected", 10).data["tap"]
    connected = stack.watch.wait_event("connected", 5, after_ns=began)
    timeline.say("both", f"speak for {floor.talk:g} s")
    said = call.play(floor.speech["caller"].read_bytes()[44:])
    if not said.wait(floor.talk + 5):
        raise RuntimeError("the subscriber could not say all")
    timeline.say("subscriber", "hangs up")
    call.hang_up()
    stack.watch.wait_event("ended", 15, call=connected.event.call)
    stack.watch.wait_event("recorded", 15, call=connected.event.call)
    floor.first.wait("ended", 10)
    time.sleep(0.3)  # the tap is complete 200 ms after the call
    assert said.first is not None
    assert said.last is not None
    to_agent = Direction(frames(call.spoken()[said.first : said.last + 1]), floor.first.heard(tap))
    to_caller = Direction(floor.first.spoke(tap), frames(call.heard()))
    rows = [row for row in stack.ledger() if row["line"] == line]
    return Scene(call, (answered_ns - began) / 1e6, to_agent, to_caller, rows[-1] if rows else {}, len(rows))


def _press(stack: Stack, call: SubscriberCall, timeline: Timeline) -> None:
    """Listen to the greeting, then press 1: tones in the audio, as over GSM."""
    seconds = len(wav.read(stack.settings.prompt("welcome"))[0][0]) / RATE
    time.sleep(seconds + 0.5)
    timeline.say("subscriber", "presses 1")
    call.send_digits("1")


def prompts_heard(stack: Stack, scene: Scene) -> dict[str, tuple[float, float]]:
    """Where and how well the greeting, the announcement and the music are in what the subscriber heard."""
    heard = joined(scene.to_caller.heard)
    found = {name: heard_prompt(stack.settings.prompt(name), heard) for name in ("welcome", "you-are-number", "n1")}
    return found | {"music": (0.0, heard_music(stack.settings.prompt("music"), heard))}
