"""Messages and USSD of one modem: puts their commands into it and joins it to the network's servers."""

from typing import TYPE_CHECKING

from .smscommands import sms_handlers
from .smsdevice import Sms
from .ussdcommands import UssdDevice

if TYPE_CHECKING:
    from .modem import Modem


def install(modem: "Modem") -> Sms:
    """The modem's message side, for tests and the bank's state."""
    sms = Sms(modem, modem.network.smsc)
    ussd = UssdDevice(sms, modem.network.ussd)
    modem.handlers = {**modem.handlers, **sms_handlers(sms), **ussd.handlers()}
    return sms
