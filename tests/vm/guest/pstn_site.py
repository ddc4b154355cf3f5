"""A site with telephone lines on the looped spans, and the exchange at their other end."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from appliance.priority import starting_call_path
from appliance.store.pstn_models import Fxo, PstnSpan
from gateways.cli import technician
from tests.call_path.site import Site
from tests.call_path.stack import ALL, Stack
from tests.measure import g711
from tests.pstn.exchange.digital import BearerChannel, d_channel
from tests.pstn.exchange.prinet import Exchange
from tests.pstn.exchange.profiles import SpanPlan, e1
from tests.vm.guest import dahdi

SERVICES = tuple(name for name in ALL if name not in ("gsm", "panel"))
FXO_NUMBER = "+81312340001"


@dataclass(frozen=True)
class Trunk:
    """A span of ours and the exchange's end of it. ``bearers``: timeslot → DAHDI channel of the exchange."""

    number: str
    pair: dahdi.Pair
    plan: SpanPlan
    row: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def bearers(self) -> dict[int, int]:
        return dict(zip(self.plan.channels, self.pair.exchange.bearers, strict=True))

    def line(self, slot: int) -> str:
        return f"{self.name}.{slot:02d}"

    @property
    def first_out(self) -> str:
        """The line that its group takes first."""
        slots = self.plan.channels
        return self.line(slots[-1] if self.row["strategy"] == "descending" else slots[0])


TRUNKS = {
    "ni2": Trunk(
        "+81355550000",
        dahdi.MIXED,
        SpanPlan("t1-1", "ni2", tuple(range(9, 24)), "ulaw"),
        {"kind": "t1", "switch": "ni2", "timeslots": "9-23", "d_channel": 24, "strategy": "descending"},
    ),
    "euroisdn": Trunk("+81398765400", dahdi.E1, e1("e1-1"), {"kind": "e1", "strategy": "ascending"}),
}
"""The mixed pair has eight FXO ports before its B channels."""


def site(trunk: Trunk) -> Site:
    """Two FXO ports and a span; one agent in a queue that takes all calls."""
    span = {key: value for key, value in trunk.row.items() if key != "strategy"}
    span |= {"name": trunk.name, "card": "span", "port": 1, "number": trunk.number, "line_group": "pri"}
    cards = {"span": trunk.pair, "ports": dahdi.MIXED}
    if trunk.pair is dahdi.MIXED:
        del cards["ports"]
    ports = next(reversed(cards))
    return Site(
        lines=0,
        extensions=("101",),
        agents=("2001",),
        # Under emulation a phone takes its time to ring, and more to answer.
        queue={"wrap_up": 0, "ring_timeout": 60, "announce_every": 0},
        routes=({"target": "queue:sales"},),
        telephone=(
            *(_card(name, pair) for name, pair in cards.items()),
            _fxo(ports, 1, FXO_NUMBER),
            _fxo(ports, 2, "+81312340002"),
            ("pstn_span", span),
            ("line_group", {"name": "pri", "strategy": trunk.row["strategy"]}),
        ),
    )


def _card(name: str, pair: dahdi.Pair) -> tuple[str, dict[str, Any]]:
    place = f"DYN/loc/{pair.key}:0"
    return "pstn_card", {"name": name, "driver": "dahdi_dynamic_loc", "location": place, "country": "JP"}


def _fxo(card: str, port: int, number: str) -> tuple[str, dict[str, Any]]:
    how = {"caller_id": "bell202", "caller_id_start": "ring", "line_group": "fxo"}
    return "fxo", {"name": f"fxo-{port}", "card": card, "port": port, "number": number, **how}


@contextlib.contextmanager
def connected(trunk: Trunk) -> Iterator[Exchange]:
    """The exchange on a span's other end; it is hardware: a busy machine does not make it late."""
    with starting_call_path():
        made = Exchange()
    with made as exchange:
        exchange.add_span(trunk.plan, d_channel(trunk.pair.exchange.d))
        yield exchange


def call_out_over(stack: Stack, *names: str) -> None:
    """Have the core take these ports and spans only: of groups it would choose the one that has rested longest."""
    with stack.store.session() as session:
        for row in [*session.query(Fxo), *session.query(PstnSpan)]:
            row.enabled = row.name in names
    with technician(stack.settings) as bus:
        bus.ask("pbx", "site.reload", {}, 60)


class Voice:
    """The far party of a B channel: speaks (s16le) once, then is silent, and keeps what it hears."""

    def __init__(self, channel: int, law: str, says: bytes) -> None:
        self._bearer = BearerChannel(channel)
        self._says = g711.encode(np.frombuffer(says, "<i2"), 8 if law == "alaw" else 0)
        self.heard = bytearray()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        with starting_call_path():
            self._thread.start()

    def __enter__(self) -> Voice:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._bearer.close()

    def _run(self) -> None:
        at = 0
        while not self._over.wait(0.01):
            while block := self._bearer.read():
                self.heard += block
            while self._says[at : at + 160] and self._bearer.write(self._says[at : at + 160]):
                at += 160
