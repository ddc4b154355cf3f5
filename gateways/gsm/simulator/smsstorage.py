"""The message memories of a modem and its SIM: "SM" and "ME" with their sizes (3GPP TS 27.005 §3.1)."""

from dataclasses import dataclass, field
from enum import IntEnum


class Stat(IntEnum):
    """<stat> in PDU mode."""

    UNREAD = 0
    READ = 1
    UNSENT = 2
    SENT = 3


STAT_TEXT = {Stat.UNREAD: "REC UNREAD", Stat.READ: "REC READ", Stat.UNSENT: "STO UNSENT", Stat.SENT: "STO SENT"}


@dataclass
class Stored:
    """A message as it lies there: a DELIVER or STATUS-REPORT (UNREAD, READ) or a SUBMIT (UNSENT, SENT) TPDU."""

    stat: Stat
    tpdu: bytes
    sca: bytes


class Full(Exception):
    """No room."""


@dataclass
class Memory:
    """One memory; indexes start at `first`."""

    name: str
    size: int
    first: int = 0
    messages: dict[int, Stored] = field(default_factory=dict)

    def add(self, message: Stored) -> int:
        """Its index: the lowest that is free. Raises Full."""
        if self.full:
            raise Full(self.name)
        index = next(n for n in range(self.first, self.first + self.size) if n not in self.messages)
        self.messages[index] = message
        return index

    @property
    def full(self) -> bool:
        return len(self.messages) >= self.size

    def listed(self, stat: Stat | None) -> list[tuple[int, Stored]]:
        return [(n, m) for n, m in sorted(self.messages.items()) if stat in {None, m.stat}]

    def delete(self, index: int) -> None:
        """An index that is empty is no error (TS 27.005 §3.5.4 leaves it open; modems say OK)."""
        self.messages.pop(index, None)

    def delete_by_flag(self, flag: int) -> None:
        """<delflag> 1 read, 2 read and sent, 3 read, sent and unsent, 4 all."""
        gone = {1: {Stat.READ}, 2: {Stat.READ, Stat.SENT}, 3: {Stat.READ, Stat.SENT, Stat.UNSENT}, 4: set(Stat)}[flag]
        self.messages = {n: m for n, m in self.messages.items() if m.stat not in gone}
