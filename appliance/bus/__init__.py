"""The bus: live state and commands between the services over MQTT 5. See ``docs/bus.md``.

``Bus`` is all a service needs; ``topics`` names the topics; payload models are in ``appliance.bus_payloads``.
"""

from appliance.bus.commands import CommandRefused, Reply
from appliance.bus.service import Bus

__all__ = ["Bus", "CommandRefused", "Reply"]
