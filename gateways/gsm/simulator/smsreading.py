"""AT+CMGR, AT+CMGL and AT+CMGD: reading, listing and deleting messages (3GPP TS 27.005 §3.4, §3.5.4, §4.1)."""

from collections.abc import Callable

from .commandline import Command, Kind
from .smsdevice import Sms
from .smsstorage import STAT_TEXT, Stat, Stored
from .smstextmode import stored


def need_service(sms: Sms) -> None:
    """A message command's common refusals: no SIM (310), PIN (311), the fault sms_busy."""
    modem = sms.modem
    if modem.faults.sms.take("busy"):
        raise sms.error(modem.faults.sms.busy_error)
    if not modem.sim_present:
        raise sms.error(310)
    if modem.pin_locked:
        raise sms.error(311)
    if not modem.sim_up or modem.faults.sim_busy:
        raise sms.error(314)


def _index(sms: Sms, command: Command) -> int:
    if command.kind is not Kind.SET or not command.args[0].isdigit():
        raise sms.error(321)
    return int(command.args[0])


def _cmgr(sms: Sms, command: Command) -> None:
    if command.kind is Kind.TEST:
        return
    need_service(sms)
    message = sms.memory(0).messages.get(_index(sms, command))
    if message is None:
        raise sms.error(321)
    fields, body = stored(sms, message, listing=False)
    inside = sms.modem.faults.sms.urc_inside
    sms.modem.say(f"+CMGR: {fields}", *(("", inside, "") if inside else ()), *body)
    _read(message)


def _cmgl(sms: Sms, command: Command) -> None:
    """<stat>: 0 to 4 in PDU mode, its words in text mode; a second value 1 leaves unread ones unread (SIM800)."""
    words = {**{text: stat for stat, text in STAT_TEXT.items()}, "ALL": None}
    numbers: dict[str, Stat | None] = {**{str(int(stat)): stat for stat in Stat}, "4": None}
    if command.kind is Kind.TEST:
        shown = ",".join(f'"{text}"' for text in words) if sms.text_mode else "0-4"
        sms.modem.say(f"+CMGL: ({shown})")
        return
    need_service(sms)
    wanted = command.args[0] if command.kind is Kind.SET else ("REC UNREAD" if sms.text_mode else "0")
    choices: dict[str, Stat | None] = {**words} if sms.text_mode else numbers
    if wanted.upper() not in choices:
        raise sms.error(305 if sms.text_mode else 304)
    lines: list[str] = []
    listed = sms.memory(0).listed(choices[wanted.upper()])
    inside = sms.modem.faults.sms.urc_inside
    for place, (index, message) in enumerate(listed):
        fields, body = stored(sms, message, listing=True)
        lines += [f"+CMGL: {index},{fields}", *(("", inside, "") if inside and place == 0 else ()), *body]
        if command.args[1:2] != ("1",):
            _read(message)
    if lines:
        sms.modem.say(*lines)


def _read(message: Stored) -> None:
    if message.stat is Stat.UNREAD:
        message.stat = Stat.READ


def _cmgd(sms: Sms, command: Command) -> None:
    memory = sms.memory(0)
    if command.kind is Kind.TEST:
        there = ",".join(str(index) for index, _ in memory.listed(None))
        sms.modem.say(f"+CMGD: ({there}),(0-4)")
        return
    need_service(sms)
    index = _index(sms, command)
    flag = command.args[1] if command.args[1:] and command.args[1] else "0"
    if flag not in {"0", "1", "2", "3", "4"}:
        raise sms.error(303)
    if flag != "0":
        memory.delete_by_flag(int(flag))
    elif memory.first <= index < memory.first + memory.size:
        memory.delete(index)
    else:
        raise sms.error(321)
    sms.freed()


READING: dict[str, Callable[[Sms, Command], object | None]] = {"+CMGR": _cmgr, "+CMGL": _cmgl, "+CMGD": _cmgd}
