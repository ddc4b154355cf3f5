"""A sound card of ALSA's `file` plugin: hears what comes through a FIFO, plays into a file. Argument: what to do.

ALSA reads its configuration once, so each runs in a process with ALSA_CONFIG_PATH of its own; see test_alsa.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateways.gsm.alsa import AlsaCard
from gateways.gsm.playout import FRAME
from gateways.gsm.port import PortAbsentError, PortLostError, PortRefusedError

TURNS = 100


def frame(number: int) -> bytes:
    return number.to_bytes(2, "little") * (FRAME // 2)


def number_of(data: bytes) -> int:
    """0: silence."""
    return int.from_bytes(data[:2], "little")


def drain(fd: int) -> list[bytes]:
    found = []
    with contextlib.suppress(BlockingIOError):
        while data := os.read(fd, 2048):
            found.append(data)
    return found


def pace(turns: int, each: Any) -> None:
    began = time.monotonic()
    for turn in range(turns):
        each(turn)
        time.sleep(max(0.0, began + (turn + 1) * 0.02 - time.monotonic()))


class Far:
    """The other end of the card's capture: a frame each 20 ms, numbered from 1; 0 while ``silent``."""

    def __init__(self, fifo: Path) -> None:
        self._fd = os.open(fifo, os.O_RDWR)
        self._on = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        due = time.monotonic()
        while self._on:
            number += 1
            os.write(self._fd, frame(number))
            due += 0.02
            time.sleep(max(0.0, due - time.monotonic()))

    def stop(self) -> None:
        self._on = False
        self._thread.join()
        os.write(self._fd, bytes(100 * FRAME))  # whoever still waits for a frame gets one


def audio(card: AlsaCard, _folder: Path) -> dict[str, Any]:
    """Two calls, one after the other; the first's audio must not be heard in the second."""
    calls = []
    for call in (1, 2):
        end = card.lend()
        heard: list[bytes] = []

        def turn(number: int, end: int = end, heard: list[bytes] = heard, call: int = call) -> None:
            os.write(end, frame(1000 * call + number))
            heard.extend(drain(end))

        pace(TURNS, turn)
        counts = {**asdict(card.counts), **asdict(card.playout.counts)}
        os.close(end)
        time.sleep(0.3)
        calls.append({"heard": [number_of(one) for one in heard], "counts": counts})
    return {"calls": calls}


def lent_twice(card: AlsaCard, _folder: Path) -> dict[str, Any]:
    """A call that is lent the card takes it from the one that has it."""
    first, second = card.lend(), card.lend()
    time.sleep(0.3)
    third = card.lend()
    time.sleep(0.3)
    ended = []
    for end in (first, second):
        poll = select.poll()
        poll.register(end, 0)
        ended.append(bool(poll.poll(1000)))
    heard = len(drain(third))
    for end in (first, second, third):
        os.close(end)
    return {"ended": ended, "heard": heard}


def gone(card: AlsaCard, folder: Path) -> dict[str, Any]:
    """The card fails in mid-call: its descriptor hangs up, the call's audio ends, and it is lent no more."""
    end = card.lend()
    time.sleep(0.2)
    watch = select.poll()
    watch.register(card.fileno(), 0)
    before = watch.poll(0)
    card._streams.playback.close()  # as near to a pulled plug as the plugin can come
    after = watch.poll(2000)
    drained = sum(map(len, drain(end)))
    try:
        card.lend()
        refused = ""
    except PortLostError as error:
        refused = str(error)
    os.close(end)
    return {"before": len(before), "after": len(after), "drained": drained > 0, "refused": refused}


def names(card: AlsaCard, _folder: Path) -> dict[str, Any]:
    said = {}
    for name in ("hw:CARD=Nothing", "plughw:7", "nothing", "broken", "stereo"):
        try:
            AlsaCard(name).close()
        except (PortAbsentError, PortRefusedError) as error:
            said[name] = f"{type(error).__name__}: {error}"
    return said


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def main(what: str, folder: Path) -> None:
    far = Far(folder / "capture")
    card = AlsaCard("modem")
    before = descriptors()
    found = {"audio": audio, "lent_twice": lent_twice, "gone": gone, "names": names}[what](card, folder)
    after = descriptors()
    far.stop()
    card.close()
    print(json.dumps({**found, "left_open": after - before, "threads": threading.active_count()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
