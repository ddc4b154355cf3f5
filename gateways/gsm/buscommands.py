"""What the GSM gateway does by command over the bus; listed in ``docs/bus.md``.

Handlers come on the bus thread and hand over to the hardware loop, whose answers go back from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from appliance.bus import Bus, CommandRefused, Reply
from appliance.bus.commands import Arguments
from appliance.numbers import to_e164
from appliance.store import StoreError
from appliance.store.message_models import queued_message
from gateways.gsm.at import Command, Finished, show
from gateways.gsm.bank import GsmBank
from gateways.gsm.commandtext import expected, name_of
from gateways.gsm.guard import Guard
from gateways.gsm.messages.events import UssdAnswer
from gateways.gsm.sms import SmsError, encode_submit
from gateways.linetests import LineTests
from gateways.loop import HardwareLoop
from gateways.status import Statuses

AT_SECONDS = 60.0
"""The longest that a technician's command may take (AT+COPS=? asks every network)."""
_FORBIDDEN = re.compile(
    r"\+EGMR|IMEI|\^PHYNUM|\+CPWD|\+CLCK|[+^*]CPIN2?=|\^CARDLOCK|\+QPRTPARA|NVW|NVFW|\+CMSS", re.IGNORECASE
)
"""Commands that change the IMEI (also by non-volatile memory), or may cost the SIM or the modem; and +CMSS sends."""
On = Callable[[Guard, Arguments, Reply], None]


class BusCommands:
    """Serves them all on ``bus``."""

    def __init__(
        self, bus: Bus, bank: GsmBank, loop: HardwareLoop, statuses: Statuses, tests: LineTests, country: str
    ) -> None:
        self._bank = bank
        self._loop = loop
        self._statuses = statuses
        self._tests = tests
        self._country = country
        bus.serve("line.list", lambda _: {"lines": [one.model_dump(mode="json") for one in statuses.all()]})
        bus.serve("line.show", self._show)
        bus.serve("site.reload", self._reload)
        for name, keys, action in (
            ("line.dial", ("number",), self._dial),
            ("line.hangup", (), self._hang_up),
            ("line.reset", (), self._reset),
            ("line.at", ("command",), self._at),
            ("line.loopback", ("to",), self._loopback),
            ("sms.send", ("to", "text", "flash"), self._sms),
            ("ussd.send", ("text",), self._ussd),
            ("ussd.cancel", (), self._ussd_cancel),
            ("balance.ask", (), self._balance),
            ("sim.unlock", (), self._unlock),
        ):
            self._serve(bus, name, ("line", *keys), action)

    def _serve(self, bus: Bus, name: str, keys: tuple[str, ...], action: On) -> None:
        def on_bus_thread(arguments: Arguments, reply: Reply) -> None:
            if set(arguments) != set(keys):
                raise CommandRefused("bad-arguments", f"{name} takes {', '.join(keys)}")
            guard = self._guard(arguments["line"])
            self._loop.call(lambda: action(guard, arguments, reply))

        bus.serve_async(name, on_bus_thread)

    def _guard(self, line: Any) -> Guard:
        guard = self._bank.guards.get(str(line))
        if guard is None:
            known = ", ".join(self._bank.guards) or "none"
            raise CommandRefused("unknown-line", f"no line {line}; this gateway has {known}")
        return guard

    def _show(self, arguments: Arguments) -> dict[str, Any]:
        guard = self._guard(arguments.get("line"))
        status = next(one for one in self._statuses.all() if one.line == guard.name)
        return status.model_dump(mode="json")

    def _reload(self, _arguments: Arguments) -> dict[str, Any]:
        """Take over what the store says of SIMs; lines themselves are read at the start only."""
        try:
            self._bank.reload()
        except StoreError as error:
            raise CommandRefused("store", str(error)) from error
        return {}

    # In the hardware loop

    def _dial(self, guard: Guard, arguments: Arguments, reply: Reply) -> None:
        self._tests.dial(guard.name, str(arguments["number"]), reply)

    def _hang_up(self, guard: Guard, _arguments: Arguments, reply: Reply) -> None:
        if guard.modem.in_call:
            guard.hang_up()
            reply()
        else:
            reply.refuse("no-call", f"there is no call on {guard.name}")

    def _reset(self, guard: Guard, _arguments: Arguments, reply: Reply) -> None:
        guard.modem.reset()
        reply()

    def _at(self, guard: Guard, arguments: Arguments, reply: Reply) -> None:
        text = str(arguments["command"]).strip()
        good = re.fullmatch(r"[Aa][Tt][\x20-\x7e]*", text) and not _FORBIDDEN.search(text.replace(" ", ""))
        command = _technicians(text) if good else None
        if command is None:
            why = "begin with AT, printable ASCII; nothing that changes IMEI, PIN or lock; `dial` calls, `sms` sends"
            reply.refuse("bad-arguments", f"{text!r} is not sent: {why}")
            return
        if guard.modem.in_call:
            reply.refuse("busy", f"{guard.name} has a call, whose end a long command would hold up: try again later")
            return

        def answered(answer: Finished) -> None:
            if answer.final.kind == "DROPPED":
                reply.refuse("line-closed", f"{guard.name} is {guard.modem.state}: its modem is not open")
            else:
                reply({"lines": [show(line) for line in answer.lines], "final": str(answer.final)})

        guard.modem.command(command, answered)

    def _loopback(self, guard: Guard, arguments: Arguments, reply: Reply) -> None:
        self._tests.loopback(guard.name, str(arguments["to"] or "") or None, reply)

    def _sms(self, guard: Guard, arguments: Arguments, reply: Reply) -> None:
        to, text = to_e164(str(arguments["to"]), self._country) or str(arguments["to"]), str(arguments["text"])
        flash = bool(arguments["flash"])
        try:
            parts = len(encode_submit(to, text, reference=0, flash=flash))
        except SmsError as error:
            reply.refuse("bad-arguments", str(error))
            return
        message = queued_message(guard.name, to, text, datetime.now(UTC), flash=flash, who="technician")
        self._bank.store.order(message, lambda key: reply({"id": key, "to": to, "parts": parts, "state": "queued"}))

    def _ussd(self, guard: Guard, arguments: Arguments, reply: Reply) -> None:
        def answered(answer: UssdAnswer) -> None:
            if answer.error is not None and answer.text is None:
                reply.refuse(f"ussd-{answer.status}", answer.error)
            else:
                reply({"status": answer.status, "text": answer.text})

        messages = self._bank.messages[guard.name]
        ask = messages.ussd_reply if messages.menu_open else messages.ussd
        ask(str(arguments["text"]), answered)

    def _ussd_cancel(self, guard: Guard, _arguments: Arguments, reply: Reply) -> None:
        self._bank.messages[guard.name].ussd_cancel()
        reply()

    def _unlock(self, guard: Guard, _arguments: Arguments, reply: Reply) -> None:
        if guard.unlock():
            reply()
        else:
            reply.refuse("no-sim", f"{guard.name} has not told which SIM it has")

    def _balance(self, guard: Guard, _arguments: Arguments, reply: Reply) -> None:
        self._bank.messages[guard.name].refresh_balance()
        reply()


def _technicians(text: str) -> Command | None:
    """Return the command, None for one that wants a text after it or makes a call: the line would not know of it."""
    wanted = expected(text)
    if wanted.prompt or wanted.call_results:
        return None
    prefixes = tuple(prefix.encode() for prefix in wanted.prefixes)
    bare = rb".+" if wanted.bare else None
    rows = any(name_of(part) in {"+CMGL", "+CMGR"} for part in wanted.parts)
    return Command(text, prefixes, bare, AT_SECONDS, body=rows)
