"""The families of modems the bank can imitate, one small file each, and which one a name means."""

from .base import Traits
from .generic import GENERIC
from .huawei import HUAWEI
from .quectel import QUECTEL, QUECTEL_TD
from .simcom import SIMCOM
from .simcom2g import SIMCOM2G
from .ublox import UBLOX
from .zte import ZTE, ZTE_MF

TRAITS: dict[str, Traits] = {
    one.name: one for one in (QUECTEL, QUECTEL_TD, HUAWEI, SIMCOM, SIMCOM2G, ZTE, ZTE_MF, UBLOX, GENERIC)
}


def traits(name: str) -> Traits:
    """ValueError: no such family."""
    if name not in TRAITS:
        raise ValueError(f"no family {name!r}; there are {', '.join(TRAITS)}")
    return TRAITS[name]
