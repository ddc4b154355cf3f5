"""After a site description is applied: the services that have read the store before are told to read it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from appliance.bus import Bus, CommandRefused
from appliance.settings import Settings, SettingsError
from appliance.store.pstn_models import PSTN_TABLES
from appliance.store.site import Change

READERS = ("pbx", "gsm", "pstn")
ELSEWHERE = ("pstn",)
"""Services that many sites do without: that they do not run is nothing to be told of."""
TABLES = {"gsm": ("line",), "pstn": PSTN_TABLES}
"""What a gateway reads at its start only."""
APPLY = {"pstn": "callfloor pstn apply, then "}
SECONDS = 5.0  # that a service may take to read it
RESTART = "systemctl restart callfloor-"


def tell(settings: Settings, changes: Sequence[Change]) -> list[str]:
    """Tell them; return what was done and what is left to do, a line each. That the bus is away is no error."""
    try:
        secret = settings.bus_password("technician")
    except SettingsError:  # no bus was ever started here
        return [_away()]
    bus = Bus(settings.bus.host, settings.bus.port, "technician", secret, guest=True)
    bus.start()
    try:
        lines = list(_tell(bus))
    finally:
        bus.stop()
    for gateway, tables in TABLES.items():
        if any(change.table in tables for change in changes):
            restart = f"{APPLY.get(gateway, '')}{RESTART}{gateway}; calls on its lines end"
            lines.append(f"lines were changed: {gateway} takes them over at its start ({restart})")
    return lines


def _tell(bus: Bus) -> Iterator[str]:
    told: list[str] = []
    problems: list[str] = []
    for service in READERS:
        try:
            bus.ask(service, "site.reload", {}, SECONDS)
        except CommandRefused as refused:
            if not bus.connected:
                yield _away()
                return
            if refused.id != "service-offline" or service not in ELSEWHERE:
                problems.append(_left(service, refused))
        else:
            told.append(service)
    if told:
        names = " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
        yield f"{names} {'has' if len(told) == 1 else 'have'} been told"
    yield from problems


def _left(service: str, refused: CommandRefused) -> str:
    if refused.id == "service-offline":
        return f"{service} is not running: it reads the site when it starts"
    return f"{service} has not taken it over ({refused.message}): {RESTART}{service}"


def _away() -> str:
    restarts = " ".join(f"callfloor-{service}" for service in READERS)
    return f"the bus is not reachable: what runs reads the site at its next start (systemctl restart {restarts})"
