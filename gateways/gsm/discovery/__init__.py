"""Where the modems are: found on USB, told apart, bound to lines, and powered off and on.

``sysfs.Discovery`` watches and tells of ``FoundModem``s; ``binding.bind`` says which line each is; ``usbpower`` resets
a modem through its hub; ``sequence.Sequence`` brings a bank up a few at a time. Ports are known by USB path and
interface number, never by the number of a ttyUSB, which changes at each plugging.
"""

from gateways.gsm.discovery.found import FoundModem, Port

__all__ = ["FoundModem", "Port"]
