"""The commands of an EC25 that are not about calls. Sources as in modem.py; `run` is the way in for all commands."""

from collections.abc import Callable

from .callcommands import CALL_COMMANDS
from .commandline import Command, Kind, LineError
from .interpreter import CmeError
from .leg import Leg
from .modem import Modem
from .network import State
from .parameters import PARAMETERS, Values

Handler = Callable[[Modem, Command], Leg | None]

REVISION = "EC25EFAR06A06M4G"


def run(modem: Modem, command: Command) -> Leg | None:
    """Do one command. A leg: at work until that leg is through or gone. What is raised ends the line."""
    handler = CALL_COMMANDS.get(command.name) or COMMANDS.get(command.name)
    if handler is not None:
        return handler(modem, command)
    if command.name in modem.values.named:
        _named(modem, command)
    elif command.name in PARAMETERS:
        _parameter(modem, command)
    elif command.name.startswith("S") and command.name[1:].isdigit():
        _register(modem, command)
    else:
        raise LineError(command.name)
    return None


def _parameter(modem: Modem, command: Command) -> None:
    rule = PARAMETERS[command.name]
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


def _says(text: str | Callable[[Modem], str]) -> Handler:
    def handler(modem: Modem, command: Command) -> None:
        if command.kind is not Kind.TEST:
            modem.say(text if isinstance(text, str) else text(modem))

    return handler


def _from_sim(text: Callable[[Modem], str]) -> Handler:
    def handler(modem: Modem, command: Command) -> None:
        if command.kind is not Kind.TEST:
            _need_sim(modem)
            modem.say(text(modem))

    return handler


def _need_sim(modem: Modem) -> None:
    _need_card(modem)
    if modem.pin_locked:
        raise CmeError(11)


def _need_card(modem: Modem) -> None:
    if not modem.sim_present:
        raise CmeError(10)
    if not modem.sim_up:
        raise CmeError(14)


def _ati(modem: Modem, _: Command) -> None:
    modem.say("Quectel", "EC25", f"Revision: {REVISION}")


def _nothing(_modem: Modem, _: Command) -> None:
    """Accepted, without effect here (&C, &D, &W, …)."""


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
    named = modem.values.named
    modem.values = Values(named=named)
    modem.at.editor.echo, modem.at.verbose, modem.at.quiet, modem.at.error_mode = True, True, False, 1
    modem.voice.enabled = False


def _cfun(modem: Modem, command: Command) -> None:
    if command.kind is Kind.TEST:
        modem.say("+CFUN: (0,1,4),(0,1)")
    elif command.kind is Kind.READ:
        modem.say(f"+CFUN: {modem.fun}")
    elif command.args[0] not in {"0", "1", "4"}:
        raise CmeError(50)
    elif command.args[1:2] == ("1",):
        modem.reset()
    else:
        modem.set_fun(int(command.args[0]))


def _cpin(modem: Modem, command: Command) -> None:
    _need_card(modem)
    if command.kind is Kind.READ:
        modem.say("+CPIN: SIM PIN" if modem.pin_locked else "+CPIN: READY")
    elif command.kind is Kind.SET:
        if not modem.pin_locked:
            raise CmeError(3)
        if command.args[0] != modem.identity.pin:
            raise CmeError(16)
        modem.pin_locked = False
        modem.say("+CPIN: READY")
        modem.urc.registration()


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


def _cpms(modem: Modem, command: Command) -> None:
    """TS 27.005 §3.2.2. The store is empty: SMS is not simulated."""
    if command.kind is Kind.TEST:
        modem.say('+CPMS: ("ME","MT","SM"),("ME","MT","SM"),("ME","MT","SM")')
    elif command.kind is Kind.READ:
        modem.say('+CPMS: "ME",0,255,"ME",0,255,"ME",0,255')
    else:
        modem.say("+CPMS: 0,255,0,255,0,255")


def _signal(modem: Modem) -> str:
    return f"+CSQ: {modem.csq if modem.fun == 1 else 99},99"


def _network_info(modem: Modem) -> str:
    return (
        f'+QNWINFO: "FDD LTE","{modem.network.plmn}","LTE BAND 1",100' if modem.registered else "+QNWINFO: No Service"
    )


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
    "&C": _nothing,
    "&D": _nothing,
    "&W": _nothing,
    "+GMI": _says("Quectel"),
    "+CGMI": _says("Quectel"),
    "+GMM": _says("EC25"),
    "+CGMM": _says("EC25"),
    "+GMR": _says(REVISION),
    "+CGMR": _says(REVISION),
    "+QGMR": _says(REVISION + "_01.001.01.001"),
    "+GSN": _says(lambda m: m.identity.imei),
    "+CGSN": _says(lambda m: m.identity.imei),
    "+CIMI": _from_sim(lambda m: m.identity.imsi),
    "+QCCID": _from_sim(lambda m: f"+QCCID: {m.identity.iccid}"),
    "+CCID": _from_sim(lambda m: f"+CCID: {m.identity.iccid}"),
    "+CNUM": _from_sim(lambda m: f'+CNUM: ,"{m.number}",145'),
    "+QSPN": _from_sim(lambda m: f'+QSPN: "{m.network.operator}","{m.network.operator}","",0,"{m.network.plmn}"'),
    "+CSQ": _says(_signal),
    "+QNWINFO": _says(_network_info),
    "+CPAS": _says(_activity),
    "+QSIMSTAT": _says(lambda m: f"+QSIMSTAT: 0,{int(m.sim_present)}"),
    "+QINISTAT": _says("+QINISTAT: 7"),
    "+GCAP": _says("+GCAP: +CGSM,+DS,+ES"),
    "+CFUN": _cfun,
    "+CPIN": _cpin,
    "+COPS": _cops,
    "+CREG": _registration,
    "+CGREG": _registration,
    "+CEREG": _registration,
    "+CPMS": _cpms,
    "+CMGL": _nothing,
    "+CMGD": _nothing,
    "+CNMA": _nothing,
}
