"""Which places of a modem's message storage are being read or emptied: pure.

A place is emptied only after what was in it is committed, and it is never emptied for what was read before: as soon
as a place is free, the modem puts the next message there. So a place stays ours from the time it is to be read until
the modem said that it is empty, and a notice of a new message there is looked into after that.
"""

from __future__ import annotations

from typing import Literal

Step = Literal["keep", "read", "nothing"]


class Slots:
    """See the module. Indexes are those of +CMTI and +CMGL."""

    def __init__(self) -> None:
        self._ours: set[int] = set()
        self._again: set[int] = set()
        self._odd: dict[int, bytes] = {}

    def announced(self, index: int) -> bool:
        """A notice (+CMTI) came. Return True when the place is to be read now."""
        if index in self._ours:
            self._again.add(index)
            return False
        self._ours.add(index)
        return True

    def listed(self, index: int) -> bool:
        """A listing has a row for the place. Return True when the row is to be seen to; else it is already."""
        if index in self._ours:
            return False
        self._ours.add(index)
        return True

    def odd(self, index: int, raw: bytes) -> Step:
        """What was read there makes no sense. A line that was garbled on its way reads differently the next time:
        ``read`` it again, and ``keep`` it as it is when it comes the same way twice.
        """
        before = self._odd.pop(index, None)
        if before == raw:
            return "keep"
        self._odd[index] = raw
        return "read"

    def free(self, index: int) -> bool:
        """The place is seen to (emptied, or found empty). Return True when it is to be read again."""
        self._odd.pop(index, None)
        if index in self._again:
            self._again.discard(index)
            return True
        self._ours.discard(index)
        return False

    def leave(self, index: int) -> None:
        """Nothing could be done about the place now; the next listing finds it again."""
        self._ours.discard(index)
        self._again.discard(index)
        self._odd.pop(index, None)

    def forget(self) -> None:
        """The modem has gone, or it has another SIM."""
        self._ours.clear()
        self._again.clear()
        self._odd.clear()
