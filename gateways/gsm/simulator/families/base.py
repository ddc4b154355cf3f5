"""What one family of modems does otherwise than TS 27.007: the table that each file of this package fills in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..audio import Audio
from ..parameters import Parameter
from ..urc import Urc
from ..usb import UsbIdentity

if TYPE_CHECKING:
    from ..modem import Handler, Modem


EXTERNAL = Audio()


@dataclass(frozen=True)
class Traits:
    """A family, or a variant of one. `name` is what Identity.family asks for, `family` the driver's name for it.

    `handlers` come before the common commands, `without` are common commands and parameters it has not; `effects` are
    called when the parameter of that name was set. `boot` are the result codes of a start: the SIM answers from the
    first that holds "CPIN" on (from the second step when none does), the network is found after the last.
    """

    name: str
    family: str
    manufacturer: str
    model: str
    revision: str
    usb: UsbIdentity
    boot: tuple[str, ...] = ()
    urcs: type[Urc] = Urc
    audio: Audio = EXTERNAL
    identification: tuple[str, ...] = ("{manufacturer}", "{model}", "{revision}")  # the answer to ATI
    handlers: Mapping[str, "Handler"] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    effects: Mapping[str, Callable[["Modem"], None]] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
