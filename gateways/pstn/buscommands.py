"""What the PSTN gateway does by command over the bus besides ``gateways.linecommands``; listed in ``docs/bus.md``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from appliance.bus import Bus, CommandRefused, Reply
from appliance.bus.commands import Arguments
from appliance.bus_payloads import PstnEventMessage
from appliance.store import Store, StoreError
from gateways.linecommands import Commanded, LineCommands
from gateways.pstn.bank import PstnBank
from gateways.pstn.bchannel import BChannel
from gateways.pstn.config.load import store_busy_tone
from gateways.pstn.dahdi import DahdiError
from gateways.pstn.fxo import FxoLine
from gateways.pstn.learning import Learning
from gateways.pstn.span import PriSpan
from gateways.pstn.spanboard import SpanBoard
from gateways.pstn.tones import BusyTone

log = logging.getLogger(__name__)
NO_FXO = "is no FXO port that is there: only such a line has a busy tone"


class BusCommands:
    """Serves them all on ``bus``. ``event`` gets what the bus is to be told."""

    def __init__(
        self,
        common: LineCommands[Commanded],
        bus: Bus,
        bank: PstnBank,
        board: SpanBoard,
        store: Store,
        event: Callable[[PstnEventMessage], None],
    ) -> None:
        self._common, self._bank = common, bank
        self._store = store
        self._event = event
        self._learning: dict[str, Learning] = {}
        bus.serve("site.reload", self._reload)
        bus.serve("span.list", lambda _: {"spans": [one.model_dump(mode="json") for one in board.all()]})
        bus.serve_async("span.trace", self._trace)
        common.serve("line.take-out", (), lambda line, _, reply: self._service(line, reply, in_service=False))
        common.serve("line.put-back", (), lambda line, _, reply: self._service(line, reply, in_service=True))
        common.serve("line.learn-busy", (), self._learn)
        bus.serve("line.busy-tone", self._busy_tone)

    def _reload(self, _arguments: Arguments) -> dict[str, Any]:
        """Look for lines that were missing; what else is described anew is taken over at the start only."""
        self._bank.look_soon()
        return {}

    # Spans

    def _trace(self, arguments: Arguments, reply: Reply) -> None:
        if set(arguments) != {"span", "on"}:
            raise CommandRefused("bad-arguments", "span.trace takes span, on")
        span = self._bank.spans.get(str(arguments["span"]))
        if span is None:
            known = ", ".join(self._bank.spans) or "none"
            raise CommandRefused("unknown-span", f"no span {arguments['span']} is there; this gateway has {known}")

        def trace(span: PriSpan) -> None:
            span.trace(bool(arguments["on"]))
            reply()

        self._bank.pri.call(lambda: trace(span))

    def _service(self, line: Commanded, reply: Reply, *, in_service: bool) -> None:
        span = self._bank.span_of(line.name) if isinstance(line, BChannel) else None
        if span is None:
            reply.refuse("no-span", f"{line.name} is no channel of a span that is there")
        elif in_service:
            span.put_back(line.name)
            reply()
        else:
            span.take_out(line.name)
            reply()

    # Learning a busy tone, in the hardware loop

    def _learn(self, line: Commanded, _arguments: Arguments, reply: Reply) -> None:
        if not isinstance(line, FxoLine):
            reply.refuse("no-fxo", f"{line.name} {NO_FXO}")
        elif line.name in self._learning:
            reply.refuse("busy", f"{line.name} is being learned from already")
        elif line.state != "active":
            how = f"call somebody by `callfloor pstn dial {line.name} NUMBER`, and try again when they have answered"
            reply.refuse("no-call", f"{line.name} is {line.state}: {how}")
        else:
            self._begin(line, reply)

    def _begin(self, line: FxoLine, reply: Reply) -> None:
        def done() -> None:
            del self._learning[line.name]

        try:
            self._learning[line.name] = Learning(line, self._bank.hardware, reply, done)
        except DahdiError as error:
            reply.refuse("not-learned", str(error))

    # On the bus thread: the store may make one wait

    def _busy_tone(self, arguments: Arguments) -> dict[str, Any]:
        """Keep a tone with the line, and use it from now on; ``tone`` None: forget the one that it has."""
        if set(arguments) != {"line", "tone"}:
            raise CommandRefused("bad-arguments", "line.busy-tone takes line, tone")
        line = self._common.line(arguments["line"])
        if not isinstance(line, FxoLine):
            raise CommandRefused("no-fxo", f"{line.name} {NO_FXO}")
        told = arguments["tone"]
        try:
            tone = None if told is None else BusyTone.from_plain(told)
            with self._store.session() as session:
                store_busy_tone(session, line.name, tone, datetime.now(UTC))
        except (TypeError, ValueError, KeyError) as error:
            raise CommandRefused("bad-arguments", f"no busy tone: {error}") from error
        except (StoreError, LookupError) as error:
            raise CommandRefused("store", str(error)) from error
        self._bank.hardware.call(lambda: line.use_busy_tone(tone))
        log.info("%s: busy tone %s", line.name, tone or "forgotten")
        now = datetime.now(UTC)
        self._event(PstnEventMessage(at=now, kind="busy-tone-learned", line=line.name, data={"tone": told}))
        return {}
