"""All families under random faults and resets, and the bank's own control of them."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from gateways.gsm.simulator import Bank
from gateways.gsm.simulator.control import Control
from gateways.gsm.simulator.families import TRAITS
from gateways.gsm.simulator.faults import KINDS, STEPS

from .conftest import quick
from .host import AtHost, wait_until

COMMANDS = (
    "ATA",
    "AT+CHUP",
    "AT+CLCC",
    "ATS0=1;+CLIP=1",
    "ATD+819000000000;",
    "ATD+818000000003;",
    "AT+CFUN=1,1",
    "AT",
)


class Host:
    """Writes to a modem that may be away, and reads what it says so that it can go on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1

    def send(self, line: str) -> None:
        try:
            if self.fd < 0:
                self.fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
            os.write(self.fd, f"{line}\r".encode())
            os.read(self.fd, 65536)
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


def descriptors_open() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def trouble(bank: Bank, chance: random.Random) -> None:
    """One random fault on a random line, and now and then a step that cures or a call."""
    name = chance.choice(list(bank.modems))
    bank.fault(name, chance.choice(list(KINDS)), lasts=chance.uniform(0.1, 0.5), cured_by=chance.choice(STEPS))
    step = chance.choice((bank.reauthorise, bank.power_cycle, bank.clear_faults, None, None, None))
    if step is not None:
        step(name)
    caller = bank.subscriber("+819000000001")
    if caller.current is None:
        caller.dial(chance.choice(list(bank.modems.values())).number)
    elif chance.random() < 0.3:
        caller.current.hang_up()


def test_after_every_storm_all_are_back_and_nothing_is_left(tmp_path: Path) -> None:
    chance = random.Random(850)
    with Bank(tmp_path, lines=len(TRAITS), families=list(TRAITS), timing=quick()) as bank:
        bank.subscriber("+819000000000").behaves("answers", after=0.1)
        descriptors = descriptors_open()
        hosts = [Host(bank.at_path(name)) for name in bank.modems]
        ends = time.monotonic() + 4
        while time.monotonic() < ends:
            trouble(bank, chance)
            for host in chance.sample(hosts, 3):
                host.send(chance.choice(COMMANDS))
            time.sleep(0.01)
        for host in hosts:
            host.close()
        for name in bank.modems:
            bank.clear_faults(name)
            bank.power_cycle(name)
        wait_until(lambda: bank.state()["calls"] == [], 5)
        wait_until(lambda: all(one["registered"] and one["plugged"] for one in bank.state()["lines"]), 5)
        for name in bank.modems:
            with closing(AtHost(bank.at_path(name))) as at:
                assert at.command("E0+CLCC")[-1] == "OK"
        assert all(one["faults"] == [] and one["calls"] == [] for one in bank.state()["lines"])
        # Ports that went hold a spare pair, until they are back.
        assert descriptors_open() <= descriptors
    assert list(tmp_path.iterdir()) == []


def test_the_steps_on_the_control_socket(tmp_path: Path) -> None:
    with Bank(tmp_path / "bank", lines=1, timing=quick()) as bank:
        control = Control(bank, tmp_path / "unused")

        def ask(**request: object) -> dict[str, object]:
            answer: dict[str, object] = json.loads(control.answer(json.dumps(request).encode()))
            return answer

        first = ask(op="where", line="gsm-1")
        assert (first["ok"], first["path"]) == (True, "1-1.1")
        for op in ("reauthorise", "power_cycle"):
            ask(op="fault", line="gsm-1", kind="hang", options={"cured_by": "reauthorise"})
            assert ask(op=op, line="gsm-1") == {"ok": True}
            assert not ask(op="where", line="gsm-1")["plugged"]
            wait_until(lambda: bool(ask(op="where", line="gsm-1")["plugged"]))
            assert bank.state()["lines"][0]["faults"] == []
        ask(op="fault", line="gsm-1", kind="echo")
        ask(op="clear", line="gsm-1", kind="echo")
        assert bank.state()["lines"][0]["faults"] == []


def test_the_program_deals_out_families(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateways.gsm.simulator", "--directory", str(tmp_path), "--lines", "3"]
    process = subprocess.Popen([*command, "--family", "huawei", "generic"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        assert [line["family"] for line in ready["lines"]] == ["huawei", "generic", "huawei"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait(5)
        process.stdout.close()
