"""The disk with store, spool and recordings fills up in mid-call: calls go on, and the ledger misses nothing."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.call_path.calls import CALLER, connected, kinds, row
from tests.call_path.conftest import WITHOUT_PANEL
from tests.call_path.site import Site
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.measure.align import channel_match
from tests.measure.latency import joined
from tests.measure.track import lost_frames

SIZE = "12m"
SECOND = 2 * 8000  # bytes of speech


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A site's folder whose ``state`` is a file system of its own, and small."""
    folder = tmp_path_factory.mktemp("site")
    state = folder / "state"
    state.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "callfloor-test", str(state)]
    done = subprocess.run(mount, capture_output=True, text=True, timeout=10, check=False)
    if done.returncode:
        pytest.skip(f"only root can mount a small file system to fill: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(state)], check=True, timeout=10)


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    site = Site(lines=2, queue={"wrap_up": 0, "ring_timeout": 5, "announce_every": 0})
    with Stack(folder, site, WITHOUT_PANEL) as running:
        yield running


def _fill(folder: Path) -> Path:
    """Fill the file system to the last byte; return the file to remove."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert os.statvfs(folder).f_bavail == 0
    return path


def test_calls_go_on_and_nothing_is_missing_afterwards(stack: Stack, one: Phone, caller_speech: bytes) -> None:
    state, core = stack.settings.paths.state, stack.programs["pbx"].pid
    speech = np.frombuffer(caller_speech[: 3 * SECOND], "<i2")
    call = connected(stack, one)
    time.sleep(1)
    filler = _fill(state)
    try:
        assert call.subscriber.play(speech.tobytes()).wait(6)
        call.subscriber.hang_up()
        assert one.wait("ended", 5).data["reason"].startswith("Q.850;cause=16")  # nobody waits for the disk
        second = connected(stack, one, caller="+819033333333")  # and the whole way of another call
        assert second.subscriber.play(speech.tobytes()).wait(6)
        one.tell("hangup")
        assert second.subscriber.wait_ended(5)
        time.sleep(3)  # the writer has tried more than once
    finally:
        filler.unlink()
    for of in (call, second):
        time.sleep(0.2)
        assert lost_frames(speech, joined(one.heard(of.tap))).lost == 0
    ledger, other = row(stack, call.id, 15), row(stack, second.id, 15)
    assert (ledger["result"], ledger["agent"], ledger["ended_by"], ledger["caller"]) == (
        "connected", "2001", "caller", CALLER,
    )  # fmt: skip
    assert (other["result"], other["agent"], other["ended_by"]) == ("connected", "2001", "agent")
    whole = {"ringing", "answered", "ivr-step", "queued", "offered", "connected", "ended"}
    assert whole <= set(kinds(ledger))
    assert whole <= set(kinds(other))
    _check_what_was_recorded(ledger, joined(one.spoke(call.tap)))
    _no_complete_recording(other)
    assert (stack.programs["pbx"].running, stack.programs["pbx"].pid) == (True, core)
    log = stack.programs["pbx"].log.read_text()
    assert log.count("the store can't be written") == 1
    assert "the disk is full" in log
    assert log.count("the spool can't be written either") <= 1
    assert "Traceback" not in log
    assert not (state / "ledger-spool.jsonl").exists()


def _check_what_was_recorded(ledger: dict[str, object], spoke: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
    """The first second, until the disk was full."""
    recording = ledger["recording"]
    assert isinstance(recording, dict)
    assert recording["state"] == "interrupted"
    with wave.open(str(recording["path"])) as file:  # the header agrees with the file
        right = np.frombuffer(file.readframes(file.getnframes()), "<i2")[1::2]
    assert len(right) > 0.5 * 8000
    assert recording["seconds"] == pytest.approx(len(right) / 8000, abs=0.05)
    assert channel_match(spoke[: len(right)], right) > 0.9


def _no_complete_recording(ledger: dict[str, object]) -> None:
    """The second call had no room for a file from the start: the ledger says so."""
    recording = ledger["recording"]
    if recording is None:
        events = ledger["events"]
        assert isinstance(events, list)
        assert [event["data"]["why"] for event in events if event["kind"] == "recording-failed"]
    else:
        assert isinstance(recording, dict)
        assert recording["state"] in ("interrupted", "missing")


def test_the_next_call_is_recorded_again(stack: Stack, one: Phone) -> None:
    call = connected(stack, one)
    time.sleep(1)
    call.subscriber.hang_up()
    assert row(stack, call.id)["recording"]["state"] == "complete"
