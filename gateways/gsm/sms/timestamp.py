"""Times in PDUs: the service centre's time stamp (3GPP TS 23.040 §9.2.3.11) and validity periods (§9.2.3.12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from gateways.gsm.sms.errors import SmsError

_FARTHEST = 56
"""Quarters of an hour: no zone is farther from Greenwich than 14 hours."""
_LONGEST = timedelta(weeks=63)


def decode_timestamp(octets: bytes) -> datetime | None:
    """Return seven octets of swapped digits as time in UTC; None for what is no time (clocks never set send zeros).

    The last octet is the zone in quarters of an hour, its sign in bit 3. Two digits of the year: 90 to 99 are 19xx.
    """
    fields = [(octet & 0xF) * 10 + (octet >> 4) for octet in octets]
    zone = (octets[6] & 0x7) * 10 + (octets[6] >> 4)
    digits = (*octets[:6], octets[6] & 0xF7)
    if zone > _FARTHEST or any(octet & 0xF > 9 or octet >> 4 > 9 for octet in digits):
        return None
    year, month, day, hour, minute, second, _ = fields
    offset = timedelta(minutes=15 * (-zone if octets[6] & 0x08 else zone))
    year += 1900 if year >= 90 else 2000
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None
    return local.astimezone(UTC)


def decode_relative(octet: int) -> timedelta:
    """Return a relative validity period (§9.2.3.12.1)."""
    if octet <= 143:
        return timedelta(minutes=5 * (octet + 1))
    if octet <= 167:
        return timedelta(hours=12, minutes=30 * (octet - 143))
    if octet <= 196:
        return timedelta(days=octet - 166)
    return timedelta(weeks=octet - 192)


def encode_relative(period: timedelta) -> int:
    """Return the shortest validity period not below ``period``; SmsError beyond 63 weeks or for none."""
    if not timedelta(0) < period <= _LONGEST:
        raise SmsError(f"a message is valid for up to 63 weeks, not {period}: choose a period within them")
    return next(octet for octet in range(256) if decode_relative(octet) >= period)
