"""Texts and small helpers for the tests of messages."""

import time
from collections.abc import Callable
from typing import TypeVar

from .host import FINAL, AtHost

T = TypeVar("T")

CALLER = "+819012345678"
LINE = "+818000000001"
JAPANESE = "明日の会議は午後三時からです。資料を忘れないでください。" * 4
HINDI = ("नमस्ते, कल की बैठक दोपहर तीन बजे होगी। कृपया दस्तावेज़ साथ लाएँ। " * 4).strip()
TURKISH = "Yarınki toplantı öğleden sonra üçte başlıyor, İstanbul ofisinde. Lütfen geç kalmayın!"


def until(value: Callable[[], T], wanted: Callable[[T], bool], timeout: float) -> T:
    """The value once it is as wanted. TimeoutError with the last one."""
    deadline = time.monotonic() + timeout
    while not wanted(now := value()):
        if time.monotonic() > deadline:
            raise TimeoutError(repr(now))
        time.sleep(0.02)
    return now


def enter(at: AtHost, command: str, data: str, end: str = "\x1a", timeout: float = 3.0) -> list[str]:
    """AT + command, text at the prompt, and the lines up to the final result."""
    at.send(f"AT{command}\r")
    deadline = time.monotonic() + timeout
    while not at.pending.endswith(b"> "):
        at.read_some(deadline - time.monotonic())
        if at.lines and at.lines[-1].startswith(FINAL):
            refused, at.lines = at.lines, []
            return refused
        if time.monotonic() > deadline:
            raise TimeoutError(f"{command}: no prompt, {at.lines}, {at.pending!r}")
    at.pending = b""
    at.send(data + end)
    lines: list[str] = []
    while time.monotonic() < deadline:
        at.read_some(deadline - time.monotonic())
        lines += at.lines
        at.lines = []
        if lines and lines[-1].startswith(FINAL):
            return lines
    raise TimeoutError(f"{command}: {lines}")
