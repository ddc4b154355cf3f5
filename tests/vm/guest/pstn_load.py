"""Load on a PRI span: many calls at once for a minute, each block of their audio numbered, losses counted.

``python -m tests.vm.guest.pstn_load [--seconds 60] [--calls 30] [--pair e1|t1] [--peer trivial|none]``

The exchange calls the other side over D channel and B channels of real DAHDI, and plays numbered blocks on every call.
``trivial`` starts a peer of our own in another process, which answers at once and sends back what it hears; ``none``
leaves the other side to the gateway. Ends with status 1 when a call failed or a block was lost.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.pstn.exchange.blocks import Tally
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.digital import BearerChannel, d_channel
from tests.pstn.exchange.exchangespan import ExchangeSpan
from tests.pstn.exchange.lapdevents import Role
from tests.pstn.exchange.player import Player, Talk
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import SpanPlan, e1, t1
from tests.vm.guest import dahdi

PATIENCE = 60.0
PAIRS = {"e1": dahdi.E1, "t1": dahdi.T1}
COUNTS = ("heard", "exact", "damaged", "lost", "repeated", "foreign", "slips")
UNIT = 3
"""Blocks that are given to the driver at once."""
LEAD = 60
"""Blocks that a side is ahead of the wire: 1.2 s in which its process does not run do no harm."""
UNDER_WAY = 2 * LEAD + 100
"""Blocks that may be on their way when the count is made: both sides' lead, and two seconds on the path."""


@dataclass
class Report:
    """What came of it. ``tallies`` are the exchange's, by time slot; ``cpu`` seconds of this process,
    ``longest`` seconds between two turns of its player."""

    seconds: float
    setup_seconds: float = 0.0
    cpu: float = 0.0
    longest: float = 0.0
    tallies: dict[int, Tally] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Was every call's audio right from beginning to end, and no rule of the protocol broken?"""
        return bool(self.tallies) and not self.violations and not self.wrong

    @property
    def wrong(self) -> list[int]:
        """Time slots whose audio was not right: blocks lost, damaged …, or none at the beginning or at the end."""
        return [slot for slot, tally in self.tallies.items() if not self._right(tally, self.sent[slot])]

    @staticmethod
    def _right(tally: Tally, sent: int) -> bool:
        if tally.first is None or tally.last is None:
            return False
        return tally.clean and tally.first <= UNDER_WAY and sent - tally.last <= UNDER_WAY

    @property
    def too_late(self) -> bool:
        """Did this process not run for longer than what it is ahead of the wire?"""
        return self.longest > LEAD * 0.02

    def lines(self) -> list[str]:
        """The report as text."""
        calls = len(self.tallies)
        total = Tally()
        for tally in self.tallies.values():
            for name in COUNTS:
                setattr(total, name, getattr(total, name) + getattr(tally, name))
        bad = [f"  channel {slot}: sent {self.sent[slot]}, {self.tallies[slot]}" for slot in self.wrong]
        text = f"heard {total.heard}, byte by byte the same {total.exact}, damaged {total.damaged}, lost {total.lost}"
        return [
            f"{calls} calls for {self.seconds:.0f} s, all answered after {self.setup_seconds:.1f} s",
            f"blocks: sent {sum(self.sent.values())}, {text}, repeated {total.repeated}, foreign {total.foreign}, "
            f"slips {total.slips}",
            f"exchange: {100 * self.cpu / self.seconds:.0f} % of a core, at most {1000 * self.longest:.0f} ms late",
            *(["the exchange itself was too late to judge: repeat it on a quiet machine"] if self.too_late else []),
            *bad,
            *self.violations,
        ]


def plan(pair: dahdi.Pair, role: Role) -> SpanPlan:
    """The span of a pair as the exchange (``network``) or a trivial peer (``user``) has it."""
    return e1("e1", "euroisdn", role) if pair is dahdi.E1 else t1("t1", "ni2", role)


def bearers(side: dahdi.Side, of: SpanPlan) -> dict[int, int]:
    """DAHDI's number of each time slot."""
    return dict(zip(of.channels, side.bearers, strict=True))


class Load:
    """Calls on a span of the exchange, with numbered blocks on each; ``numbers`` are DAHDI's of the exchange's side.

    ``own_blocks``: the far end says blocks of channel slot + 100; without, it sends back what it hears.
    """

    def __init__(self, exchange: Exchange, span: ExchangeSpan, numbers: dict[int, int], own_blocks: bool) -> None:
        self._exchange, self._span, self._numbers, self._own_blocks = exchange, span, numbers, own_blocks
        self._player = Player()
        self._talks: dict[int, Talk] = {}
        self._carriers: list[BearerChannel] = []

    def run(self, to: list[str], seconds: float) -> Report:
        """Call all of ``to`` at once, let them talk for so long, and hang up. Fails when a call does."""
        report = Report(seconds)
        began = time.monotonic()
        calls = [self._exchange.call(to=number, number=f"+8190{index:08}") for index, number in enumerate(to)]
        for call in calls:
            call.wait_answered(PATIENCE)
        report.setup_seconds = time.monotonic() - began
        self.talk(calls)
        before = resource.getrusage(resource.RUSAGE_SELF)
        time.sleep(seconds)
        after = resource.getrusage(resource.RUSAGE_SELF)
        report.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.stop(report)
        for call in calls:
            assert call.end is None, f"a call on channel {call.channel} ended by itself: {call.end}"
            call.hang_up()
        self._exchange.wait_idle(PATIENCE)
        report.violations = self._exchange.violations
        return report

    def talk(self, calls: list[Call]) -> None:
        """Begin numbered blocks on calls that are through."""
        for call in calls:
            slot = call.channel
            assert slot is not None
            carrier = BearerChannel(self._numbers[slot], UNIT)
            self._carriers.append(carrier)
            other = slot + 100 if self._own_blocks else slot
            self._talks[slot] = self._player.begin(Talk(carrier, self._span.plan.law, slot, other, lead=LEAD))

    def stop(self, report: Report) -> None:
        """End the audio and count."""
        for slot, talk in self._talks.items():
            report.tallies[slot] = self._player.end(talk)
            report.sent[slot] = talk.sent
        self._player.close()
        report.longest = self._player.longest
        for carrier in self._carriers:
            carrier.close()


def come_first() -> None:
    """Run this process before others: a judge that is late would blame the judged. Only where that is allowed."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


@contextmanager
def peer(kind: str, pair: str) -> Iterator[None]:
    """The trivial peer in a process of its own for a with block, or none."""
    if kind == "none":
        yield
        return
    command = [sys.executable, "-m", "tests.vm.guest.pstn_load_peer", pair]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(PATIENCE)


def main(arguments: list[str]) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--calls", type=int, default=0, help="all channels of the span unless told")
    parser.add_argument("--pair", choices=PAIRS, default="e1")
    parser.add_argument("--peer", choices=("trivial", "none"), default="trivial")
    parser.add_argument("--own-blocks", action="store_true", help="the far end says slot + 100, not what it hears")
    parser.add_argument("--to", default="0355550000", help="the number that is called")
    asked = parser.parse_args(arguments)
    pair = PAIRS[asked.pair]
    mine = plan(pair, "network")
    come_first()
    with dahdi.exchange(), Exchange() as exchange, peer(asked.peer, asked.pair):
        span = exchange.add_span(mine, d_channel(pair.exchange.d))
        span.wait_up(PATIENCE)
        load = Load(exchange, span, bearers(pair.exchange, mine), asked.own_blocks)
        report = load.run([asked.to] * (asked.calls or len(mine.channels)), asked.seconds)
    print("\n".join(report.lines()))
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
