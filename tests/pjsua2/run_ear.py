"""What a PcmPort hears in files of PCM, each on a line of its own, as fast as it reads. Arguments: the files."""

import fcntl
import os
import socket
import struct
import sys
import termios
import threading
from pathlib import Path

import pjsua2 as pj

from tests.pjsua2.endpoint import poll, read_all, report, running_endpoint


def unread(end: socket.socket) -> bool:
    return bool(struct.unpack("i", fcntl.ioctl(end, termios.TIOCOUTQ, bytes(4)))[0])


def main(files: list[str]) -> None:
    found = {}
    with running_endpoint() as endpoint:
        for name in files:
            far, near = socket.socketpair()
            events, writer = os.pipe()
            os.set_blocking(events, False)
            port = pj.PcmPort()
            port.open(near.fileno(), writer)
            speaker = threading.Thread(target=far.sendall, args=(Path(name).read_bytes(),))
            speaker.start()
            poll(endpoint, lambda: not speaker.is_alive() and not unread(far), 60)  # noqa: B023
            speaker.join()
            found[name] = {"digits": read_all(events).decode(), "voice": port.stats().voice_frames}
            port.close()
            for fd in (events, writer):
                os.close(fd)
            far.close()
            near.close()
    report(**found)


if __name__ == "__main__":
    main(sys.argv[1:])
