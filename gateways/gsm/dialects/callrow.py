"""A call as most families write it, in AT+CLCC and in URCs made after it."""

from __future__ import annotations

from collections.abc import Mapping

from gateways.gsm.dialects import CallInfo, CallState
from gateways.gsm.dialects.standard import CALL_MODES, CLCC_STATES, field, number

DISCONNECTED: Mapping[int, CallState] = {**CLCC_STATES, 6: "ended"}
"""The states of TS 27.007 §7.18 and the vendors' 6: the call is over."""


def call_row(values: list[str], states: Mapping[int, CallState] = DISCONNECTED) -> CallInfo:
    """Return the call in ``id,dir,stat,mode,mpty[,number,type…]`` (TS 27.007 §7.18); mode 1 is LTE's data bearer.

    ValueError, IndexError or KeyError where the values are no such row.
    """
    index, direction, state, mode = (int(value) for value in values[:4])
    called = number(field(values, 5), field(values, 6))
    return CallInfo(index, direction == 0, states[state], called, mode in CALL_MODES)
