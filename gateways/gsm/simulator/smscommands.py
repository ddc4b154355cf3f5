"""The message commands that set and read settings (3GPP TS 27.005 §3.2 to §3.4); all of them in `sms_handlers`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .commandline import Command, Kind
from .parameters import Parameter
from .smsc import Receipt
from .smscharset import from_te
from .smsdevice import Sms
from .smsreading import READING
from .smssending import SENDING
from .smstextmode import type_of

if TYPE_CHECKING:
    from .modem import Handler, Modem

SmsHandler = Callable[[Sms, Command], object | None]

# Settings that are only kept, by their test answer.
KEPT = {"+CMGF": "(0,1)", "+CSDH": "(0,1)", "+CSMP": "(0-255),(0-255),(0-255),(0-255)", "+CMMS": "(0-2)"}


def sms_handlers(sms: Sms) -> dict[str, "Handler"]:
    """By command name, for `Modem.handlers`."""
    every: dict[str, SmsHandler] = {**READING, **SENDING, **SETTINGS}
    return {name: _bound(sms, handler) for name, handler in every.items()}


def _bound(sms: Sms, handler: SmsHandler) -> "Handler":
    def run(_modem: "Modem", command: Command) -> object | None:
        return handler(sms, command)

    return run


def _keep(sms: Sms, command: Command) -> None:
    _keep_by(sms, command, KEPT[command.name])


def _keep_by(sms: Sms, command: Command, test: str) -> None:
    kept = sms.kept(command.name)
    if command.kind is Kind.TEST:
        sms.modem.say(f"{command.name}: {test}")
    elif command.kind is Kind.READ:
        sms.modem.say(f"{command.name}: {','.join(kept)}")
    else:
        # Without a value the default is meant (V.250 §5.4.4.3): 0 for all of these.
        args = command.args if command.kind is Kind.SET else ("0",)
        if not Parameter(tuple(kept), test).accepts(args):
            raise sms.error(303)
        sms.modem.values.keep(command.name, args)


def _cnmi(sms: Sms, command: Command) -> None:
    """<bfr> 0 flushes and 1 clears what was kept back while <mode> was 0."""
    _keep_by(sms, command, sms.traits.cnmi)
    if command.kind is Kind.SET:
        if sms.flag("+CNMI", 4) == 1 and sms.flag("+CNMI") != 0:
            sms.forget_indications()
        sms.modem.scheduler.after(0, sms.flush)  # §3.4.1: after the OK


def _csms(sms: Sms, command: Command) -> None:
    if command.kind is Kind.TEST:
        sms.modem.say("+CSMS: (0,1)")
    elif command.kind is Kind.READ:
        sms.modem.say(f"+CSMS: {','.join(sms.kept('+CSMS'))}")
    elif command.args[:1] in {("0",), ("1",)}:
        sms.kept("+CSMS")[0] = command.args[0]
        sms.modem.say("+CSMS: 1,1,1")
    else:
        raise sms.error(303)


def _cpms(sms: Sms, command: Command) -> None:
    """<mem1> reading, <mem2> writing, <mem3> arriving messages."""
    names = [*sms.memories, "MT"]
    if command.kind is Kind.TEST:
        choice = "(" + ",".join(f'"{name}"' for name in names) + ")"
        sms.modem.say(f"+CPMS: {choice},{choice},{choice}")
        return
    if command.kind is Kind.SET:
        wanted = command.args[:3]
        if any(name not in {*names, ""} for name in wanted):
            raise sms.error(302)
        for role, name in enumerate(wanted):
            sms.chosen[role] = name or sms.chosen[role]
    counts = [(sms.chosen[role], len(sms.memory(role).messages), sms.memory(role).size) for role in range(3)]
    named = command.kind is Kind.READ
    sms.modem.say(
        "+CPMS: " + ",".join((f'"{name}",' if named else "") + f"{used},{size}" for name, used, size in counts)
    )


def _csca(sms: Sms, command: Command) -> None:
    if command.kind is Kind.TEST:
        return
    if command.kind is Kind.READ:
        sms.modem.say(f"+CSCA: {sms.string(sms.service_centre)},{type_of(sms.service_centre)}")
        return
    try:
        number = from_te(command.args[0], sms.charset)
    except ValueError as error:
        raise sms.error(305) from error
    international = command.args[1:2] == ("145",) and number and not number.startswith("+")
    sms.service_centre = f"+{number}" if international else number


def _cnma(sms: Sms, command: Command) -> None:
    """Only with AT+CSMS=1; <n> 2 refuses the message (PDU mode), and it is offered again."""
    if command.kind is Kind.TEST:
        sms.modem.say("+CNMA: (0-2)")
        return
    refused = command.args[:1] == ("2",)
    if not sms.flag("+CSMS") or not sms.acknowledge(Receipt.REFUSED if refused else Receipt.TAKEN):
        raise sms.error(340)


SETTINGS: dict[str, SmsHandler] = {
    **dict.fromkeys(KEPT, _keep),
    "+CNMI": _cnmi,
    "+CSMS": _csms,
    "+CPMS": _cpms,
    "+CSCA": _csca,
    "+CNMA": _cnma,
}
