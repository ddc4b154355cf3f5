"""Speed, measured: ``python -m tests.load.bench [--only NAME]``. One JSON line a bench; progress on stderr.

Processor time rather than time on the clock wherever it can be, and ratios of two things measured in the same run, so
that figures from different machines, and from busy ones, can be compared. See docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from tests.load import bench_call, bench_choice, bench_gateway, bench_ledger, bench_ports, bench_report

BENCHES: dict[str, Callable[[], dict[str, Any]]] = {
    "ports": bench_ports.measure,
    "choice": bench_choice.measure,
    "ledger": bench_ledger.measure,
    "report": bench_report.measure,
    "gateway": bench_gateway.measure,
    "call": bench_call.measure,
}
LIMIT_SECONDS = 90


def main() -> int:
    """Run the benches asked for; return the exit status: 1 when one could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench", description="Measure speed.")
    parser.add_argument("--only", choices=list(BENCHES), help="this one alone")
    only = parser.parse_args().only
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, _too_long)
    return max(_run(name) for name in ([only] if only else BENCHES))


def _run(name: str) -> int:
    print(f"{name} …", file=sys.stderr, flush=True)
    began = time.monotonic()
    signal.alarm(LIMIT_SECONDS)
    try:
        found = BENCHES[name]()
    except (RuntimeError, OSError, AssertionError) as error:  # TimeoutError is an OSError
        print(f"{name} failed: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        signal.alarm(0)
    print(json.dumps({"bench": name, **found}, separators=(",", ":")), flush=True)
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return 0


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"not measured within {LIMIT_SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
