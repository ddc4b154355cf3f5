"""A SETUP in libpri's words."""

from __future__ import annotations

from typing import Any

from gateways.pstn import libpri_h as h
from gateways.pstn.libprilibrary import ffi
from gateways.pstn.prievents import Party, Setup

NAME_LENGTH = 50
"""Octets of a calling name (ECMA-164 §6.4)."""


def fill(lib: Any, record: Any, wanted: Setup, channel: int) -> Any:
    """Fill a setup record; what is returned must live until it is sent. ``channel`` is in libpri's encoding."""
    lib.pri_sr_set_channel(record, channel, int(wanted.exclusive), 0)
    lib.pri_sr_set_bearer(record, h.AUDIO_3K1, h.LAYER1_ALAW if wanted.alaw else h.LAYER1_ULAW)
    digits = ffi.new("char[]", wanted.called.digits.encode("ascii", "ignore"))
    lib.pri_sr_set_called(record, digits, wanted.called.plan, 1)
    if wanted.caller is not None:
        caller = ffi.new("struct pri_party_id *")
        _put(caller, wanted.caller)
        lib.pri_sr_set_caller_party(record, caller)
    if wanted.redirecting is not None:
        redirecting = ffi.new("struct pri_party_redirecting *")
        _put(getattr(redirecting, "from"), wanted.redirecting)
        lib.pri_sr_set_redirecting_parties(record, redirecting)
    return digits


def _put(party: Any, wanted: Party) -> None:
    presentation = h.RESTRICTED if wanted.withheld else h.ALLOWED
    party.number.valid = 1
    party.number.presentation, party.number.plan = presentation, wanted.plan
    party.number.str = wanted.digits.encode("ascii", "ignore")[:63]
    if wanted.name and not wanted.withheld:
        party.name.valid, party.name.presentation, party.name.char_set = 1, presentation, 1
        party.name.str = wanted.name.encode("iso8859-1", "replace")[:NAME_LENGTH]
