"""The call path comes first: its threads run before panel, reports and jobs when the machine is busy."""

from __future__ import annotations

import logging
import os

log = logging.getLogger(__name__)

CALL_PATH_PRIORITY = 10


def call_path_first() -> None:
    """Give this process, and the threads it will start, the real-time class SCHED_RR (sched(7)).

    Niceness is not enough: with autogroups it counts only within one session. The kernel keeps 5 % of the time for the
    others (sched_rt_runtime_us), so that a runaway loop can be ended. It needs root or CAP_SYS_NICE; without it audio
    may stumble when something else keeps the processors busy.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(CALL_PATH_PRIORITY))
    except PermissionError:
        log.warning("no right to the real-time class (CAP_SYS_NICE): audio may stumble on a busy machine")


def ordinary_priority(command: list[str]) -> list[str]:
    """Return ``command`` so that it does not inherit the real-time class of who starts it (chrt(1))."""
    return ["chrt", "--other", "0", *command]
