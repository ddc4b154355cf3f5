"""The standard commands that only keep a value, as a table.

Sources: 3GPP TS 27.007 and 27.005; the values of a start are those of the EC25. The text of the test response is also
the rule by which a value is accepted: "(0-2)" a range, "(0,1)" a choice, "" anything.
"""

import re
from collections.abc import Mapping
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


def parameter(values: str, test: str) -> Parameter:
    """`values` with | between them."""
    return Parameter(tuple(values.split("|")), test)


# Values that the modem itself reads (echo of these in modem.py) start at the manual's defaults.
PARAMETERS: dict[str, Parameter] = {
    "+CMEE": parameter("1", "(0-2)"),
    "+CRC": parameter("0", "(0,1)"),
    "+CVHU": parameter("1", "(0,1)"),
    "+CR": parameter("0", "(0,1)"),
    "+CSTA": parameter("129", "(129,145,161)"),
    "+CMOD": parameter("0", "(0)"),
    "+VTD": parameter("3", "(0-255)"),
    "+CLVL": parameter("3", "(0-5)"),
    "+CMUT": parameter("0", "(0,1)"),
    "+CRSL": parameter("3", "(0-7)"),
    "+CMGF": parameter("0", "(0,1)"),
    "+CNMI": parameter("2|1|0|0|0", "(0-2),(0-3),(0,2),(0-2),(0,1)"),
    "+CSMP": parameter("17|167|0|0", "(0-255),(0-255),(0-255),(0-255)"),
    "+CSCS": parameter('"GSM"', '("GSM","IRA","UCS2")'),
    "+CSMS": parameter("0|1|1|1", "(0,1)"),
    "+CSDH": parameter("0", "(0,1)"),
    "+CSCA": parameter('"+819000000000"|145', "(),()"),
    "+CPBS": parameter('"SM"|0|250', '("SM","ME","ON","DC","MC","RC","EN","LD")'),
    "+CUSD": parameter("0", "(0-2)"),
    "+CTZR": parameter("0", "(0-2)"),
    "+CTZU": parameter("0", "(0,1,3)"),
    "+CSSN": parameter("0|0", "(0,1),(0,1)"),
    "+CGATT": parameter("1", "(0,1)"),
    "+CGEREP": parameter("0|0", "(0-2),(0,1)"),
    "+IPR": parameter("115200", "(0,9600,19200,38400,57600,115200,230400,460800,921600)"),
    "+IFC": parameter("0|0", "(0,2),(0,2)"),
    "+ICF": parameter("3|3", "(3),(3)"),
    "+CREG": parameter("0", "(0-2)"),
    "+CGREG": parameter("0", "(0-2)"),
    "+CEREG": parameter("0", "(0-2)"),
    "+CLIP": parameter("0", "(0,1)"),
    "+COLP": parameter("0", "(0,1)"),
    "+CLIR": parameter("0", "(0-2)"),
    "+CCWA": parameter("0", "(0,1)"),
}


@dataclass
class Values:
    """The values of one modem, as lists of printed fields. `named`: of AT+X="name",… commands, a text for each name."""

    rules: Mapping[str, Parameter]
    named: dict[str, dict[str, str]] = field(default_factory=dict)
    plain: dict[str, list[str]] = field(init=False)
    registers: dict[int, int] = field(
        default_factory=lambda: {0: 0, 3: 13, 4: 10, 5: 8, 6: 2, 7: 0, 8: 2, 10: 15, 12: 50}
    )

    def __post_init__(self) -> None:
        self.plain = {name: list(rule.values) for name, rule in self.rules.items()}

    def flag(self, name: str, position: int = 0) -> int:
        """A number that is kept; 0 when the modem has no such command."""
        return int(self.plain[name][position]) if name in self.plain else 0

    def keep(self, name: str, args: tuple[str, ...]) -> None:
        """Put values in place; an empty one leaves what was there. A string stays quoted."""
        kept = self.plain[name]
        for position, value in enumerate(args):
            if value == "":
                continue
            old = kept[position] if position < len(kept) else ""
            printed = f'"{value}"' if old.startswith('"') else value
            kept[position : position + 1] = [printed]
