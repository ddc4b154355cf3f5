"""The sender's window of a data link: V(S), V(A), what waits and what is on its way (ITU-T Q.921 §3.5.2, §5.6)."""

from __future__ import annotations

from collections import deque

from tests.pstn.exchange.lapdframe import MODULUS


class Window:
    """Messages in order: those sent and not acknowledged, at most ``k``, then those that wait."""

    def __init__(self, k: int) -> None:
        self.vs = self.va = 0
        self._k = k
        self._waiting: deque[bytes] = deque()
        self._sent: deque[bytes] = deque()

    @property
    def outstanding(self) -> bool:
        """Is anything sent and not acknowledged?"""
        return bool(self._sent)

    def put(self, data: bytes) -> None:
        self._waiting.append(data)

    def take(self) -> tuple[int, bytes] | None:
        """Return the next message and its N(S); None when there is none or the window is full."""
        if not self._waiting or len(self._sent) >= self._k:
            return None
        data, ns = self._waiting.popleft(), self.vs
        self._sent.append(data)
        self.vs = (self.vs + 1) % MODULUS
        return ns, data

    def holds(self, nr: int) -> bool:
        """Is that N(R) one that can be, V(A) to V(S) (§3.5.2.6)?"""
        return (nr - self.va) % MODULUS <= (self.vs - self.va) % MODULUS

    def acknowledge(self, nr: int) -> bool:
        """Everything before ``nr``, which must be ``holds``, has arrived; True when that is news."""
        moved = self.va != nr
        while self.va != nr:
            self.va = (self.va + 1) % MODULUS
            self._sent.popleft()
        return moved

    def go_back(self) -> None:
        """Send again from V(A) on (Annex B: invoke retransmission)."""
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()
        self.vs = self.va

    def reset(self, forget_waiting: bool) -> None:
        """Begin at 0; what was sent is forgotten, and what waits as well if so wanted."""
        self.vs = self.va = 0
        self._sent.clear()
        if forget_waiting:
            self._waiting.clear()
