"""What the modem and its SIM are: TS 27.007 §5, V.250 §6.1, and the vendors' ways to ask for the ICCID."""

from __future__ import annotations

import re

from gateways.gsm.dialects import Identity, IdentityKind, NeutralEvent
from gateways.gsm.dialects.values import unquote

KINDS: dict[str, IdentityKind] = {
    "+CGMI": "manufacturer", "+GMI": "manufacturer",
    "+CGMM": "model", "+GMM": "model",
    "+CGMR": "firmware", "+GMR": "firmware", "+QGMR": "firmware",
    "+CGSN": "imei", "+GSN": "imei",
    "+CIMI": "imsi",
    "+CCID": "iccid", "+ICCID": "iccid", "+QCCID": "iccid", "+CICCID": "iccid", "^ICCID": "iccid",
    "+ZGETICCID": "iccid", "+ZICCID": "iccid", "^SCID": "iccid", "#CCID": "iccid",
}  # fmt: skip
"""Commands that ask for one thing; they are answered by it alone or with the command's name before it."""
LABELS: dict[str, IdentityKind] = {
    "MANUFACTURER": "manufacturer", "MODEL": "model", "REVISION": "firmware", "IMEI": "imei", "ESN": "imei",
    "MODEL ID": "model", "SOFTWARE VERSION": "firmware", "ICCID": "iccid",
}  # fmt: skip
"""Words that ATI's lines (and some modems' +CGMR) begin with; SVN is none: it belongs to the IMEI, not the firmware."""
_MAKERS = re.compile(
    r"(?:quectel|huawei|simcom|sim com|zte|u-blox|telit|sierra|cinterion|siemens|gemalto|fibocom|neoway|wavecom)"
    r"(?:_ltd)?\b.*",
    re.IGNORECASE,
)
_SHAPES: dict[IdentityKind, str] = {"imei": r"[0-9]{14,17}", "imsi": r"[0-9]{6,16}", "iccid": r"[0-9A-Fa-f]{18,22}"}


def identity(kind: IdentityKind, text: str) -> NeutralEvent:
    """Return what a value says; ValueError when it cannot be of this kind."""
    value = unquote(text)
    # IMEI with its check digit or software version set apart, as some modems write them
    if kind == "imei":
        value = re.sub(r"[-\s,].*$", "", value.removeprefix("+CGSN:").strip())
        value = _imei_of_imeisv(value)
    if kind == "iccid":
        value = iccid(value)
    if not value or not re.fullmatch(_SHAPES.get(kind, r"[^\n]+"), value, re.ASCII):
        raise ValueError(text)
    return Identity(kind, value)


def _imei_of_imeisv(digits: str) -> str:
    """TS 23.003 §6.2: 16 digits end in a software version, where an IMEI has its Luhn check digit."""
    if not re.fullmatch(r"[0-9]{16}", digits, re.ASCII):
        return digits
    doubled = "".join(digit if at % 2 == 0 else str(2 * int(digit)) for at, digit in enumerate(digits[:14]))
    return digits[:14] + str(-sum(int(digit) for digit in doubled) % 10)


def iccid(digits: str) -> str:
    """ITU-T E.118: 19 or 20 digits that begin with 89; as read from the SIM, nibbles are swapped and F pads."""
    text = digits.strip().upper()
    swapped = "".join(text[at : at + 2][::-1] for at in range(0, len(text), 2))
    if not text.startswith("89") and swapped.startswith("89"):
        text = swapped
    return text.rstrip("F")


def crsm(text: str) -> NeutralEvent:
    """+CRSM: sw1,sw2,response (TS 27.007 §8.18) to a reading of EF-ICCID (TS 31.102 §4.2.2), the only file we read."""
    status, _, response = (part.strip() for part in text.split(",", 2))
    if status not in {"144", "145", "159"}:  # 90 xx, 91 xx, 9F xx: done (TS 102 221 §10.2.1)
        raise ValueError(text)
    return identity("iccid", response)


def label(line: str) -> NeutralEvent | None:
    """Return what a labelled line says (``Model: E1550``), or None when it is none."""
    name, colon, value = line.partition(":")
    kind = LABELS.get(name.strip().upper())
    return identity(kind, value) if colon and kind else None


def bare(line: str, command: str) -> NeutralEvent | None:
    """Return what a line without prefix says in answer to ``command``, or None where the command has no such lines."""
    match = re.match(r"AT([+^#][A-Z]+|I[0-9]*$)", command.strip().upper())
    if match is None:
        return None
    if not match[1].startswith("I"):
        kind = KINDS.get(match[1])
        return identity(kind, line) if kind else None
    if re.match(r"OK|[+^*]|[A-Za-z0-9 ]+:", line):  # also lines with a label that we have no use for (SVN, MEID)
        return None
    return identity("manufacturer" if _MAKERS.fullmatch(line.strip()) else "model", line)
