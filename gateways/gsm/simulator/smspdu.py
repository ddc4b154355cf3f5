"""Transfer PDUs of SMS as the network has them (3GPP TS 23.040 §9.2): SUBMIT in, DELIVER and STATUS-REPORT out. Pure.

Written from the standard for the virtual network alone, so that it judges the product's own codec independently.
A TPDU has no service centre address in front; `split_sca` takes that of TS 27.005 §3.1 (<pdu>) away.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from .smsalphabet import from_semi_octets, from_septets, pack, semi_octets, to_septets, unpack

CONCAT_8, CONCAT_16, SINGLE_SHIFT, LOCKING_SHIFT = 0x00, 0x08, 0x24, 0x25


class PduError(ValueError):
    """The bytes are no TPDU of that kind."""


@dataclass(frozen=True)
class Concat:
    """TS 23.040 §9.2.3.24.1 (8-bit reference) and §9.2.3.24.8 (16-bit)."""

    reference: int
    total: int
    sequence: int
    bits: int = 8


@dataclass(frozen=True)
class Body:
    """What a SUBMIT and a DELIVER share: the text's coding and its octets. `length` is TP-UDL as sent."""

    pid: int
    dcs: int
    has_header: bool
    length: int
    data: bytes

    @property
    def elements(self) -> dict[int, bytes]:
        """The information elements of the header; of a repeated one the last counts (§9.2.3.24)."""
        found: dict[int, bytes] = {}
        if self.has_header and self.data:
            at, end = 1, 1 + self.data[0]
            while at + 2 <= min(end, len(self.data)):
                size = self.data[at + 1]
                if at + 2 + size <= end:
                    found[self.data[at]] = self.data[at + 2 : at + 2 + size]
                at += 2 + size
        return found

    @property
    def concat(self) -> Concat | None:
        elements = self.elements
        for kind, bits in ((CONCAT_8, 8), (CONCAT_16, 16)):
            value = elements.get(kind, b"")
            if len(value) == bits // 8 + 2:
                total, sequence = value[-2], value[-1]
                if 1 <= sequence <= total:
                    return Concat(int.from_bytes(value[:-2], "big"), total, sequence, bits)
        return None

    @property
    def alphabet(self) -> str:
        return alphabet(self.dcs)

    @property
    def message_class(self) -> int | None:
        """TS 23.038 §4: 0 flash … 3, None when the coding names none."""
        named = self.dcs & 0x10 if self.dcs < 0x80 else self.dcs >= 0xF0
        return self.dcs & 3 if named else None

    @property
    def text(self) -> str:
        """As a telephone shows it; 8-bit data as hexadecimal."""
        header = 1 + self.data[0] if self.has_header and self.data else 0
        if self.alphabet == "gsm7":
            skipped = (header * 8 + 6) // 7
            septets = unpack(self.data[header:], self.length - skipped, skipped * 7 - header * 8)
            elements = self.elements
            locking, single = elements.get(LOCKING_SHIFT, b"\0"), elements.get(SINGLE_SHIFT, b"\0")
            return from_septets(septets, locking[0] if locking else 0, single[0] if single else 0)
        octets = self.data[header : self.length]
        if self.alphabet == "ucs2":
            return octets[: len(octets) // 2 * 2].decode("utf-16-be", "surrogatepass")
        return octets.hex().upper()


@dataclass(frozen=True)
class Submit:
    """§9.2.2.2."""

    to: str
    body: Body
    reference: int
    report: bool
    reject_duplicates: bool = False
    validity: bytes = b""
    reply_path: bool = False


@dataclass(frozen=True)
class Deliver:
    """§9.2.2.1."""

    sender: str
    body: Body
    at: datetime
    more: bool = False
    report: bool = False


@dataclass(frozen=True)
class Report:
    """§9.2.2.3: `status` as in §9.2.3.15."""

    to: str
    reference: int
    submitted: datetime
    done: datetime
    status: int


@dataclass
class _Reader:
    data: bytes
    at: int = field(default=0)

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) < count:
            raise PduError("the PDU ends early")
        self.at += count
        return piece

    def octet(self) -> int:
        return self.take(1)[0]

    def address(self) -> str:
        """§9.1.2.5: TP-DA, TP-OA, TP-RA."""
        digits, kind = self.octet(), self.octet()
        if digits > 20:
            raise PduError("the address is too long")
        octets = self.take((digits + 1) // 2)
        if kind & 0x70 == 0x50:
            return from_septets(unpack(octets, digits * 4 // 7))
        return ("+" if kind & 0x70 == 0x10 else "") + from_semi_octets(octets)

    def body(self, first: int, pid: int, dcs: int) -> Body:
        length = self.octet()
        size = (length * 7 + 7) // 8 if alphabet(dcs) == "gsm7" else length
        body = Body(pid, dcs, bool(first & 0x40), length, self.take(size))
        if size > 140 or self.at != len(self.data):
            raise PduError(f"{len(self.data) - self.at} octets after the user data, or more than 140 in it")
        if body.has_header and (not body.data or 1 + body.data[0] > len(body.data)):
            raise PduError("the header is longer than the user data")
        return body


def alphabet(dcs: int) -> str:
    """TS 23.038 §4: "gsm7", "8bit" or "ucs2"; reserved codings are read as gsm7, as it asks."""
    if dcs < 0x80:
        if dcs & 0x20:
            return "8bit"  # compressed: no telephone here can read it
        return ("gsm7", "8bit", "ucs2", "gsm7")[dcs >> 2 & 3]
    if dcs & 0xF0 == 0xE0:
        return "ucs2"
    return "8bit" if dcs >= 0xF0 and dcs & 4 else "gsm7"


def split_sca(data: bytes) -> tuple[str, bytes]:
    """(service centre address or "", TPDU). PduError: it is cut off."""
    if not data or data[0] > 11 or len(data) < 1 + data[0]:
        raise PduError("no service centre address")
    address = data[1 : 1 + data[0]]
    number = ("+" if address[:1] == b"\x91" else "") + from_semi_octets(address[1:])
    return (number if address else ""), data[1 + data[0] :]


def sca(number: str) -> bytes:
    """TS 24.011 §8.2.5.1: length in octets, type of address, digits."""
    digits = number.removeprefix("+")
    octets = bytes([0x91 if number.startswith("+") else 0x81]) + semi_octets(digits)
    return bytes([len(octets)]) + octets


def address(number: str) -> bytes:
    """TP-OA, TP-RA. Names (with letters) as alphanumeric addresses, at most 11 characters."""
    digits = number.removeprefix("+")
    if not set(digits.lower()) <= set("0123456789*#"):
        septets = to_septets(digits[:11]) or []
        return bytes([(len(septets) * 7 + 3) // 4, 0xD0]) + pack(septets)
    return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + semi_octets(digits)


def timestamp(at: datetime) -> bytes:
    """TP-SCTS, §9.2.3.11: local time and its distance from UTC in quarters of an hour."""
    quarters = int((at.utcoffset() or timedelta()).total_seconds()) // 900
    octets = semi_octets(at.strftime("%y%m%d%H%M%S") + f"{abs(quarters):02}")
    return octets[:-1] + bytes([octets[-1] | (8 if quarters < 0 else 0)])


def read_timestamp(octets: bytes) -> datetime:
    sign = -1 if octets[6] & 8 else 1
    digits = from_semi_octets(octets[:6] + bytes([octets[6] & 0xF7]))
    try:
        zone = timezone(timedelta(minutes=15 * sign * int(digits[12:])))
        return datetime.strptime(digits[:12], "%y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError as error:
        raise PduError(f"no time: {octets.hex()}") from error


def read_submit(tpdu: bytes) -> Submit:
    reader = _Reader(tpdu)
    first = reader.octet()
    if first & 3 != 1:
        raise PduError("not a SUBMIT")
    reference, to = reader.octet(), reader.address()
    pid, dcs = reader.octet(), reader.octet()
    validity = reader.take((0, 7, 1, 7)[first >> 3 & 3])
    if not to.removeprefix("+"):
        raise PduError("no destination")
    body = reader.body(first, pid, dcs)
    return Submit(to, body, reference, bool(first & 0x20), bool(first & 4), validity, bool(first & 0x80))


def read_deliver(tpdu: bytes) -> Deliver:
    reader = _Reader(tpdu)
    first = reader.octet()
    if first & 3 != 0:
        raise PduError("not a DELIVER")
    sender = reader.address()
    pid, dcs = reader.octet(), reader.octet()
    at = read_timestamp(reader.take(7))
    return Deliver(sender, reader.body(first, pid, dcs), at, not first & 4, bool(first & 0x20))


def read_report(tpdu: bytes) -> Report:
    reader = _Reader(tpdu)
    if reader.octet() & 3 != 2:
        raise PduError("not a STATUS-REPORT")
    reference, to = reader.octet(), reader.address()
    submitted, done = read_timestamp(reader.take(7)), read_timestamp(reader.take(7))
    return Report(to, reference, submitted, done, reader.octet())


def write_deliver(message: Deliver) -> bytes:
    """TP-MMS is 1 when no more wait (§9.2.3.2)."""
    first = (0 if message.more else 4) | (0x20 if message.report else 0) | (0x40 if message.body.has_header else 0)
    body = message.body
    head = bytes([first]) + address(message.sender) + bytes([body.pid, body.dcs])
    return head + timestamp(message.at) + bytes([body.length]) + body.data


def write_report(report: Report) -> bytes:
    times = timestamp(report.submitted) + timestamp(report.done)
    return bytes([0x06, report.reference]) + address(report.to) + times + bytes([report.status])


def utc_now() -> datetime:
    return datetime.now(UTC)
