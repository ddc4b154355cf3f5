"""What every gateway does with a line by command over the bus; listed in ``docs/bus.md``.

Handlers come on the bus thread and hand over to the loop that drives the line, whose answers go back from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from appliance.bus import Bus, CommandRefused, Reply
from appliance.bus.commands import Arguments
from gateways.line import Line
from gateways.linetests import LineTests
from gateways.status import Statuses


class Commanded(Line, Protocol):
    """A line that says whether it has a call."""

    @property
    def in_call(self) -> bool: ...


L = TypeVar("L", bound=Commanded)


class LineCommands(Generic[L]):
    """Serves ``line.list``, ``.show``, ``.dial``, ``.hangup`` and ``.loopback``; ``serve`` adds a gateway's own."""

    def __init__(
        self,
        bus: Bus,
        lines: Mapping[str, L],
        post: Callable[[str, Callable[[], None]], None],
        statuses: Statuses,
        tests: LineTests,
    ) -> None:
        self._bus, self._lines, self._post = bus, lines, post
        self._statuses, self._tests = statuses, tests
        bus.serve("line.list", lambda _: {"lines": [one.model_dump(mode="json") for one in statuses.all()]})
        bus.serve("line.show", self._show)
        self.serve("line.dial", ("number",), self._dial)
        self.serve("line.hangup", (), self._hang_up)
        self.serve("line.loopback", ("to",), self._loopback)

    def serve(self, name: str, keys: tuple[str, ...], action: Callable[[L, Arguments, Reply], None]) -> None:
        """Have ``action`` called in the loop of the line that the command names; ``keys``: its other arguments."""
        wanted = ("line", *keys)

        def on_bus_thread(arguments: Arguments, reply: Reply) -> None:
            if set(arguments) != set(wanted):
                raise CommandRefused("bad-arguments", f"{name} takes {', '.join(wanted)}")
            line = self.line(arguments["line"])
            self._post(line.name, lambda: action(line, arguments, reply))

        self._bus.serve_async(name, on_bus_thread)

    def line(self, name: Any) -> L:
        """Return the line of that name; CommandRefused where there is none."""
        line = self._lines.get(str(name))
        if line is None:
            known = ", ".join(self._lines) or "none"
            raise CommandRefused("unknown-line", f"no line {name}; this gateway has {known}")
        return line

    def _show(self, arguments: Arguments) -> dict[str, Any]:
        line = self.line(arguments.get("line"))
        status = next(one for one in self._statuses.all() if one.line == line.name)
        return status.model_dump(mode="json")

    def _dial(self, line: L, arguments: Arguments, reply: Reply) -> None:
        self._tests.dial(line.name, str(arguments["number"]), reply)

    def _hang_up(self, line: L, _arguments: Arguments, reply: Reply) -> None:
        if line.in_call:
            line.hang_up()
            reply()
        else:
            reply.refuse("no-call", f"there is no call on {line.name}")

    def _loopback(self, line: L, arguments: Arguments, reply: Reply) -> None:
        self._tests.loopback(line.name, str(arguments["to"] or "") or None, reply)
