"""Lines that were not there come, each in its own loop; on a machine without DAHDI they then say so themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store import Store, open_store
from appliance.store.pstn_models import Fxo, PstnCard, PstnSpan
from gateways.line import DialRefused, LineEvent, LineStateChanged
from gateways.loop import HardwareLoop
from gateways.pstn import bank as module
from gateways.pstn.absent import AbsentLine
from gateways.pstn.bank import PstnBank
from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.load import Specs
from gateways.pstn.config.spec import FxoSpec, SpanSpec
from gateways.pstn.fxo import FxoLine
from gateways.pstn.spanstatus import SpanStatus
from tests.bus.broker import eventually

pytestmark = pytest.mark.skipif(Path("/dev/dahdi").exists(), reason="this machine has DAHDI")
SLOTS = (1, 2)
LINES = {slot: f"e1-1.{slot:02d}" for slot in SLOTS}
FXO = FxoSpec("fxo-1", 1)
SPAN = SpanSpec("e1-1", "e1", 16, SLOTS, LINES)
OUT = {"fxo-1": "no card", **dict.fromkeys(LINES.values(), "no span")}


@pytest.fixture(name="store")
def store_fixture(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'callfloor.db'}")
    store.migrate()
    with store.session() as session:
        session.add(PstnCard(name="a", driver="wcte43x", location="pci:0000:03:05.0", country="JP"))
        session.add(PstnSpan(name="e1-1", card="a", port=1, kind="e1", timeslots="1-2"))
        session.add(Fxo(name="fxo-1", card="a", port=1))
    yield store
    store.close()


class Running:
    """A bank with its loops, and what they told."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found = Specs([], [], dict(OUT))
        monkeypatch.setattr(module, "load_specs", lambda _store: self.found)
        self.told: list[tuple[str, LineEvent]] = []
        self.spans: list[SpanStatus] = []
        self.loops = {name: HardwareLoop() for name in ("hardware", "pri")}
        self._threads = [threading.Thread(target=loop.run, name=name) for name, loop in self.loops.items()]
        self.bank = PstnBank(store, self.loops["hardware"], self.loops["pri"], self._tell, self.spans.append)
        self.bank.start()
        for thread in self._threads:
            thread.start()

    def _tell(self, event: LineEvent) -> None:
        self.told.append((threading.current_thread().name, event))

    def reasons(self, line: str) -> list[tuple[str, str | None]]:
        """In which thread the line said why it is absent."""
        return [
            (thread, event.reason)
            for thread, event in list(self.told)
            if isinstance(event, LineStateChanged) and (event.line, event.state) == (line, "absent")
        ]

    def close(self) -> None:
        self.bank.close_all("stopped")
        for loop, thread in zip(self.loops.values(), self._threads, strict=True):
            loop.stop()
            thread.join(5)


@pytest.fixture(name="running")
def running_fixture(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    running = Running(store, monkeypatch)
    yield running
    running.close()


def test_absent_lines_say_why_and_take_no_call(running: Running) -> None:
    assert set(running.bank.lines) == set(OUT)
    assert all(isinstance(line, AbsentLine) for line in running.bank.lines.values())
    assert [running.reasons(line)[0][1] for line in OUT] == list(OUT.values())
    (span,) = running.bank.absent_spans()
    assert (span.span, span.state, span.channels, span.reason) == ("e1-1", "absent", 2, "no span")
    line = running.bank.lines["fxo-1"]
    line.dial("110")
    assert running.told[-1][1] == DialRefused("fxo-1", 34, "no card")
    assert running.bank.idle


def test_another_reason_is_told_once(running: Running) -> None:
    running.found.problems["fxo-1"] = "no driver"
    running.bank.look_soon()
    running.bank.look()
    running.bank.look()  # too soon
    assert [reason for _, reason in running.reasons("fxo-1")] == ["no card", "no driver"]


def test_what_has_come_takes_its_place_in_its_own_loop(running: Running) -> None:
    assert running.bank.loop_of("e1-1.01") is running.loops["hardware"]
    running.found = Specs([FXO], [SPAN], {})
    running.bank.look_soon()
    running.bank.look()
    lines = running.bank.lines
    assert eventually(lambda: isinstance(lines["fxo-1"], FxoLine) and isinstance(lines["e1-1.02"], BChannel))
    assert set(lines) == set(OUT)
    assert running.bank.loop_of("fxo-1") is running.loops["hardware"]
    assert running.bank.loop_of("e1-1.01") is running.loops["pri"]
    assert running.bank.span_of("e1-1.02") is running.bank.spans["e1-1"]
    assert running.bank.absent_spans() == []
    for line, thread in (("fxo-1", "hardware"), ("e1-1.01", "pri")):
        assert eventually(lambda line=line: len(running.reasons(line)) > 1)  # type: ignore[misc]
        where, reason = running.reasons(line)[-1]
        assert (where, "dahdi" in str(reason).lower()) == (thread, True), "there is no driver on this machine"
    assert eventually(lambda: [one.state for one in running.spans][-1:] == ["absent"])
    assert running.bank.idle


def test_a_bank_that_closes_takes_nothing_more(running: Running) -> None:
    running.bank.close_all("stopped")
    running.found = Specs([FXO], [], {})
    running.bank.look_soon()
    running.bank.look()
    done = threading.Event()
    running.loops["hardware"].call(done.set)
    assert done.wait(5)
    assert isinstance(running.bank.lines["fxo-1"], AbsentLine)
    assert running.reasons("fxo-1")[-1][1] == "stopped"
