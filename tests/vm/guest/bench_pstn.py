"""What a bridged PRI channel costs the gateway: against ``dd`` on the same channels. Prints one JSON line.

The virtual machine's clock counts instructions (see ``tests.vm.machine``), so that processor time here is a count of
instructions, whatever else the machine beneath does. ``REAL_GIPS`` is what a server's core is reckoned to do of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from gateways.pstn.dahdi import Channel
from tests.pstn.exchange.digital import BearerChannel
from tests.pstn.exchange.player import Player, Talk
from tests.vm.guest import dahdi
from tests.vm.guest.pstn_bridge import Gateway

CALLS, SECONDS, SETTLE = 30, 20.0, 3.0
VIRTUAL_GIPS = 1.0
REAL_GIPS = 3.0
"""Thousand millions of instructions a second: a core of 3 GHz that does one in each cycle, which is low."""


def main() -> int:
    """See the module."""
    with dahdi.exchange():
        copied = copy()
        with tempfile.TemporaryDirectory() as folder, Gateway(Path(folder)) as gateway:
            bridged = gateway.talk(CALLS, SECONDS)
    percent = 100 * bridged.gateway_cpu / SECONDS
    copy_percent = 100 * copied / SECONDS
    tallies = bridged.report.tallies.values()
    found: dict[str, Any] = {
        "bench": "pstn", "channels": CALLS, "seconds": SECONDS, "lost_blocks": sum(one.lost for one in tallies),
        "blocks": sum(one.heard for one in tallies), "virtual_core_pct": round(percent, 2),
        "virtual_core_pct_per_channel": round(percent / CALLS, 3), "dd_virtual_core_pct": round(copy_percent, 2),
        "ratio_to_dd": round(percent / max(copy_percent, 0.01), 2),
        "minstructions_per_channel_second": round(percent / 100 * VIRTUAL_GIPS * 1000 / CALLS, 2),
        "reckoned_core_pct_e1": round(percent * VIRTUAL_GIPS / REAL_GIPS, 2), "reckoned_gips": REAL_GIPS,
    }  # fmt: skip
    print(json.dumps(found, separators=(",", ":")), flush=True)
    return 0


def copy() -> float:
    """Have a ``dd`` on each channel of ours send back what it hears; return the seconds that all of them used."""
    with ExitStack() as stack:
        player = Player()
        stack.callback(player.close)
        copiers = []
        for slot, (ours, theirs) in enumerate(zip(dahdi.E1.ours.bearers, dahdi.E1.exchange.bearers, strict=True)):
            channel = Channel(ours, linear=False)
            stack.callback(channel.close)
            os.set_blocking(channel.fd, True)
            copiers.append(subprocess.Popen(["dd", "bs=160", "status=none"], stdin=channel.fd, stdout=channel.fd))
            stack.callback(_end, copiers[-1])
            carrier = BearerChannel(theirs)
            stack.callback(carrier.close)
            stack.callback(player.end, player.begin(Talk(carrier, "alaw", slot, slot, lead=8)))
        time.sleep(SETTLE)
        before = _used(copiers)
        time.sleep(SECONDS)
        return _used(copiers) - before


def _used(processes: list[subprocess.Popen[bytes]]) -> float:
    return sum(float(sum(psutil.Process(one.pid).cpu_times()[:2])) for one in processes)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


if __name__ == "__main__":
    sys.exit(main())
