"""What the settings name: ports, prompts, database."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
from sqlalchemy import select

from appliance.doctor.finding import Finding, fail, ok, warn
from appliance.ports import Obstacle, obstacle
from appliance.prompt_names import REQUIRED_PROMPTS
from appliance.settings import Settings
from appliance.store import Store, StoreError, open_store
from appliance.store.models import IvrFlow, Queue

OUR_PROGRAMS = {"edge": "kamailio", "bus": "mosquitto"}


def ports(settings: Settings) -> Iterator[Finding]:
    """A finding for each port a service binds, and for RTP ranges that others have a part of."""
    for listener in settings.listeners():
        about = f"port {listener.key}"
        if listener.first != listener.last:
            yield _range(about, listener.first, listener.last)
            continue
        place = f"{listener.host}:{listener.first}/{listener.kind}"
        found = obstacle(listener.kind, listener.host, listener.first)
        if found is None:
            yield ok(about, f"{place} is free")
        elif _is_ours(found, listener.key.split(".")[0]):
            yield ok(about, f"{place} is in use by ours: {found.process} (pid {found.pid})")
        else:
            yield fail(about, place, found.text)


def prompts(settings: Settings, store: Store) -> Finding:
    """The prompts of the product, and those that flows and queues name where the store can be read."""
    names = dict.fromkeys([*REQUIRED_PROMPTS, *_named_in(store)])
    missing = settings.missing_prompts(names)
    if missing:
        text, _, advice = missing[0].partition("; ")
        return fail("prompts", text, advice)
    return ok("prompts", f"{len(names)} in {settings.paths.prompts / settings.site.language}")


def database(store: Store) -> Finding:
    """Reachable, and with this version's tables."""
    try:
        store.require_current()
    except StoreError as error:
        text, _, advice = str(error).partition("; ")
        return fail("database", text, advice)
    return ok("database", f"{store.where}, tables are up to date")


def open_settings_store(settings: Settings) -> Store:
    """The store that the settings name; nothing is opened before it is asked."""
    return open_store(settings.database_url())


def _range(about: str, first: int, last: int) -> Finding:
    taken = {
        connection.laddr.port
        for connection in psutil.net_connections("udp")
        if connection.laddr and first <= connection.laddr.port <= last
    }
    text = f"{first}-{last}/udp"
    if len(taken) > (last - first) // 2:
        return warn(
            about, f"{text}: {len(taken)} in use", "`ss -ulpn` shows by whom; set another range if it isn't ours"
        )
    return ok(about, f"{text}, {len(taken)} in use")


def _is_ours(found: Obstacle, section: str) -> bool:
    """Kamailio and mosquitto are ours by name; a service of our own is by its command line."""
    if found.pid is None:
        return False
    if section in OUR_PROGRAMS:
        return found.process == OUR_PROGRAMS[section]
    try:
        return any(part.endswith(("callfloor", "appliance.cli")) for part in psutil.Process(found.pid).cmdline()[:3])
    except psutil.Error:
        return False


def _named_in(store: Store) -> list[str]:
    from pbx.ivr.flow import parse

    try:
        with store.session() as session:
            music = list(session.scalars(select(Queue.music)))
            flows = [(flow.name, flow.definition) for flow in session.scalars(select(IvrFlow))]
    except StoreError:  # the database's own line says so
        return []
    names = music
    for name, definition in flows:
        try:
            names += sorted(parse(name, definition).prompts())
        except ValueError:  # the core leaves such a flow out, and says so
            continue
    return names
