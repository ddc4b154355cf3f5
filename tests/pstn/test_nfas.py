"""Two spans that signal by one D channel, and another in reserve (NFAS). libpri is the network, for lack of others."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from gateways.line import Answered, Ended, IncomingCall
from gateways.loop import HardwareLoop
from gateways.pstn.libpri import Pri
from gateways.pstn.prievents import Disconnecting, LinkUp, Party, PriEvent, RestartAcknowledged, Ring, Setup
from gateways.pstn.q931frame import FCS
from gateways.pstn.span import PriSpan
from gateways.pstn.spanlinks import SpanLinks
from gateways.pstn.spanstatus import SpanStatus
from tests.pstn.priports import HostHardware
from tests.pstn.pririg import TOKYO, Turned, spec_for

PRIMARY, BACKUP = 64, 65


class Network:
    """Both D channels of the far end; ``deaf`` ones neither hear nor speak. It takes every call."""

    def __init__(self, loop: HardwareLoop, ends: dict[int, socket.socket]) -> None:
        self.deaf: set[int] = set()
        self.heard: list[PriEvent] = []
        self._pris: dict[int, Pri] = {}
        for number, end in ends.items():
            self._add(loop, number, end)
        self._pris[PRIMARY].enslave(self._pris[BACKUP])
        loop.add(self)

    def _add(self, loop: HardwareLoop, number: int, end: socket.socket) -> None:
        end.setblocking(False)

        def send(frame: bytes) -> None:
            if number not in self.deaf:
                end.send(frame + FCS)

        pri = self._pris[number] = Pri(f"far {number}", "ni2", "net", send)

        def ready(_bits: int) -> None:
            frame = end.recv(2048)[: -len(FCS)]
            if number not in self.deaf:
                self._take(pri, pri.receive(frame))

        loop.watch(end.fileno(), select.EPOLLIN, ready)
        for timer, milliseconds in (("T200", 200), ("T203", 1000)):
            pri.set_timer(timer, milliseconds)

    def _take(self, pri: Pri, events: list[PriEvent]) -> None:
        for event in events:
            self.heard.append(event)
            if isinstance(event, Ring):
                pri.proceed(event.call, event.slot or 0)
                pri.answer(event.call, event.slot or 0)
            elif isinstance(event, Disconnecting):
                pri.hang_up(event.call, 16)

    def __getitem__(self, number: int) -> Pri:
        return self._pris[number]

    def deadline(self) -> float | None:
        return min((at for pri in self._pris.values() if (at := pri.deadline()) is not None), default=None)

    def tick(self, _now: float) -> None:
        for pri in self._pris.values():
            self._take(pri, pri.run())


class Group(Turned):
    """``span`` is the first of the group, ``second`` the other."""

    def __init__(self) -> None:
        super().__init__()
        pairs = {number: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for number in (PRIMARY, BACKUP)}
        first = replace(spec_for("ni2"), d_channel=PRIMARY, backup_d_channel=BACKUP, interface=0, layer2_hold=2)
        other = {slot: f"t1-2.{slot:02}" for slot in first.lines}
        numbers = tuple(number + 100 for number in first.b_channels)
        second = replace(first, name="t1-2", lines=other, b_channels=numbers, interface=1)
        self.ends = [end for pair in pairs.values() for end in pair]
        self.hardware = HostHardware({number: pair[0] for number, pair in pairs.items()})
        self.statuses: list[SpanStatus] = []
        links = SpanLinks(first, self.loop)
        self.span = PriSpan(first, self.loop, self.heard, self.statuses.append, self.hardware, links=links)
        self.second = PriSpan(second, self.loop, self.heard, self.statuses.append, self.hardware, links=links)
        self.network = Network(self.loop, {number: pair[1] for number, pair in pairs.items()})

    def everybody_up(self) -> None:
        for span in (self.span, self.second):
            span.start()
        lines = [*self.span.lines.values(), *self.second.lines.values()]
        self.until(lambda: all(line.state == "idle" for line in lines))
        self.until(lambda: sum(isinstance(event, LinkUp) for event in self.network.heard) == 2)
        for link in self.span.links._links:
            assert link.pri is not None
            link.pri.set_timer("T200", 200)
            link.pri.set_timer("T203", 1000)


@contextmanager
def group() -> Iterator[Group]:
    made = Group()
    try:
        made.everybody_up()
        yield made
    finally:
        made.second.close("the test is over")
        made.span.close("the test is over")
        made.drop_audio()
        made.hardware.close()
        for end in made.ends:
            end.close()


def talk(made: Group, span: PriSpan, line: str) -> None:
    span.lines[line].dial(TOKYO)
    made.until(lambda: made.of(Answered, line))


def test_calls_on_both_spans_go_by_the_same_d_channel() -> None:
    with group() as made:
        talk(made, made.span, "t1-1.05")
        talk(made, made.second, "t1-2.07")
        assert [event.slot for event in made.network.heard if isinstance(event, Ring)] == [5, 1 << 8 | 7]
        for line in (made.span.lines["t1-1.05"], made.second.lines["t1-2.07"]):
            line.hang_up()
        made.until(lambda: made.span.idle and made.second.idle)
        assert [(event.cause, event.who) for event in made.of(Ended)] == [(16, "near")] * 2


def test_the_networks_calls_find_their_span() -> None:
    with group() as made:
        for slot in (3, 1 << 8 | 4):
            made.network[PRIMARY].setup(Setup(slot, Party("03", 1)))
        made.until(lambda: len(made.of(IncomingCall)) == 2)
        assert [event.line for event in made.of(IncomingCall)] == ["t1-1.03", "t1-2.04"]


def test_a_channel_of_the_second_span_is_restarted() -> None:
    with group() as made:
        talk(made, made.span, "t1-1.09")
        talk(made, made.second, "t1-2.09")
        made.network[PRIMARY].restart(1 << 8 | 9)
        made.until(lambda: any(isinstance(event, RestartAcknowledged) for event in made.network.heard))
        made.until(lambda: made.of(Ended))
        assert [event.line for event in made.of(Ended)] == ["t1-2.09"]
        assert made.span.lines["t1-1.09"].state == "active"


def test_calls_outlive_the_first_d_channel_and_new_ones_go_by_the_second() -> None:
    with group() as made:
        talk(made, made.span, "t1-1.05")
        talk(made, made.second, "t1-2.05")
        made.network.deaf.add(PRIMARY)
        made.until(lambda: not made.span.links.first.up, 10)
        made.turn(2.5)  # longer than calls would be held without any D channel
        assert made.of(Ended) == []
        assert made.span.status.state == "up"
        talk(made, made.second, "t1-2.06")
        made.second.lines["t1-2.06"].hang_up()
        made.until(lambda: made.second.lines["t1-2.06"].state == "idle")
        made.network.deaf.clear()
        made.until(lambda: made.span.links.first.up, 10)


def test_without_any_d_channel_calls_of_both_spans_end() -> None:
    with group() as made:
        talk(made, made.span, "t1-1.05")
        talk(made, made.second, "t1-2.05")
        made.network.deaf |= {PRIMARY, BACKUP}
        made.until(lambda: len(made.of(Ended)) == 2, 15)
        assert {(event.cause, event.who) for event in made.of(Ended)} == {(27, "line")}
        made.network.deaf.clear()
        lines = [*made.span.lines.values(), *made.second.lines.values()]
        made.until(lambda: all(line.state == "idle" for line in lines), 15)


def test_a_span_that_is_closed_leaves_the_d_channels_to_the_other() -> None:
    with group() as made:
        made.span.close("taken out of the rack")
        assert made.second.status.state == "up"
        talk(made, made.second, "t1-2.05")
        made.second.lines["t1-2.05"].hang_up()
        made.until(lambda: made.second.idle)
