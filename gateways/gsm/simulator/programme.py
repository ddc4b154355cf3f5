"""What a simulated subscriber says: queued pieces of sound in 20 ms frames, silence or noise between them."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from .tones import FRAME_BYTES, SILENCE, noise

# Audio as given: all of it, or frames one by one (an iterable, or a function that returns b"" or None at its end).
Source = bytes | bytearray | memoryview | Iterable[bytes] | Callable[[], bytes | None]


@dataclass(eq=False)
class Piece:
    """One piece of sound in a subscriber's programme.

    `first` and `last` are the indexes of its frames in `SubscriberCall.spoken()`, None until said.
    """

    source: Iterator[bytes]
    digit: str = ""
    first: int | None = None
    last: int | None = None
    _done: threading.Event = field(default_factory=threading.Event)

    def wait(self, timeout: float) -> bool:
        """Until it was said to its end (or the call ended). False: not in that time."""
        return self._done.wait(timeout)

    def finish(self) -> None:
        self._done.set()


def pieces(source: Source) -> Iterator[bytes]:
    """The source as frames of 320 bytes, the last filled up with silence."""
    rest = bytearray()
    for part in _parts(source):
        rest += part
        while len(rest) >= FRAME_BYTES:
            yield bytes(rest[:FRAME_BYTES])
            del rest[:FRAME_BYTES]
    if rest:
        yield bytes(rest).ljust(FRAME_BYTES, b"\0")


def _parts(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield bytes(source)
    elif callable(source):
        while part := source():
            yield part
    else:
        yield from source


class Programme:
    """The queue. `next_frame` is called once each tick, on the loop's thread."""

    def __init__(self, noise_dbm0: float | None = None) -> None:
        self._queue: deque[Piece] = deque()
        self._background = (SILENCE,) if noise_dbm0 is None else noise(noise_dbm0)
        self._said = 0
        self.on_digit: Callable[[str], None] = lambda _: None

    def add(self, piece: Piece) -> None:
        self._queue.append(piece)

    def next_frame(self) -> bytes:
        index = self._said
        self._said += 1
        while self._queue:
            piece = self._queue[0]
            frame = next(piece.source, None)
            if frame is not None:
                if piece.first is None:
                    piece.first = index
                    if piece.digit:
                        self.on_digit(piece.digit)
                piece.last = index
                return frame
            self._queue.popleft()
            piece.finish()
        return self._background[index % len(self._background)]

    def clear(self) -> None:
        """Stop: what is queued will not be said."""
        while self._queue:
            self._queue.popleft().finish()
