"""The commands of an EC25 that only keep a value, as tables.

Sources: Quectel EC2x&EG9x&EG2x-G AT Commands Manual; 3GPP TS 27.007 and 27.005. The text of the test response is also
the rule by which a value is accepted: "(0-2)" a range, "(0,1)" a choice, "" anything.
"""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Parameter:
    """`values` as printed by the read command; `test` as printed by the test command."""

    values: tuple[str, ...]
    test: str

    def accepts(self, args: tuple[str, ...]) -> bool:
        rules = split_rules(self.test)
        if len(args) > max(len(rules), len(self.values)):
            return False
        return all(arg == "" or _fits(arg, rule) for arg, rule in zip(args, rules, strict=False))


def split_rules(test: str) -> list[str]:
    return re.findall(r"\(([^)]*)\)", test)


def _fits(value: str, rule: str) -> bool:
    if rule == "":
        return True
    for choice in rule.split(","):
        span = re.fullmatch(r"(\d+)-(\d+)", choice)
        if span and value.isdigit() and int(span[1]) <= int(value) <= int(span[2]):
            return True
        if choice.strip('"') == value:
            return True
    return False


def _p(values: str, test: str) -> Parameter:
    return Parameter(tuple(values.split("|")), test)


# Values that the modem itself reads (echo of these in modem.py) start at the manual's defaults.
PARAMETERS: dict[str, Parameter] = {
    "+CMEE": _p("1", "(0-2)"),
    "+CRC": _p("0", "(0,1)"),
    "+CVHU": _p("1", "(0,1)"),
    "+CR": _p("0", "(0,1)"),
    "+CSTA": _p("129", "(129,145,161)"),
    "+CMOD": _p("0", "(0)"),
    "+VTD": _p("3", "(0-255)"),
    "+CLVL": _p("3", "(0-5)"),
    "+CMUT": _p("0", "(0,1)"),
    "+CRSL": _p("3", "(0-7)"),
    "+QTONEDET": _p("0", "(0,1)"),
    "+QAUDLOOP": _p("0", "(0,1)"),
    "+QAUDMOD": _p("0", "(0-3)"),
    "+QMIC": _p("20577|14567", "(0-65535),(0-65535)"),
    "+QRXGAIN": _p("20577", "(0-65535)"),
    "+QSIDET": _p("0", "(0-65535)"),
    "+QDAI": _p("1|0|0|4|0|1", "(1-4),(0,1),(0,1),(0-5),(0-1),(0-1)"),
    "+QEEC": _p("0", ""),
    "+QSCLK": _p("0", "(0,1)"),
    "^DSCI": _p("0", "(0,1)"),
    "+CMGF": _p("0", "(0,1)"),
    "+CNMI": _p("2|1|0|0|0", "(0-2),(0-3),(0,2),(0-2),(0,1)"),
    "+CSMP": _p("17|167|0|0", "(0-255),(0-255),(0-255),(0-255)"),
    "+CSCS": _p('"GSM"', '("GSM","IRA","UCS2")'),
    "+CSMS": _p("0|1|1|1", "(0,1)"),
    "+CSDH": _p("0", "(0,1)"),
    "+CSCA": _p('"+819000000000"|145', "(),()"),
    "+CPBS": _p('"SM"|0|250', '("SM","ME","ON","DC","MC","RC","EN","LD")'),
    "+CUSD": _p("0", "(0-2)"),
    "+CTZR": _p("0", "(0-2)"),
    "+CTZU": _p("0", "(0,1,3)"),
    "+CSSN": _p("0|0", "(0,1),(0,1)"),
    "+CGATT": _p("1", "(0,1)"),
    "+CGEREP": _p("0|0", "(0-2),(0,1)"),
    "+IPR": _p("115200", "(0,9600,19200,38400,57600,115200,230400,460800,921600)"),
    "+IFC": _p("0|0", "(0,2),(0,2)"),
    "+ICF": _p("3|3", "(3),(3)"),
    "+CREG": _p("0", "(0-2)"),
    "+CGREG": _p("0", "(0-2)"),
    "+CEREG": _p("0", "(0-2)"),
    "+CLIP": _p("0", "(0,1)"),
    "+COLP": _p("0", "(0,1)"),
    "+CLIR": _p("0", "(0-2)"),
    "+CCWA": _p("0", "(0,1)"),
    "+QPCMV": _p("0", "(0,1),(0-2)"),
}

# AT+X="name",… commands of the manual: one value text for each name, printed as kept.
NAMED: dict[str, dict[str, str]] = {
    "+QCFG": {
        "nwscanmode": "0",
        "nwscanseq": "0405030201",
        "servicedomain": "2",
        "roamservice": "255",
        "ims": "0,0",
        "volte_disable": "0",
        "usbcfg": "0x2C7C,0x0125,1,1,1,1,1,0,0",
        "usbnet": "0",
        "risignaltype": '"respective"',
        "urc/ri/ring": '"pulse",120,1000,5000,"off",1',
        "urc/ri/smsincoming": '"pulse",120,1',
        "urc/ri/other": '"off",120,1',
        "urc/delay": "0",
        "urc/cache": "0",
        "tone/incoming": "0",
        "ceermode": "0",
        "airplanecontrol": "0",
    },
    "+QURCCFG": {"urcport": '"usbat"'},
    "+QINDCFG": {"all": "1", "csq": "0", "smsfull": "0", "ring": "1", "smsincoming": "1", "act": "0", "ccinfo": "0"},
    "+QGPSCFG": {"outport": '"usbnmea"', "nmeasrc": "0", "autogps": "0"},
    "+QAUDCFG": {"alc5616": "0"},
}


@dataclass
class Values:
    """The values of one modem, as lists of printed fields."""

    plain: dict[str, list[str]] = field(default_factory=lambda: {k: list(p.values) for k, p in PARAMETERS.items()})
    named: dict[str, dict[str, str]] = field(default_factory=lambda: {k: dict(v) for k, v in NAMED.items()})
    registers: dict[int, int] = field(
        default_factory=lambda: {0: 0, 3: 13, 4: 10, 5: 8, 6: 2, 7: 0, 8: 2, 10: 15, 12: 50}
    )

    def flag(self, name: str, position: int = 0) -> int:
        return int(self.plain[name][position])

    def keep(self, name: str, args: tuple[str, ...]) -> None:
        """Put values in place; an empty one leaves what was there. A string stays quoted."""
        kept = self.plain[name]
        for position, value in enumerate(args):
            if value == "":
                continue
            old = kept[position] if position < len(kept) else ""
            printed = f'"{value}"' if old.startswith('"') else value
            kept[position : position + 1] = [printed]
