"""Information elements of Q.931 §4.5, each a frozen dataclass with ``element()`` and ``parse()``.

Each module of elements registers what it can read with ``reads``; whatever has no reader stays an ``Element``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tests.pstn.exchange.coding import CodingError

SHIFT = 0x90
SENDING_COMPLETE = 0xA1


@dataclass(frozen=True, slots=True)
class Element:
    """An element as its octets after identifier and length; single-octet elements have a ``body`` of none.

    ``number`` is the identifier octet, for type 1 elements (1xxx yyyy) all of it.
    """

    number: int
    body: bytes = b""
    codeset: int = 0

    @property
    def single(self) -> bool:
        return bool(self.number & 0x80)

    def encode(self) -> bytes:
        """Return the octets, without any codeset shift."""
        if self.single:
            return bytes((self.number,))
        if len(self.body) > 255:
            raise CodingError(f"element {self.number:#04x} of {len(self.body)} octets")
        return bytes((self.number, len(self.body))) + self.body


class Typed(Protocol):
    """What an element says."""

    def element(self) -> Element: ...


T = TypeVar("T", bound=Typed)
READERS: dict[tuple[int, int], Callable[[bytes], Typed]] = {}


def reads(number: int, reader: Callable[[bytes], Typed], codeset: int = 0) -> None:
    """Have elements of ``number`` read by ``reader``, which raises CodingError."""
    READERS[codeset, number] = reader


def read(element: Element) -> Typed | None:
    """Return what the element says; None when nobody knows it. Raises CodingError."""
    reader = READERS.get((element.codeset, element.number))
    return None if reader is None else reader(element.body)


def octets(body: bytes, least: int, name: str) -> bytes:
    """Return ``body``; raises CodingError when it is shorter than ``least``."""
    if len(body) < least:
        raise CodingError(f"{name}: {len(body)} octets, at least {least} are needed")
    return body
