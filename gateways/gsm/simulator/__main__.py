"""`python -m gateways.gsm.simulator --directory DIR [--lines 4] [--number +81… …] [--family zte …] [--control SOCKET]`.

Prints one JSON line when the ports are there, and runs until SIGTERM or SIGINT (exit status 0).
"""

import argparse
import json
import logging
import signal
import sys
from pathlib import Path

from .bank import Bank
from .families import TRAITS


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m gateways.gsm.simulator", description="A bank of simulated modems.")
    parser.add_argument("--directory", type=Path, required=True, help="where the links gsm-N-at and gsm-N-pcm go")
    parser.add_argument("--lines", type=int, default=4, help="how many modems (default 4)")
    parser.add_argument("--number", nargs="+", default=[], help="the SIMs' numbers, in place of --lines")
    parser.add_argument(
        "--family", nargs="+", default=["quectel"], choices=TRAITS, help="dealt out to the modems in turn"
    )
    parser.add_argument("--control", type=Path, help="unix socket for control.py's JSON lines")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with Bank(
        options.directory, options.number or options.lines, control=options.control, families=options.family
    ) as bank:
        lines = [
            {key: one[key] for key in ("name", "number", "family", "imei", "at", "pcm")}
            for one in bank.state()["lines"]
        ]
        control = str(options.control) if options.control else None
        print(json.dumps({"ready": True, "lines": lines, "control": control}), flush=True)
        signal.sigwait(ends)
    return 0


if __name__ == "__main__":
    sys.exit(main())
