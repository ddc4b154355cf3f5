"""StereoRecorder. Arguments: the name of one of the functions below, the recording's path."""

import contextlib
import os
import resource
import socket
import sys
import threading
import time
from pathlib import Path

import pjsua2 as pj

from tests.pjsua2.endpoint import noise_frames, play, poll, report, running_endpoint


def open_line() -> tuple[socket.socket, pj.PcmPort]:
    """A line the script can play into, with a queue long enough for a busy machine."""
    far, near = socket.socketpair()
    port = pj.PcmPort()
    with near:
        port.open(near.fileno(), -1, 4, 32)
    return far, port


def channels(endpoint: pj.Endpoint, path: str) -> None:
    """Two lines, one per channel; then one line on both channels; then nobody."""
    recorder = pj.StereoRecorder()
    recorder.open(path)
    (left_far, left), (right_far, right) = open_line(), open_line()
    left.startTransmit(recorder.left())
    right.startTransmit(recorder.right())
    poll(endpoint, lambda: False, 0.1)
    play(endpoint, [(left_far.fileno(), noise_frames(50, 1)), (right_far.fileno(), noise_frames(50, 2))])
    poll(endpoint, lambda: False, 0.3)
    left.startTransmit(recorder.right())
    poll(endpoint, lambda: False, 0.1)
    play(endpoint, [(left_far.fileno(), noise_frames(30, 3))])
    poll(endpoint, lambda: False, 0.3)
    seconds = recorder.close()
    begin = time.monotonic()
    poll(endpoint, lambda: False, 0.1)
    report(
        seconds=seconds,
        after_close=recorder.seconds(),
        lost=recorder.lost_frames(),
        failed=recorder.failed(),
        again=recorder.close(),
        again_took=time.monotonic() - begin,
        ports=len(endpoint.mediaEnumPorts2()),
    )


def forever(endpoint: pj.Endpoint, path: str) -> None:
    """Record until killed and print the seconds recorded so far."""
    recorder = pj.StereoRecorder()
    recorder.open(path)
    begin = time.monotonic()
    while time.monotonic() < begin + 20:
        poll(endpoint, lambda: False, 0.02)
        print(recorder.seconds(), flush=True)


def full_disk(endpoint: pj.Endpoint, path: str) -> None:
    """The file may not grow past 40,000 bytes, about 1.2 s."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
    recorder = pj.StereoRecorder()
    recorder.open(path)
    far, port = open_line()
    port.startTransmit(recorder.left())
    play(endpoint, [(far.fileno(), noise_frames(90, 4))])
    failed, error = recorder.failed(), recorder.error()
    recorder.detach()
    # After detach() any thread may wait for the disk.
    closer = threading.Thread(target=recorder.close)
    closer.start()
    closer.join(5)
    report(failed=failed, error=error, seconds=recorder.seconds(), lost=recorder.lost_frames())


def stalled_disk(endpoint: pj.Endpoint, path: str) -> None:
    """The disk hangs for 6.5 s; the conference goes on. Every sample played is the number of its frame."""
    stall = Path(os.environ["STALL_WHILE"])
    recorder = pj.StereoRecorder()
    recorder.open(path)
    far, port = open_line()
    port.startTransmit(recorder.left())
    poll(endpoint, lambda: False, 0.1)
    frames = [number.to_bytes(2, "little") * 160 for number in range(1, 401)]

    def keep_stalling() -> None:
        if 1 < recorder.seconds() < 7.5:
            stall.touch()
        else:
            with contextlib.suppress(FileNotFoundError):
                stall.unlink()

    play(endpoint, [(far.fileno(), frames)], keep_stalling)
    poll(endpoint, lambda: False, 0.3)
    report(seconds=recorder.close(), lost=recorder.lost_frames(), failed=recorder.failed())


if __name__ == "__main__":
    script = {"channels": channels, "forever": forever, "full_disk": full_disk, "stalled_disk": stalled_disk}
    with running_endpoint() as running:
        script[sys.argv[1]](running, sys.argv[2])
