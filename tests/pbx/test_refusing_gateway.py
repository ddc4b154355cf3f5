"""The core as a process, its store and the real bus; edge and gateway are sockets. A gateway refuses by rule."""

from __future__ import annotations

import sys
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from appliance.bus import CommandRefused, topics
from appliance.bus_payloads import LineStatus, SimStatus
from appliance.prompt_names import REQUIRED_PROMPTS
from appliance.store import Store, open_store
from appliance.store.models import Call, CallEvent, Extension, Line
from tests.bus.broker import Broker, eventually
from tests.call_path.process import Program
from tests.conftest import free_port, free_ports
from tests.edge.sip import SDP, Endpoint, Message

DAY_RULE = "calls_per_day: all 9 calls of today are used, until 2026-03-02 00:00"
REST_RULE = "cool_down: the SIM rests 30 s between calls, until 12:00:30"
PROGRAM = "import sys; from pathlib import Path; from appliance.settings import load; from pbx.main import main; " + (
    "sys.exit(main(load(Path(sys.argv[1]))))"
)


class Core:
    """The running core with what is around it."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        first = free_ports(1)[0]
        self.edge, self.gateway = Endpoint(("127.0.0.1", port)), Endpoint(("127.0.0.1", port))
        self.broker = Broker(folder)
        self.gsm, self.panel = self.broker.bus("gsm"), self.broker.bus("panel")
        for name in REQUIRED_PROMPTS:
            silence(folder / "prompts" / "en" / f"{name}.wav")
        settings = folder / "callfloor.toml"
        settings.write_text(
            f'[paths]\nstate = "{folder}"\n'
            f'[bus]\nport = {self.broker.port}\npasswords = "{folder}/bus-passwords.json"\n'
            f"[edge]\ninternal_port = {self.edge.port}\nevents_port = {free_port('tcp')}\n"
            f"[core]\nport = {port}\nrtp_first = {first}\nrtp_last = {first + 40}\n"
            f"[gsm]\nport = {self.gateway.port}\n"
        )
        self.store: Store = open_store(f"sqlite:///{folder / 'callfloor.db'}")
        self.store.migrate()
        with self.store.session() as session:
            session.add(Extension(number="101", name="Desk", realm="callfloor", ha1="0" * 32))
            session.add_all(Line(name=f"gsm-{n}", gateway="gsm", family="quectel") for n in (1, 2))
        command = [sys.executable, "-c", PROGRAM, str(settings)]
        self.program = Program("pbx", command, folder / "pbx.log")

    def start(self) -> None:
        """Start it and wait until it takes commands; the lines are told before, so it knows them then."""
        self.program.start()
        assert eventually(self._answers, 20), self.program.log.read_text()

    def _answers(self) -> bool:
        try:
            self.panel.ask("pbx", "site.reload", {}, 2.0)
        except CommandRefused:
            return False
        return True

    def tell(self, line: str, **more: Any) -> None:
        told = LineStatus(line=line, gateway="gsm", state="idle", since=datetime.now(UTC), **more)
        self.gsm.publish(topics.line(line), told, retain=True)

    def dial(self, number: str) -> None:
        """A phone of ours dials."""
        extra = ("X-Edge-User: 101",)
        self.edge.send(self.edge.request("INVITE", f"sip:{number}@127.0.0.1", "101", extra=extra, body=SDP))

    def refuse(self, rule: str) -> str:
        """The gateway gets an INVITE and refuses it; return the line that it was for."""
        invite = request(self.gateway, "INVITE")
        self.gateway.reply(invite, 503, "Refused", extra=(f'Reason: Q.850;cause=34;text="{rule}"',))
        return invite.get("X-Callfloor-Line")

    def ended(self) -> tuple[Call, list[CallEvent]]:
        """The phone is hung up on; return the call's row and its steps."""
        self.edge.reply(request(self.edge, "BYE"), 200, "OK")
        assert eventually(lambda: self._row() is not None)
        row = self._row()
        assert row is not None
        with self.store.session() as session:
            return row, list(session.scalars(select(CallEvent).where(CallEvent.call == row.id).order_by(CallEvent.seq)))

    def _row(self) -> Call | None:
        with self.store.session() as session:
            return session.scalar(select(Call).where(Call.state == "ended"))

    def close(self) -> None:
        self.program.stop()
        self.store.close()
        self.broker.close()
        self.edge.close()
        self.gateway.close()


def silence(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(bytes(1600))


def request(endpoint: Endpoint, method: str) -> Message:
    """Return the next request of this kind, passing over all else; an answered INVITE gets its ACK."""
    while (message := endpoint.receive(8)).method != method:
        if message.code == 200 and message.get("CSeq").endswith("INVITE"):
            to, cseq = message.get("To"), int(message.get("CSeq").split()[0])
            call_id, uri = message.get("Call-ID"), message.contact_uri
            endpoint.send(endpoint.request("ACK", uri, "101", to=to, call_id=call_id, cseq=cseq))
    return message


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    running = Core(tmp_path)
    try:
        yield running
    finally:
        running.close()


def test_a_line_that_its_gateway_refuses_is_followed_by_the_next_and_the_ledger_says_why(core: Core) -> None:
    core.tell("gsm-1")
    core.tell("gsm-2")
    core.start()
    core.dial("09033334444")
    assert [core.refuse(DAY_RULE), core.refuse(REST_RULE)] == ["gsm-1", "gsm-2"]
    row, steps = core.ended()
    assert (row.cause, row.ended_by, row.result) == (34, "core", "busy")
    assert row.cause_text == f"no free line may call: {DAY_RULE} (gsm-1); {REST_RULE} (gsm-2)"
    failed = [step.data for step in steps if step.kind == "line-failed"]
    assert failed == [
        {"line": "gsm-1", "cause": 34, "reason": DAY_RULE},
        {"line": "gsm-2", "cause": 34, "reason": REST_RULE},
    ]


def test_a_blocked_sim_is_not_even_tried_but_for_an_emergency(core: Core) -> None:
    blocked = SimStatus(iccid="8981100000000000001", blocked=DAY_RULE)
    core.tell("gsm-1", sim=blocked)
    core.tell("gsm-2", sim=blocked)
    core.start()
    core.dial("09033334444")
    row, steps = core.ended()
    assert row.cause_text == f"no free line may call: {DAY_RULE} (gsm-1, gsm-2)"
    assert [step.data for step in steps if step.kind == "no-line"] == [{"reason": row.cause_text}]
    core.dial("110")
    emergency = request(core.gateway, "INVITE")
    assert (emergency.get("X-Callfloor-Line"), emergency.uri.split("@")[0]) == ("gsm-1", "sip:110")
