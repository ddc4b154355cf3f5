"""The call path comes first: core and gateways run before panel, reports and jobs when the machine is busy.

Niceness is not enough: with autogroups it counts only within one session (sched(7)), hence the real-time class
SCHED_RR. The kernel keeps 5 % of the time for the others (sched_rt_runtime_us), so that a runaway loop can be ended. It
needs root or CAP_SYS_NICE; without it audio may stumble when something else keeps the processors busy.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

CALL_PATH = 10
_MCL_CURRENT = 1  # <sys/mman.h>


def call_path_first() -> None:
    """Put this thread, and the threads it will start, before everything that is no part of a call."""
    if not _enter_real_time():
        log.warning("no right to the real-time class (CAP_SYS_NICE): audio may stumble on a busy machine")


def stay_in_memory() -> None:
    """Bring all that this process has mapped into memory, and keep it there (mlockall(2)).

    Code that runs for the first time, or whose pages a full machine has dropped, comes from the disk: a thread that
    carries audio would wait for that. Called once all is loaded; it needs root, CAP_IPC_LOCK or LimitMEMLOCK=.
    """
    if ctypes.CDLL(None, use_errno=True).mlockall(_MCL_CURRENT) != 0:
        log.warning("no right to stay in memory (%s): audio may stumble", os.strerror(ctypes.get_errno()))


@contextmanager
def starting_call_path() -> Iterator[None]:
    """Put the threads that are started inside before everything else; this thread stays what it was."""
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    entered = _enter_real_time()
    try:
        yield
    finally:
        if entered:
            os.sched_setscheduler(0, policy, parameters)


def _enter_real_time() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(CALL_PATH))
    except PermissionError:
        return False
    return True
