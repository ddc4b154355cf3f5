"""The DAHDI layer: all that the gateway does with the driver goes through here, and nobody else calls its ioctls.

    Channel    an FXO or FXS port, or a B channel: audio, hook, digits, tones      DChannel   HDLC frames for libpri
    Monitor    hears what comes in on a channel while somebody else reads it       spans      cards, alarms, loopback

Runs on DAHDI 2.11 and 3.1, whose interface is the same. Nodes are reached through /dev/dahdi/channel.
"""

from __future__ import annotations

from gateways.pstn.channel import ECHO_TAPS, Channel, Tone
from gateways.pstn.dahdierror import DahdiError
from gateways.pstn.dahdievents import Event, HardwareEvent
from gateways.pstn.dchannel import DChannel
from gateways.pstn.g711 import Law
from gateways.pstn.info import ChannelInfo, channel_info
from gateways.pstn.monitor import Monitor
from gateways.pstn.spans import LineErrors, LoopMode, SpanInfo, driver_version, loop_back, span, spans
from gateways.pstn.zones import ZONES

__all__ = [
    "ECHO_TAPS",
    "ZONES",
    "Channel",
    "ChannelInfo",
    "DChannel",
    "DahdiError",
    "Event",
    "HardwareEvent",
    "Law",
    "LineErrors",
    "LoopMode",
    "Monitor",
    "SpanInfo",
    "Tone",
    "channel_info",
    "driver_version",
    "loop_back",
    "span",
    "spans",
]
