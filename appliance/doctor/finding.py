"""One line of the doctor's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """``ok`` is ready, ``warn`` works but wants attention, ``fail`` won't work; ``advice`` says what to do."""

    about: str
    state: Literal["ok", "warn", "fail"]
    text: str
    advice: str = ""


def ok(about: str, text: str) -> Finding:
    """It is ready."""
    return Finding(about, "ok", text)


def warn(about: str, text: str, advice: str) -> Finding:
    """It works, but wants attention."""
    return Finding(about, "warn", text, advice)


def fail(about: str, text: str, advice: str) -> Finding:
    """It won't work."""
    return Finding(about, "fail", text, advice)
