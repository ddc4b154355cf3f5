"""libpri itself, loaded once: cffi in ABI mode, no compiler needed. Its messages go to the log.

The library keeps no state of its own that matters but its two message handlers; a ``struct pri`` may be used by one
thread at a time. There is no call to free one: a process makes one for each D channel, once.
"""

from __future__ import annotations

import logging
import time
from functools import cache
from typing import Any

from cffi import FFI

from gateways.pstn.libpri_h import FUNCTIONS, STRUCTS

log = logging.getLogger("gateways.pstn.libpri")
LIBRARY = "libpri.so.1.4"
ERRORS_A_MINUTE = 20

ffi = FFI()
ffi.cdef(STRUCTS + FUNCTIONS)
names: dict[int, str] = {}
"""Address of a ``struct pri`` → name of its span, for the log."""


class PriError(RuntimeError):
    """libpri is not there, or would not do it; the text says what to do."""


class _Limit:
    """Lets ``ERRORS_A_MINUTE`` pass: a mad network can make libpri complain of each frame."""

    def __init__(self) -> None:
        self._minute, self._said, self._kept = 0, 0, 0

    def passes(self) -> bool:
        minute = int(time.monotonic() / 60)
        if minute != self._minute:
            if self._kept:
                log.warning("%d more complaints of libpri in that minute were left out", self._kept)
            self._minute, self._said, self._kept = minute, 0, 0
        self._said += 1
        self._kept += self._said > ERRORS_A_MINUTE
        return self._said <= ERRORS_A_MINUTE


_limit = _Limit()


@ffi.callback("void(struct pri *, char *)")
def _message(pri: Any, text: Any) -> None:
    line = _line(text)
    if "pri_get_crv()" not in line:  # it complains of a call that is over: that was the question
        log.debug("%s: %s", names.get(_address(pri), "?"), line)


@ffi.callback("void(struct pri *, char *)")
def _error(pri: Any, text: Any) -> None:
    if _limit.passes():
        log.warning("%s: %s", names.get(_address(pri), "?"), _line(text))


def _address(pointer: Any) -> int:
    return int(ffi.cast("uintptr_t", pointer))


def _line(text: Any) -> str:
    return octets(text).decode("iso8859-1").strip()


def octets(characters: Any) -> bytes:
    """Return a char array, or what a char pointer points to, up to its zero."""
    found = ffi.string(characters)
    assert isinstance(found, bytes)
    return found


@cache
def library() -> Any:
    """Return libpri. Raises PriError when it is not installed."""
    try:
        found: Any = ffi.dlopen(LIBRARY)
    except OSError as error:
        raise PriError(f"{LIBRARY} cannot be loaded ({error}): run `apt install libpri1.4`") from error
    found.pri_set_message(_message)
    found.pri_set_error(_error)
    return found
