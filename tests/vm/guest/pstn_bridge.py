"""The PSTN gateway between a PRI span and SIP: every call is answered by SIPp, which sends the audio straight back.

The gateway is the real ``callfloor pstn``; nothing else of the appliance runs: what is counted is the gateway alone.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from appliance.bus import topics
from appliance.bus_payloads import LineStatus
from appliance.store import open_store
from appliance.store.pstn_models import PstnCard, PstnSpan
from tests.bus.broker import Broker, eventually
from tests.conftest import free_ports
from tests.pstn.exchange.call import Call
from tests.pstn.exchange.digital import d_channel
from tests.pstn.exchange.prinet import Exchange
from tests.vm.guest import dahdi
from tests.vm.guest.pstn_load import Load, Report, bearers, plan

PATIENCE = 90.0
SETTLE = 6.0
"""Seconds from the last answer to the first block that counts: thirty calls that begin in the same half second keep a
processor of 1 GHz from its audio for a moment, and buffers that grew then give up a frame or two afterwards."""
NUMBER = "+81398765400"
SETTINGS = """
[paths]
state = "{folder}"
[bus]
port = {bus}
passwords = "{folder}/bus-passwords.json"
[core]
port = {core}
[pstn]
port = {sip}
"""
ANSWER = """<?xml version="1.0" encoding="us-ascii"?>
<scenario name="answers at once">
  <recv request="INVITE"/>
  <send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=echo 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send>
  <recv request="ACK"/>
  <recv request="BYE"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


@dataclass
class Bridged:
    """What the calls gave, and the gateway's processor time while all of them talked."""

    report: Report
    gateway_cpu: float


class Gateway:
    """The gateway on our side of the E1 pair, and SIPp in the core's place; use it in a with block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._states: dict[str, str] = {}

    def __enter__(self) -> Gateway:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        broker = Broker(self._folder)
        self._stack.callback(broker.close)
        core, sip, media = free_ports(3)
        settings = self._folder / "callfloor.toml"
        settings.write_text(SETTINGS.format(folder=self._folder, bus=broker.port, core=core, sip=sip))
        store = open_store(f"sqlite:///{self._folder / 'callfloor.db'}")
        store.migrate()
        with store.session() as session:
            session.add(
                PstnCard(name="e1", driver="dahdi_dynamic_loc", location=f"DYN/loc/{dahdi.E1.key}:0", country="JP")
            )
            session.add(PstnSpan(name="e1-1", card="e1", port=1, kind="e1", number=NUMBER))
        store.close()
        panel = broker.bus("panel")
        panel.subscribe(topics.EVERY_LINE, LineStatus, self._told)
        scenario = self._folder / "answer.xml"
        scenario.write_text(ANSWER)
        # As the core does, it comes before what is only looking on.
        echo = [
            "chrt",
            "--rr",
            "1",
            "sipp",
            "-sf",
            str(scenario),
            "-i",
            "127.0.0.1",
            "-p",
            str(core),
            "-mi",
            "127.0.0.1",
            "-mp",
            str(media),
        ]
        self._run([*echo, "-rtp_echo", "-nostdin", "-trace_err"], "sipp")
        self._pid = self._run([sys.executable, "-m", "appliance.cli", "--settings", str(settings), "pstn"], "pstn").pid

    def _run(self, command: list[str], name: str) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context((self._folder / f"{name}.log").open("w"))
        here = Path(__file__).parents[3] if name == "pstn" else self._folder
        process = subprocess.Popen(command, cwd=here, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._stack.callback(_end, process)
        return process

    def _told(self, _topic: str, status: LineStatus | None) -> None:
        if status is not None:
            self._states[status.line] = status.state

    def log(self) -> str:
        """What the gateway has written so far."""
        return (self._folder / "pstn.log").read_text()

    def talk(self, calls: int, seconds: float) -> Bridged:
        """Have so many calls talk for so long, all at once."""
        mine = plan(dahdi.E1, "network")
        with Exchange() as exchange:
            span = exchange.add_span(mine, d_channel(dahdi.E1.exchange.d))
            idle = eventually(lambda: sum(one == "idle" for one in self._states.values()) == 30, PATIENCE)
            assert idle, f"{self._states}\n{self.log()}"
            load = _Measured(exchange, span, bearers(dahdi.E1.exchange, mine), own_blocks=False)
            load.pid = self._pid
            report = load.run([NUMBER] * calls, seconds)
        return Bridged(report, load.used)


class _Measured(Load):
    """Notes what process ``pid`` uses while the calls talk."""

    pid: int
    used: float = 0.0

    def talk(self, calls: list[Call]) -> None:
        time.sleep(SETTLE)
        super().talk(calls)
        self._before = _used(self.pid)

    def stop(self, report: Report) -> None:
        self.used = _used(self.pid) - self._before
        super().stop(report)


def _used(pid: int) -> float:
    return float(sum(psutil.Process(pid).cpu_times()[:2]))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
