"""The text of /etc/modprobe.d/callfloor-dahdi.conf: the options with which DAHDI's drivers are loaded. Pure."""

from __future__ import annotations

from appliance.pstn_drivers import DRIVERS, module_options
from gateways.pstn.config.described import Described
from gateways.pstn.config.systemconf import HEAD


def modprobe_conf(rows: Described) -> str:
    """The whole file. Debian's DAHDI gives spans no numbers by itself, and then dahdi_cfg finds no channel."""
    drivers: dict[str, dict[str, object]] = {}
    for card in rows.cards:
        kinds = {span.kind for span in rows.spans if span.card == card.name}
        options = module_options(DRIVERS[card.driver], card.country, kinds, card.options)
        drivers.setdefault(card.driver, {}).update(options)
    lines = [HEAD, "options dahdi auto_assign_spans=1"]
    for driver, options in sorted(drivers.items()):
        if options:
            words = " ".join(f"{name}={value}" for name, value in sorted(options.items()))
            lines.append(f"options {driver} {words}")
    return "\n".join([*lines, ""])


def modules(rows: Described) -> list[str]:
    """Modules to be loaded for the cards described, in order."""
    drivers = dict.fromkeys(card.driver for card in rows.cards)
    dynamic = ["dahdi_dynamic"] if any(DRIVERS[driver].dynamic for driver in drivers) else []
    return ["dahdi", *dynamic, *drivers]
