"""What the GSM gateway does by command over the bus besides ``gateways.linecommands``; listed in ``docs/bus.md``."""

from __future__ import annotations

import re
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
from gateways.linecommands import LineCommands

AT_SECONDS = 60.0
"""The longest that a technician's command may take (AT+COPS=? asks every network)."""
_FORBIDDEN = re.compile(
    r"\+EGMR|IMEI|\^PHYNUM|\+CPWD|\+CLCK|[+^*]CPIN2?=|\^CARDLOCK|\+QPRTPARA|NVW|NVFW|\+CMSS", re.IGNORECASE
)
"""Commands that change the IMEI (also by non-volatile memory), or may cost the SIM or the modem; and +CMSS sends."""


class BusCommands:
    """Serves them all on ``bus``."""

    def __init__(self, common: LineCommands[Guard], bus: Bus, bank: GsmBank, country: str) -> None:
        self._bank = bank
        self._country = country
        bus.serve("site.reload", self._reload)
        common.serve("line.reset", (), self._reset)
        common.serve("line.at", ("command",), self._at)
        common.serve("sms.send", ("to", "text", "flash"), self._sms)
        common.serve("ussd.send", ("text",), self._ussd)
        common.serve("ussd.cancel", (), self._ussd_cancel)
        common.serve("balance.ask", (), self._balance)
        common.serve("sim.unlock", (), self._unlock)

    def _reload(self, _arguments: Arguments) -> dict[str, Any]:
        """Take over what the store says of SIMs; lines themselves are read at the start only."""
        try:
            self._bank.reload()
        except StoreError as error:
            raise CommandRefused("store", str(error)) from error
        return {}

    # In the hardware loop

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
