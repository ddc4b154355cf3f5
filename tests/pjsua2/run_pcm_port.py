"""PcmPort over a pty or a socket pair. Argument: the name of one of the functions below."""

import os
import pty
import socket
import sys
import tty

import pjsua2 as pj

from tests.pjsua2 import dtmf
from tests.pjsua2.endpoint import (
    FRAME,
    noise_frames,
    play,
    poll,
    read_all,
    report,
    running_endpoint,
    split_frames,
)


def open_pty() -> tuple[int, int]:
    """A raw pty: the far side (the "modem") and the near side."""
    far, near = pty.openpty()
    tty.setraw(near)
    os.set_blocking(far, False)
    return far, near


def open_events() -> tuple[int, int]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    return reader, writer


def audio(endpoint: pj.Endpoint) -> None:
    """Two lines connected both ways; what goes in at one comes out at the other."""
    lines = [open_pty(), open_pty()]
    ports = [pj.PcmPort(), pj.PcmPort()]
    for port, (_, near) in zip(ports, lines, strict=True):
        port.open(near, -1, 4, 16)
    ports[0].startTransmit(ports[1])
    ports[1].startTransmit(ports[0])
    poll(endpoint, lambda: False, 0.1)
    sent = [noise_frames(100, seed) for seed in (1, 2)]
    heard = [bytearray(), bytearray()]
    far = [line[0] for line in lines]

    def listen() -> None:
        for fd, sound in zip(far, heard, strict=True):
            sound.extend(read_all(fd))

    # The first line splits its samples over writes as a USB serial driver may.
    stream = b"".join(sent[0])
    pieces = [stream[max(at - 1, 0) : at + FRAME - 1] for at in range(0, len(stream), FRAME)] + [stream[-1:]]
    play(endpoint, [(far[0], pieces), (far[1], sent[1])], listen)
    poll(endpoint, lambda: False, 0.4)
    listen()
    frames = [split_frames(bytes(sound)) for sound in heard]
    stats = [port.stats() for port in ports]
    report(
        first_to_second=frames[1] == sent[0],
        second_to_first=frames[0] == sent[1],
        given=[one.frames_in for one in stats],
        dropped=[one.dropped_in + one.dropped_out + one.drift_drops for one in stats],
    )


def digits(endpoint: pj.Endpoint) -> None:
    """Digits are heard although nobody listens to the line, once each, and survive a byte-wise line."""
    far, near = open_pty()
    events, writer = open_events()
    port = pj.PcmPort()
    port.open(near, writer)
    sound = dtmf.dial("15#")
    play(endpoint, [(far, [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)])])
    poll(endpoint, lambda: False, 0.2)
    report(events=read_all(events).decode(), buffered=port.stats().buffered)


def flood(endpoint: pj.Endpoint) -> None:
    """40 frames at once: the newest eight are kept. Nobody reads: the newest go out first when somebody does."""
    far, near = socket.socketpair()
    far.setblocking(False)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4608)
    port, sink = pj.PcmPort(), pj.PcmPort()
    listener, sink_end = socket.socketpair()
    listener.setblocking(False)
    port.open(near.fileno(), -1)
    sink.open(sink_end.fileno(), -1)
    port.startTransmit(sink)
    poll(endpoint, lambda: False, 0.1)
    frames = noise_frames(40, 3)
    far.sendall(b"".join(noise_frames(2, 4)))  # a line that has begun
    poll(endpoint, lambda: port.stats().frames_in >= 1, 2)
    far.sendall(b"".join(frames))
    poll(endpoint, lambda: port.stats().frames_in >= 9, 2)
    poll(endpoint, lambda: False, 0.1)
    heard = split_frames(read_all(listener.fileno()))
    poll(endpoint, lambda: port.stats().dropped_out > 10, 3)
    port.pause(True)
    at_pause = port.stats().dropped_out
    read_all(far.fileno())
    poll(endpoint, lambda: False, 0.2)
    report(
        newest_heard=heard[-8:] == frames[-8:],
        dropped_in=port.stats().dropped_in,
        dropped_out=at_pause,
        after_pause=len(read_all(far.fileno())),
    )


def waited(endpoint: pj.Endpoint) -> None:
    """A line that has sent for long when somebody begins to listen: only the newest two frames are heard of that."""
    (far, near), (listener, sink_end) = socket.socketpair(), socket.socketpair()
    listener.setblocking(False)
    port, sink = pj.PcmPort(), pj.PcmPort()
    frames = noise_frames(20, 6)
    far.sendall(b"".join(frames))
    port.open(near.fileno(), -1)
    sink.open(sink_end.fileno(), -1)
    port.startTransmit(sink)
    poll(endpoint, lambda: port.stats().frames_in >= 2, 2)
    poll(endpoint, lambda: False, 0.1)
    heard = split_frames(read_all(listener.fileno()))
    report(newest_heard=heard == frames[-2:], dropped_in=port.stats().dropped_in)


def drift(endpoint: pj.Endpoint) -> None:
    """A line that is a little ahead all the time, and one that is much: frames are dropped to shorten the delay."""
    report(**{name: _ahead(endpoint, frames) for name, frames in (("little", 4), ("much", 7))})


def _ahead(endpoint: pj.Endpoint, ahead: int) -> dict[str, object]:
    (far, near), (listener, sink_end) = socket.socketpair(), socket.socketpair()
    listener.setblocking(False)
    port, sink = pj.PcmPort(), pj.PcmPort()
    port.open(near.fileno(), -1, 2, 16)
    sink.open(sink_end.fileno(), -1)
    port.startTransmit(sink)
    poll(endpoint, lambda: False, 0.1)
    frames = noise_frames(180, 5)
    far.sendall(b"".join(frames[:2]))
    poll(endpoint, lambda: port.stats().frames_in > 0, 1)
    far.sendall(b"".join(frames[2:ahead]))
    heard = bytearray()
    play(endpoint, [(far.fileno(), frames[ahead:])], lambda: heard.extend(read_all(listener.fileno())))
    poll(endpoint, lambda: False, 0.3)
    kept = split_frames(bytes(heard) + read_all(listener.fileno()))
    missing = [number for number, frame in enumerate(frames) if frame not in kept]
    in_order = kept == [one for one in frames if one in kept]
    drops = port.stats().drift_drops
    port.close()
    sink.close()
    return {"drops": drops, "missing": missing, "in_order": in_order}


def hang_up(endpoint: pj.Endpoint) -> None:
    """The far side of the pty goes away; closed and dropped ports must not disturb the conference."""
    far, near = open_pty()
    events, writer = open_events()
    port, other = pj.PcmPort(), pj.PcmPort()
    port.open(near, writer)
    os.close(near)
    other.open(open_pty()[1], -1)
    port.startTransmit(other)
    poll(endpoint, lambda: False, 0.1)
    before = port.lost()
    os.close(far)
    poll(endpoint, port.lost, 2)
    poll(endpoint, lambda: False, 0.1)
    after = port.lost()
    port.close()
    for _ in range(50):
        short_lived = pj.PcmPort()
        short_lived.open(open_pty()[1], -1)
        short_lived.startTransmit(other)
        poll(endpoint, lambda: False, 0.005)
        del short_lived
    poll(endpoint, lambda: False, 0.1)
    report(before=before, after=after, events=read_all(events).decode(), ports=len(endpoint.mediaEnumPorts2()))


SCRIPTS = {script.__name__: script for script in (audio, digits, flood, waited, drift, hang_up)}

if __name__ == "__main__":
    with running_endpoint() as running:
        SCRIPTS[sys.argv[1]](running)
