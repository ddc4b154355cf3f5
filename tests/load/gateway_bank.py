"""The modems and subscribers of the gateway's bench, in a process of their own.

``python -m tests.load.gateway_bank DIRECTORY LINES FILE``. Each line on standard input is a number of lines: so many
subscribers in all are then in calls, each on a line of its own, and talk; ``ready`` is printed when they are. When
standard input ends, FILE is written: a pickled ``(sent, received)`` of (line, number, ns).
"""

from __future__ import annotations

import itertools
import pickle
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from appliance.priority import starting_call_path
from gateways.gsm.simulator import Bank, SubscriberCall
from tests.load.gateway_core import Times
from tests.load.marks import Marked, read

ANSWERED_WITHIN = 20.0
CALLS_A_SECOND = 10


def frames(sound: Marked, line: int) -> Iterator[bytes]:
    return (sound.pcm(line, number) for number in itertools.count())


def talk(bank: Bank, sound: Marked, lines: range) -> list[SubscriberCall]:
    """Call each line; every subscriber speaks as soon as it is answered. RuntimeError when one is not."""
    calls = []
    for line in lines:
        calls.append(bank.subscriber(f"+81900000{line:04}").dial(bank.modem(f"gsm-{line}").number))
        time.sleep(1 / CALLS_A_SECOND)
    for line, call in zip(lines, calls, strict=True):
        if not call.wait_answered(ANSWERED_WITHIN):
            raise RuntimeError(f"gsm-{line} did not answer: {call.cause}")
        call.play(frames(sound, line))
    return calls


def times(calls: list[list[tuple[int, bytes]]]) -> Times:
    """Find the marks in each call's sound."""
    return [place for call in calls for place in read([(at, np.frombuffer(frame, "<i2")) for at, frame in call])]


def main() -> None:
    bank = Bank(sys.argv[1], lines=int(sys.argv[2]))
    with starting_call_path():  # modems are hardware: a busy machine does not make them late
        bank.start()
    calls: list[SubscriberCall] = []
    sound = Marked("caller")
    print("ready", flush=True)
    for wanted in map(int, sys.stdin):
        calls += talk(bank, sound, range(len(calls) + 1, wanted + 1))
        print("ready", flush=True)
    late = bank.lateness
    print(f"modems: {late.ticks} ticks, {late.late} late, worst {late.worst_ns / 1e6:.1f} ms", file=sys.stderr)
    spoken, heard = ([call.spoken() for call in calls], [call.heard() for call in calls])
    bank.stop()
    Path(sys.argv[3]).write_bytes(pickle.dumps((times(spoken), times(heard))))


if __name__ == "__main__":
    main()
