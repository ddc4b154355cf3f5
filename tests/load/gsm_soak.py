"""A bank of modems under faults: ``python -m tests.load.gsm_soak --minutes 60``. Exit status 1 on any mismatch.

The whole appliance with simulated modems of all families: calls both ways, messages both ways and USSD, while faults
of every kind come over random lines. When the last fault has ended and every line has recovered by itself: each call
stands in the ledger once, each message was delivered once and reads the same, nothing is left over, nothing has grown.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from appliance.bus import Bus
from appliance.store.message_models import Message
from gateways.gsm.simulator.families import TRAITS
from tests.call_path.site import Site
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.fakes.speech import speech
from tests.load import gsm_faults, gsm_usb, gsm_verdict
from tests.load.gsm_calls import Calls, sweep
from tests.load.gsm_faults import Faults
from tests.load.gsm_texts import Texts
from tests.load.gsm_usb import UsbFiles
from tests.load.gsm_verdict import Verdict
from tests.load.resources import Growth, Sampler, growth, table
from tests.measure import wav

RSS_MB, FDS = 6.0, 3.0  # growth allowed after the first minutes
WATCHED = ("gsm", "pbx")  # of which growth fails the run
SHORT = 9.0  # minutes; in a shorter run the allocators have not settled
CARRIER = r"""
[[carrier]]
name = "simnet"
imsi_prefixes = ["00101"]
ussd_balance = "*100#"
balance_pattern = "balance is (?P<amount>[0-9.,-]+) (?P<currency>yen)"
balance_every = 2
"""


TRACED = """
import logging, sys
from appliance.cli import main
logging.getLogger("gateways.gsm").setLevel(logging.DEBUG)
sys.exit(main())
"""


class SoakStack(Stack):
    """A stack whose gateway finds USB files of ours, where that is possible. ``trace``: it logs all AT lines."""

    trace = False

    def _program(self, name: str, command: list[str]) -> None:
        if name == "gsm" and self.trace:
            command = [sys.executable, "-c", TRACED, *command[1:]]
        if name == "gsm" and gsm_usb.possible():
            command = gsm_usb.namespaced(self.folder / "sys", command)
        super()._program(name, command)


class Soak:
    """One run."""

    def __init__(self, stack: Stack, arguments: argparse.Namespace) -> None:
        self.stack, self.arguments = stack, arguments
        self.bus = _technician(stack)
        chance = random.Random(arguments.seed)

        def own() -> random.Random:
            return random.Random(chance.random())

        desks = self._phones()
        self.usb = UsbFiles(stack.folder / "sys", stack.bank) if gsm_usb.possible() else None
        self.faults = Faults(stack.bank, self._state, own(), arguments.fault_every, self.usb is not None)
        self.calls = Calls(stack, own(), arguments.call_every, arguments.at_once, desks)
        self.texts = Texts(stack, self.bus, own(), arguments.text_every)
        self.sampler = Sampler(lambda: {name: program.pid for name, program in stack.programs.items()}, 15)
        self.verdict = Verdict()

    def _state(self, line: str) -> str | None:
        return self.stack.watch.state("line", line)

    def _phones(self) -> list[Phone]:
        """Agents who take calls, and agents on a break who call out; the latter are returned."""
        stack = self.stack
        sound = stack.folder / "agent.wav"
        wav.write(sound, speech("agent", 12))
        desks = []
        for extension, agent in zip(stack.site.extensions, stack.site.agents, strict=True):
            phone = stack.agent_phone(extension, agent, speak=sound, answer_after=0.3, on_event=sweep)
            if len(stack.phones) > self.arguments.agents:
                phone.feature(stack.settings.features.pause)
                desks.append(phone)
        return desks

    def run(self) -> int:
        self.bus.start()
        if self.usb is not None:
            self.usb.start()
        self.sampler.start()
        for part in (self.calls, self.texts, self.faults):
            part.start()
        began = time.monotonic()
        while (left := began + self.arguments.minutes * 60 - time.monotonic()) > 0:
            time.sleep(min(60.0, left))
            self._progress(time.monotonic() - began)
        self._wind_down()
        self.sampler.stop()
        grown = growth(self.sampler.samples, min(300.0, self.arguments.minutes * 20))
        self._judge(grown)
        self.faults.stop()
        if self.usb is not None:
            self.usb.stop()
        self.bus.stop()
        return self._report(grown)

    def _progress(self, seconds: float) -> None:
        late = self.stack.bank.lateness
        out = [line for line in self.stack.lines if self._state(line) not in gsm_faults.IN_SERVICE]
        print(
            f"{seconds:6.0f} s  {len(self.calls.trips)} calls ({self.calls.alive} now, {self.calls.skipped} put off), "
            f"{len(self.texts.outbound)} sms out, {len(self.texts.inbound)} in, {len(self.texts.asked)} ussd, "
            f"{len(self.faults.all)} faults, {len(out)} lines out of service, {self.usb.resets if self.usb else 0} "
            f"resets, tick late {late.late}/{late.ticks} worst {late.worst_ns / 1e6:.0f} ms",
            flush=True,
        )

    def _wind_down(self) -> None:
        """No more faults and no more traffic; wait until all has ended by itself."""
        self.faults.cease()
        self.calls.stop()
        self.texts.stop()
        for fault in self.faults.wait_over(self.arguments.settle):
            state = self.stack.watch.payload("line", fault.line)
            self.verdict.must(False, f"{fault.line} did not recover from {fault}: {state}")
        self.texts.prove()
        until = time.monotonic() + self.arguments.settle
        while time.monotonic() < until and self._waiting():
            time.sleep(1)
        time.sleep(5)

    def _waiting(self) -> int:
        """Messages that are on their way, and calls."""
        busy = select(func.count()).where(Message.state.in_(("queued", "sending", "partial")))
        with self.stack.store.session() as session:
            return (session.scalar(busy) or 0) + self.stack.bank.smsc.waiting + len(self.stack.watch.calls())

    def _judge(self, grown: list[Growth]) -> None:
        verdict, of = self.verdict, self.faults.of
        gsm_verdict.calls(verdict, self.calls.trips, self.stack.ledger(), of)
        gsm_verdict.texts(verdict, self.texts, self.stack.store, of)
        gsm_verdict.ussd(verdict, self.texts.asked, of)
        verdict.must(not self.stack.watch.calls(), f"calls still live: {self.stack.watch.calls()}")
        lines = self.bus.ask("gsm", "line.list", {}, 10)["lines"]
        for line in lines:
            verdict.must(line["state"] == "idle", f"{line['line']} is {line['state']}: {line['reason']}")
        left = [call for call in self.stack.bank.state()["calls"] if call["state"] != "ended"]
        verdict.must(not left, f"calls left in the network: {left}")
        for line in self.stack.lines:
            self._balance(line)
        if self.arguments.minutes >= SHORT:
            for one in grown:
                grew = one.service in WATCHED and one.too_much(RSS_MB, FDS)
                verdict.must(not grew, f"{one.service} has grown: {one}")
        for name in self.stack.services:
            verdict.must(self.stack.programs[name].running, f"{name} has ended")

    def _balance(self, line: str) -> None:
        """The balance that the network has is what the gateway finds."""
        self.bus.ask("gsm", "balance.ask", {"line": line}, 10)
        number = self.stack.number(line)
        right = f"{self.stack.bank.loop.call(lambda: self.stack.bank.network.balances.of(number))} yen"
        until = time.monotonic() + 10
        told: Any = None
        while time.monotonic() < until:
            sim = getattr(self.stack.watch.payload("line", line), "sim", None)
            told = sim.balance if sim is not None else None
            if told == right:
                return
            time.sleep(0.1)
        self.verdict.must(False, f"{line}: the balance is {right}, the gateway has {told}")

    def _report(self, grown: list[Growth]) -> int:
        verdict, faults, late = self.verdict, self.faults.all, self.stack.bank.lateness
        told = [*faults, *self.calls.trips, *self.texts.asked, *self.texts.inbound, *self.texts.outbound.values()]
        (self.stack.folder / "logs" / "soak.txt").write_text("\n".join(map(repr, told)))
        print(table(grown))
        print(gsm_faults.table(faults))
        for name, count in sorted(verdict.counts.items()):
            print(f"{name:<44} {count:>6}")
        for what in verdict.wrong:
            print(f"WRONG: {what}")
        answer = {
            "minutes": self.arguments.minutes, "modems": self.arguments.modems, "seed": self.arguments.seed,
            "wrong": len(verdict.wrong), "faults": len(faults), "recovered": sum(one.over for one in faults),
            "median_recovery_s": gsm_verdict.median(faults), "longest_recovery_s": gsm_verdict.longest(faults),
            "counts": dict(sorted(verdict.counts.items())), "late_ticks": late.late, "ticks": late.ticks,
            "growth": {one.service: {"rss_mb": round(one.rss_mb[1] - one.rss_mb[0], 2), "fds": one.fds[1] - one.fds[0]}
                       for one in grown},
        }  # fmt: skip
        print(json.dumps(answer, separators=(",", ":")), flush=True)
        return 1 if verdict.wrong else 0


def _technician(stack: Stack) -> Bus:
    bus = stack.settings.bus
    return Bus(bus.host, bus.port, "technician", stack.settings.bus_password("technician"), guest=True)


def main() -> int:
    """Run it; return the exit status."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="callfloor-gsm-soak-"))
    people = range(1, arguments.agents + arguments.desks + 1)
    site = Site(
        lines=arguments.modems,
        families=tuple(TRAITS),
        extensions=tuple(str(100 + n) for n in people),
        agents=tuple(str(2000 + n) for n in people),
        queue={"wrap_up": 0},
    )
    stack = SoakStack(folder, site, services=("bus", "edge", "pbx", "gsm"))
    stack.trace = arguments.trace
    status = 1
    try:
        stack.start()
        description = folder / "carrier.toml"
        description.write_text(CARRIER)
        stack.callfloor("store", "apply", str(description))
        status = Soak(stack, arguments).run()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.stop()
        if status == 0 and not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"logs: {folder}/logs", file=sys.stderr)
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load.gsm_soak", description="Modems under faults.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--modems", type=int, default=32)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100000, help="of all that is random")
    parser.add_argument("--agents", type=int, default=4, help="agents who take calls")
    parser.add_argument("--desks", type=int, default=2, help="agents who call out")
    parser.add_argument("--at-once", type=int, default=6, help="most calls at once")
    parser.add_argument("--call-every", type=float, default=2, help="seconds between calls")
    parser.add_argument("--text-every", type=float, default=2, help="seconds between messages of each direction")
    parser.add_argument("--fault-every", type=float, default=2.5, help="seconds between faults")
    parser.add_argument("--settle", type=float, default=900, help="most seconds to wait for lines, then for messages")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    parser.add_argument("--trace", action="store_true", help="have the gateway log all that is said to the modems")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
