"""What a modem's AT port says, in order, bent by the faults that are set."""

from collections import deque

from .network import Scheduler
from .ports import Port

LIMIT = 65536  # bytes; a host that does not read loses what is beyond


class Output:
    """A queue of bytes to the AT port. `chunk` 0: written as it comes; n: n bytes at a time, 2 ms apart."""

    def __init__(self, port: Port, scheduler: Scheduler) -> None:
        self._port = port
        self._scheduler = scheduler
        self._queue: deque[int] = deque()
        self._due = False
        self.chunk = 0
        self.glue = 0.0  # seconds to hold everything back, so that it comes in one read
        self.lost = 0

    def send(self, data: bytes) -> None:
        room = LIMIT - len(self._queue)
        self.lost += max(0, len(data) - room)
        self._queue.extend(data[:room])
        if not self._due:
            # What is said in one go leaves in one write, as in one USB transfer.
            self._again(self.glue)

    def clear(self) -> None:
        self._queue.clear()

    def _flush(self) -> None:
        self._due = False
        size = self.chunk or len(self._queue)
        data = bytes(self._queue.popleft() for _ in range(min(size, len(self._queue))))
        if data:
            self.lost += len(data) - self._port.write(data)
        if self._queue:
            self._again(0.002)

    def _again(self, seconds: float) -> None:
        self._due = True
        self._scheduler.after(seconds, self._flush)
