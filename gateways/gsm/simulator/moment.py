"""What those that watch a modem are told of."""

from enum import StrEnum


class Moment(StrEnum):
    """See `Modem.watchers`."""

    DOWN = "down"  # power lost: what was in its memory (not on the SIM) is gone
    BOOTED = "booted"
    RADIO = "radio"  # the registration state may have changed: see `Modem.registered`
