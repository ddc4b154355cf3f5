"""The audio port of one modem: s16le, 8 kHz, mono, 320 bytes each 20 ms both ways.

`enabled` is what the family's command switches (AT+QPCMV, AT^DDSETEX, AT+CPCMREG), or always true where the audio is
wired to a sound card. Out of a call nothing is written, and what the host writes is thrown away. The tick (loop.py) is
the modem's sample clock. A host that does not read loses frames, one that does not write in time leaves gaps; both are
counted, never waited for.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from .ports import Port
from .tones import FRAME_BYTES, SILENCE, dtmf

UPLINK_FRAMES = 10  # the modem's own buffer: what the host writes beyond it is lost, oldest first
DOWNLINK_LIMIT = 3200  # bytes the host may leave unread (200 ms) before frames are dropped
HOST_PAUSE_NS = 1_000_000_000  # with `host_first`: a host that writes nothing for so long gets nothing


class Medium(StrEnum):
    """How the audio of a call reaches the host."""

    TTY = "tty"  # a serial interface of the modem: commands open and close it
    EXTERNAL = "external"  # analog or I2S, wired to a sound card: always there during a call


@dataclass(frozen=True)
class Audio:
    """The rules of a family's audio. All is s16le, 8 kHz, mono, 320 bytes each 20 ms both ways."""

    medium: Medium = Medium.EXTERNAL
    switched: bool = False  # it waits for the family's command
    per_call: bool = False  # the command that opens it holds for one call only
    host_first: bool = False  # nothing comes until the host has written in this call


@dataclass
class Counts:
    """Frames of 20 ms, all since the port was made. `discarded` are bytes the host wrote out of a call."""

    written: int = 0
    dropped: int = 0
    received: int = 0
    underruns: int = 0
    overruns: int = 0
    discarded: int = 0


@dataclass
class Voice:
    """The PCM port and the uplink buffer. `on_frame` gets each uplink frame at once, with its arrival time."""

    port: Port
    on_frame: Callable[[int, bytes], None]
    host_first: bool = False
    enabled: bool = False
    loop: bool = False
    tries: int = 0  # commands to open it in this call
    live: bool = False
    muted: bool = False
    counts: Counts = field(default_factory=Counts)
    _rest: bytearray = field(default_factory=bytearray)
    _uplink: deque[bytes] = field(default_factory=deque)
    _tone: deque[bytes] = field(default_factory=deque)
    _started: bool = False
    _written_at: int = 0

    def begin(self) -> None:
        """A call's audio starts: nothing of an earlier call may be heard in it."""
        self.live, self._started, self.tries, self._written_at = True, False, 0, 0
        self._forget()
        self.port.forget_unread()

    def end(self) -> None:
        self.live = False
        self._forget()

    def readable(self) -> None:
        """The host wrote: cut into frames, each told at once and kept for the tick."""
        data = self.port.read()
        now = time.monotonic_ns()
        if not (self.live and self.enabled):
            self.counts.discarded += len(data)
            return
        self._written_at = now
        self._rest += data
        while len(self._rest) >= FRAME_BYTES:
            frame = SILENCE if self.muted else bytes(self._rest[:FRAME_BYTES])
            del self._rest[:FRAME_BYTES]
            self.counts.received += 1
            self._keep(frame)
            if not self._tone:
                self.on_frame(now, frame)

    def take(self) -> bytes | None:
        """The uplink frame of this tick, or None when the host is late."""
        if self._uplink:
            self._started = True
            return self._uplink.popleft()
        self.counts.underruns += self._started
        return None

    def send_tone(self, digit: str, milliseconds: int) -> None:
        """AT+VTS: the network makes this tone towards the far end, in place of speech (TS 23.014)."""
        sound = dtmf(digit, milliseconds, 80)
        frames = (sound[at : at + FRAME_BYTES] for at in range(0, len(sound), FRAME_BYTES))
        self._tone.extend(frame.ljust(FRAME_BYTES, b"\0") for frame in frames)

    def take_tone(self) -> bytes | None:
        return self._tone.popleft() if self._tone else None

    def put(self, frame: bytes) -> bool:
        """One downlink frame to the host. False: it was not written (closed, or the host does not read)."""
        if not (self.enabled and self.port.plugged):
            return False
        if self.host_first and time.monotonic_ns() - self._written_at > HOST_PAUSE_NS:
            return False
        if self.port.backlog() > DOWNLINK_LIMIT or self.port.write(frame) < len(frame):
            self.counts.dropped += 1
            return False
        self.counts.written += 1
        return True

    def _keep(self, frame: bytes) -> None:
        self._uplink.append(frame)
        if len(self._uplink) > UPLINK_FRAMES:
            self._uplink.popleft()
            self.counts.overruns += 1

    def _forget(self) -> None:
        self._rest.clear()
        self._uplink.clear()
        self._tone.clear()
