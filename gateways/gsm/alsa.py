"""A sound card (USB Audio of a modem, or wired to an analog one) as a line's audio: the same frames as a PCM tty.

Each card has a thread, which sleeps while no call has the card. During a call the card's capture is its clock: for each
period heard it plays one, so that what waits in the card stays what it was primed with. The other clock is the media
side's: ``Playout`` stands between them on the way out, the media side's own queue on the way in.
pyalsaaudio cannot link streams (``snd_pcm_link``), so both are primed and then started one after the other at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import socket
import threading
from dataclasses import asdict, dataclass

import alsaaudio

from gateways.gsm.alsapcm import PERIODS, PRIMED, Streams
from gateways.gsm.playout import FRAME, SILENCE, Playout
from gateways.gsm.port import PortLostError

log = logging.getLogger(__name__)
LOOK_MS = 1000
"""How often an idle card is looked at: the kernel wakes nobody who only waits for a card's control device to go."""
STALLED_MS = 250
"""Time without a period from a running card, after which it is started anew."""
LEVEL_EVERY = 150
"""Frames (3 s) between two looks at what waits in the card: a start that was slow, or a second clock, changes it."""
SOCKET_BYTES = 8192
"""Of the socket's own queue each way (the kernel doubles it): a dozen frames."""
_HUNG_UP = select.POLLHUP | select.POLLERR | select.POLLNVAL


@dataclass(slots=True)
class CardCounts:
    """Of one call. Frames of 20 ms from and to the card; ``xruns_*``: times the card overran (in) or ran dry (out).

    ``stalls``: times it gave nothing and was started anew. ``dropped_*``: frames that found no room. ``levelled``:
    frames left out or silent ones put in, to bring what waits in the card back to what it was primed with.
    """

    frames_in: int = 0
    frames_out: int = 0
    xruns_in: int = 0
    xruns_out: int = 0
    stalls: int = 0
    dropped_in: int = 0
    dropped_out: int = 0
    levelled: int = 0


class AlsaCard:
    """One ALSA PCM, both directions, held open for us alone; an ``audio.Audio``."""

    def __init__(self, pcm: str) -> None:
        """Open (``plughw:CARD=Android``), or raise PortAbsentError or PortRefusedError."""
        self._streams = Streams(pcm)
        self._pcm = pcm
        self._life, self._held = socket.socketpair()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._lock = threading.Lock()
        self._next: socket.socket | None = None
        self._open = True
        self.counts = CardCounts()
        self.playout = Playout()
        self._heard = bytearray()  # less than a frame, between two readings
        self._thread = threading.Thread(target=self._run, name="sound card", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Return a descriptor that hangs up when the card has gone."""
        return self._life.fileno()

    def lend(self) -> int:
        """Return one end of a socket; the call that had the card before loses it. See ``audio.Audio``."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (ours, theirs):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        with self._lock:
            if not (self._open and self._thread.is_alive()):
                ours.close()
                theirs.close()
                raise PortLostError(f"{self._pcm} has gone")
            if self._next is not None:
                self._next.close()
            self._next = ours
            os.eventfd_write(self._wake, 1)
        return theirs.detach()

    def close(self) -> None:
        with self._lock:
            if not self._open:
                return
            self._open = False
            os.eventfd_write(self._wake, 1)
        self._thread.join(1.0)  # it never waits for the card longer than the card's driver does
        self._life.close()
        if not self._thread.is_alive():
            os.close(self._wake)

    # The card's thread

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if self._streams.control >= 0:
            poll.register(self._streams.control, 0)
        try:
            while self._open:
                for fd, bits in poll.poll(LOOK_MS):
                    if fd != self._wake and bits & _HUNG_UP:
                        raise PortLostError("the card was removed")
                call = self._taken()
                if call is not None:
                    with call:
                        self._serve(call)
        except (alsaaudio.ALSAAudioError, OSError, PortLostError) as error:
            log.warning("%s has gone: %s", self._pcm, error)
        finally:
            self._streams.close()
            with self._lock:
                if self._next is not None:
                    self._next.close()
                    self._next = None
            self._held.close()

    def _taken(self) -> socket.socket | None:
        with self._lock:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._wake)
            call, self._next = self._next, None
            return call

    def _serve(self, call: socket.socket) -> None:
        """Carry a call's audio until its end of the socket closes, another call is lent the card, or it is closed."""
        self.counts, self.playout = CardCounts(), Playout()
        poll = select.poll()
        for fd in (self._wake, call.fileno()):
            poll.register(fd, select.POLLIN if fd == self._wake else 0)
        if self._streams.control >= 0:
            poll.register(self._streams.control, 0)
        for fd in self._streams.descriptors:
            poll.register(fd, select.POLLIN)
        self._start()
        try:
            while True:
                ready = dict(poll.poll(STALLED_MS))
                if self._wake in ready or ready.get(call.fileno(), 0) & _HUNG_UP:
                    return
                if ready.get(self._streams.control, 0) & _HUNG_UP:
                    raise PortLostError("the card was removed")
                if not ready:
                    self.counts.stalls += 1
                    self._start()
                elif not self._turn(call):
                    self._start()  # both: each has lost its place in the other's time
        except ConnectionError:  # the call's end closed before all was read
            return
        finally:
            with contextlib.suppress(alsaaudio.ALSAAudioError):
                self._streams.stop()
            log.info("%s: %s", self._pcm, _words(self.counts, self.playout))

    def _start(self) -> None:
        self._heard.clear()
        self._streams.start()

    def _turn(self, call: socket.socket) -> bool:
        """Move all that has come; False after an xrun."""
        for _ in range(PERIODS):
            length, data = self._streams.read()
            if length < 0:
                self.counts.xruns_in += 1
                return False
            if length == 0:
                return True
            self._heard += data
            while len(self._heard) >= FRAME:
                frame = bytes(self._heard[:FRAME])
                del self._heard[:FRAME]
                if not self._exchange(call, frame):
                    self.counts.xruns_out += 1
                    return False
        return True

    def _exchange(self, call: socket.socket, frame: bytes) -> bool:
        """Give the call a frame and play one of its own; False when the card has run dry."""
        try:
            call.send(frame)
            self.counts.frames_in += 1
        except BlockingIOError:  # nobody reads yet; who begins to will drop all but the newest
            self.counts.dropped_in += 1
        with contextlib.suppress(BlockingIOError):
            while data := call.recv(4 * FRAME):
                self.playout.put(data)
        return self._play(self.playout.take())

    def _play(self, frame: bytes) -> bool:
        self.counts.frames_out += 1
        if self.counts.frames_out % LEVEL_EVERY == 0:
            surplus = self._streams.waiting() - PRIMED
            if surplus > 1:
                self.counts.levelled += 1
                return True
            if surplus < -2:
                self.counts.levelled += 1
                frame = SILENCE + frame
        taken = self._streams.write(frame)
        self.counts.dropped_out += 0 <= 2 * taken < len(frame)
        return taken >= 0


def _words(counts: CardCounts, playout: Playout) -> str:
    """Say what a technician asks first when somebody complains of the sound."""
    return ", ".join(f"{name} {value}" for name, value in {**asdict(counts), **asdict(playout.counts)}.items())
