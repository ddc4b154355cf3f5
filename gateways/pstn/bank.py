"""All PSTN lines of the store: FXO ports, B channels of spans, and places of those that are not in the machine.

FXO ports run in the hardware loop, spans in the PRI loop. A line whose port or span is missing shows why; the store and
the hardware are looked at again until it is there. What is described anew is taken over at the start only.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import select

from appliance.bus_payloads import SpanStatus
from appliance.store import Store, StoreError
from appliance.store.lines import SiteLine, lines_of
from appliance.store.pstn_models import PstnSpan
from gateways.line import LineEvent
from gateways.linecommands import Commanded
from gateways.loop import HardwareLoop
from gateways.pstn import spanstatus
from gateways.pstn.absent import AbsentLine
from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.load import Specs, load_specs
from gateways.pstn.config.spec import FxoSpec, SpanSpec
from gateways.pstn.fxo import FxoLine
from gateways.pstn.span import PriSpan
from gateways.pstn.spanlinks import SpanLinks

log = logging.getLogger(__name__)
LOOK_EVERY = 10.0
"""Seconds between two looks for lines that are described and not there."""


class PstnBank:
    """``lines`` for the trunk, ``spans`` by name. ``tell`` and ``told`` come in the thread that drives the line."""

    def __init__(
        self,
        store: Store,
        hardware: HardwareLoop,
        pri: HardwareLoop,
        tell: Callable[[LineEvent], None],
        told: Callable[[spanstatus.SpanStatus], None],
    ) -> None:
        self._store = store
        self.hardware, self.pri = hardware, pri
        self._tell, self._told = tell, told
        self._look_at: float | None = None
        self._closing = False
        with store.session() as session:
            self._kinds = {row.name: row.kind for row in session.scalars(select(PstnSpan))}
            self.described = [line for line in lines_of(session) if line.gateway == "pstn" and line.enabled]
        self.lines: dict[str, Commanded] = {}
        self.spans: dict[str, PriSpan] = {}
        self._links: dict[int, SpanLinks] = {}  # of NFAS groups, by D channel
        self._absent: dict[str, AbsentLine] = {}
        specs = load_specs(store)
        for line in self.described:
            self.lines[line.name] = self._absent[line.name] = self._place_of(line, specs.problems)
        self._take(specs)

    def _place_of(self, line: SiteLine, problems: Mapping[str, str]) -> AbsentLine:
        return AbsentLine(line.name, line.number, problems.get(line.name, "it is not there"), self._tell)

    def _take(self, specs: Specs) -> None:
        """Put what is there into the places of what was not."""
        for spec in specs.fxo:
            if spec.name in self._absent:
                self._add_fxo(spec)
        for span in specs.spans:
            if span.name not in self.spans and self._absent.keys() & set(span.lines.values()):
                self._add_span(span)

    def _add_fxo(self, spec: FxoSpec) -> None:
        del self._absent[spec.name]

        def begin() -> None:
            if not self._closing:
                line = FxoLine(spec, self.hardware, self._tell)
                self.lines[spec.name] = line
                line.start()

        self.hardware.call(begin)

    def _add_span(self, spec: SpanSpec) -> None:
        for name in spec.lines.values():
            self._absent.pop(name, None)

        def begin() -> None:
            if not self._closing:
                span = PriSpan(spec, self.pri, self._tell, self._told, links=self._links_of(spec))
                self.spans[spec.name] = span
                self.lines.update(span.lines)
                span.start()

        self.pri.call(begin)

    def _links_of(self, spec: SpanSpec) -> SpanLinks | None:
        """The D channels that an NFAS group's spans share; None: the span has its own."""
        if spec.interface is None:
            return None
        if spec.d_channel not in self._links:
            self._links[spec.d_channel] = SpanLinks(spec, self.pri)
        return self._links[spec.d_channel]

    def loop_of(self, line: str) -> HardwareLoop:
        """Return the loop that drives a line."""
        return self.pri if isinstance(self.lines[line], BChannel) else self.hardware

    def span_of(self, line: str) -> PriSpan | None:
        """Return the span that is there and has the line."""
        return next((span for span in self.spans.values() if line in span.lines), None)

    def absent_spans(self) -> list[SpanStatus]:
        """Return the spans that are described and not there."""
        lines = {
            line.span: self._absent[line.name] for line in self.described if line.span and line.name in self._absent
        }
        return [
            SpanStatus(
                span=name,
                kind="e1" if self._kinds[name] == "e1" else "t1",
                state="absent",
                since=datetime.now(UTC),
                channels=sum(one.span == name for one in self.described),
                reason=line.reason,
            )
            for name, line in lines.items()
        ]

    def start(self) -> None:
        """Say of what is not there that it isn't."""
        for line in self._absent.values():
            log.warning("%s: %s", line.name, line.reason)
            line.tell()

    def look_soon(self) -> None:
        """Have the next ``look`` done whatever the time; any thread."""
        self._look_at = None

    def look(self) -> None:
        """See whether something has come that was not there; for the main thread, as often as it likes."""
        if not self._absent or (self._look_at is not None and time.monotonic() < self._look_at):
            return
        self._look_at = time.monotonic() + LOOK_EVERY
        try:
            specs = load_specs(self._store)
        except StoreError as error:
            log.warning("%s", error)
            return
        for name, reason in specs.problems.items():
            if (line := self._absent.get(name)) is not None and line.reason != reason:
                line.reason = reason
                line.tell()
        self._take(specs)

    @property
    def idle(self) -> bool:
        """True when no call is left, and every loop is open."""
        ports = (line for line in list(self.lines.values()) if isinstance(line, FxoLine))
        return all(line.idle for line in ports) and all(span.idle for span in list(self.spans.values()))

    def wind_down(self) -> None:
        self._each(lambda line: line.hang_up(41), lambda span: span.wind_down(41))

    def close_all(self, reason: str) -> None:
        """Every port on-hook, every channel closed, the absent ones' reason changed too."""
        self._closing = True
        self._each(lambda line: line.close(reason), lambda span: span.close(reason))
        for absent in self._absent.values():
            absent.reason = reason
            absent.tell()

    def _each(self, port: Callable[[FxoLine], None], span: Callable[[PriSpan], None]) -> None:
        def ports() -> None:
            for line in list(self.lines.values()):
                if isinstance(line, FxoLine):
                    port(line)

        def all_spans() -> None:
            for one in self.spans.values():
                span(one)

        self.hardware.call(ports)
        self.pri.call(all_spans)

    def stop(self) -> None:
        """Nothing is left to write."""
