"""The core's service: wires its parts in the order in which a call meets them, and serves until SIGTERM."""

from __future__ import annotations

import logging
import signal
from zoneinfo import ZoneInfo

from systemd import daemon

from appliance.bus import Bus, topics
from appliance.bus_payloads import CallEventMessage, LineStatus, Payload
from appliance.priority import call_path_first, stay_in_memory
from appliance.settings import Settings
from appliance.store import Store, open_store
from pbx import commands, site
from pbx.clock import utc_now
from pbx.edge.contacts import ContactEvent, EdgeContacts
from pbx.floor import Floor, Surroundings
from pbx.ledger import recovery
from pbx.ledger.book import Book
from pbx.ledger.writer import Writer
from pbx.lines import LineBook
from pbx.live import Live
from pbx.loop import Loop
from pbx.recording.capture import Capture
from pbx.routing import FeatureCodes
from pbx.sip import SipCore, SipSettings
from pbx.switch import Switch

log = logging.getLogger(__name__)


def main(settings: Settings) -> int:
    """Run the core; return the exit status."""
    call_path_first()
    store = open_store(settings.database_url())
    store.migrate()
    settings.paths.recordings.mkdir(parents=True, exist_ok=True)
    loop = Loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    writer = Writer(store, settings.paths.state / "ledger-spool.jsonl")
    writer.replay()  # a call may be known to the spool only
    with store.session() as session:
        recovery.close_interrupted(session, settings.core.name, settings.paths.recordings, utc_now())
    bus = _bus(settings)
    writer.start()
    try:
        _serve(settings, store, loop, bus, writer)
    finally:
        writer.stop()
        bus.stop()
    return 0


def _serve(settings: Settings, store: Store, loop: Loop, bus: Bus, writer: Writer) -> None:
    def publish(message: CallEventMessage) -> None:
        bus.publish(topics.CALL_EVENTS, message)

    with store.session() as session:
        present, agent_events = site.load(session), recovery.last_agent_events(session)
        lines = LineBook(recovery.line_use(session))
    book = Book(writer, settings.core.name, publish)
    sip = SipCore(_sip_settings(settings), loop)
    capture = Capture(settings.paths.recordings, sip, loop, book)
    floor = Floor(_surroundings(settings), present, sip, loop, utc_now, book)
    switch = Switch(floor, lines, capture)
    switch.agents.load(present.agents)
    switch.agents.restore(agent_events)
    live = Live(bus, loop.now, utc_now)

    def reload_site() -> None:
        with store.session() as fresh:
            switch.change_site(site.load(fresh))

    def on_turn() -> None:
        if floor.dispatch_due:
            switch.dispatch()
        _publish_changes(floor, switch, live)

    commands.serve(bus, floor, switch, reload_site)
    bus.own(topics.EVERY_CALL)  # calls of a core that was killed live no more
    bus.subscribe(topics.EVERY_LINE, LineStatus, lambda _, status: _line_changed(loop, switch, status))
    contacts = EdgeContacts(
        "127.0.0.1", settings.edge.events_port, lambda event: loop.post(lambda: _contact_changed(switch, event))
    )
    bus.start()
    contacts.start()
    stay_in_memory()
    daemon.notify("READY=1")
    log.info("the core takes calls on %s:%d", settings.core.host, settings.core.port)
    try:
        sip.run(switch.handle, on_turn)
    finally:
        daemon.notify("STOPPING=1")
        contacts.stop()
        switch.hang_up_all()
        sip.close(switch.handle)
        capture.close()
        on_turn()


def _publish_changes(floor: Floor, switch: Switch, live: Live) -> None:
    """Tell ledger and bus what the turn has changed."""
    agents, calls = floor.take_changes()
    for agent in agents:
        floor.book.agent_changed(agent, utc_now())
        live.agent(agent)
    for call in calls:
        live.call(call)
    if agents or calls:
        for queue in floor.site.queues.values():
            live.queue(queue, switch.queues.waiting, floor.calls, list(switch.agents.logged_in(queue.name)))


def _line_changed(loop: Loop, switch: Switch, status: Payload | None) -> None:
    if isinstance(status, LineStatus):
        loop.post(lambda: switch.lines.update(status))


def _contact_changed(switch: Switch, event: ContactEvent) -> None:
    if event.kind in ("registered", "refreshed"):  # a desk phone comes back under the contact that it had
        switch.agents.phone_registered(event.user)


def _bus(settings: Settings) -> Bus:
    return Bus(settings.bus.host, settings.bus.port, "pbx", settings.bus_password("pbx"))


def _sip_settings(settings: Settings) -> SipSettings:
    core, edge = settings.core, settings.edge
    return SipSettings(
        host=core.host,
        port=core.port,
        media_host="" if edge.host in ("0.0.0.0", "::") else edge.host,  # noqa: S104
        rtp_first=core.rtp_first,
        rtp_last=core.rtp_last,
        edge=f"127.0.0.1:{edge.internal_port}",
        gateways=frozenset(_gateways(settings).values()),
        prompts=settings.paths.prompts / settings.site.language,
    )


def _surroundings(settings: Settings) -> Surroundings:
    codes = settings.features
    return Surroundings(
        country=settings.site.country,
        timezone=ZoneInfo(settings.site.timezone),
        codes=FeatureCodes(codes.login, codes.logout, codes.pause, codes.unpause),
        edge=f"127.0.0.1:{settings.edge.internal_port}",
        gateways=_gateways(settings),
    )


def _gateways(settings: Settings) -> dict[str, str]:
    """Each gateway's SIP address."""
    gsm, pstn = settings.gsm, settings.pstn
    return {"gsm": f"{gsm.host}:{gsm.port}", "pstn": f"{pstn.host}:{pstn.port}"}
