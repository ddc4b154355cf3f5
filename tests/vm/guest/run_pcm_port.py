"""PcmPort on DAHDI channels, in a process of its own. Argument: the name of one of the functions below."""

from __future__ import annotations

import array
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pjsua2 as pj

from gateways.pstn.dahdi import Channel, Event
from tests.pjsua2.endpoint import poll, read_all, report, running_endpoint
from tests.pstn.exchange.dtmfreceiver import DtmfReceiver
from tests.pstn.exchange.fxsport import SETPOLARITY
from tests.vm.guest import dahdi, reversal
from tests.vm.guest.channels import lift
from tests.vm.guest.farends import BLOCK, PAUSE, FarEnd, lost, pauses, talk

OURS, FAR = dahdi.ANALOGUE.ours.analogue[:2], dahdi.ANALOGUE.exchange.analogue[:2]


class Bridge:
    """Two lines of ours connected in the conference, and their far ends."""

    def __init__(self, endpoint: pj.Endpoint, numbers: tuple[int, ...], far: tuple[int, ...]) -> None:
        self.endpoint = endpoint
        self.lines = [Channel(number) for number in numbers]
        self.far = [FarEnd(number) for number in far]
        self.told, told = os.pipe()
        os.set_blocking(self.told, False)
        if self.lines[0].info().analogue:
            for channel in self._channels():
                lift(channel)
            self.wait(0.8)
            for channel in self._channels():
                while channel.event() is not None:
                    pass
        self.ports = [pj.PcmPort(), pj.PcmPort()]
        for port, line in zip(self.ports, self.lines, strict=True):
            port.open(line.fd, told)
        self.ports[0].startTransmit(self.ports[1])
        self.ports[1].startTransmit(self.ports[0])

    def _channels(self) -> list[Channel]:
        return [*self.lines, *(end.channel for end in self.far)]

    def wait(self, seconds: float) -> None:
        poll(self.endpoint, lambda: False, seconds)

    def turn(self) -> None:
        self.endpoint.libHandleEvents(5)

    def lost(self) -> list[list[int]]:
        return [lost(one, other) for one, other in ((self.far[0], self.far[1]), (self.far[1], self.far[0]))]

    def close(self) -> None:
        for port in self.ports:
            port.close()
        for channel in self._channels():
            channel.close()


@contextmanager
def bridge(endpoint: pj.Endpoint, numbers: tuple[int, ...] = OURS, far: tuple[int, ...] = FAR) -> Iterator[Bridge]:
    made = Bridge(endpoint, numbers, far)
    try:
        yield made
    finally:
        made.close()


def audio(endpoint: pj.Endpoint) -> None:
    """Ten seconds through the conference, both ways."""
    with bridge(endpoint) as made:
        talk(made.far, made.turn, 10)
        stats = [port.stats() for port in made.ports]
        report(
            lost=made.lost(),
            pauses=[pauses(end) for end in made.far],
            dropped=[one.dropped_in + one.dropped_out + one.drift_drops for one in stats],
            frames=[(one.frames_in, one.frames_out) for one in stats],
            told=read_all(made.told).decode(),
        )


def every_byte(endpoint: pj.Endpoint) -> None:
    """Which of the 256 bytes of a law change on their way through the conference, on A-law and µ-law channels."""
    found = {}
    every = bytes(byte for byte in range(256) if byte != PAUSE) + bytes(65)
    for law, (pair, first) in {"alaw": (dahdi.E1, 13), "ulaw": (dahdi.MIXED, 0)}.items():
        ours, far = pair.ours.bearers[first : first + 2], pair.exchange.bearers[first : first + 2]
        with bridge(endpoint, ours, far) as made:
            said, heard = made.far
            said.begin([every[:BLOCK], every[BLOCK:]] * 20)
            heard.begin([])
            poll(endpoint, lambda said=said, heard=heard: (said.move(), heard.move()) and said.done, 5)  # type: ignore[misc]
            at = heard.heard.find(every[1:100]) - 1
            found[law] = [
                (one, other) for one, other in zip(every[:255], heard.heard[at:], strict=False) if one != other
            ]
    report(**found)


def events(endpoint: pj.Endpoint) -> None:
    """An event that nobody takes stops the audio until it is taken, and the line is not taken for lost."""
    with bridge(endpoint) as made:
        reversal.learn(made.far[0].channel.fd)
        turns = {2.0: 1, 2.1: None, 4.0: 0, 5.0: None}
        taken = []

        def each(said: float) -> None:
            for at in [at for at in turns if at <= said]:
                wires = turns.pop(at)
                if wires is not None:
                    fcntl.ioctl(made.far[0].channel.fd, SETPOLARITY, array.array("i", [wires]))
                else:
                    taken.append(made.lines[0].event())

        talk(made.far, made.turn, 8, each)
        gone = made.lost()
        report(
            taken=[one.kind for one in taken if one is not None],
            lost=[len(one) for one in gone],
            heard_at_last=[sum(number not in one for number in range(350, 400)) for one in gone],
            line_lost=made.ports[0].lost(),
            told=read_all(made.told).decode(),
        )


def digits(endpoint: pj.Endpoint) -> None:
    """Digits dialled by the driver while the conference has the line; then the port leaves the line."""
    with bridge(endpoint) as made:
        talk(made.far, made.turn, 0.5)
        line, far = made.lines[0], made.far[0].channel
        far.set_linear(True)
        far.flush()
        line.dial("159#0D")
        receiver, heard, seen = DtmfReceiver(), [], []

        def over() -> bool:
            while block := far.read():
                heard.append(receiver.hear(block))
            event = line.event()
            if event is not None:
                seen.append(event.kind)
            return Event.DIALCOMPLETE in seen

        complete = poll(endpoint, over, 10)
        poll(endpoint, lambda: over() and False, 0.3)
        far.set_linear(False)
        talk(made.far, made.turn, 1)
        lost_after = made.lost()
        made.ports[0].close()
        line.flush()
        made.wait(0.1)
        report(heard="".join(heard), complete=complete, lost_after=lost_after, block_after=len(line.read()))


if __name__ == "__main__":
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))  # what else the machine does is not measured
    with running_endpoint() as the_endpoint:
        globals()[sys.argv[1]](the_endpoint)
