"""The commands that are not about calls and that all families share. `run` is the way in for every command."""

from typing import TYPE_CHECKING

from .answers import from_sim, need_card, nothing, says
from .callcommands import CALL_COMMANDS
from .commandline import Command, Kind, LineError
from .interpreter import CmeError
from .modem import Handler, Modem
from .network import State

if TYPE_CHECKING:
    from .families.base import Traits


def table(traits: "Traits") -> dict[str, Handler]:
    """The handlers of a family's modem by command name."""
    common = {**COMMANDS, **CALL_COMMANDS}
    return {name: handler for name, handler in common.items() if name not in traits.without} | dict(traits.handlers)


def run(modem: Modem, command: Command) -> object | None:
    """Do one command. An object: it is still at work (a leg: until that is through or gone). A raise ends the line."""
    modem.asked.add(command.name)
    handler = modem.handlers.get(command.name)
    if handler is not None:
        return handler(modem, command)
    if command.name in modem.values.named:
        _named(modem, command)
    elif command.name in modem.values.rules:
        _parameter(modem, command)
    elif command.name.startswith("S") and command.name[1:].isdigit():
        _register(modem, command)
    else:
        raise LineError(command.name)
    return None


def _parameter(modem: Modem, command: Command) -> None:
    rule = modem.values.rules[command.name]
    if command.kind is Kind.TEST:
        modem.say(f"{command.name}: {rule.test}" if rule.test else command.name + ":")
    elif command.kind is Kind.READ:
        modem.say(f"{command.name}: {','.join(modem.values.plain[command.name])}")
    elif command.kind is Kind.SET:
        if not rule.accepts(command.args):
            raise CmeError(50)
        modem.values.keep(command.name, command.args)
        _take_effect(modem, command.name)
    else:
        raise LineError(command.name)


def _take_effect(modem: Modem, name: str) -> None:
    if name == "+CMEE":
        modem.at.error_mode = modem.values.flag(name)
    elif name == "+CMUT":
        modem.voice.muted = bool(modem.values.flag(name))
    elif name in modem.traits.effects:
        modem.traits.effects[name](modem)


def _named(modem: Modem, command: Command) -> None:
    """AT+QCFG="name"[,value…] and its like: without a value it reads."""
    table = modem.values.named[command.name]
    if command.kind is Kind.TEST:
        modem.say(*(f'{command.name}: "{name}"' for name in table))
        return
    name = command.args[0].lower() if command.args else ""
    if command.kind is not Kind.SET or name not in table:
        raise LineError(command.name)
    rest = command.text.partition(",")[2]
    if not rest:
        modem.say(f'{command.name}: "{name}",{table[name]}')
    else:
        # AT+QINDCFG="x",<enable>,<save>: the flag to save is no value.
        table[name] = rest.split(",")[0] if command.name == "+QINDCFG" else rest


def _register(modem: Modem, command: Command) -> None:
    number = int(command.name[1:])
    if number not in modem.values.registers:
        raise LineError(command.name)
    if command.kind is Kind.SET:
        if not command.text.isdigit() or int(command.text) > 255:
            raise LineError(command.name)
        modem.values.registers[number] = int(command.text)
    else:
        modem.say(f"{modem.values.registers[number]:03}")


def _ati(modem: Modem, _: Command) -> None:
    facts = {"imei": modem.identity.imei, **vars(modem.traits)}
    modem.say(*(line.format_map(facts) for line in modem.traits.identification))


def _switch(modem: Modem, command: Command) -> None:
    """ATE, ATV, ATQ, ATX: V.250 §6.2."""
    value = int(command.text or 0)
    if command.name == "E":
        modem.at.editor.echo = bool(value)
    elif command.name == "V":
        modem.at.verbose = bool(value)
    elif command.name == "Q":
        modem.at.quiet = bool(value)
    else:
        modem.at.call_progress = value


def _defaults(modem: Modem, _: Command) -> None:
    """ATZ, AT&F: the profile back; what lies in the modem's NV memory (AT+QCFG …) stays."""
    modem.default_values()
    modem.at.editor.echo, modem.at.verbose, modem.at.quiet, modem.at.error_mode = True, True, False, 1


def set_function(modem: Modem, command: Command) -> None:
    """AT+CFUN; with 1 as second value the modem restarts."""
    if command.kind is Kind.TEST:
        modem.say("+CFUN: (0,1,4),(0,1)")
    elif command.kind is Kind.READ:
        modem.say(f"+CFUN: {modem.fun}")
    elif command.args[0] not in {"0", "1", "4"}:
        raise CmeError(50)
    elif command.args[1:2] == ("1",):
        modem.power.restart("cfun")
    else:
        modem.set_fun(int(command.args[0]))


def _cpin(modem: Modem, command: Command) -> None:
    need_card(modem)
    if command.kind is Kind.READ:
        modem.say("+CPIN: SIM PIN" if modem.pin_locked else "+CPIN: READY")
    elif command.kind is Kind.SET:
        if not modem.pin_locked:
            raise CmeError(3)
        if command.args[0] != modem.identity.pin:
            raise CmeError(16)
        modem.pin_locked = False
        modem.say("+CPIN: READY")
        modem.radio_changed()


def _cops(modem: Modem, command: Command) -> None:
    if command.kind is Kind.TEST:
        network = modem.network
        modem.say(f'+COPS: (2,"{network.operator}","{network.operator}","{network.plmn}",7),,(0-4),(0-2)')
    elif command.kind is Kind.READ:
        names = (modem.network.operator, modem.network.operator, modem.network.plmn)
        shown = f',{modem.cops_format},"{names[modem.cops_format]}",7' if modem.registered else ""
        modem.say(f"+COPS: 0{shown}")
    elif command.kind is Kind.SET and command.args[0] == "3":
        if command.args[1:2] not in {("0",), ("1",), ("2",)}:
            raise CmeError(50)
        modem.cops_format = int(command.args[1])
    elif command.args[:1] not in {("0",), ("1",), ("4",)}:
        raise CmeError(50)


def _registration(modem: Modem, command: Command) -> None:
    if command.kind is Kind.READ:
        mode = modem.values.flag(command.name)
        modem.say(f"{command.name}: {mode},{modem.urc.registration_text(mode)}")
    else:
        _parameter(modem, command)


def _signal(modem: Modem) -> str:
    return f"+CSQ: {modem.csq if modem.fun == 1 else 99},99"


def _activity(modem: Modem) -> str:
    """TS 27.007 §8.1: 0 ready, 3 ringing, 4 call in progress."""
    states = {leg.call.state for leg in modem.legs}
    ringing = any(leg.direction == 1 and leg.call.state is not State.ACTIVE for leg in modem.legs)
    return f"+CPAS: {3 if ringing else 4 if states else 0}"


COMMANDS: dict[str, Handler] = {
    "I": _ati,
    "E": _switch,
    "V": _switch,
    "Q": _switch,
    "X": _switch,
    "Z": _defaults,
    "&F": _defaults,
    "&C": nothing,
    "&D": nothing,
    "&W": nothing,
    "+GMI": says(lambda m: m.traits.manufacturer),
    "+CGMI": says(lambda m: m.traits.manufacturer),
    "+GMM": says(lambda m: m.traits.model),
    "+CGMM": says(lambda m: m.traits.model),
    "+GMR": says(lambda m: m.traits.revision),
    "+CGMR": says(lambda m: m.traits.revision),
    "+GSN": says(lambda m: m.identity.imei),
    "+CGSN": says(lambda m: m.identity.imei),
    "+CIMI": from_sim(lambda m: m.identity.imsi),
    "+CNUM": from_sim(lambda m: f'+CNUM: ,"{m.number}",145'),
    "+CSQ": says(_signal),
    "+CPAS": says(_activity),
    "+GCAP": says("+GCAP: +CGSM,+DS,+ES"),
    "+CFUN": set_function,
    "+CPIN": _cpin,
    "+COPS": _cops,
    "+CREG": _registration,
    "+CGREG": _registration,
    "+CEREG": _registration,
}
