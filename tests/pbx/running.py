"""The core as a process, its store and the real bus; edge and gateway are sockets."""

from __future__ import annotations

import sys
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select

from appliance.bus import CommandRefused, topics
from appliance.bus_payloads import LineStatus
from appliance.prompt_names import REQUIRED_PROMPTS
from appliance.store import Store, open_store
from appliance.store.models import Call, CallEvent, Extension, Line, Route
from tests.bus.broker import Broker, eventually
from tests.call_path.process import Program
from tests.conftest import free_port, free_ports
from tests.edge.sip import SDP, Endpoint, Message

PROGRAM = "import sys; from pathlib import Path; from appliance.settings import load; from pbx.main import main; " + (
    "sys.exit(main(load(Path(sys.argv[1]))))"
)


class Core:
    """The running core with what is around it: two lines of ``gateway``, one phone."""

    def __init__(self, folder: Path, gateway: Literal["gsm", "pstn"] = "gsm") -> None:
        port = free_port()
        self._name = gateway
        first = free_ports(1)[0]
        self.edge, self.gateway = Endpoint(("127.0.0.1", port)), Endpoint(("127.0.0.1", port))
        self.broker = Broker(folder)
        self.lines, self.panel = self.broker.bus(gateway), self.broker.bus("panel")
        for name in REQUIRED_PROMPTS:
            silence(folder / "prompts" / "en" / f"{name}.wav")
        settings = folder / "callfloor.toml"
        settings.write_text(
            f'[paths]\nstate = "{folder}"\n'
            f'[bus]\nport = {self.broker.port}\npasswords = "{folder}/bus-passwords.json"\n'
            f"[edge]\ninternal_port = {self.edge.port}\nevents_port = {free_port('tcp')}\n"
            f"[core]\nport = {port}\nrtp_first = {first}\nrtp_last = {first + 40}\n"
            f"[{gateway}]\nport = {self.gateway.port}\n"
        )
        self.store: Store = open_store(f"sqlite:///{folder / 'callfloor.db'}")
        self.store.migrate()
        with self.store.session() as session:
            session.add(Extension(number="101", name="Desk", realm="callfloor", ha1="0" * 32))
            session.add_all(Line(name=f"{gateway}-{n}", gateway=gateway, family="quectel") for n in (1, 2))
            session.add(Route(position=1, target="extension:101"))
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
        told = LineStatus(line=line, gateway=self._name, state="idle", since=datetime.now(UTC), **more)
        self.lines.publish(topics.line(line), told, retain=True)

    def dial(self, number: str) -> None:
        """A phone of ours dials."""
        extra = ("X-Edge-User: 101",)
        self.edge.send(self.edge.request("INVITE", f"sip:{number}@127.0.0.1", "101", extra=extra, body=SDP))

    def refuse(self, text: str, cause: int = 34, rings: bool = False) -> str:
        """The gateway gets an INVITE and refuses it, perhaps after it has rung; return the line that it was for."""
        invite = request(self.gateway, "INVITE")
        if rings:
            self.gateway.reply(invite, 180, "Ringing")
        self.gateway.reply(invite, 503, "Refused", extra=(f'Reason: Q.850;cause={cause};text="{text}"',))
        return invite.get("X-Callfloor-Line")

    def ended(self) -> tuple[Call, list[CallEvent]]:
        """The phone is hung up on; return the call's row and its steps."""
        self.edge.reply(request(self.edge, "BYE"), 200, "OK")
        return self.row()

    def row(self) -> tuple[Call, list[CallEvent]]:
        """Return the row and the steps of the call that has ended."""
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
