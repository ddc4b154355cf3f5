"""How the families differ in SMS and USSD, as one table by `modem.family`.

Sources: Quectel EC2x&EG9x&EG2x-G, Huawei MU509/E-series, SIMCom SIM7600 and SIM800, ZTE MF-series and u-blox LARA/TOBY
AT manuals, 3GPP TS 27.005; where a manual is silent the standard's way is taken.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SmsTraits:
    """`sizes`: messages a memory holds; `first`: its lowest index; `preferred`: <mem1>, <mem2>, <mem3> after power-on.

    full: the unsolicited line when a memory is full, "" for none. report_memory: <mem3> of +CDSI. report_ghost: a
    stored status report is announced as index 0 of "SM" and is not there (EC25). flash_direct: a class 0 message comes
    as +CMT even when <mt> is 1. cnmi: the test answer, which is also what is accepted.
    ussd_packed: +CUSD strings are packed 7-bit or UCS-2 hexadecimal until AT^USSDMODE=0.
    """

    sizes: dict[str, int] = field(default_factory=lambda: {"SM": 50, "ME": 255})
    first: int = 0
    preferred: str = "ME"
    full: str = ""
    report_memory: str = "SM"
    report_ghost: bool = False
    flash_direct: bool = False
    cnmi: str = "(0-2),(0-3),(0,2),(0-2),(0,1)"
    ussd_packed: bool = False


TRAITS: dict[str, SmsTraits] = {
    "quectel": SmsTraits(full='+QIND: "smsfull","{memory}"', report_ghost=True, flash_direct=True),
    "huawei": SmsTraits(
        {"SM": 20, "ME": 255}, preferred="SM", full='^SMMEMFULL: "{memory}"', cnmi="(0-3),(0-3),(0,2),(0-2),(0,1)",
        ussd_packed=True,
    ),
    "simcom": SmsTraits({"SM": 50, "ME": 23}, flash_direct=True),
    "simcom2g": SmsTraits({"SM": 50, "ME": 50}, first=1, preferred="SM", flash_direct=True),
    "zte": SmsTraits({"SM": 30, "ME": 100}, preferred="SM", cnmi="(0-3),(0-3),(0,2),(0-2),(0,1)"),
    "ublox": SmsTraits({"SM": 50, "ME": 100}, first=1, cnmi="(0-2),(0-3),(0,2),(0-2),(0,1)"),
    "generic": SmsTraits({"SM": 30, "ME": 100}, first=1, preferred="SM"),
}  # fmt: skip


def sms_traits(family: str) -> SmsTraits:
    """Of the family, or of the one its name starts with ("quectel_td")."""
    return TRAITS.get(family) or next((t for name, t in TRAITS.items() if family.startswith(name)), TRAITS["generic"])
